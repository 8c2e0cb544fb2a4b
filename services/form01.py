"""Form 01 ("tờ khai mẫu số 01") as a PDF: what the person prints, signs and hands in.

The layout and every word of it stand in `templates/form01.typ`, which HR can read and change. This module only brings
a declaration into a state in which typesetting cannot fail.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice

from services import qr
from services.pdf import merged
from services.typesetting import printable, typeset

# The date of the consolidated text that the template follows. Date of creation of a form that nobody has dated, so that
# equal forms are equal files.
UNDATED = date(2018, 12, 13)

# One form alone brings its own 30 kB of fonts; more than ten gain little, and the typesetter remembers all of them.
AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Form01:
    """What Form 01 says. An empty value becomes a dotted line to write on.

    `guardian_name` makes it a child's form, signed by that person. `authentication` is "email", "phone" or nothing.
    `sheet_code` is what the QR at the foot holds, by which the signed sheet is found again at the desk.
    """

    full_name: str = ""
    social_insurance_code: str = ""
    id_number: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    agency: str = ""
    place: str = ""
    signed_on: date | None = None
    authentication: str = ""
    reference: str = ""
    sheet_code: str = ""
    guardian_name: str = ""


BLANK = Form01()

# The numbered fields of the form. When all are empty it is a form to fill in by hand, and nothing is ticked for anyone.
NUMBERED = ("full_name", "social_insurance_code", "id_number", "address", "email", "phone")


def render(form: Form01 = BLANK) -> bytes:
    """The form as a PDF: A4, tagged, PDF/A-2a and PDF/UA-1; equal forms give equal bytes.

    Takes any text. Control characters and direction overrides are dropped, white space is folded, and a letter that
    the fonts lack (Chinese, emoji; they hold all of Latin) is printed as □. A `sheet_code` too long for a QR code is
    left out.
    """
    return typeset("form01", [_data(form)], form.signed_on or UNDATED)


def render_all(forms: Iterable[Form01]) -> bytes:
    """All the forms as one PDF, each on a sheet of its own, to be printed on one side of the paper.

    It is for the printer alone: not tagged, unlike a single form. Memory grows with the few kilobytes of each form.
    """
    data = map(_data, forms)
    return merged(typeset("form01", some, UNDATED) for some in iter(lambda: list(islice(data, AT_ONCE)), []))


def _data(form: Form01) -> dict:
    """The form as the template reads it: printable text, the date in three pieces, the QR code as a drawing."""
    data = {name: printable(value) if isinstance(value, str) else value for name, value in asdict(form).items()}
    data["signed_on"] = _written(form.signed_on) if form.signed_on else None
    data["registers"] = any(data[name] for name in NUMBERED)
    del data["sheet_code"]
    data["qr"] = qr.drawing(form.sheet_code)
    return data


def _written(day: date) -> list[str]:
    """Day, month and year as Decree 30/2020 has them: a zero before days below ten and before January and February."""
    return [f"{day.day:02}", f"{day.month:02}" if day.month < 3 else str(day.month), str(day.year)]
