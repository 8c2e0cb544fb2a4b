"""Where a dossier is: told to its owner in plain words, and to HR as a list that can be narrowed."""

from urllib.parse import urlsplit

import pytest
import time_machine

from desk import way
from desk.way import MOVES, STATES
from models import Dossier, Event, Staff, Unit, database
from services import accounts, history
from services.history import Note
from tests.browser import Browser
from tests.dossiers import copies, file_one, forget_codes, ticket_of
from tests.test_way import PATHS, UNITS, WALL
from tokens import sign_receipt

PASSWORD = "một câu dễ nhớ"
DAY = 24 * 60 * 60
# What the owner reads in each state: the heading, and a word of who has it or what to do.
TOLD = {
    "submitted": ("Đã nhận hồ sơ của bạn", "ký và ghi rõ họ tên"),
    "printed": ("Tờ khai đã in, chờ ký", "Gặp họ để ký"),
    "signed": ("Nhân sự đã nhận bản ký", "đang ở bộ phận Nhân sự Xưởng May 1"),
    "forwarded": ("Hồ sơ đang ở Phòng Nhân sự", "chờ nộp cho BHXH cơ sở Lái Thiêu"),
    "filed": ("Đã nộp cho cơ quan BHXH", "từ 25/11/2026 đến 28/11/2026"),
    "issued": ("Đã có tài khoản", "đổi mật khẩu ngay lần đầu"),
    "returned": ("Hồ sơ cần bạn sửa", "Bấm “Sửa hồ sơ”"),
    "withdrawn": ("Hồ sơ đã được rút lại", "khai hồ sơ mới"),
}


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=True) as traveller:
        yield traveller


@pytest.fixture
def clerk(app, clock):
    """Somebody of the department, who can bring a dossier anywhere."""
    with database.connection_context():
        return accounts.add("phong", PASSWORD, "department")


@pytest.fixture
def bring(clerk):
    """A new dossier that was brought to this state."""
    phones = iter(range(99))

    def make(state: str, **given) -> Dossier:
        with database.connection_context():
            dossier = file_one(f"09123456{next(phones):02}", **given)
            for name in PATHS[state]:
                dossier = way.move(clerk, dossier, name, dossier.status)
            return dossier

    return make


def address_of(dossier: Dossier) -> str:
    with database.connection_context():
        return f"/receipt?t={sign_receipt(ticket_of(dossier))}"


def enter(app, username: str, role: str, unit: str | None = None) -> Browser:
    with database.connection_context():
        if not Staff.get_or_none(Staff.username == username):
            accounts.add(username, PASSWORD, role, unit)
    return Browser(app).open("/staff/sign-in").submit({"username": username, "password": PASSWORD})


def buttons(desk: Browser) -> set[str]:
    """The moves that the page of a dossier offers."""
    addresses = [form["action"] for form in desk.page.select("main form[action*=moves]")]
    addresses += [link["href"] for link in desk.page.select("main a[href*=moves]")]
    return {urlsplit(address).path.rsplit("/", 1)[-1] for address in addresses}


def reference_in(row) -> str:
    """The reference in a row of HR's list."""
    return row.select_one("td[data-reference]").get_text(strip=True)


# The owner


@pytest.mark.parametrize("kind", ["plain", "htmx"])
@pytest.mark.parametrize("state", STATES)
def test_the_owner_reads_where_the_dossier_is_and_what_to_do(app, bring, state, kind):
    with database.connection_context():
        accounts.add("mot", PASSWORD, "unit", UNITS[0])
    dossier = bring(state, unit=UNITS[0])
    browser = Browser(app, htmx=kind == "htmx").open(address_of(dossier))
    heading, words = TOLD[state]
    assert browser.heading == heading and words in browser.text
    assert browser.page.select_one("[data-reference]").get_text(strip=True) == dossier.reference
    assert len(browser.page.select(".events li")) == (len(PATHS[state]) + 1 if PATHS[state] else 0)
    offered = {form["action"] for form in browser.page.select("form")}
    assert ("/receipt/correct" in offered) is (state in {"submitted", "printed", "returned"})
    assert ("/receipt/account" in offered) is (state not in {"issued", "withdrawn"})
    assert not browser.page.select("input[type=password]")


def test_after_five_days_the_owner_is_told_whom_to_ask(app, bring, clock):
    dossier = bring("filed", unit=None)
    clock.shift(5 * DAY - 60)
    assert "Đã quá 5 ngày" not in Browser(app).open(address_of(dossier)).text
    clock.shift(120)
    browser = Browser(app).open(address_of(dossier))
    for words in ("Đã quá 5 ngày", "1900.9068", "BHXH cơ sở Lái Thiêu"):
        assert words in browser.page.select_one("div.note").get_text(" ", strip=True)


def test_the_days_are_counted_from_the_last_filing(app, bring, clerk, clock):
    dossier = bring("filed")
    clock.shift(4 * DAY)
    with database.connection_context():
        dossier = way.move(clerk, dossier, "reset", "filed")
        for name in PATHS["filed"]:
            dossier = way.move(clerk, dossier, name, dossier.status)
    clock.shift(2 * DAY)
    browser = Browser(app).open(address_of(dossier))
    assert "từ 29/11/2026 đến 02/12/2026" in browser.text and "Đã quá 5 ngày" not in browser.text


@pytest.mark.parametrize("state", [state for state in STATES if "confirm" in WALL[state]])
def test_the_owner_says_that_the_account_has_come(app, bring, clerk, state):
    dossier = bring(state)
    browser = Browser(app).open(address_of(dossier))
    again = browser.token
    assert browser.submit(press="Tôi đã nhận được tài khoản").heading == "Đã có tài khoản"
    assert browser.client.post("/receipt/account", data={"step_token": again}).status_code == 303
    with database.connection_context():
        entries = history.entries(dossier)
        assert [entry.move for entry in entries] == ["submit", *PATHS[state], "confirm"]
        assert (entries[-1].who, Dossier.get().status) == ("applicant", "issued")
    assert (
        "Báo đã nhận được tài khoản"
        in enter(app, "phong", "department").open(f"/staff/dossiers/{dossier.reference}").text
    )


def test_the_owner_finds_the_state_by_phone_too(app, bring, code):
    dossier = bring("filed")
    with database.connection_context():
        forget_codes()
    found = Browser(app).open("/lookup").submit({"phone": "0912345600"}).submit({"code": code()})
    assert "Đã nộp cho cơ quan BHXH" in found.text
    assert found.follow("Xem biên nhận").page.select_one("[data-reference]").get_text(strip=True) == dossier.reference


def test_the_errors_of_the_portal_are_explained_to_anybody(app, submitted, browser):
    browser.open("/").follow("Gặp lỗi khi đăng ký")
    assert len(browser.page.select("section.card")) == 5
    for words in ("đã đăng ký giao dịch điện tử", "CSDL QG về DC", "Vui lòng điền đầy đủ thông tin", "1900.9068"):
        assert words in browser.text
    submitted(browser)
    assert browser.follow("Gặp lỗi khi đăng ký").heading == "Gặp lỗi khi đăng ký?"


# HR


@pytest.mark.parametrize("state", STATES)
def test_hr_is_offered_what_its_role_may_do_and_the_server_takes_nothing_else(app, bring, state):
    dossier = bring(state, unit=UNITS[0])
    for username, role, unit in (("mot", "unit", UNITS[0]), ("phong", "department", None), ("ad", "admin", None)):
        with database.connection_context():
            Dossier.update(unit=Unit.get_or_create(name=UNITS[0])[0]).execute()
        desk = enter(app, username, role, unit).open(f"/staff/dossiers/{dossier.reference}")
        allowed = {name for name, letters in WALL[state].items() if role[0] in letters}
        assert buttons(desk) == allowed
        token = desk.page.find("input", attrs={"name": "csrf_token"})["value"]
        for name in set(MOVES) - allowed | {"nonsense"}:
            data = {"csrf_token": token, "expected": state, "seq": len(PATHS[state]) + 1, "text": "x"}
            answer = desk.client.post(f"/staff/dossiers/{dossier.reference}/moves/{name}", data=data)
            assert answer.status_code in {404, 409}, name
    with database.connection_context():
        assert (Dossier.get().status, Event.select().count()) == (state, len(PATHS[state]) + 1)


def test_another_units_hr_moves_nothing(app, bring):
    dossier = bring("submitted")
    desk = enter(app, "hai", "unit", UNITS[1])
    token = desk.page.find("input", attrs={"name": "csrf_token"})["value"]
    path = f"/staff/dossiers/{dossier.reference}/moves"
    for name in ("print", "return", "sign"):
        data = {"csrf_token": token, "expected": "submitted", "seq": 1, "text": "x", "reasons": "photo"}
        assert desk.client.post(f"{path}/{name}", data=data).status_code == 404
    desk.open(f"{path}/return", 404)
    with database.connection_context():
        assert Event.select().count() == 1


def test_hr_moves_a_dossier_to_the_account_and_the_history_says_who(app, bring):
    dossier = bring("submitted")
    desk = enter(app, "lan", "department").open(f"/staff/dossiers/{dossier.reference}")
    for press in ("Đã in tờ khai", "Đã nhận bản ký", "Đã chuyển Phòng Nhân sự", "Đã nộp cơ quan BHXH"):
        desk.submit(press=press)
    assert "Trạng thái: Đã nộp cơ quan BHXH" in desk.text
    desk.submit(press="Đã có tài khoản")
    told = [item.get_text(" ", strip=True) for item in desk.page.select(".events li")]
    assert len(told) == 6 and all("lan" in each for each in told[:5]) and "Người đăng ký" in told[5]


def test_the_second_of_two_clerks_is_told_and_moves_nothing(app, bring):
    dossier = bring("submitted")
    path = f"/staff/dossiers/{dossier.reference}"
    first, second = enter(app, "lan", "department").open(path), enter(app, "minh", "admin").open(path)
    first.submit(press="Đã in tờ khai")
    second.submit(press="Đã in tờ khai", status=409)
    summary = second.page.select_one(".summary").get_text(" ", strip=True)
    assert "lan" in summary and "In tờ khai" in summary
    second.submit(press="Đã nhận bản ký")
    assert "Trạng thái: Đã nhận bản ký" in second.text
    with database.connection_context():
        assert [entry.move for entry in history.entries(dossier)] == ["submit", "print", "sign"]


def test_hr_says_why_and_what_to_correct(app, bring):
    dossier = bring("submitted")
    desk = enter(app, "lan", "department").open(f"/staff/dossiers/{dossier.reference}").follow("Trả lại để sửa")
    desk.submit({"text": "  "}, status=422)
    assert "Đánh dấu ít nhất một lý do" in desk.text
    desk.submit({"text": "x" * 501, "reasons": ["photo"], "steps": ["photos"]}, status=422)
    assert desk.page.select_one("[name=reasons][value=photo]").has_attr("checked"), "what was ticked stays"
    desk.submit({"text": "Chụp lại mặt sau", "reasons": ["photo", "id_unknown"], "steps": ["photos"]})
    for words in ("Trạng thái: Trả lại để sửa", "Ảnh mờ", "bổ sung ảnh CCCD", "Chụp lại mặt sau", "Cần sửa: Ảnh"):
        assert words in desk.text
    with database.connection_context():
        assert history.entries(dossier)[-1].note == Note("Chụp lại mặt sau", ("photo", "id_unknown"), ("photos",))


@pytest.mark.parametrize("bad", [{"reasons": "nonsense"}, {"steps": "prepare"}, {"steps": "nonsense"}, {}])
def test_what_the_form_does_not_offer_is_not_taken(app, bring, bad):
    dossier = bring("submitted")
    desk = enter(app, "lan", "department").open(f"/staff/dossiers/{dossier.reference}").follow("Trả lại để sửa")
    fields = {name: desk.value(name) for name in ("csrf_token", "expected", "seq")}
    path = f"/staff/dossiers/{dossier.reference}/moves/return"
    assert desk.client.post(path, data={**fields, "text": "x" if bad else "", **bad}).status_code == 422
    for damaged in ({"seq": "x"}, {"seq": "99999999999999999999"}, {"expected": "nonsense"}, {"expected": "\0"}):
        assert desk.client.post(path, data={**fields, "text": "x", **damaged}).status_code == 409
    with database.connection_context():
        assert Event.select().count() == 1


def test_a_rejection_by_the_agency_goes_back_to_the_owner(app, bring):
    dossier = bring("filed")
    desk = enter(app, "lan", "department").open(f"/staff/dossiers/{dossier.reference}").follow("Cơ quan BHXH trả lại")
    desk.submit({"reasons": ["code_taken"], "text": ""})
    browser = Browser(app).open(address_of(dossier))
    assert "Cơ quan BHXH trả lại hồ sơ" in browser.text and "đã đăng ký tài khoản" in browser.text


def test_a_dossier_is_withdrawn_only_with_a_reason(app, bring):
    dossier = bring("submitted")
    desk = enter(app, "lan", "department").open(f"/staff/dossiers/{dossier.reference}").follow("Rút hồ sơ")
    desk.submit({"text": ""}, status=422)
    desk.submit({"text": "Đã nghỉ việc"})
    assert "Trạng thái: Đã rút" in desk.text and not buttons(desk)


def test_the_list_shows_each_state_in_words_and_is_narrowed_by_it(app, bring):
    made = {state: bring(state).reference for state in STATES}
    desk = enter(app, "lan", "department").open("/staff/dossiers")
    assert len(desk.page.select("tbody tr")) == len(STATES)
    words = {reference_in(row): row.get_text(" ") for row in desk.page.select("tbody tr")}
    for option in desk.page.select("select[name=status] option")[1:-1]:
        state = option["value"]
        assert option.get_text(strip=True) in words[made[state]]
        shown = desk.open(f"/staff/dossiers?status={state}").page.select("td[data-reference]")
        assert [cell.get_text(strip=True) for cell in shown] == [made[state]]
        assert desk.value("status") == state
    assert "Không có hồ sơ nào" in desk.open("/staff/dossiers?status=overdue").text
    assert len(desk.open("/staff/dossiers?status=%00").page.select("tbody tr")) == len(STATES)
    for nonsense in ("nonsense", "a" * 5000):
        assert not desk.open(f"/staff/dossiers?status={nonsense}").page.select("td[data-reference]")


def test_what_is_overdue_stands_out_in_words_after_five_days_and_can_be_listed(app, bring, clock):
    late = bring("filed")
    clock.shift(60)
    fresh, others = bring("filed"), [bring("issued"), bring("signed")]
    clock.shift(5 * DAY - 30)
    desk = enter(app, "lan", "department")
    marked = {
        row.select_one("td[data-reference]").get_text(strip=True) for row in desk.page.select("tbody tr:has(.late)")
    }
    assert marked == {late.reference}
    shown = desk.open("/staff/dossiers?status=overdue").page.select("td[data-reference]")
    assert [cell.get_text(strip=True) for cell in shown] == [late.reference]
    assert "Quá 5 ngày" in desk.open(f"/staff/dossiers/{late.reference}").text
    for dossier in (fresh, *others):
        assert "Quá 5 ngày" not in desk.open(f"/staff/dossiers/{dossier.reference}").text


def test_the_next_page_of_a_narrowed_list_is_narrowed_too(app, bring):
    bring("filed")
    with database.connection_context():
        copies(file_one("0912345699"), 119)
    desk = enter(app, "lan", "department").open("/staff/dossiers?status=submitted")
    seen = 0
    for expected in (50, 50, 20):
        assert len(desk.page.select("td[data-reference]")) == expected
        seen += expected
        if seen < 120:
            desk.follow("Hồ sơ cũ hơn")
    assert "Hồ sơ cũ hơn" not in desk.text
