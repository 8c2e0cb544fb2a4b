"""Dossiers as the desk sees them: who may see which, page by page, and found again.

What an account may see is part of the fetch, so that no view can forget it.
"""

from dataclasses import dataclass

from desk import waiting
from models import Code, Dossier, Staff, now
from services.vietnamese import fold

PAGE_SIZE = 50
OVERDUE = "overdue"
LARGEST_KEY = 2**31


@dataclass(frozen=True, slots=True)
class Page:
    """At most `PAGE_SIZE` dossiers, newest first; `older` is the key of the next page, None on the last one."""

    rows: list[Dossier]
    older: int | None


def visible_to(staff: Staff):
    """The dossiers that this account may see: a unit's HR its own unit's, the department and administrators all."""
    query = Dossier.select()
    return query.where(Dossier.unit == staff.unit_id) if staff.role == "unit" else query


def page(staff: Staff, text: str = "", before: int | None = None, status: str = "") -> Page:
    """The dossiers that fit `text` (part of a name, accents or not, or a reference), older than the key `before`.

    `status` is a state, or `OVERDUE`; empty for all.
    """
    query = visible_to(staff).order_by(Dossier.id.desc())
    if status == OVERDUE:
        query = waiting.overdue(query)
    elif status:
        query = query.where(Dossier.status == status)
    if text:
        query = query.where(_fits(text))
    if before is not None:
        # Not every number that an address can hold fits into the database.
        query = query.where(Dossier.id < max(0, min(before, LARGEST_KEY)))
    rows = list(query.limit(PAGE_SIZE + 1))
    older = rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None
    return Page(rows[:PAGE_SIZE], older)


def find(staff: Staff, reference: str) -> Dossier | None:
    """The dossier with this reference, if the account may see it."""
    return visible_to(staff).where(Dossier.reference == reference.upper()).first()


def live_codes(staff: Staff):
    """The codes that this account may read out, newest first."""
    query = Code.live(now())
    return query.where(Code.unit == staff.unit_id) if staff.role == "unit" else query


def live_code(staff: Staff, number: int) -> Code | None:
    """The code with this number, if the account may read it out."""
    return live_codes(staff).where(Code.id == number).first() if number < LARGEST_KEY else None


def _fits(text: str):
    reference = text.upper().replace("-", "").replace(" ", "")
    return Dossier.search_name.contains(fold(text)) | (Dossier.reference == reference)
