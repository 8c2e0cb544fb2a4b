"""A pile of signed sheets as a scanned PDF or as photos: every sheet once, to its own dossier, and who is missing."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

import tokens
from desk import piles
from models import Dossier, Event, Photo, Pile, ScannedSheet, Unit, database, now
from services import audit, scans, submissions
from services.printing import forms_of
from services.scans import Page
from services.sheets import SIGNED_SHEET
from tests.browser import Browser
from tests.desk import add, enter
from tests.desk import lines as log_lines
from tests.dossiers import correct, file_one, ticket_of
from tests.paper import as_jpeg, as_pdf, beside, pictures, signed, with_code
from views.security import PHOTO_BODY

UNITS = ("Xưởng May 1", "Xưởng May 2")
NAMES = ("Nguyễn Thị An", "Trần Văn Bình", "Lê Văn Châu")


@pytest.fixture
def people(app) -> list[Dossier]:
    """Three of one unit."""
    with database.connection_context():
        for unit in UNITS:
            Unit.get_or_create(name=unit)
        return [file_one(f"091234560{number}", full_name=name, unit=UNITS[0]) for number, name in enumerate(NAMES)]


def sheets_of(*rows: Dossier) -> list[Image.Image]:
    """Their forms, printed and signed."""
    with database.connection_context():
        return [signed(picture) for picture in pictures(forms_of(rows))]


def hand_in(desk: Browser, *files: bytes, status: int = 200, field: str = "files") -> Browser:
    """Upload these files."""
    uploads = [(io.BytesIO(data), f"quet{number}.pdf") for number, data in enumerate(files)]
    return desk.open("/staff/paper").submit({field: uploads}, press="Đọc tệp", status=status)


def lines(desk: Browser) -> list[tuple[str, str]]:
    """Of each line of the result where it was and what became of it."""
    return [
        (row.th.get_text(" ", strip=True), " ".join(row.td.get_text(" ", strip=True).split()))
        for row in desk.page.select("tbody tr")
    ]


def statuses() -> list[str]:
    with database.connection_context():
        return [row.status for row in Dossier.select().order_by(Dossier.id)]


def kept(row: Dossier) -> bytes | None:
    with database.connection_context():
        return submissions.photo(Dossier.get_by_id(row.id), SIGNED_SHEET)


def test_a_pile_is_read_filed_and_what_is_missing_is_told(app, browser, people, sign_in):
    browser.client = sign_in("unit", UNITS[0]).client
    first, second, third = people
    sheets = sheets_of(first, second)
    hand_in(browser, as_pdf([sheets[0].rotate(180), with_code("https://example.com"), sheets[1], sheets[0]]))
    assert browser.heading == "Nhận 2 tờ, 1 trang chưa nhận"
    assert lines(browser) == [
        ("Trang 2", "Không phải mã của quầy Chỉ nhận tờ khai in từ quầy này: mã QR ở chân tờ."),
        ("Trang 1", f"Đã nhận bản ký · {NAMES[0]} {first.reference}"),
        ("Trang 3", f"Đã nhận bản ký · {NAMES[1]} {second.reference}"),
        ("Trang 4", f"Đã nhận từ trước · {NAMES[0]} {first.reference} Không ghi lại lần nữa."),
    ]
    assert [link.get_text() for link in browser.page.select("ul.plain a")] == [NAMES[2]]
    assert statuses() == ["signed", "signed", "submitted"]
    assert kept(third) is None
    for row in (first, second):
        assert max(Image.open(io.BytesIO(kept(row))).size) == 1600
        assert kept(row)[:100] not in b"".join(raw())
    browser.open(f"/staff/dossiers/{first.reference}")
    assert "Tờ khai đã ký" in browser.text
    answer = browser.client.get(f"/staff/dossiers/{first.reference}/photos/{SIGNED_SHEET}")
    # Marked with who looks at it, as every photo is.
    assert Image.open(io.BytesIO(answer.data)).size == Image.open(io.BytesIO(kept(first))).size


def raw() -> list[bytes]:
    """What the database holds of pictures."""
    with database.connection_context():
        return [bytes(row.image) for row in Photo.select()]


def test_photos_of_sheets_are_read_several_at_once(people, sign_in):
    first, second, _third = people
    sheets = sheets_of(first, second)
    desk = hand_in(sign_in(), *map(as_jpeg, sheets), as_jpeg(with_code("x")), field="camera")
    assert [place for place, _words in lines(desk)] == ["Tệp 3, Trang 1", "Tệp 1, Trang 1", "Tệp 2, Trang 1"]
    assert statuses() == ["signed", "signed", "submitted"]


def test_a_picture_of_two_peoples_sheets_signs_for_both_and_is_filed_with_neither(people, sign_in):
    desk = hand_in(sign_in(), as_pdf([beside(*sheets_of(*people[:2]))]))
    assert [words.partition(" ·")[0] for _place, words in lines(desk)] == ["Đã nhận bản ký, chưa lưu bản quét"] * 2
    assert statuses() == ["signed", "signed", "submitted"]
    assert kept(people[0]) is None and kept(people[1]) is None


def test_a_sheet_that_the_scanner_took_gets_its_scan_later(people, sign_in):
    desk = sign_in().open("/staff/paper")
    with database.connection_context():
        code = submissions.sheet_code(people[0])
    desk.submit({"code": code}, press="Ghi nhận")
    pdf = as_pdf(sheets_of(people[0]))
    assert "Đã lưu bản quét" in hand_in(desk, pdf).text and kept(people[0])
    assert "Đã nhận từ trước" in hand_in(desk, pdf).text
    with database.connection_context():
        assert Event.select().where(Event.move == "sign").count() == 1


def test_another_units_and_an_outdated_sheet_are_refused_each_with_its_reason(people, sign_in):
    first, second, _third = people
    old, other = sheets_of(first, second)
    with database.connection_context():
        correct(first)
        Dossier.update(unit=Unit.get(Unit.name == UNITS[1])).where(Dossier.id == second.id).execute()
    desk = hand_in(sign_in("unit", UNITS[0]), as_pdf([old, other]))
    assert [words.partition(" ·")[0][:15] for _place, words in lines(desk)] == ["Bản in cũ", "Của đơn vị khác"]
    assert NAMES[1] not in desk.text and statuses() == ["submitted"] * 3
    assert not [row for row in people if kept(row)]


def test_the_scan_goes_with_the_revision_that_was_signed(people, sign_in):
    first = people[0]
    hand_in(sign_in(), as_pdf(sheets_of(first)))
    assert kept(first)
    with database.connection_context():
        Dossier.update(status="returned").where(Dossier.id == first.id).execute()
        correct(Dossier.get_by_id(first.id))
        assert Photo.select().where(Photo.kind == SIGNED_SHEET).count() == 0
        assert Photo.select().where(Photo.envelope == Dossier.get_by_id(first.id).envelope_id).count() == 3


def test_its_owner_sees_and_takes_along_the_scan(app, plain, people, sign_in):
    hand_in(sign_in(), as_pdf(sheets_of(people[0])))
    with database.connection_context():
        token = tokens.sign_rights(ticket_of(Dossier.get_by_id(people[0].id)))
    assert "Tờ khai đã ký" in plain.open(f"/rights/data?t={token}").text
    assert f'"kind": "{SIGNED_SHEET}"' in plain.client.get(f"/rights/data.json?t={token}").text


def test_a_file_that_cannot_be_read_is_told_beside_those_that_can(people, sign_in):
    good = as_pdf(sheets_of(people[0]))
    desk = hand_in(sign_in(), b"%PDF-1.4 broken", good, b"a letter")
    assert desk.heading == "Nhận 1 tờ, 2 trang chưa nhận"
    assert [(place, words.split(" ")[0]) for place, words in lines(desk)] == [
        ("Tệp 1", "Không"),
        ("Tệp 3", "Không"),
        ("Tệp 2, Trang 1", "Đã"),
    ]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((), "Chọn ít nhất một tệp"),
        ((b"",), "Tệp 1: Tệp rỗng."),
        ((b"a letter", b"%PDF-1.4 broken"), "Tệp 1: Không phải PDF hay ảnh."),
        ((b"x",) * 51, "tối đa 50 tệp"),
    ],
    ids=["nothing", "empty", "none of them good", "too many"],
)
def test_where_nothing_can_be_read_the_page_says_so_and_nothing_is_kept(browser, app, sign_in, files, said):
    browser.client = sign_in().client
    hand_in(browser, *files, status=422)
    assert said in browser.text and browser.page.select_one(".summary[role=alert]")
    with database.connection_context():
        assert ScannedSheet.select().count() == 0


def test_a_pile_too_large_to_send_is_refused_in_its_own_words(app, sign_in):
    desk, body = sign_in(), bytes(PHOTO_BODY + 1)
    answer = desk.client.post("/staff/paper/piles", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413 and "chia chồng tờ khai thành nhiều tệp" in answer.text


def test_two_clerks_who_read_the_same_pile_move_each_dossier_once(people, sign_in):
    pdf = as_pdf(sheets_of(*people))
    desks = [sign_in("admin"), sign_in("department")]
    with ThreadPoolExecutor(2) as clerks:
        list(clerks.map(lambda desk: hand_in(desk, pdf), desks))
    found = sorted(words.partition(" ·")[0] for desk in desks for _place, words in lines(desk))
    assert found == ["Đã nhận bản ký"] * 3 + ["Đã nhận từ trước"] * 3
    with database.connection_context():
        assert Event.select().where(Event.move == "sign").count() == 3
        assert Photo.select().where(Photo.kind == SIGNED_SHEET).count() == 3


def test_a_pile_is_seen_by_its_clerk_the_department_and_of_a_unit_what_is_its_own(people, sign_in):
    first, second, _third = people
    pdf = as_pdf([*sheets_of(first, second), with_code("x")])
    with database.connection_context():
        Dossier.update(unit=Unit.get(Unit.name == UNITS[1])).where(Dossier.id == second.id).execute()
    department = hand_in(sign_in("department"), pdf)
    assert len(lines(department)) == len(lines(sign_in("admin").open(department.url))) == 3
    unit = sign_in("unit", UNITS[0]).open(department.url)
    assert [place for place, _words in lines(unit)] == ["Trang 1"] and NAMES[1] not in unit.text
    unit.open("/staff/paper/piles/" + "0" * 16, 404)
    # What the scanner took is no pile.
    unit.open("/staff/paper/piles/", 404)


# A pile that takes long


@pytest.fixture
def slowly(monkeypatch):
    """Every page waits until it is let through; nobody waits for a pile."""
    gate = threading.Semaphore(0)
    read = scans.read

    def page_by_page(data: bytes):
        for page in read(data):
            assert gate.acquire(timeout=60)
            yield page

    monkeypatch.setattr(piles, "PATIENCE", 0)
    monkeypatch.setattr(scans, "read", page_by_page)
    return gate


def settled(desk: Browser) -> Browser:
    """Wait until nothing is read any more, and see what its page says."""
    for thread in [each for each in threading.enumerate() if each.name == "pile"]:
        thread.join(60)
    return desk.reload()


def read_up_to(page: int) -> None:
    """Wait until so many pages are read."""
    with database.connection_context():
        while Pile.get().page < page:
            threading.Event().wait(0.01)


def test_a_pile_that_takes_long_is_read_on_while_its_clerk_looks_how_far_it_is(app, people, sign_in, slowly):
    first, second, _third = people
    desk = hand_in(sign_in("unit", UNITS[0]), as_pdf(sheets_of(first, second)), b"a letter")
    assert desk.heading == "Đang đọc chồng tờ khai" and "Tệp 1 trên 2. Đang mở tệp." in desk.text
    address = desk.url
    assert desk.page.select_one("#progress")["hx-get"] == address
    slowly.release()
    read_up_to(1)
    assert "Đã đọc 1 trên 2 trang." in desk.open(address).text
    assert statuses() == ["signed", "submitted", "submitted"]
    desk.follow("Phần đã đọc")
    assert desk.heading == "Nhận 1 tờ, 0 trang chưa nhận" and "vẫn đang đọc chồng này" in desk.text
    slowly.release(10)
    settled(desk)
    assert desk.heading == "Nhận 2 tờ, 1 trang chưa nhận" and "đang đọc" not in desk.text
    assert statuses() == ["signed", "signed", "submitted"]
    assert desk.open(address).heading == desk.heading
    answer = desk.client.get(address, headers={"HX-Request": "true", "HX-Target": "progress"})
    assert (answer.data, answer.headers["HX-Redirect"]) == (b"", desk.url)
    # Whoever handed it in has signed for all of it.
    assert {line[:2] for line in log_lines() if line[1] == "move"} == {("1", "move")}
    with database.connection_context():
        assert Pile.select().count() == 0 and audit.first_fault() is None


def test_a_pile_whose_server_was_stopped_says_so_and_may_be_handed_in_again(app, people, sign_in, slowly):
    pdf = as_pdf(sheets_of(*people[:2]))
    desk = hand_in(sign_in(), pdf)
    slowly.release()
    read_up_to(1)
    with database.connection_context():
        # As the row stands long after nobody reads on.
        left = Pile.get()
        Pile.update(heard_at=now() - piles.SILENCE - 1).execute()
    assert desk.open(desk.url).heading == "Nhận 1 tờ, 0 trang chưa nhận"
    assert "bị dừng giữa chừng ở tệp 1, sau trang 1" in desk.text
    slowly.release(10)
    settled(desk)
    again = hand_in(desk, pdf)
    slowly.release(10)
    settled(again)
    assert left.name not in again.url
    assert [words.partition(" ·")[0] for _place, words in lines(again)] == ["Đã nhận từ trước"] * 2


def test_a_pile_whose_reading_fails_says_so(app, people, sign_in, monkeypatch):
    gate = threading.Event()

    def fails(data: bytes):
        yield Page(1, None, count=3)
        assert gate.wait(60)
        raise OSError("the disk is full")

    monkeypatch.setattr(piles, "PATIENCE", 0)
    monkeypatch.setattr(scans, "read", fails)
    desk = hand_in(sign_in(), b"x")
    gate.set()
    settled(desk)
    assert "Chưa đọc hết" in desk.text and "sau trang 1" in desk.text


def test_how_far_a_pile_is_is_told_to_whoever_may_see_it(app, people, sign_in, slowly):
    desk = hand_in(sign_in("unit", UNITS[0]), as_pdf(sheets_of(people[0])))
    assert sign_in("department").open(desk.url).heading == "Đang đọc chồng tờ khai"
    add("khac", "unit", UNITS[1])
    enter(app, "khac").open(desk.url, 404)
    slowly.release(10)
    settled(desk)
