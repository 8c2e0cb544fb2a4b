"""Many forms in one PDF: whose they are, in which order, and what is marked printed."""

import io

import pypdf
import pypdfium2
import pytest
import zxingcpp

from desk import printing, requests
from desk.requests import RIGHTS
from models import Dossier, Event, PrintedSheet, Staff, Unit, database
from services import submissions
from services.form01 import Form01, render_all
from tests.dossiers import correct, file_one
from tests.paper import pictures

UNITS = ("Xưởng May 1", "Xưởng May 2")


def file_some(*people: tuple[str, str | None]) -> list[Dossier]:
    """Dossiers of these people, each with a name and a unit."""
    with database.connection_context():
        for unit in UNITS:
            Unit.get_or_create(name=unit)
        return [
            file_one(f"09123456{number:02}", full_name=name, unit=unit) for number, (name, unit) in enumerate(people)
        ]


def references(pdf: bytes) -> list[str]:
    """What the QR of each page says about whose it is."""
    codes = [zxingcpp.read_barcodes(picture)[0].text for picture in pictures(pdf)]
    with database.connection_context():
        return [submissions.sheet_of(code)[0] for code in codes]


def statuses() -> dict[str, str]:
    with database.connection_context():
        return {row.full_name: row.status for row in Dossier.select()}


def moves() -> int:
    with database.connection_context():
        return Event.select().where(Event.move == "print").count()


def printed(desk) -> bytes:
    """The PDF of the printing that the page shows."""
    return desk.client.get(desk.page.find("a", string="Mở tệp PDF để in")["href"]).data


def test_hr_prints_all_forms_of_a_unit_and_marks_them(app, sign_in):
    people = file_some(("Trần Thị Bưởi", UNITS[0]), ("Lê Văn An", UNITS[0]), ("Võ Khác", UNITS[1]), ("Đỗ Lẻ", None))
    desk = sign_in().open("/staff/").follow("Tờ khai giấy").follow(UNITS[0])
    assert desk.heading == "Chưa có bản ký: 2 hồ sơ"
    desk.submit(press="In tất cả 2 tờ")
    assert "2 tờ khai" in desk.heading and "Còn thiếu 2 bản ký trong 2 tờ" in desk.text
    # By name: An, then Bưởi.
    assert references(printed(desk)) == [people[1].reference, people[0].reference]
    assert set(statuses().values()) == {"submitted"}
    desk.submit(press="Đã in xong: đánh dấu 2 hồ sơ")
    assert statuses() == {
        "Trần Thị Bưởi": "printed",
        "Lê Văn An": "printed",
        "Võ Khác": "submitted",
        "Đỗ Lẻ": "submitted",
    }
    assert "Đã in xong" not in desk.text and moves() == 2
    with database.connection_context():
        assert {event.staff.username for event in Event.select().where(Event.move == "print")} == {"admin.nhansu"}


def test_hr_prints_a_selection_with_those_of_no_unit_first(app, browser, sign_in):
    people = file_some(("Trần Thị Bưởi", UNITS[1]), ("Lê Văn An", UNITS[0]), ("Đỗ Lẻ", None), ("Võ Khác", UNITS[0]))
    browser.client = sign_in().client
    browser.open("/staff/paper/unsigned").submit(
        {"reference": [people[0].reference, people[1].reference, people[2].reference, "KHONGCO1"]},
        press="In các tờ đã đánh dấu",
    )
    assert references(printed(browser)) == [people[2].reference, people[1].reference, people[0].reference]


def test_nothing_ticked_is_asked_again_and_the_filter_stays(app, browser, sign_in):
    file_some(("Trần Thị Bưởi", UNITS[0]), ("Lê Văn An", UNITS[1]), ("Đỗ Lẻ", None))
    browser.client = sign_in("department").client
    browser.open("/staff/paper/unsigned?status=submitted&unit=0")
    browser.submit(press="In các tờ đã đánh dấu", status=422)
    assert "Đánh dấu ít nhất một hồ sơ" in browser.text and browser.heading == "Chưa có bản ký: 1 hồ sơ"
    assert (browser.value("unit"), browser.value("status")) == ("0", "submitted")
    browser.submit({"reference": ["KHONGCO1"]}, press="In các tờ đã đánh dấu", status=422)
    assert "vừa có bản ký" in browser.text


def test_a_printing_made_before_a_correction_neither_prints_nor_marks_the_old_revision(app, sign_in):
    first, second = file_some(("Lê Văn An", UNITS[0]), ("Trần Thị Bưởi", UNITS[0]))
    desk = sign_in("unit", UNITS[0]).open("/staff/paper/unsigned").submit(press="In tất cả 2 tờ")
    with database.connection_context():
        correct(first)
    desk.reload()
    assert "Đã sửa sau khi in: bỏ tờ này, in lại" in desk.text
    assert references(printed(desk)) == [second.reference]
    desk.submit(press="Đã in xong: đánh dấu 1 hồ sơ")
    assert statuses() == {"Lê Văn An": "submitted", "Trần Thị Bưởi": "printed"}


def test_two_who_mark_the_same_printing_move_each_dossier_once(app, sign_in):
    file_some(("Lê Văn An", UNITS[0]), ("Trần Thị Bưởi", UNITS[0]))
    desk = sign_in().open("/staff/paper/unsigned").submit(press="In tất cả 2 tờ")
    page, url = desk.page, desk.url
    desk.submit(press="Đã in xong")
    desk.page, desk.url = page, url
    desk.submit(press="Đã in xong")
    assert moves() == 2 and set(statuses().values()) == {"printed"}


def test_who_asked_to_stop_is_not_printed_with_the_others(app, sign_in):
    first, second, third = file_some(("Lê Văn An", UNITS[0]), ("Trần Thị Bưởi", UNITS[0]), ("Võ Sau", UNITS[0]))
    with database.connection_context():
        requests.ask(first, RIGHTS["restrict"], "")
    desk = sign_in().open("/staff/paper/unsigned")
    assert {box["value"] for box in desk.page.select("[name=reference]:not([disabled])")} == {
        second.reference,
        third.reference,
    }
    desk.submit(press="In tất cả")
    assert references(printed(desk)) == [second.reference, third.reference]
    # It was asked for after the forms were put together.
    with database.connection_context():
        requests.ask(third, RIGHTS["restrict"], "")
    assert references(printed(desk)) == [second.reference]
    desk.submit(press="Đã in xong")
    assert statuses() == {"Lê Văn An": "submitted", "Trần Thị Bưởi": "printed", "Võ Sau": "submitted"}


def test_a_units_hr_sees_and_prints_its_own_people_only(app, sign_in):
    own, other = file_some(("Lê Văn An", UNITS[0]), ("Trần Thị Bưởi", UNITS[1]))
    department = sign_in("department").open("/staff/paper/unsigned").submit(press="In tất cả 2 tờ")
    number = department.url.rpartition("/")[2]
    unit = sign_in("unit", UNITS[0]).open("/staff/paper/unsigned")
    assert "Trần Thị Bưởi" not in unit.text
    unit.submit({"reference": [own.reference, other.reference]}, press="In các tờ đã đánh dấu")
    assert references(printed(unit)) == [own.reference]
    unit.open(f"/staff/paper/printings/{number}")
    assert "Trần Thị Bưởi" not in unit.text and references(printed(unit)) == [own.reference]
    unit.submit(press="Đã in xong: đánh dấu 1 hồ sơ")
    assert statuses() == {"Lê Văn An": "printed", "Trần Thị Bưởi": "submitted"}
    for path in ("/staff/paper/printings/99999999999999999999", "/staff/paper/unsigned?unit=x&status=y"):
        unit.open(path, 404 if "printings" in path else 200)
    for number in (2**31, 2**70, -(2**70)):
        unit.open(f"/staff/paper/unsigned?unit={number}")
        assert unit.heading == "Chưa có bản ký: 0 hồ sơ"


def test_a_printing_forgets_who_was_deleted(app):
    first, second = file_some(("Lê Văn An", None), ("Trần Thị Bưởi", None))
    with database.connection_context():
        number = printing.begin(None, [first, second])
        first.envelope.delete_instance()
        assert [sheet.dossier.reference for sheet in printing.sheets(Staff(role="admin"), number)] == [second.reference]
        assert PrintedSheet.select().count() == 1


def test_no_printing_is_made_of_nothing(app):
    with database.connection_context(), pytest.raises(printing.NothingToPrint):
        printing.begin(None, [])


class TestTheFile:
    # More than are typeset at once, and one that needs two pages among them.
    FORMS = tuple(
        Form01(
            full_name=f"Người Thứ {number}",
            address="Số 12 đường Nguyễn Văn Tiết, " * (60 if number == 4 else 1),
            reference=f"CC{number:06}",
            sheet_code=f"QUAY1:CC{number:06}:1:0123456789",
        )
        for number in range(23)
    )

    @pytest.fixture(scope="class")
    @classmethod
    def pdf(cls):
        return render_all(iter(cls.FORMS))

    def test_holds_every_form_in_order_each_on_its_own_sheet(self, pdf):
        pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
        assert len(pages) == 24
        names = [f"Người Thứ {number}" for number in (*range(5), *range(4, 23))]
        assert all(f"{name}\n" in page or f"{name} " in page for name, page in zip(names, pages, strict=True) if page)
        assert "Trang 1/2" in pages[4] and "Trang 2/2" in pages[5]
        assert not [page for page in pages[:4] + pages[6:] if "Trang" in page]

    def test_each_sheet_has_its_own_code(self, pdf):
        seen = [[code.text for code in zxingcpp.read_barcodes(picture)] for picture in pictures(pdf, 100)]
        assert [code for codes in seen for code in codes] == [form.sheet_code for form in self.FORMS]

    def test_asks_the_printer_for_one_side_and_the_true_size(self, pdf):
        wishes = pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/ViewerPreferences"]
        assert (wishes["/Duplex"], wishes["/PrintScaling"]) == ("/Simplex", "/None")

    def test_is_small_and_not_said_to_be_tagged(self, pdf):
        assert len(pdf) < 12_000 * len(self.FORMS)
        root = pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"]
        assert "/MarkInfo" not in root and "/Metadata" not in root

    def test_opens_in_another_reader(self, pdf):
        with pypdfium2.PdfDocument(pdf) as document:
            assert len(document) == 24
