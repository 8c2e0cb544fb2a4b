"""PDFs: a template of `templates/` and the words that go into it. The only importer of typst.

What people typed goes in as data, never as markup, and nothing personal touches the disk: the words go into the
typesetter and the PDF comes out of it in memory. Every PDF is tagged, PDF/A-2a and PDF/UA-1: an authority can archive
it and a screen reader can read it. Those standards refuse a document with a letter that its fonts lack, hence
`printable`.
"""

import json
import re
import unicodedata
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import typst

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "data" / "fonts"
TEMPLATES = ROOT / "templates"
STANDARDS = ["a-2a", "ua-1"]

# Stands for a letter that the fonts lack: a box that whoever reads the print can see and correct by hand.
MISSING = "□"

# Control characters, formatting characters such as the direction overrides, halves of characters.
INVISIBLE = ("Cc", "Cf", "Cs")

# A letter wears two marks in Vietnamese, and those compose. A pile of them would grow into the neighbouring fields.
PILED_MARKS = re.compile("([\u0300-\u036f]{2})[\u0300-\u036f]+")


def typeset(template: str, data: dict | list, created: date) -> bytes:
    """The template `templates/<template>.typ` as a PDF, with `data` as JSON in its `sys.inputs.form`.

    The texts in `data` must be `printable`. The same data and day of creation give the same bytes.
    """
    # A new compiler each time, over shared fonts. One in use refuses a second thread ("Already borrowed"), and reusing
    # it saves too little to have eight threads queue at a lock. Given the path, not the text: every text handed over as
    # bytes is kept for good as a new file, a third of a megabyte a form.
    compiler = typst.Compiler(TEMPLATES / f"{template}.typ", font_paths=_fonts())
    return compiler.compile(
        format="pdf",
        sys_inputs={"form": json.dumps(data)},
        pdf_standards=STANDARDS,
        timestamp=datetime.combine(created, datetime.min.time(), UTC),
    )


def printable(text: str) -> str:
    """One line of NFC text in letters that the fonts have, whatever came in."""
    visible = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in INVISIBLE)
    composed = unicodedata.normalize("NFC", " ".join(visible.split()))
    return _missing().sub(MISSING, PILED_MARKS.sub(r"\1", composed))


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
