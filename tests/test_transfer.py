"""A draft goes on to another device by a QR: once, within ten minutes, and then the first device is out."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine

from models import Draft, database
from tests.answers import PERSON
from tests.browser import Browser
from tests.test_handoff import ADDRESS, read_qr
from tests.test_late import TYPED


@pytest.fixture
def app(make_app):
    return make_app(QUAY_PUBLIC_URL=ADDRESS)


def scan(app, pc: Browser) -> Browser:
    address = read_qr(pc.page.select_one("svg.qr"))
    assert address.startswith(ADDRESS)
    return Browser(app, htmx=pc.htmx).open(address.removeprefix(ADDRESS))


def session() -> str:
    with database.connection_context():
        return Draft.get().session


def at_declaration(browser: Browser) -> Browser:
    browser.fill_until("photos")
    return browser.open(browser.url.replace("photos", "declaration"))


def test_the_very_step_goes_on_elsewhere_with_what_is_typed_and_the_first_device_is_out(app, browser):
    at_declaration(browser).submit({"full_name": TYPED["full_name"], "phone": "09"}, press="Làm tiếp trên điện thoại")
    first = browser.url
    phone = scan(app, browser)
    for value in (*PERSON.values(), TYPED["full_name"]):
        assert value not in phone.text and value not in browser.text
    phone.submit(press="Làm tiếp trên máy này")
    assert (phone.step, phone.value("full_name")) == ("declaration", TYPED["full_name"])
    assert phone.submit({"phone": PERSON["phone"]}).step == "photos"
    browser.open(first, 409)
    assert "đang làm tiếp trên máy khác" in browser.text


@pytest.mark.parametrize("name", ["review", "confirm"])
def test_it_goes_on_from_the_review_and_from_the_code_as_well(app, browser, name):
    browser.fill_until("review")
    if name == "confirm":
        browser.submit()
    browser.submit(press="Làm tiếp trên điện thoại")
    assert scan(app, browser).submit(press="Làm tiếp trên máy này").step == "review"


def test_opening_the_address_changes_nothing_and_the_first_device_stays_in(app, plain):
    at_declaration(plain).submit(press="Làm tiếp trên điện thoại")
    before = session()
    scan(app, plain).reload()
    assert session() == before
    assert plain.follow("Quay lại, làm tiếp trên máy này").step == "declaration"


def test_the_qr_is_good_once(app, plain):
    at_declaration(plain).submit(press="Làm tiếp trên điện thoại")
    one, two = scan(app, plain), scan(app, plain)
    address = two.url
    one.submit(press="Làm tiếp trên máy này")
    two.submit(press="Làm tiếp trên máy này", status=409)
    two.open(address, 409)
    one.reload()


def test_of_twenty_who_take_it_over_at_once_one_gets_it(app, plain):
    at_declaration(plain).submit(press="Làm tiếp trên điện thoại")
    token = scan(app, plain).token
    together = Barrier(20)

    def take(_):
        together.wait()
        return app.test_client().post("/continue", data={"step_token": token}).status_code

    with ThreadPoolExecutor(20) as people:
        answers = list(people.map(take, range(20)))
    assert sorted(answers) == [303] + [409] * 19


@pytest.mark.parametrize(("minutes", "status"), [(9, 200), (11, 409)])
def test_the_qr_is_good_for_ten_minutes_however_often_its_address_is_opened(app, minutes, status):
    with time_machine.travel("2026-11-23 08:00Z", tick=False) as clock:
        pc = at_declaration(Browser(app)).submit(press="Làm tiếp trên điện thoại")
        phone = scan(app, pc)
        clock.shift(5 * 60)
        phone.reload()
        clock.shift((minutes - 5) * 60)
        phone.submit(press="Làm tiếp trên máy này", status=status)


def test_xong_beside_the_qr_ends_it(app, plain):
    at_declaration(plain).submit(press="Làm tiếp trên điện thoại")
    phone = scan(app, plain)
    plain.submit(press="Xong")
    phone.submit(press="Làm tiếp trên máy này", status=409)


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:8000"])
def test_where_no_phone_could_reach_us_the_page_says_what_to_set(make_app, address):
    pc = at_declaration(Browser(make_app(QUAY_PUBLIC_URL=address))).submit(press="Làm tiếp trên điện thoại")
    assert "QUAY_PUBLIC_URL" in pc.text and not pc.page.select("svg.qr")


def test_what_is_not_kept_yet_is_not_handed_on(plain):
    assert "Làm tiếp trên điện thoại" not in plain.start().text
