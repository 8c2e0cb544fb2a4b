"""Spreadsheets as people send them, and as people do not; and what the desk hands out."""

import contextlib
import io
import random
import tempfile
import unicodedata
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import spreadsheets
from services.spreadsheets import Column, Refused, Why, reading

TONES = "\u0300\u0301\u0303\u0309\u0323"
HEADINGS = ["Mã NV", "Họ và tên", "Ngày sinh", "Điện thoại"]
PEOPLE = [
    ["NV001", "Nguyễn Thị Hồng", date(1990, 8, 15), "0912345678"],
    ["NV002", "Trần Văn Đức", date(1985, 2, 28), 912345679],
]
AS_READ = [
    ("NV001", "Nguyễn Thị Hồng", "15/08/1990", "0912345678"),
    ("NV002", "Trần Văn Đức", "28/02/1985", "912345679"),
]


def xlsx(*rows, change=None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cells(data: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in spreadsheets.read(data)]


def refusal(data: bytes) -> Why:
    with pytest.raises(Refused) as refused:
        list(spreadsheets.read(data))
    return refused.value.why


def test_people_are_read_with_dates_and_numbers_as_they_would_be_typed():
    assert cells(xlsx(HEADINGS, *PEOPLE)) == [tuple(HEADINGS), *AS_READ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_every_way_that_excel_saves_it(encoding, delimiter):
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in [HEADINGS, *AS_READ]]
    text = "\r\n".join(lines)
    data = _in_cp1258(text) if encoding == "cp1258" else text.encode(encoding)
    assert cells(data) == [tuple(HEADINGS), *AS_READ]


def _in_cp1258(text: str) -> bytes:
    """In the code page of a Vietnamese Windows, which writes the tones as marks of their own."""
    marks = []
    for char in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", char)
        tone = next((mark for mark in parts if mark in TONES), "")
        marks.append(unicodedata.normalize("NFC", parts.replace(tone, "")) + tone)
    return "".join(marks).encode("cp1258")


def test_rows_keep_the_numbers_that_a_spreadsheet_shows_and_empty_ones_are_left_out():
    rows = list(spreadsheets.read(xlsx(HEADINGS, [], [None, "  "], PEOPLE[0])))
    assert [row.number for row in rows] == [1, 4]


def test_a_formula_is_pointed_out_and_never_worked_out():
    rows = list(spreadsheets.read(xlsx(HEADINGS, ["NV001", "=1+1", '=HYPERLINK("http://evil.example")'])))
    assert rows[1].cells == ("NV001", "", "") and rows[1].formulas == {1, 2}
    rows = list(spreadsheets.read(b"a,b\n=1+1,x\n"))
    assert rows[1].cells == ("", "x") and rows[1].formulas == {0}


def test_merged_cells_give_their_text_once():
    def merge(book):
        book.active.merge_cells("B2:C2")

    assert cells(xlsx(HEADINGS, PEOPLE[0], change=merge))[1] == ("NV001", "Nguyễn Thị Hồng", "", "0912345678")


def test_an_empty_first_sheet_is_passed_over():
    def second(book):
        book.create_sheet("Danh sách").append(["Mã NV", "Họ tên"])

    assert cells(xlsx(change=second)) == [("Mã NV", "Họ tên")]


def test_a_stray_cell_far_away_makes_no_million_rows():
    def stray(book):
        book.active.cell(1_048_576, 16_384, "x")

    assert cells(xlsx(HEADINGS, change=stray)) == [tuple(HEADINGS)]


def test_what_is_no_table_is_refused_with_its_reason():
    good = xlsx(HEADINGS, *PEOPLE)
    other_zip = io.BytesIO()
    with zipfile.ZipFile(other_zip, "w") as parts:
        parts.writestr("word/document.xml", "<x/>")
    assert refusal(b"") is Why.EMPTY
    assert refusal(b" \r\n\t ") is Why.EMPTY
    assert refusal(xlsx()) is Why.EMPTY
    assert refusal(good[: len(good) // 2]) is Why.BROKEN
    assert refusal(other_zip.getvalue()) is Why.NOT_A_TABLE
    assert refusal(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") is Why.NOT_A_TABLE
    assert refusal(b"%PDF-1.7\n\x00\x01\x02") is Why.NOT_A_TABLE
    assert refusal(b"\xff\xfe\x00") is Why.NOT_A_TABLE
    assert refusal(reading._OLE + bytes(600)) is Why.OLD
    assert refusal(reading._OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le")) is Why.LOCKED
    assert refusal(b"a" * (reading.MAX_BYTES + 1)) is Why.TOO_LARGE


def test_a_bomb_is_refused_before_it_is_unpacked():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
        parts.writestr("xl/workbook.xml", "<x/>")
        with parts.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(220):
                part.write(bytes(1_000_000))
    assert refusal(bomb.getvalue()) is Why.TOO_LARGE


def test_more_rows_than_a_company_has_people_are_refused():
    assert refusal(b"a\n" + b"x\n" * (reading.MAX_ROWS + 1)) is Why.TOO_MANY_ROWS
    assert len(list(spreadsheets.read(b"a\n" + b"x\n" * reading.MAX_ROWS))) == reading.MAX_ROWS + 1


def test_whatever_is_damaged_is_refused_and_nothing_else_is_raised():
    good = xlsx(HEADINGS, *PEOPLE)
    chance = random.Random(7)
    for _ in range(150):
        data = bytearray(good)
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        with contextlib.suppress(Refused):
            list(spreadsheets.read(bytes(data)))


@given(st.binary(max_size=400))
def test_any_bytes_give_rows_or_a_refusal(data):
    with contextlib.suppress(Refused):
        assert all(row.cells for row in spreadsheets.read(data))


@given(st.lists(st.lists(st.text(max_size=30), min_size=2, max_size=2), max_size=6))
def test_what_is_written_can_be_read_back_and_begins_no_formula(rows):
    book = spreadsheets.write("Hồ sơ", [Column("Mã hồ sơ"), Column("Họ tên")], rows)
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    for row, kept in zip(rows, sheet.iter_rows(min_row=2, values_only=False), strict=True):
        for text, cell in zip(row, kept, strict=True):
            assert cell.data_type != "f"
            assert not str(cell.value or "").startswith(("=", "+", "-", "@"))
            plain = all(char.isprintable() for char in text) and "_x" not in text
            assert not plain or (cell.value or "") in {text, f"'{text}"}


def test_codes_keep_their_zeros_and_counts_are_numbers():
    book = spreadsheets.write("Danh sách", [Column("Mã"), Column("Số")], [["0120878811", 12]])
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert [cell.value for cell in sheet[2]] == ["0120878811", 12]
    assert sheet.freeze_panes == "A2"


def test_nothing_is_written_to_a_temporary_file(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a temporary file")

    for name in ("mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile"):
        monkeypatch.setattr(tempfile, name, refuse)
    spreadsheets.write("Hồ sơ", [Column("Mã hồ sơ")], [["7KFD9X3M"]] * 500)
    with pytest.raises(AssertionError, match="temporary"):
        tempfile.mkstemp()
