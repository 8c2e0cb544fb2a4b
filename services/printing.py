"""Form 01 of dossiers."""

from collections.abc import Iterable

from models import Dossier
from services import agencies, submissions
from services.days import local
from services.form01 import Form01, render, render_all

PERSONAL_NUMBER = 12


def form01_of(row: Dossier) -> bytes:
    """Form 01 of this dossier as a PDF, with its reference and QR."""
    return render(_filled(row))


def forms_of(rows: Iterable[Dossier]) -> bytes:
    """Form 01 of each of the dossiers, in this order, as one PDF for the printer."""
    return render_all(map(_filled, rows))


def _filled(row: Dossier) -> Form01:
    given = {name: value for answer in submissions.open_dossier(row).answers.values() for name, value in answer.items()}
    agency = agencies.find(row.agency_code)
    return Form01(
        full_name=given["full_name"],
        social_insurance_code=given["social_insurance_code"],
        id_number=given.get("id_number") or _personal_number(given["social_insurance_code"]),
        address=f"{given['address']}, {given['commune']}",
        email=given.get("email", ""),
        phone=given["phone"],
        agency=agency.name if agency else "",
        place=agency.province_name if agency else "",
        signed_on=local(row.submitted_at).date(),
        authentication="phone",
        reference=row.reference,
        sheet_code=submissions.sheet_code(row),
        guardian_name=given.get("guardian_full_name", ""),
    )


def _personal_number(code: str) -> str:
    # A child is not asked for an ID number; the 12-digit one serves as the insurance code as well.
    return code if len(code) == PERSONAL_NUMBER else ""
