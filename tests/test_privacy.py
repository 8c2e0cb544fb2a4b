"""What the log says about people: nothing, whatever goes wrong. A whole registration with values that occur nowhere
else, its mistakes, its failures and HR's side; then everything that was logged or printed is searched for them.
"""

import logging

import pytest

from models import Draft, database
from services import accounts
from tests import canaries
from tests.answers import jpeg, upload
from tests.browser import Browser
from tests.cards import photo_saying
from tests.dossiers import refuse_every_dossier
from tests.messages import messages, newest_code


@pytest.fixture
def printed(caplog, capfd):
    """All that was logged, at the level of a server that runs, or printed so far."""
    caplog.set_level(logging.INFO)
    lines = []
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")

    def collect() -> bytes:
        out, err = capfd.readouterr()
        lines.extend([out, err, *(formatter.format(record) for record in caplog.records)])
        return "\n".join(lines).encode()

    return collect


def photos() -> dict:
    made = {
        kind: upload(canaries.FILE_NAME, jpeg(seed=n)) for n, kind in enumerate(("portrait", "id_front", "id_back"))
    }
    return made | {"id_front": upload(canaries.FILE_NAME, photo_saying(canaries.CARD_TEXT))}


def registered(browser: Browser, seen: list[str]) -> Browser:
    """Up to the page that asks for the code, with every mistake on the way."""
    browser.fill_until("declaration").submit(press="Chụp hoặc quét thẻ")
    browser.submit({"scanned": canaries.CARD_TEXT[2:]}, status=422).follow("Tôi tự gõ")
    browser.submit({**canaries.PERSON, **canaries.WRONG}, status=422)
    browser.submit({**canaries.PERSON}, status=422)
    browser.page.select_one("input[value=typed]")["checked"] = ""
    browser.submit(canaries.PERSON)
    seen.append(browser.token)
    browser.submit({"portrait": (upload(canaries.FILE_NAME, b"no picture"))}, status=422)
    assert canaries.CARD_NAME in browser.submit(photos()).text
    browser.submit(press="Giữ như tôi đã khai")
    browser.submit({"email_copy": True, "email": "canary@@"}, status=422).submit({"email": canaries.EMAIL})
    seen.extend([browser.token, browser.url.partition("t=")[2]])
    return browser.submit()


def test_nothing_that_was_typed_sent_or_signed_is_ever_logged(app, printed, tmp_path):
    seen, sms = [], tmp_path / "sms"
    browser = registered(Browser(app), seen)
    code = newest_code(sms)
    seen.append(code)
    browser.submit({"code": f"{(int(code) + 1) % 1_000_000:06}"}, status=422)
    browser.client.post("/register/adult/declaration?t=forged", data={**canaries.PERSON, "step_token": "forged"})
    browser.client.get(f"/{canaries.PERSON['id_number']}/{canaries.EMAIL}?q={canaries.PERSON['phone']}")
    browser.client.post("/register/adult/declaration", data={**canaries.PERSON, "x": "canary" * 20_000})
    browser.submit({"code": code})
    seen.extend([browser.token, browser.url.partition("t=")[2], browser.page.select_one("[data-reference]").text])
    browser.follow("Tải tờ khai")
    Browser(app).open("/lookup").submit({"phone": canaries.PERSON["phone"]})
    with database.connection_context():
        accounts.add("canary", canaries.PASSWORD, "admin")
    desk = Browser(app).open("/staff/sign-in")
    desk.submit({"username": "canary", "password": canaries.PASSWORD[:-1]}, status=422)
    desk.submit({"username": "canary", "password": canaries.PASSWORD})
    desk.open("/staff/dossiers?q=" + canaries.NAME).follow(canaries.NAME)
    assert canaries.PERSON["id_number"] in desk.text and canaries.EMAIL in desk.text
    log = printed()
    assert b"POST /register/<flow_name>/confirm 303" in log
    assert canaries.leaks(log, [canaries.NAME, *canaries.all_of_them(), *seen]) == []
    assert [text for text in messages(sms) if canaries.NAME in str(text)] == []


def test_a_failure_of_the_database_is_logged_without_the_row_that_it_failed_on(app, printed, tmp_path):
    browser = registered(Browser(app), [])
    with database.connection_context():
        refuse_every_dossier()
    code = newest_code(tmp_path / "sms")
    browser.submit({"code": code}, status=500)
    with database.connection_context():
        Draft.update(answers=b"damaged").execute()
    browser.open(browser.url.replace("/confirm", "/review") if "t=" in browser.url else "/", status=500)
    log = printed()
    assert b"IntegrityError" in log and b"services/submissions.py" in log
    assert b"Unreadable" in log
    assert canaries.leaks(log, [canaries.NAME, *canaries.all_of_them(), code]) == []


def test_the_search_finds_a_value_in_every_form_in_which_it_could_leak():
    for value in canaries.all_of_them():
        for form in canaries.disguises(value):
            assert canaries.leaks(b"before " + form + b" after", [value]) == [value]
    assert canaries.leaks(b"nobody at all", canaries.all_of_them()) == []
