"""XLSX that the desk hands out."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xlsxwriter

# With these a cell begins a formula in one spreadsheet program or another (OWASP, "CSV Injection").
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and how many characters wide its column is."""

    heading: str
    width: int = 20


def harmless(text: str) -> str:
    """The text such that no spreadsheet program takes it for a formula: with an apostrophe in front where it could."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def write(title: str, columns: Sequence[Column], rows: Iterable[Sequence[str | int]]) -> bytes:
    """One sheet called `title` as XLSX: headings that stay in sight and filter, then the rows.

    Text stays text, so that codes keep their zeros; whole numbers are numbers. All in memory, some 200 bytes a cell.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(
        file,
        {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False},
    ) as book:
        sheet = book.add_worksheet(title[:31])
        heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        as_text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, harmless(column.heading), heading)
        last = 0
        for last, cells in enumerate(rows, 1):
            for place, cell in enumerate(cells):
                if isinstance(cell, int):
                    sheet.write_number(last, place, cell)
                else:
                    sheet.write_string(last, place, harmless(cell), as_text)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, last, len(columns) - 1)
    return file.getvalue()
