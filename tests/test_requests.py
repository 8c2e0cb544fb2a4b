"""What people asked for by right, at the desk: in order of its day, answered once, by those who may see it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine

import tokens
from desk import requests
from desk.requests import RIGHTS, Closed
from forms.requests import WORDING
from models import Code, Dossier, Envelope, Photo, Request, Staff, database
from services import accounts, vault
from services.drafts import DraftGone
from services.requests import of_dossier, opened, seal_anew
from tests.browser import Browser
from tests.dossiers import file_one, refuse_every_deletion, ticket_of
from tests.routes import OTHER_UNIT, UNIT, csrf_token

TITLES = {name: str(wording.title) for name, wording in WORDING.items()}
FLAGS = {name: str(WORDING[name].flag) for name, right in RIGHTS.items() if right.stops}
REASON = "Tờ khai đã nộp ngày 20/11/2026."


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-27 08:00:00+07:00", tick=True) as traveller:
        yield traveller


@pytest.fixture
def asked(app):
    """Ask for something about a new dossier; gives the dossier and the request."""
    phones = iter(range(10, 100))

    def ask(right: str, words: str = "", **person) -> tuple[Dossier, Request]:
        with database.connection_context():
            dossier = file_one(f"09123456{next(phones)}", **person)
            return dossier, requests.ask(dossier, RIGHTS[right], words)

    return ask


def page_of(app, dossier: Dossier, path: str = "") -> str:
    """The address of the person's own page."""
    with database.connection_context():
        return f"/rights{path}?t={tokens.sign_rights(ticket_of(dossier))}"


def at_request(desk: Browser, row: Request) -> Browser:
    return desk.open(f"/staff/requests/{row.id}")


def listed(desk: Browser) -> list[str]:
    """The words of each line of the list of what waits."""
    desk.open("/staff/requests")
    table = desk.page.select_one("table")
    return [row.get_text(" ", strip=True) for row in table.select("tbody tr")] if table else []


# The list


def test_what_is_due_first_stands_first_and_what_is_late_says_so(asked, sign_in, clock):
    asked("delete", full_name="Nguyễn Muộn")
    asked("correct", "sai tên", full_name="Trần Sớm")
    desk = sign_in()
    assert "Yêu cầu (2)" in desk.text
    first, second = listed(desk)
    assert "Trần Sớm" in first and "07/12/2026" in first and "chậm nhất 01/12/2026" in first
    assert "Nguyễn Muộn" in second and "17/12/2026" in second
    assert "Quá hạn" not in desk.text
    clock.move_to("2026-12-02 08:00:00+07:00")
    desk = sign_in("department")
    assert all("Quá hạn" in line for line in listed(desk))
    for right in ("correct", "delete"):
        desk.follow(TITLES[right]).submit(press="Đã tiếp nhận")
        listed(desk)
    assert "Quá hạn" not in desk.text
    clock.move_to("2026-12-08 00:00:00+07:00")
    first, second = listed(desk_again(desk))
    assert "Quá hạn" in first and "Quá hạn" not in second


def desk_again(desk: Browser) -> Browser:
    """Sign in anew, days later."""
    return desk.open("/staff/sign-in").submit({"username": "department.nhansu", "password": "một câu dễ nhớ"})


def test_a_units_hr_sees_and_answers_its_own_units_requests_and_no_others(app, asked, sign_in):
    with database.connection_context():
        for unit in (UNIT, OTHER_UNIT):
            accounts.add(f"to.{unit[-1]}", "một câu dễ nhớ", "unit", unit)
    _dossier, own = asked("correct", "của tổ mình", unit=UNIT)
    _dossier, other = asked("correct", "của tổ khác", unit=OTHER_UNIT)
    _dossier, nobodys = asked("delete")
    desk = Browser(app).open("/staff/sign-in").submit({"username": "to.1", "password": "một câu dễ nhớ"})
    assert "Yêu cầu (1)" in desk.text
    assert len(listed(desk)) == 1
    csrf = csrf_token(desk.client, "/staff/")
    for row in (other, nobodys):
        assert desk.client.get(f"/staff/requests/{row.id}").status_code == 404
        for action in ("acknowledge", "carry-out", "refuse"):
            form = {"csrf_token": csrf, "reason": REASON}
            assert desk.client.post(f"/staff/requests/{row.id}/{action}", data=form).status_code == 404
    assert "của tổ mình" in at_request(desk, own).text
    with database.connection_context():
        assert {row.state for row in Request.select()} == {"open"}
        assert not Request.select().where(Request.acknowledged_at.is_null(False)).exists()


def test_a_made_up_number_is_not_found(sign_in):
    desk = sign_in()
    for number in ("0", "-1", "9" * 30, "x", "1e3"):
        desk.open(f"/staff/requests/{number}", 404)


# Answering


def test_the_applicant_reads_who_has_received_what_and_until_when_it_is_answered(app, browser, asked, sign_in, clock):
    dossier, row = asked("correct", "Tên đệm là Thị.\nKhông phải Thì.")
    desk = at_request(sign_in(), row)
    assert "Tên đệm là Thị. Không phải Thì." in desk.text
    clock.shift(25 * 60)
    for _ in range(2):
        csrf = csrf_token(desk.client, "/staff/")
        assert desk.client.post(f"/staff/requests/{row.id}/acknowledge", data={"csrf_token": csrf}).status_code == 303
        clock.shift(60)
    browser.open(page_of(app, dossier))
    assert "Nhân sự đã tiếp nhận lúc 27/11/2026 08:25" in browser.text
    desk = at_request(desk, row).submit(press="Đã thực hiện")
    assert "Đã thực hiện lúc 27/11/2026" in desk.text and "admin.nhansu" in desk.text
    assert not desk.page.select("main form")
    browser.open(page_of(app, dossier))
    assert "Đã thực hiện lúc 27/11/2026" in browser.text
    with database.connection_context():
        kept = Request.get()
        assert (kept.acknowledged_by, kept.closed_by) == ("admin.nhansu", "admin.nhansu")
        assert kept.acknowledged_at < kept.closed_at


def test_who_refuses_says_why_and_the_applicant_reads_it_and_may_ask_again(app, browser, asked, sign_in):
    dossier, row = asked("delete")
    desk = at_request(sign_in(), row).submit({"reason": "  "}, press="Từ chối", status=422)
    assert desk.errors() == ["Ghi lý do từ chối để người gửi biết."]
    desk.submit({"reason": "x" * 2001}, press="Từ chối", status=422)
    assert desk.value("reason") == "x" * 2001
    desk.submit({"reason": REASON}, press="Từ chối")
    assert REASON in desk.text
    browser.open(page_of(app, dossier))
    assert "Bị từ chối" in browser.text and REASON in browser.text
    browser.follow("Xoá hồ sơ").submit()
    with database.connection_context():
        assert [each.state for each in Request.select().order_by(Request.id)] == ["refused", "open"]


def test_what_was_answered_is_not_answered_again_and_the_reason_is_not_lost(asked, sign_in):
    _dossier, row = asked("correct", "sai tên")
    desk = at_request(sign_in(), row)
    with database.connection_context():
        requests.carry_out(Staff.get(), row.id)
    desk.submit({"reason": REASON}, press="Từ chối", status=409)
    assert "vừa được trả lời" in desk.text and "Đã thực hiện lúc" in desk.text
    with database.connection_context():
        requests.carry_out(Staff.get(), row.id)
        for answer in (
            lambda: requests.refuse(Staff.get(), row.id, REASON),
            lambda: requests.acknowledge(Staff.get(), row.id),
        ):
            with pytest.raises(Closed):
                answer()


def test_of_people_who_answer_at_once_one_is_heard(app, asked, sign_in):
    sign_in()
    for _ in range(3):
        _dossier, row = asked("correct", "sai tên")
        together = Barrier(8)

        def answer(number, row=row, together=together):
            with database.connection_context():
                staff = Staff.get()
                together.wait()
                try:
                    if number % 2:
                        requests.refuse(staff, row.id, f"lý do {number}")
                    else:
                        requests.carry_out(staff, row.id)
                except Closed:
                    return "late"
                return "done" if number % 2 == 0 else "refused"

        with ThreadPoolExecutor(8) as people:
            answers = set(people.map(answer, range(8)))
        with database.connection_context():
            kept = opened(Request.get_by_id(row.id))
        assert answers == {"late", kept.row.state}
        assert bool(kept.answer) is (kept.row.state == "refused")


def test_what_was_written_moves_with_the_dossier_to_another_envelope(asked):
    dossier, row = asked("correct", "sai tên")
    with database.connection_context():
        old, new = dossier.envelope, vault.new_envelope("another")
        seal_anew(dossier, old, new)
        Dossier.update(envelope=new).where(Dossier.id == dossier.id).execute()
        old.delete_instance()
        kept = opened(Request.get())
        assert (kept.words, kept.answer, kept.row.id) == ("sai tên", "", row.id)


# Withdrawn consents


def test_a_dossier_with_a_withdrawn_consent_is_flagged_at_once_and_stays_so_whatever_hr_answers(asked, sign_in):
    dossier, row = asked("withdraw_forwarding", full_name="Nguyễn Rút")
    _other, _row = asked("correct", "sai tên", full_name="Trần Không")
    desk = sign_in()
    for answer in (lambda: None, lambda: at_request(desk, row).submit({"reason": REASON}, press="Từ chối")):
        answer()
        lines = {
            line.th.get_text(strip=True): line.get_text(" ") for line in desk.open("/staff/").page.select("tbody tr")
        }
        assert FLAGS["withdraw_forwarding"] in lines["Nguyễn Rút"]
        assert not [flag for flag in FLAGS.values() if flag in lines["Trần Không"]]
        desk.open(f"/staff/dossiers/{dossier.reference}")
        assert "Dừng lại: " + FLAGS["withdraw_forwarding"] in desk.text and "Không in, không nộp" in desk.text
        desk.follow("Bản ghi sự đồng ý để in")
        assert len([card for card in desk.page.select(".card") if "Đã rút lại lúc" in card.get_text()]) == 1


def test_the_other_consent_stands_where_only_one_was_taken_back(asked, sign_in):
    dossier, _row = asked("withdraw_processing")
    with database.connection_context():
        assert requests.withdrawn(of_dossier(dossier)).keys() == {"consent_processing"}
        assert requests.stopped([dossier]) == {dossier.id: ["withdraw_processing"]}


# Deleting


def test_hr_deletes_and_only_a_line_without_a_name_is_left(app, browser, asked, sign_in, code):
    dossier, row = asked("delete", "tôi nghỉ việc", full_name="Nguyễn Xoá")
    with database.connection_context():
        requests.ask(dossier, RIGHTS["correct"], "sai tên")
    other, _row = asked("delete")
    own_page = page_of(app, dossier)
    desk = at_request(sign_in(), row)
    assert "khoá mã hóa" in desk.text
    desk.submit(press=f"Xoá hồ sơ {dossier.reference}")
    assert "Trang này là xác nhận" in desk.text and "(đã xoá)" in desk.text and dossier.reference in desk.text
    browser.open(own_page, 409)
    desk.open(f"/staff/dossiers/{dossier.reference}", 404)
    with database.connection_context():
        assert [each.reference for each in Dossier.select()] == [other.reference]
        assert [each.id for each in Envelope.select()] == [other.envelope_id]
        assert Photo.select().count() == 3
        left = list(Request.select().where(Request.reference == dossier.reference).order_by(Request.id))
        assert [(each.right, each.state, each.closed_by) for each in left] == [
            ("delete", "done", "admin.nhansu"),
            ("correct", "gone", "admin.nhansu"),
        ]
        assert {(each.dossier_id, each.words, each.answer) for each in left} == {(None, None, None)}
        assert not Code.select().where((Code.phone_hash == dossier.phone_hash) & (Code.secret != b"")).exists()
        with pytest.raises(DraftGone):
            requests.ask(dossier, RIGHTS["delete"], "")
    assert len(listed(desk)) == 1 and "Không còn cần" in desk.text and "Nguyễn Xoá" not in desk.text
    csrf = csrf_token(desk.client, "/staff/")
    again = desk.client.post(f"/staff/requests/{row.id}/carry-out", data={"csrf_token": csrf})
    assert again.status_code == 303


def test_a_deletion_that_breaks_leaves_dossier_and_request_as_they_were(asked, sign_in):
    dossier, row = asked("delete", "tôi nghỉ việc")
    with database.connection_context():
        refuse_every_deletion()
    desk = at_request(sign_in(), row)
    desk.submit(press="Xoá hồ sơ", status=500)
    with database.connection_context():
        kept = opened(Request.get())
        assert (kept.row.state, kept.words, kept.row.acknowledged_at) == ("open", "tôi nghỉ việc", None)
        assert Dossier.get() == dossier and Photo.select().count() == 3
        assert bytes(Code.get().secret)


def test_whoever_asks_while_the_dossier_is_deleted_is_told_that_it_is_gone(app, asked, sign_in):
    sign_in()
    for _ in range(3):
        dossier, row = asked("delete")
        together = Barrier(5)

        def act(number, dossier=dossier, row=row, together=together):
            with database.connection_context():
                staff = Staff.get()
                together.wait()
                try:
                    if number == 2:
                        requests.carry_out(staff, row.id)
                    else:
                        requests.ask(dossier, RIGHTS["correct"], f"lời {number}")
                except DraftGone:
                    return "gone"
                return "done"

        with ThreadPoolExecutor(5) as people:
            assert set(people.map(act, range(5))) <= {"gone", "done"}
        with database.connection_context():
            left = Request.select().where(Request.reference == dossier.reference)
            assert {each.state for each in left} <= {"done", "gone"}
            assert {(each.dossier_id, each.words) for each in left} == {(None, None)}
