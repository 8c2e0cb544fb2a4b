"""Coming back by phone and code: the owner finds everything, everybody else finds nothing out."""

import re

import pytest
import time_machine

from models import Code, Dossier, Draft, database
from services import codes
from tests.answers import PERSON
from tests.browser import Browser
from tests.messages import messages, newest_code

KNOWN, UNKNOWN = PERSON["phone"], "0987654321"
TOKEN = re.compile(r"[\w-]{20,}\.[\w-]{4,}\.[\w-]{20,}")


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=False) as traveller:
        yield traveller


def seen_by(browser: Browser, phone: str, clock) -> list[tuple]:
    """All that a person who does not have the phone gets to see: answers, byte for byte but for tokens and numbers."""
    answers = []

    def note(status):
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
    browser.submit({"code": right}, status=422)
    note(422)
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


def test_a_phone_that_nobody_declared_is_answered_exactly_like_one_that_somebody_did(app, clock, environ, tmp_path):
    Browser(app).fill_until("review")
    before = len(messages(tmp_path / "sms"))
    known = seen_by(Browser(app), KNOWN, clock)
    after = len(messages(tmp_path / "sms"))
    unknown = seen_by(Browser(app), UNKNOWN, clock)
    assert known == unknown
    assert (after - before, len(messages(tmp_path / "sms")) - after) == (3, 0)


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


def test_xong_closes_what_was_found_and_all_that_it_led_to(app, code):
    draft = Browser(app).fill_until("review")
    plain = Browser(app).open("/lookup").submit({"phone": KNOWN}).submit({"code": code()})
    found = plain.url
    plain.submit(press="Xong")
    plain.open(found, 409)
    draft.reload()


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
