"""Form 01 ("tờ khai mẫu số 01") as a PDF: what the person prints, signs and hands in.

The layout and every word of it stand in `templates/form01.typ`, which HR can read and change. This module only brings
a declaration into a state in which typesetting cannot fail, and hands it over as data, never as markup. Nothing
personal touches the disk: the declaration goes into the typesetter and the PDF comes out of it in memory.

The PDF is tagged, PDF/A-2a and PDF/UA-1: an authority can archive it and a screen reader can read it. Those standards
refuse a document with a letter that its fonts lack, hence `_printable`.
"""

import io
import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import segno
import typst

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "data" / "fonts"
TEMPLATE = ROOT / "templates" / "form01.typ"
STANDARDS = ["a-2a", "ua-1"]

# Stands for a letter that the fonts lack: a box that whoever reads the print can see and correct by hand.
MISSING = "□"

# The date of the consolidated text that the template follows. Date of creation of a form that nobody has dated, so that
# equal forms are equal files.
UNDATED = date(2018, 12, 13)

# Control characters, formatting characters such as the direction overrides, halves of characters.
INVISIBLE = ("Cc", "Cf", "Cs")

# A letter wears two marks in Vietnamese, and those compose. A pile of them would grow into the neighbouring fields.
PILED_MARKS = re.compile("([\u0300-\u036f]{2})[\u0300-\u036f]+")


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
    # A new compiler each time, over shared fonts. One in use refuses a second thread ("Already borrowed"), and reusing
    # it saves too little to have eight threads queue at a lock. Given the path, not the text: every text handed over as
    # bytes is kept for good as a new file, a third of a megabyte a form.
    compiler = typst.Compiler(TEMPLATE, font_paths=_fonts())
    created = datetime.combine(form.signed_on or UNDATED, datetime.min.time(), UTC)
    return compiler.compile(
        format="pdf",
        sys_inputs={"form": json.dumps(_data(form))},
        pdf_standards=STANDARDS,
        timestamp=created,
    )


def _data(form: Form01) -> dict:
    """The form as the template reads it: printable text, the date in three pieces, the QR code as a drawing."""
    data = {name: _printable(value) if isinstance(value, str) else value for name, value in asdict(form).items()}
    data["signed_on"] = _written(form.signed_on) if form.signed_on else None
    data["registers"] = any(data[name] for name in NUMBERED)
    del data["sheet_code"]
    data["qr"] = _qr(form.sheet_code)
    return data


def _written(day: date) -> list[str]:
    """Day, month and year as Decree 30/2020 has them: a zero before days below ten and before January and February."""
    return [f"{day.day:02}", f"{day.month:02}" if day.month < 3 else str(day.month), str(day.year)]


def _printable(text: str) -> str:
    """One line of NFC text in letters that the fonts have, whatever came in."""
    visible = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in INVISIBLE)
    composed = unicodedata.normalize("NFC", " ".join(visible.split()))
    return _missing().sub(MISSING, PILED_MARKS.sub(r"\1", composed))


def _qr(text: str) -> str:
    """The QR code as an SVG drawing; nothing for no text, or for more than a QR code can hold."""
    if not text:
        return ""
    try:
        code = segno.make_qr(text, error="m")
    except (segno.DataOverflowError, UnicodeError):
        return ""
    drawing = io.BytesIO()
    code.save(drawing, kind="svg", xmldecl=False, svgclass=None, lineclass=None, nl=False)
    return drawing.getvalue().decode()


@cache
def _fonts() -> typst.Fonts:
    """Only ours: with the computer's own, the same form would look different on every server."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


@cache
def _missing() -> re.Pattern[str]:
    """Matches a letter that the fonts lack."""
    lines = (FONTS / "coverage.txt").read_text(encoding="ascii").splitlines()
    ranges = (line.split("-") for line in lines if not line.startswith("#"))
    return re.compile("[^" + "".join(rf"\U{first:0>8}-\U{last:0>8}" for first, last in ranges) + "]")
