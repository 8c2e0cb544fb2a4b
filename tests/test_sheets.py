"""Signed sheets that come in one by one, by a hand-held scanner: which are taken, once, and which are refused."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import requests, sheets, way
from desk.requests import RIGHTS
from forms.paper import OUTCOMES
from models import Dossier, Event, Pile, ScannedSheet, Staff, Unit, database, now
from services import accounts, retention, submissions, vault
from tests.browser import Browser
from tests.dossiers import correct, file_one

UNITS = ("Xưởng May 1", "Xưởng May 2")


@pytest.fixture
def anna(app):
    """A dossier, and the text of its QR."""
    with database.connection_context():
        for unit in UNITS:
            Unit.get_or_create(name=unit)
        row = file_one("0912345601", full_name="Nguyễn Thị An", unit=UNITS[0])
        return row, submissions.sheet_code(row)


def scanned(desk: Browser, text: str) -> str:
    """Scan it; gives what the page says about it."""
    desk.open("/staff/paper").submit({"code": text}, press="Ghi nhận")
    return " ".join(desk.page.select_one("#scanned li").get_text(" ", strip=True).split())


def status() -> str:
    with database.connection_context():
        return Dossier.get().status


def signatures() -> int:
    with database.connection_context():
        return Event.select().where(Event.move == "sign").count()


def test_every_outcome_has_its_words():
    assert set(OUTCOMES) == set(sheets.OUTCOMES)


def test_hr_scans_a_sheet_and_the_box_is_ready_for_the_next(app, browser, anna, sign_in):
    browser.client = sign_in("unit", UNITS[0]).client
    dossier, code = anna
    assert f"Đã nhận bản ký · Nguyễn Thị An {dossier.reference}" in scanned(browser, code)
    assert browser.page.select_one("#code").has_attr("autofocus") and browser.value("code") == ""
    assert (status(), signatures()) == ("signed", 1)
    assert "Đã nhận từ trước" in scanned(browser, code)
    assert signatures() == 1


def test_an_empty_scan_is_asked_again(app, browser, sign_in):
    browser.client = sign_in().client
    browser.open("/staff/paper").submit({"code": "  "}, press="Ghi nhận", status=422)
    assert "Quét mã QR ở chân tờ khai vào ô này." in browser.errors()


@pytest.mark.parametrize(
    "written",
    [str.lower, lambda code: f"  {code}\n", lambda code: code.replace(":", ";"), lambda code: code.replace(":", "Ö")],
    ids=["with caps lock", "with spaces around", "on another keyboard", "on a german keyboard"],
)
def test_what_a_scanner_writes_otherwise_is_still_understood(app, anna, sign_in, written):
    assert "Đã nhận bản ký" in scanned(sign_in(), written(anna[1]))
    assert status() == "signed"


def test_sheets_scanned_faster_than_the_line_are_all_taken(app, anna, sign_in):
    with database.connection_context():
        other = file_one("0912345602", full_name="Trần Văn Bình")
        text = anna[1] + submissions.sheet_code(other)
    desk = sign_in()
    scanned(desk, text)
    assert [line.a.get_text() for line in desk.page.select("#scanned li")] == ["Trần Văn Bình", "Nguyễn Thị An"]
    assert signatures() == 2


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (lambda code: code.replace("QUAY1", "QUÁY"), "Bộ gõ tiếng Việt đã đổi chữ"),
        (lambda code: code[:-1] + ("0" if code[-1] != "0" else "1"), "Không phải mã của quầy"),
        (lambda code: code.replace(":1:", ":2:"), "Không phải mã của quầy"),
        (lambda code: "https://example.com/" + code[6:14], "Không phải mã của quầy"),
        (lambda code: "KHONGCO1", "Không phải mã của quầy"),
        (lambda code: code[6:10].lower() + "-" + code[10:14], "Đúng mã hồ sơ, nhưng gõ tay"),
    ],
    ids=["by a vietnamese keyboard", "with a wrong proof", "with another revision", "foreign", "unknown", "by hand"],
)
def test_what_is_no_sheet_of_ours_moves_nothing_and_the_page_says_why(app, anna, sign_in, written, said):
    assert said in scanned(sign_in(), written(anna[1]))
    assert (status(), signatures()) == ("submitted", 0)


def test_a_sheet_of_an_older_revision_is_refused_and_the_new_one_taken(app, anna, sign_in):
    dossier, old = anna
    with database.connection_context():
        new = submissions.sheet_code(correct(dossier))
    desk = sign_in()
    assert "Bản in cũ" in scanned(desk, old) and "lấy chữ ký mới" in desk.text
    assert status() == "submitted"
    assert "Đã nhận bản ký" in scanned(desk, new)


def test_another_units_sheet_is_refused_without_a_word_about_whose_it_is(app, anna, sign_in):
    desk = sign_in("unit", UNITS[1])
    said = scanned(desk, anna[1])
    assert "Của đơn vị khác" in said and "Phòng Nhân sự" in said
    assert anna[0].reference not in desk.text and "An" not in said and status() == "submitted"


def test_where_work_has_to_stop_no_sheet_is_taken(app, anna, sign_in):
    with database.connection_context():
        requests.ask(anna[0], RIGHTS["withdraw_forwarding"], "")
    assert "Phải dừng lại" in scanned(sign_in(), anna[1])
    assert status() == "submitted"


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (("print",), "Đã nhận bản ký"),
        (("return",), "Đã nhận bản ký"),
        (("sign", "forward"), "Đã nhận từ trước"),
        (("sign", "file", "issue"), "Đã nhận từ trước"),
        (("withdraw",), "Hồ sơ đã rút"),
    ],
)
def test_where_the_dossier_stands_decides_what_the_sheet_does(app, anna, sign_in, before, said):
    desk = sign_in()
    with database.connection_context():
        row = anna[0]
        for name in before:
            row = way.move(Staff.get(), row, name, row.status)
    assert said in scanned(desk, anna[1])
    assert status() == ("signed" if said == "Đã nhận bản ký" else row.status)


def test_the_sheet_of_a_deleted_dossier_is_known_as_such(app, anna, sign_in):
    desk = sign_in()
    with database.connection_context():
        anna[0].envelope.delete_instance()
    assert "Hồ sơ đã xoá" in scanned(desk, anna[1])


def test_what_was_scanned_outlives_the_dossier_without_naming_it(app, anna, sign_in):
    desk = sign_in()
    scanned(desk, anna[1])
    with database.connection_context():
        anna[0].envelope.delete_instance()
        assert ScannedSheet.get().dossier is None
    assert "Nguyễn Thị An" not in desk.open("/staff/paper").text


def test_what_became_of_a_sheet_is_forgotten_after_half_a_year(app, anna, sign_in):
    scanned(sign_in(), anna[1])
    with database.connection_context():
        assert retention.purge()["scans"] == 0
        ScannedSheet.update(scanned_at=ScannedSheet.scanned_at - 181 * retention.DAY).execute()
        assert (retention.purge()["scans"], ScannedSheet.select().count()) == (1, 0)
        # Of a pile that was interrupted nobody asks any more either.
        Pile.create(name="0" * 16, files=1, heard_at=now() - 181 * retention.DAY)
        assert (retention.purge()["scans"], Pile.select().count()) == (1, 0)
    assert status() == "signed"


def test_each_clerk_sees_their_own_last_scans_and_a_unit_never_who_has_left_it(app, anna, sign_in):
    unit, department = sign_in("unit", UNITS[0]), sign_in("department")
    scanned(unit, anna[1])
    assert not department.open("/staff/paper").page.select("#scanned li")
    with database.connection_context():
        Dossier.update(unit=Unit.get(Unit.name == UNITS[1])).execute()
    assert "Nguyễn Thị An" not in unit.open("/staff/paper").text


def test_of_many_clerks_who_scan_the_same_sheet_exactly_one_moves_it(app, anna):
    with database.connection_context():
        staff = [accounts.add(f"nguoi.{number}", "một câu dễ nhớ", "department") for number in range(4)] * 3
    together = Barrier(len(staff))

    def scan(mover):
        with database.connection_context():
            together.wait()
            return sheets.take(mover, anna[1])[0]

    with ThreadPoolExecutor(len(staff)) as clerks:
        outcomes = list(clerks.map(scan, staff))
    assert sorted(outcomes) == ["again"] * 11 + ["signed"]
    assert signatures() == 1


class TestTheCode:
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def key(cls):
        vault.use(bytes(32))

    @given(st.text(submissions.REFERENCE_ALPHABET, min_size=8, max_size=8), st.integers(1, 999_999_999))
    def test_tells_what_it_was_made_of(self, reference, revision):
        code = submissions.sheet_code(Dossier(reference=reference, revision=revision))
        assert submissions.sheet_of(code) == (reference, revision)
        assert sheets.codes_in(code + code.lower()) == [code, code]

    @given(st.data())
    def test_is_refused_with_any_letter_changed(self, data):
        code = submissions.sheet_code(Dossier(reference="CCCCCCCC", revision=7))
        place = data.draw(st.integers(0, len(code) - 1))
        letter = data.draw(st.characters().filter(lambda each: each != code[place]))
        assert submissions.sheet_of(code[:place] + letter + code[place + 1 :]) is None

    @given(st.text())
    def test_is_not_seen_in_any_other_text(self, text):
        assert submissions.sheet_of(text) is None
        assert submissions.sheet_of("QUAY1:CCCCCCCC:1:" + text) is None
