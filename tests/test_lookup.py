"""Coming back by phone and code: the owner finds everything, everybody else finds nothing out."""

import re

import pytest
import time_machine

from models import Code, Dossier, Draft, database
from services import codes, later
from tests.answers import PERSON
from tests.browser import Browser
from tests.messages import messages, newest_code
from tests.work import work_of

KNOWN, UNKNOWN = PERSON["phone"], "0987654321"
# Named anew each time.
TOKEN = re.compile(r"\.?[\w-]{20,}\.[\w-]{4,}\.[\w-]{20,}")


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=False) as traveller:
        yield traveller


def seen_by(browser: Browser, phone: str, clock) -> list[tuple]:
    """All that a person who does not have the phone gets to see: answers, byte for byte but for tokens and numbers."""
    answers = []

    def note(status):
        # A minute passes between two codes; one that is still on its way would be replaced instead.
        later.settle()
        page = TOKEN.sub("TOKEN", browser.response.text).replace(phone, "PHONE")
        page = re.sub(r'value="\d{6}"', 'value="GUESS"', page)
        headers = {name: value for name, value in browser.response.headers if name != "Content-Length"}
        assert browser.response.status_code == status
        answers.append((page, headers, TOKEN.sub("TOKEN", browser.url)))

    browser.open("/lookup").submit({"phone": phone})
    note(200)
    browser.submit({"code": "12345"}, status=422)
    note(422)
    with database.connection_context():
        right = codes.pending([_readable(Code.select().order_by(Code.id.desc()).get())])[0].code
    for _ in range(5):
        browser.submit({"code": f"{(int(right) + 1) % 1_000_000:06}"}, status=422)
        note(422)
    browser.submit({"code": right}, status=429)
    note(429)
    browser.open("/lookup").submit({"phone": phone}, status=429)
    note(429)
    for status in (200, 200, 429):
        clock.shift(61)
        browser.open("/lookup").submit({"phone": phone}, status=status)
        note(status)
    return answers


def _readable(row: Code) -> Code:
    row.delivery = codes.SMS
    return row


@pytest.mark.parametrize("kind", ["draft", "dossier", "busy"])
@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_phone_that_nobody_declared_is_answered_exactly_like_one_that_somebody_did(
    app, clock, tmp_path, submitted, kind, htmx
):
    if kind == "dossier":
        submitted(Browser(app))
        clock.shift(61)
    else:
        browser = Browser(app).fill_until("review")
    if kind == "busy":
        # Its owner asks for codes, and mistypes them, at the very same time.
        browser.submit()
        for _ in range(3):
            browser.submit({"code": "12345x"}, status=422)
    before = len(messages(tmp_path / "sms"))
    known = seen_by(Browser(app, htmx=htmx), KNOWN, clock)
    after = len(messages(tmp_path / "sms"))
    unknown = seen_by(Browser(app, htmx=htmx), UNKNOWN, clock)
    assert known == unknown
    assert (after - before, len(messages(tmp_path / "sms")) - after) == ({"draft": 3, "dossier": 2, "busy": 2}[kind], 0)


def test_the_work_for_an_unknown_phone_is_the_same_to_the_last_query_and_hash(app, submitted):
    submitted(Browser(app))
    Browser(app).fill_until("declaration").answer("declaration", phone=KNOWN)
    worked = {}
    for phone in (KNOWN, UNKNOWN):
        browser = Browser(app).open("/lookup")
        worked[phone] = [
            work_of(lambda browser=browser, phone=phone: browser.submit({"phone": phone})),
            work_of(lambda browser=browser: browser.submit({"code": "000000"}, status=422)),
            work_of(lambda phone=phone: Browser(app).open("/lookup").submit({"phone": phone})),
        ]
    assert worked[KNOWN] == worked[UNKNOWN]
    assert worked[KNOWN][0]["keyed_hash"] > 1


def test_a_phone_that_cannot_be_reached_or_a_desk_that_has_sent_its_fill_is_not_told_apart_either(make_app, tmp_path):
    (tmp_path / "file").write_text("in the way of the folder")
    for changes in ({"QUAY_SMS_URL": (tmp_path / "file" / "sms").as_uri()}, {"QUAY_CODES_PER_DAY": "1"}):
        app = make_app(**changes)
        with database.connection_context():
            Code.delete().execute()
        Browser(app).fill_until("review").submit()
        pages = []
        for phone in (KNOWN, UNKNOWN):
            browser = Browser(app).open("/lookup").submit({"phone": phone})
            pages.append(TOKEN.sub("TOKEN", browser.response.text))
        assert pages[0] == pages[1]


def test_each_is_told_apart_by_name_flow_time_and_the_step_that_comes_next(app, submitted, code, clock):
    reference = submitted(Browser(app), full_name="Nguyễn Thị Gửi Rồi")
    clock.shift(61)
    for name, step in (("Trần Văn Dở", "photos"), ("Lê Thị Gần Xong", "review")):
        draft = Browser(app).fill_until("declaration").answer("declaration", full_name=name)
        for each in ("photos", "agency")[: 0 if step == "photos" else 2]:
            draft.answer(each)
    Browser(app).fill_until("declaration").answer("declaration", full_name="Người Khác", phone=UNKNOWN)
    found = Browser(app).open("/lookup").submit({"phone": KNOWN}).submit({"code": code()})
    cards = [card.get_text(" ", strip=True) for card in found.page.select("section.card")]
    for name, said in (
        ("Trần Văn Dở", ("Bản nháp đăng ký cho người lớn", "Bước tiếp theo: Ảnh của bạn", "08:01")),
        ("Lê Thị Gần Xong", ("Bước tiếp theo: Kiểm tra và gửi", "08:01")),
        ("Nguyễn Thị Gửi Rồi", (reference, "Hồ sơ cho người lớn", "08:00")),
    ):
        (card,) = (card for card in cards if card.startswith(name))
        assert all(words in card for words in said), card
    assert len(cards) == 3 and "Người Khác" not in found.text


def test_the_code_for_a_phone_that_nobody_declared_is_not_read_out_either(app, sign_in):
    Browser(app).open("/lookup").submit({"phone": UNKNOWN})
    assert "không có mã nào" in sign_in().open("/staff/codes").text


def test_the_owner_finds_draft_and_dossier_and_goes_on(browser, app, submitted, code):
    with time_machine.travel("2026-11-23 08:00", tick=True) as clock:
        reference = submitted(Browser(app))
        Browser(app).fill_until("agency")
        clock.shift(61)
        browser.open("/lookup").submit({"phone": "+84 912 345 678"}).submit({"code": code()})
        assert reference in browser.text
        found = browser.url
        assert browser.follow("Làm tiếp").step == "agency"
        assert browser.open(found).follow("Xem biên nhận").heading == "Đã nhận hồ sơ của bạn"


def test_somebody_else_finds_only_what_is_theirs(app, submitted, tmp_path):
    with time_machine.travel("2026-11-23 08:00", tick=True) as clock:
        theirs = submitted(Browser(app), phone=UNKNOWN)
        clock.shift(61)
        ours = submitted(Browser(app))
        clock.shift(61)
        plain = Browser(app).open("/lookup").submit({"phone": KNOWN}).submit({"code": newest_code(tmp_path / "sms")})
    assert ours in plain.text and theirs not in plain.text


@pytest.mark.parametrize("where", ["found", "draft", "receipt"])
def test_xong_closes_what_was_found_and_all_that_it_led_to_wherever_it_is_pressed(app, submitted, code, clock, where):
    submitted(Browser(app))
    Browser(app).fill_until("review")
    clock.shift(61)
    plain = Browser(app).open("/lookup").submit({"phone": KNOWN}).submit({"code": code()})
    opened = {"found": plain.url}
    opened["draft"] = plain.follow("Làm tiếp").url
    opened["receipt"] = plain.open(opened["found"]).follow("Xem biên nhận").url
    plain.open(opened[where]).submit(press="Xong")
    assert plain.heading == "Đã xoá khỏi máy này"
    for address in opened.values():
        assert PERSON["full_name"] not in plain.open(address, 409).text


def test_a_code_for_looking_up_submits_nothing_and_the_other_way_round(app, tmp_path):
    with time_machine.travel("2026-11-23 08:00", tick=True) as clock:
        plain = Browser(app).fill_until("review").submit()
        for_submitting = newest_code(tmp_path / "sms")
        clock.shift(61)
        other = Browser(app).open("/lookup").submit({"phone": KNOWN})
        for_looking = newest_code(tmp_path / "sms")
        assert for_looking != for_submitting
        plain.submit({"code": for_looking}, status=422)
        other.submit({"code": for_submitting}, status=422)
    with database.connection_context():
        assert (Dossier.select().count(), Draft.select().count()) == (0, 1)


def test_a_draft_whose_phone_was_changed_is_found_by_the_new_one_only(app, tmp_path):
    with time_machine.travel("2026-11-23 08:00", tick=True) as clock:
        plain = Browser(app).fill_until("photos")
        plain.open(plain.url.replace("photos", "declaration")).submit({"phone": UNKNOWN})
        for phone, found in ((UNKNOWN, True), (KNOWN, False)):
            clock.shift(61)
            before = len(messages(tmp_path / "sms"))
            Browser(app).open("/lookup").submit({"phone": phone})
            assert (len(messages(tmp_path / "sms")) > before) is found
