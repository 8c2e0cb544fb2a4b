"""One Form 01, every field different each time, against reportlab setting the same words in the same fonts.

The baselines get the words, places, faces and sizes from our own PDF, so they need not lay anything out: the canvas
only draws each piece where it belongs; Platypus makes a paragraph of each. Neither draws boxes, dots or the QR code,
and neither makes a tagged PDF/A, all of which ours does.
"""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from statistics import median
from xml.sax.saxutils import escape

from pypdf import PdfReader
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from benchmarks.harness import compare, row, seconds
from services.form01 import Form01, render
from services.typesetting import FONTS

PAIRS = 20
FORMS = 4
SEED = 7407
FACES = ("Tinos-Regular", "Tinos-Bold", "Tinos-Italic")

SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Dương", "Lý")
NAMES = ("Châu", "Dũng", "Đức", "Hạnh", "Hưng", "Khánh", "Ngọc", "Nhung", "Phúc", "Quỳnh", "Sơn", "Thủy", "Trường")
STREETS = ("Nguyễn Văn Tiết", "Cách Mạng Tháng Tám", "Đại lộ Bình Dương", "Lê Văn Duyệt", "Trần Thị Tiềng")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of the form, and how and where they stand."""

    text: str
    left: float
    base: float
    face: str
    size: float


def measure() -> Iterator[str]:
    """The form against the canvas and against Platypus, and their sizes."""
    for face in FACES:
        registerFont(TTFont(face, FONTS / f"{face}.ttf"))
    numbers = random.Random(SEED)
    for what, draw in (("reportlab's canvas", on_canvas), ("reportlab's Platypus", as_paragraphs)):
        batches = [[form(numbers) for _ in range(FORMS)] for _ in range(PAIRS + 1)]
        ours = (partial(seconds, render, *batch) for batch in batches)
        theirs = (partial(seconds, draw, *(pieces(render(form)) for form in batch)) for batch in batches)
        yield compare(lambda turns=ours: next(turns)(), lambda turns=theirs: next(turns)(), PAIRS).row("Form 01", what)
    forms = [render(form(numbers)) for _ in range(FORMS)]
    ours, theirs = median(map(len, forms)), median(len(on_canvas(pieces(form))) for form in forms)
    yield row("  its bytes", f"{ours / theirs:.2f}", f"{ours:,.0f} against {theirs:,.0f} for reportlab's canvas")


def pieces(pdf: bytes) -> list[Piece]:
    """The words of a PDF."""
    found = []

    def take(text, matrix, _text_matrix, font, size):
        if text.strip():
            found.append(Piece(text.strip(), matrix[4], matrix[5], font["/BaseFont"].partition("+")[2], size))

    for page in PdfReader(io.BytesIO(pdf)).pages:
        page.extract_text(visitor_text=take)
    return found


def on_canvas(words: list[Piece]) -> bytes:
    """A PDF with these words in their places."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for piece in words:
        canvas.setFont(piece.face, piece.size)
        canvas.drawString(piece.left, piece.base, piece.text)
    canvas.save()
    return file.getvalue()


def as_paragraphs(words: list[Piece]) -> bytes:
    """A PDF with these words, one paragraph for each piece."""
    file = io.BytesIO()
    styles = {(piece.face, piece.size): None for piece in words}
    for face, size in styles:
        styles[face, size] = ParagraphStyle(f"{face} {size}", fontName=face, fontSize=size, leading=size * 1.2)
    story = [Paragraph(escape(piece.text), styles[piece.face, piece.size]) for piece in words]
    SimpleDocTemplate(file, pagesize=A4, topMargin=20, bottomMargin=20).build(story)
    return file.getvalue()


def form(numbers: random.Random) -> Form01:
    """A form of somebody who is not there."""
    name = " ".join((numbers.choice(SURNAMES), *numbers.sample(NAMES, 3)))
    house = f"{numbers.randrange(1, 400)}/{numbers.randrange(1, 90)} đường {numbers.choice(STREETS)}"
    return Form01(
        full_name=name,
        social_insurance_code=f"{numbers.randrange(10**10):010}",
        id_number=f"{numbers.randrange(10**12):012}",
        address=f"{house}, khu phố {numbers.randrange(1, 30)}, Phường Lái Thiêu, TP. Hồ Chí Minh",
        email=f"nv{numbers.randrange(10**5)}@congty.vn",
        phone=f"09{numbers.randrange(10**8):08}",
        agency="BHXH cơ sở Lái Thiêu",
        place="TP. Hồ Chí Minh",
        signed_on=date(2026, 1, 1) + timedelta(days=numbers.randrange(365)),
        authentication="phone",
        reference=(reference := "".join(numbers.choices("34679CDFGHJKLMNPRTVWXY", k=8))),
        sheet_code=f"QUAY1:{reference}:1:{numbers.randrange(16**10):010X}",
    )
