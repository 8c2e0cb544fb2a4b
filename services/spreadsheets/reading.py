"""XLSX and CSV, read row by row."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum

import openpyxl

# 50,000 people with twelve columns take some 4 MB as XLSX and 10 MB as CSV.
MAX_BYTES = 16_000_000
MAX_ROWS = 50_000
MAX_COLUMNS = 60
MAX_CELL = 1_000

# What the parts of an XLSX may unpack to: it is a ZIP, and a bomb looks like any other from outside.
MAX_UNPACKED = 200_000_000

# A stray cell far below the list must not make a million empty rows of the way there.
MAX_GAP = 1_000

_ZIP = b"PK\x03\x04"
# What an XLSX with a password, and an XLS of before 2007, begin with.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_DELIMITERS = ",;\t|"


class Why(Enum):
    """Why a file was refused."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    LOCKED = "locked"  # by a password
    OLD = "old"  # an XLS of before 2007
    NOT_A_TABLE = "not_a_table"
    BROKEN = "broken"
    TOO_MANY_ROWS = "too_many_rows"


class Refused(Exception):
    """No rows can be read from this file; `why` says so in no human language."""

    def __init__(self, why: Why):
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something: its number as a spreadsheet shows it, and its cells as tidy text.

    `formulas` are the places (from 0) of cells that hold a formula; their text is empty.
    """

    number: int
    cells: tuple[str, ...]
    formulas: frozenset[int] = field(default_factory=frozenset)


def read(data: bytes) -> Iterator[Row]:
    """The rows of the first sheet that holds any, without the empty ones. Raises `Refused`, at once or on the way.

    Whole numbers come without a fraction, dates as dd/mm/yyyy, all else as it is written; a cell of more than
    `MAX_CELL` characters is cut there.
    """
    if len(data) > MAX_BYTES:
        raise Refused(Why.TOO_LARGE)
    if not data.strip(b"\0 \t\r\n"):
        raise Refused(Why.EMPTY)
    if data.startswith(_OLE):
        raise Refused(Why.LOCKED if _LOCKED in data else Why.OLD)
    rows = _rows_of_xlsx(data) if data.startswith(_ZIP) else _rows_of_csv(data)
    return _counted(rows)


def _counted(rows: Iterable[Row]) -> Iterator[Row]:
    count = 0
    for row in rows:
        count += 1
        if count > MAX_ROWS + 1:  # and one of headings
            raise Refused(Why.TOO_MANY_ROWS)
        yield row
    if not count:
        raise Refused(Why.EMPTY)


# --- XLSX


def _rows_of_xlsx(data: bytes) -> Iterator[Row]:
    _refuse_bombs(data)
    try:
        # Macros and drawings are not even looked at; formulas come as they are written, never as their result.
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        for sheet in book.worksheets:
            # What a file says about its size need not be so.
            sheet.reset_dimensions()
            found = False
            for row in _rows_of_sheet(sheet):
                found = True
                yield row
            if found:
                return
    except Refused:
        raise
    except Exception as problem:  # A damaged file makes the reader raise whatever comes first.
        raise Refused(Why.BROKEN) from problem


def _refuse_bombs(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            names = parts.namelist()
            unpacked = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as problem:
        raise Refused(Why.BROKEN) from problem
    if "xl/workbook.xml" not in names:
        raise Refused(Why.NOT_A_TABLE)
    if unpacked > MAX_UNPACKED:
        raise Refused(Why.TOO_LARGE)


def _rows_of_sheet(sheet) -> Iterator[Row]:
    empty = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), 1):
        row = _row(number, [(_text(cell.value), cell.data_type == "f") for cell in cells])
        if row:
            empty = 0
            yield row
        else:
            empty += 1
            if empty > MAX_GAP:
                return


def _row(number: int, cells: list[tuple[str, bool]]) -> Row | None:
    formulas = frozenset(place for place, (_text, is_formula) in enumerate(cells) if is_formula)
    texts = ["" if is_formula else text for text, is_formula in cells]
    while texts and not texts[-1] and len(texts) - 1 not in formulas:
        texts.pop()
    return Row(number, tuple(texts), formulas) if texts else None


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time.min:
        value = value.date()
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _tidy(str(value))


def _tidy(text: str) -> str:
    visible = "".join(char if char.isprintable() else " " for char in text[:MAX_CELL])
    return " ".join(unicodedata.normalize("NFC", visible).split())


# --- CSV


def _rows_of_csv(data: bytes) -> Iterator[Row]:
    text = _decoded(data)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    try:
        for cells in lines:
            # A spreadsheet would work out what begins like this; here it is marked, and stays what it is.
            row = _row(lines.line_num, [(_tidy(cell), cell.startswith("=")) for cell in cells[:MAX_COLUMNS]])
            if row:
                yield row
    except csv.Error as problem:
        raise Refused(Why.BROKEN) from problem


def _decoded(data: bytes) -> str:
    # Excel on a Vietnamese Windows saves CSV in its code page.
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1258")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if re.search("[\x00-\x08\x0e-\x1f]", text):
            break
        return text
    raise Refused(Why.NOT_A_TABLE)


def _delimiter(text: str) -> str:
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(_DELIMITERS, key=first.count)
