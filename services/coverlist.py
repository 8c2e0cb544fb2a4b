"""The cover list of a batch (bảng tổng hợp) as a PDF, to be signed by who hands it in and who takes it.

Layout and words stand in `templates/coverlist.typ`, which HR can read and change.
"""

from dataclasses import asdict, dataclass
from datetime import date

from services.typesetting import printable, typeset


@dataclass(frozen=True, slots=True)
class Line:
    """One dossier on the list."""

    reference: str
    full_name: str
    social_insurance_code: str
    id_number: str
    phone: str
    result: str = ""


@dataclass(frozen=True, slots=True)
class CoverList:
    """What stands on the list; `company` may be empty."""

    number: str
    company: str
    agency: str
    place: str
    day: date
    lines: tuple[Line, ...]


def render(cover: CoverList) -> bytes:
    """The list as a PDF: A4 across, tagged, PDF/A-2a and PDF/UA-1; equal lists give equal bytes."""
    data = {
        **{name: printable(getattr(cover, name)) for name in ("number", "company", "agency", "place")},
        "day": [f"{cover.day.day:02}", f"{cover.day.month:02}", str(cover.day.year)],
        "lines": [{name: printable(value) for name, value in asdict(line).items()} for line in cover.lines],
    }
    return typeset("coverlist", data, cover.day)
