"""What agencies are called at the desk, and which dossiers have lost theirs."""

from flask import g

from desk.way import UNFILED
from services import agencies


def agency_name(code: str) -> str:
    """The agency by its name, or by its code where the list does not know it any more."""
    agency = _listed().get(code)
    return agency.name if agency else code


def is_closed(code: str) -> bool:
    """Whether the agency with this code takes no dossiers any more."""
    agency = _listed().get(code)
    return agency is None or not agency.is_open


def has_lost_agency(row) -> bool:
    """Whether the dossier is still to be filed, and its agency takes none."""
    return row.status in UNFILED and is_closed(row.agency_code)


def _listed() -> dict[str, agencies.Agency]:
    """The list, asked for once in a request: a page names an agency in every row."""
    if "agencies" not in g:
        g.agencies = {agency.code: agency for agency in agencies.all_agencies()}
    return g.agencies
