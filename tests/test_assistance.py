"""HR fills in for somebody at the desk: the person confirms by code, and the record names both."""

import json
import re
from contextlib import suppress

import pytest

from models import Assistance, Code, Dossier, Draft, Envelope, database
from services import accounts, history, holdings, submissions
from tests.browser import Browser
from tests.dossiers import correct, file_one
from tests.routes import csrf_token

PASSWORD = "một câu dễ nhớ"
UNITS = ("Xưởng May 1", "Xưởng May 2")
HELPED = "Nhân sự lan nhập giúp, người đăng ký xác nhận bằng mã"
READ_OUT = "mã do chính lan đọc"


@pytest.fixture
def enter(app):
    """Sign in somebody of HR, who is made at the first time."""

    def make(username: str = "lan", unit: str | None = None) -> Browser:
        with database.connection_context(), suppress(accounts.NameTaken):
            accounts.add(username, PASSWORD, "unit" if unit else "department", unit)
        return Browser(app).open("/staff/sign-in").submit({"username": username, "password": PASSWORD})

    return make


def window(desk: Browser, press: str = "Đăng ký giúp", *, htmx: bool = False) -> Browser:
    """Press the button; gives the window that opens, which holds no cookie of the desk."""
    form = next(form for form in desk.page.select("form[action='/staff/assist']"))
    assert (form["target"], form["rel"]) == ("_blank", "noopener")
    button = next(each for each in form.select("button") if each.get_text(strip=True) == press)
    data = {"csrf_token": form.select_one("[name=csrf_token]")["value"], button["name"]: button["value"]}
    answer = desk.client.post("/staff/assist", data=data)
    assert answer.status_code == 303
    return Browser(desk.client.application, htmx=htmx).open(answer.headers["Location"])


def fill_in(person: Browser, **changes) -> Browser:
    """To the page that asks for the code."""
    person.answer("prepare").answer("declaration", **changes).answer("photos").answer("agency")
    assert "Nhân sự nhập giúp bạn" in person.text
    return person.submit()


def page_of_dossier(desk: Browser) -> str:
    with database.connection_context():
        reference = Dossier.get().reference
    return desk.open(f"/staff/dossiers/{reference}").text


@pytest.mark.parametrize("kind", ["plain", "htmx"])
def test_the_person_confirms_by_a_code_and_the_record_names_both(enter, code, kind):
    desk = enter()
    person = fill_in(window(desk, htmx=kind == "htmx"))
    assert "Set-Cookie" not in person.response.headers and not person.client.get_cookie("quay_staff", path="/staff")
    with database.connection_context():
        assert Dossier.select().count() == 0
    person.submit({"code": code()})
    assert person.heading == "Đã nhận hồ sơ của bạn"
    told = page_of_dossier(desk)
    assert told.count(HELPED) == 2 and READ_OUT not in told
    with database.connection_context():
        assert [(each.who, each.staff, each.move) for each in history.entries(Dossier.get())] == [
            ("assisted", "lan", "submit")
        ]
    desk.submit(press="Đã nhận bản ký")
    assert "Bạn gửi hồ sơ. Nhân sự nhập giúp bạn." in person.open(person.url).text


def test_whoever_fills_in_reads_the_code_out_only_with_a_line_in_the_history(enter, code):
    desk = enter()
    person = fill_in(window(desk))
    sent = code()
    colleague = enter("minh").open("/staff/codes")
    assert sent in colleague.text and "Hiện mã" not in colleague.text
    assert sent not in desk.open("/staff/codes").text and "lịch sử hồ sơ ghi lại" in desk.text
    assert sent not in desk.response.text
    desk.submit(press="Hiện mã để đọc")
    assert sent in desk.text and "Hiện mã" not in desk.text
    with database.connection_context():
        seen_at = Assistance.get().read_out_at
        number = Code.get().id
    # Pressed again, by another or for a code that is not there: nothing changes.
    for other in (desk, colleague):
        token = csrf_token(other.client, "/staff/codes")
        assert other.client.post(f"/staff/codes/{number}/show", data={"csrf_token": token}).status_code == 303
        assert other.client.post("/staff/codes/999999/show", data={"csrf_token": token}).status_code == 404
    with database.connection_context():
        assert Assistance.get().read_out_at == seen_at
    person.submit({"code": sent})
    with database.connection_context():
        held = json.loads(holdings.as_json(holdings.hold(submissions.open_dossier(Dossier.get()).ticket())))
    assert held["registration"]["filled_in_by"] == "lan"
    told = page_of_dossier(desk)
    assert HELPED in told and READ_OUT in told and "Mã do chính người nhập giúp đọc" in told


def test_a_colleagues_press_says_nothing_of_whoever_fills_in(enter, code):
    desk = enter()
    person = fill_in(window(desk))
    colleague = enter("minh")
    with database.connection_context():
        number = Code.get().id
    token = csrf_token(colleague.client, "/staff/codes")
    colleague.client.post(f"/staff/codes/{number}/show", data={"csrf_token": token})
    person.submit({"code": code()})
    assert READ_OUT not in page_of_dossier(desk)


def test_another_units_hr_shows_no_code_of_this_one(enter, code):
    for name, unit in (("mot", UNITS[0]), ("hai", UNITS[1])):
        enter(name, unit)
    fill_in(window(enter("mot", UNITS[0])), unit=UNITS[0])
    other = enter("hai", UNITS[1])
    with database.connection_context():
        number = Code.get().id
    token = csrf_token(other.client, "/staff/codes")
    assert other.client.post(f"/staff/codes/{number}/show", data={"csrf_token": token}).status_code == 404
    assert code() not in other.open("/staff/codes").text


def test_a_units_hr_finds_its_unit_chosen_and_may_change_it(enter, code):
    enter("hai", UNITS[1])
    desk = enter("mot", UNITS[0])
    person = window(desk).answer("prepare")
    assert person.value("unit") == UNITS[0] and not person.errors()
    with database.connection_context():
        assert Draft.get().unit.name == UNITS[0]
    person.answer("declaration", unit=UNITS[1]).answer("photos").answer("agency").submit().submit({"code": code()})
    with database.connection_context():
        assert Dossier.get().unit.name == UNITS[1]


def test_a_child_is_registered_for_a_parent_at_the_desk(enter):
    desk = enter("mot", UNITS[0])
    person = window(desk, "Đăng ký giúp cho con họ")
    assert person.url.startswith("/register/child/prepare?t=")
    person.answer("prepare")
    assert person.step == "guardian"
    with database.connection_context():
        assert Assistance.get().staff.username == "mot"


def test_what_was_begun_for_somebody_is_removed_with_done(enter):
    person = window(enter())
    person.submit(press="Xong, xoá khỏi máy này")
    with database.connection_context():
        assert (Draft.select().count(), Envelope.select().count(), Assistance.select().count()) == (0, 0, 0)


def test_a_correction_by_the_person_alone_is_told_as_theirs(enter, code):
    desk = enter()
    fill_in(window(desk)).submit({"code": code()})
    with database.connection_context():
        correct(Dossier.get())
        assert [each.who for each in history.entries(Dossier.get())] == ["assisted", "applicant"]
    # The history keeps it; what the dossier now holds is the person's own.
    assert page_of_dossier(desk).count(HELPED) == 1


def test_only_flows_that_there_are_can_be_begun_and_only_by_hr(app, enter):
    desk = enter()
    token = csrf_token(desk.client, "/staff/")
    for flow in ("", "grandparent", "a\0b", "x" * 5000):
        assert desk.client.post("/staff/assist", data={"csrf_token": token, "flow": flow}).status_code == 404
    assert desk.client.post("/staff/assist", data={"flow": "adult"}).status_code == 400
    with database.connection_context():
        assert Draft.select().count() == 0
        file_one("0912345601")
    assert HELPED not in page_of_dossier(desk)


def test_the_address_that_opens_holds_no_name(enter):
    person = window(enter())
    assert re.fullmatch(r"/register/adult/prepare\?t=[\w.\-]+", person.url)
    assert "lan" not in person.page.select_one("main").get_text().split()
