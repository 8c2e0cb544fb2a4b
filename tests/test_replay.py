"""A token that was good once: used again, used late, used after its draft moved on, was submitted, closed or purged."""

import pytest
import time_machine

import tokens
from models import Dossier, Draft, Envelope, Photo, database
from services import drafts, retention
from tests.answers import PERSON, good
from tests.browser import Browser
from wizard.flows import FLOWS

FIRST = FLOWS["adult"][0].name
DAY = 24 * 60 * 60


def counts() -> tuple[int, ...]:
    with database.connection_context():
        return tuple(table.select().count() for table in (Envelope, Draft, Photo, Dossier))


def revision() -> int:
    with database.connection_context():
        return Draft.get().revision


def at(browser: Browser, name: str) -> str:
    return f"/register/adult/{name}?{browser.url.partition('?')[2]}"


def send(browser: Browser, name: str, token: str, status: int, **values) -> Browser:
    """Send the step's form as an old page would."""
    form = browser.client.post(f"/register/adult/{name}", data={**values, "step_token": token})
    assert form.status_code == status
    return browser.open(form.headers["Location"]) if status == 303 else browser


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=True) as traveller:
        yield traveller


def test_an_old_page_overwrites_nothing_and_shows_both_values(plain):
    plain.fill_until("declaration")
    old = plain.token
    plain.answer("declaration")
    before = revision()
    answer = plain.client.post(
        "/register/adult/declaration", data={**PERSON, "full_name": "Người Khác", "step_token": old}
    )
    assert answer.status_code == 409
    assert "Người Khác" in answer.text and PERSON["full_name"] in answer.text
    assert revision() == before


def test_the_same_answer_again_goes_on_without_writing(plain):
    plain.fill_until("declaration")
    old = plain.token
    plain.answer("declaration")
    before = revision()
    assert send(plain, "declaration", old, 303, **PERSON).step == "photos"
    assert revision() == before


def test_after_submission_the_confirmation_leads_to_the_receipt_and_no_other_page_opens_or_writes(plain, code):
    plain.fill_until("review")
    signed = {step.name: plain.open(at(plain, step.name)).token for step in FLOWS["adult"]}
    review = at(plain, "review")
    plain.open(review)
    signed["send-code"] = plain.token
    plain.submit()
    signed["confirm"] = plain.token
    sent = code()
    reference = plain.submit({"code": sent}).page.select_one("[data-reference]").text
    before = counts()
    again = send(plain, "confirm", signed.pop("confirm"), 303, code=sent)
    assert again.page.select_one("[data-reference]").text == reference
    for name, token in signed.items():
        values = {"code": sent} if name == "send-code" else good(name)
        send(plain, name, token, 409, **values)
    assert plain.open(review, 409).page.select_one("a[href='/lookup']")
    assert counts() == before


def test_after_submission_the_first_page_that_was_ever_shown_opens_nothing(plain, code):
    plain.start()
    first = plain.token
    plain.answer("prepare").answer("declaration").answer("photos").answer("agency").submit().submit({"code": code()})
    before = counts()
    send(plain, FIRST, first, 409, **good(FIRST))
    assert counts() == before


def test_after_xong_no_page_of_the_draft_opens_or_writes(plain):
    plain.fill_until("review")
    signed = {step.name: plain.open(at(plain, step.name)).token for step in FLOWS["adult"]}
    review = at(plain, "review")
    plain.open(review).submit(press="Xong")
    before, at_revision = counts(), revision()
    for name, token in signed.items():
        send(plain, name, token, 409, **good(name))
    assert plain.open(review, 409).page.select_one("a[href='/lookup']")
    assert (counts(), revision()) == (before, at_revision)


def test_after_xong_the_receipt_and_its_form_open_no_more(plain, submitted):
    submitted(plain)
    receipt, form = plain.url, plain.page.select_one("a[download]")["href"]
    plain.submit(press="Xong")
    for address in (receipt, form):
        assert "số điện thoại" in plain.open(address, 409).text


def test_after_the_purge_an_old_page_says_how_to_go_on_and_makes_nothing(plain, clock):
    plain.fill_until("declaration")
    ticket = tokens.check_step(plain.token)
    clock.shift(15 * DAY)
    with database.connection_context():
        assert retention.purge()["drafts"] == 1
    send(plain, "declaration", tokens.sign_step(ticket), 409, **PERSON)
    assert counts() == (0, 0, 0, 0)


def test_half_an_hour_later_a_page_that_was_overtaken_keeps_nothing_but_gives_back_what_was_typed(browser, clock):
    browser.fill_until("declaration")
    other = Browser(browser.client.application).open(browser.url).answer("declaration")
    assert other.step == "photos"
    before = revision()
    clock.shift(31 * 60)
    browser.submit({**PERSON, "full_name": "Trần <b>Văn</b> Bình"}, status=409)
    assert "Trần <b>Văn</b> Bình" in browser.text and PERSON["address"] in browser.text
    assert browser.page.select_one("a[href^='/lookup']") and not browser.page.select("li b")
    assert revision() == before


def test_a_clock_that_is_set_while_a_page_is_open(app, clock):
    for minutes, status in ((-4, 303), (-10, 403), (10, 303), (29, 303), (31, 409), (24 * 60, 409)):
        plain = Browser(app).fill_until("declaration")
        clock.shift(minutes * 60)
        send(plain, "declaration", plain.token, status, **PERSON)
        with database.connection_context():
            newest = Draft.select().order_by(Draft.revision.desc()).get()
            opened = drafts.unsealed(newest)
            assert ("declaration" in opened.answers) is (status == 303)
            assert ("declaration" in opened.typed) is (status == 409)
            newest.delete_instance()


def test_the_signing_key_is_changed_while_somebody_registers(make_app):
    old, new = "o" * 40, "n" * 40
    plain = Browser(make_app(QUAY_SECRET_KEY=old)).fill_until("declaration")
    token = plain.token
    plain.client = make_app(QUAY_SECRET_KEY=f"{new},{old}").test_client()
    assert plain.answer("declaration").step == "photos"
    fresh = plain.token
    plain.client = make_app(QUAY_SECRET_KEY=new).test_client()
    send(plain, "declaration", token, 403, **PERSON)
    send(plain, "photos", fresh, 303, **good("photos"))
