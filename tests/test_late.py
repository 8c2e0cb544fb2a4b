"""A page that was open too long loses nothing: what was typed is kept, and phone and code lead back to its step."""

import pytest
import time_machine

import tokens
from models import Draft, Photo, database
from services import drafts
from tests.answers import PERSON, jpeg, upload
from tests.browser import Browser
from tests.messages import newest_code
from tokens import Ticket

HALF_HOUR = 31 * 60
TYPED = {**PERSON, "full_name": "Trần <b>Văn</b> Bình", "address": "Số 5, ấp Chợ", "commune": "khong co xa nay"}


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=True) as traveller:
        yield traveller


@pytest.fixture
def come_back(tmp_path):
    """From the late page, by phone and code, to wherever that leads."""

    def come(browser: Browser, phone: str = PERSON["phone"]) -> Browser:
        browser.follow("Làm tiếp bằng số điện thoại").submit({"phone": phone})
        return browser.submit({"code": newest_code(tmp_path / "sms")})

    return come


def kept() -> drafts.OpenDraft:
    with database.connection_context():
        return drafts.unsealed(Draft.get())


def test_what_was_typed_on_a_late_page_stands_there_again_after_phone_and_code(browser, clock, come_back):
    browser.fill_until("declaration")
    clock.shift(HALF_HOUR)
    browser.submit(TYPED, status=409)
    assert "Không có gì bị mất" in browser.text and TYPED["full_name"] not in browser.text
    assert kept().answers.keys() == {"prepare"} and kept().typed.keys() == {"declaration"}
    assert come_back(browser).step == "declaration"
    for name, value in TYPED.items():
        assert browser.value(name) == value, name


def test_a_good_answer_that_comes_late_is_kept_but_answers_nothing(browser, clock, come_back):
    browser.fill_until("declaration")
    clock.shift(HALF_HOUR)
    browser.submit(PERSON, status=409)
    assert "declaration" not in kept().answers
    assert come_back(browser).step == "declaration"
    assert browser.submit().step == "photos"


def test_an_answer_that_is_changed_late_is_asked_again_and_one_that_is_not_stays(browser, clock, come_back):
    browser.fill_until("agency")
    declaration = browser.url.replace("agency", "declaration")
    browser.open(declaration)
    clock.shift(HALF_HOUR)
    browser.submit(status=409)
    assert "declaration" in kept().answers and not kept().typed
    come_back(browser).submit({"full_name": "Nguyễn Tên Mới"})
    assert (browser.step, kept().answers["declaration"]["full_name"]) == ("agency", "Nguyễn Tên Mới")


def test_pictures_that_come_late_are_kept_too(browser, clock, come_back):
    browser.fill_until("photos")
    clock.shift(HALF_HOUR)
    pictures = {kind: upload(data=jpeg(seed=n)) for n, kind in enumerate(("portrait", "id_front", "id_back"))}
    browser.submit(pictures, status=409)
    assert "Không có gì bị mất" in browser.text
    assert "photos" not in kept().answers
    assert come_back(browser).step == "photos"
    assert len(browser.page.select(".photo img")) == 3
    assert browser.submit().step == "agency"


def test_of_a_picture_that_cannot_be_read_nothing_is_promised(browser, clock):
    browser.fill_until("photos")
    clock.shift(HALF_HOUR)
    browser.submit({"portrait": upload(data=b"not a picture"), "id_front": upload()}, status=409)
    assert "Không có gì bị mất" not in browser.text
    with database.connection_context():
        assert [photo.kind for photo in Photo.select()] == ["id_front"]


def test_the_same_late_form_twice_changes_nothing_more(plain, clock):
    plain.fill_until("declaration")
    data = {**TYPED, "step_token": plain.token}
    clock.shift(HALF_HOUR)
    pages = [plain.client.post("/register/adult/declaration", data=data) for _ in range(2)]
    assert [page.status_code for page in pages] == [409, 409]
    assert all("Không có gì bị mất" in page.text for page in pages)
    assert kept().revision == 2


@pytest.mark.parametrize("what", ["closed", "moved on", "another step's address"])
def test_a_late_form_writes_into_no_draft_that_its_own_page_could_not(app, plain, clock, what):
    plain.fill_until("photos").open(plain.url.replace("photos", "declaration"))
    token, page = plain.token, plain.url
    if what == "closed":
        plain.submit(press="Xong")
    elif what == "moved on":
        plain.submit({"full_name": "Nguyễn Tên Mới"})
    before = kept()
    clock.shift(HALF_HOUR)
    path = "/register/adult/agency" if what == "another step's address" else page.partition("?")[0]
    late = plain.client.post(path, data={**TYPED, "step_token": token})
    assert late.status_code == 409 and "Chép lại" in late.text
    assert (kept().revision, kept().answers, kept().typed) == (before.revision, before.answers, before.typed)


@pytest.mark.parametrize("name", ["declaration", "photos", "agency", "review", "confirm"])
def test_the_address_of_a_late_page_leads_back_to_it(browser, clock, come_back, name):
    browser.fill_until("review")
    address = browser.url.replace("review", name)
    clock.shift(HALF_HOUR)
    come_back(browser.open(address, 409))
    assert browser.step == {"confirm": "review"}.get(name, name)


def test_a_late_receipt_is_come_back_to_as_well(browser, clock, submitted, come_back):
    reference = submitted(browser)
    clock.shift(HALF_HOUR)
    come_back(browser.reload(409) if not browser.htmx else browser.open(browser.url, 409))
    assert browser.page.select_one("[data-reference]").get_text(strip=True) == reference


def test_a_phone_that_is_only_typed_yet_finds_the_draft_too(browser, clock, come_back):
    browser.fill_until("declaration")
    clock.shift(HALF_HOUR)
    browser.submit({"full_name": "Trần Văn Bình", "phone": "0987 654 321"}, status=409)
    assert come_back(browser, "0987654321").value("full_name") == "Trần Văn Bình"


def test_a_draft_that_no_phone_can_find_goes_on_at_once_for_whoever_sends_its_form(browser, clock):
    browser.fill_until("declaration")
    clock.shift(HALF_HOUR)
    browser.submit({"full_name": "Trần Văn Bình"}, status=409)
    browser.follow("Tiếp tục trên máy này")
    assert (browser.step, browser.value("full_name")) == ("declaration", "Trần Văn Bình")


def test_neither_an_old_address_nor_hours_later_a_form_opens_a_draft_without_a_phone(plain, clock):
    plain.fill_until("declaration")
    address = plain.url
    data = {"full_name": "Trần Văn Bình", "step_token": plain.token}
    clock.shift(HALF_HOUR)
    plain.client.post("/register/adult/declaration", data=data)
    assert not plain.open(address, 409).page.find("a", string="Tiếp tục trên máy này")
    clock.shift(2 * 60 * 60)
    assert "Tiếp tục trên máy này" not in plain.client.post("/register/adult/declaration", data=data).text


def test_a_return_ticket_opens_nothing_of_anybody_else(app, clock, tmp_path):
    Browser(app).fill_until("photos")
    theirs = kept().id
    Browser(app).fill_until("declaration").answer("declaration", phone="0987654321")
    r = tokens.sign_return(Ticket(theirs, "", "declaration"))
    other = Browser(app).open(f"/lookup?r={r}").submit({"phone": "0987654321"})
    other.submit({"code": newest_code(tmp_path / "sms")})
    assert other.heading == "Hồ sơ của bạn" and PERSON["phone"] not in other.text


@pytest.mark.parametrize("r", ["", "x", "WzFd.aaaaaa.bbbb"])
def test_a_return_ticket_that_is_none_is_left_out(browser, clock, tmp_path, r):
    browser.fill_until("photos").open(f"/lookup?r={r}").submit({"phone": PERSON["phone"]})
    assert browser.submit({"code": newest_code(tmp_path / "sms")}).heading == "Hồ sơ của bạn"


# The page puts itself away


def test_a_page_that_puts_itself_away_keeps_what_was_typed_and_asks_for_the_phone(plain, clock, tmp_path):
    plain.fill_until("photos").open(plain.url.replace("photos", "declaration"))
    address = plain.url
    data = {**TYPED, "step_token": plain.token, "away": "1"}
    answer = plain.client.post("/register/adult/finish", data=data)
    assert answer.status_code == 303
    plain.open(answer.headers["Location"])
    assert "đã đóng vì mở quá 30 phút" in plain.text
    plain.submit({"phone": PERSON["phone"]}).submit({"code": newest_code(tmp_path / "sms")})
    assert (plain.step, plain.value("full_name")) == ("declaration", TYPED["full_name"])
    plain.open(address, 409)


def test_more_time_means_the_same_tokens_signed_anew_and_no_others(plain, clock):
    plain.fill_until("declaration")
    page, step = plain.url.partition("t=")[2], plain.token
    clock.shift(29 * 60)
    fresh = plain.client.get("/renew", query_string={"t": [page, step]}).json
    assert fresh.keys() == {page, step}
    assert tokens.check_step(fresh[step]) == tokens.check_step(step)
    clock.shift(2 * 60)
    plain.open(f"/register/adult/declaration?t={fresh[page]}")
    data = {**PERSON, "step_token": fresh[step]}
    assert plain.client.post("/register/adult/declaration", data=data).status_code == 303
    assert plain.client.get("/renew", query_string={"t": page}).status_code == 409
    ticket = kept().ticket("photos")
    for other in (tokens.sign_handoff(ticket), tokens.sign_transfer(ticket), tokens.sign_return(ticket), "x"):
        assert plain.client.get("/renew", query_string={"t": other}).status_code == 403
