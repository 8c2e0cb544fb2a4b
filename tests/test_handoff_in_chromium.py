"""From the PC to the phone in two real browsers that share nothing: the QR, the pictures, the end after 15 minutes."""

from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.answers import PERSON
from tests.chromium import KINDS, NAME, Person, Server, chromium, needs_chromium, new_page, read_qr

pytestmark = needs_chromium

BY_PHONE = "Đang dùng máy tính? Chụp bằng điện thoại"
PHONE = {"viewport": {"width": 360, "height": 700}, "has_touch": True, "is_mobile": True}
# The server's clock, put forward by as many seconds as stand in the file.
CLOCK = "import time, pathlib; ours = time.time; time.time = lambda: ours() + int(pathlib.Path({!r}).read_text())"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser):
    """A page of a browser of its own, closed in the end."""
    pages = []

    def open_page(**options):
        pages.append(new_page(browser, **options))
        return pages[-1]

    yield open_page
    for page in pages:
        page.context.close()


@pytest.fixture
def clock(tmp_path):
    clock = tmp_path / "clock"
    clock.write_text("0")
    return clock


@contextmanager
def served(tmp_path, clock, **environ):
    server = Server(tmp_path, CLOCK.format(str(clock)), **environ)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(tmp_path, clock):
    with served(tmp_path, clock) as server:
        yield server


@pytest.fixture
def pc(server, open_page):
    """Somebody at a PC who looks at the QR."""
    person = Person(server, open_page()).begin().consent().declare().press(BY_PHONE)
    expect(person.page.locator(".qr")).to_be_visible()
    return person


@pytest.fixture
def phone(pc, open_page):
    """The same person with a phone, at the address that the camera reads from the PC's screen."""
    page = open_page(**PHONE)
    page.goto(read_qr(pc.page))
    return Person(pc.server, page).sees("Chụp ảnh cho hồ sơ")


def test_each_picture_that_the_phone_takes_shows_on_the_pc_where_the_work_goes_on(pc, phone):
    assert urlsplit(phone.page.url).hostname == NAME, "an address that a phone can open"
    for kind in KINDS:
        phone.choose_photo(kind)
        expect(phone.page.locator(f"#photo-{kind} img")).to_be_visible()
        expect(pc.page.locator(f"#photo-{kind} img")).to_be_visible()
    pc.press("Tiếp tục", "Cơ quan BHXH")
    for page in (pc.page, phone.page):
        assert page.context.cookies() == []
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_phone_sees_and_does_nothing_but_the_photos(pc, phone):
    words = phone.page.locator("body").inner_text()
    assert not any(value in words for value in [*PERSON.values(), pc.phone])
    query = urlsplit(phone.page.url).query
    steps = ("prepare", "declaration", "photos", "agency", "review", "confirm", "photos/phone", "photos/arrivals")
    for path in [f"/register/adult/{step}" for step in steps] + ["/receipt", "/receipt/form01.pdf", "/lookup/found"]:
        answer = phone.page.request.get(f"{phone.server.url}{path}?{query}")
        assert answer.status == 403 and pc.phone not in answer.text(), path
    token = phone.page.locator("[name=step_token]").first.input_value()
    for path in ("declaration", "photos", "agency", "send-code", "confirm", "finish"):
        answer = phone.page.request.post(f"{phone.server.url}/register/adult/{path}", form={"step_token": token})
        assert answer.status == 403, path
    phone.choose_photo("portrait")
    expect(pc.page.locator("#photo-portrait img")).to_be_visible()


def test_after_fifteen_minutes_the_phone_is_told_so_and_the_qr_is_gone(pc, phone, clock):
    phone.choose_photo("portrait")
    expect(phone.page.locator("#photo-portrait img")).to_be_visible()
    expect(pc.page.locator("#photo-portrait img")).to_be_visible()
    clock.write_text(str(15 * 60 + 1))
    phone.choose_photo("id_front").sees("Trang đã mở quá lâu")
    expect(pc.page.locator(".qr")).to_have_count(0)
    expect(pc.page.locator("#photo-portrait img")).to_be_visible()
    assert pc.page.locator("#photo-id_front img").count() == 0
    pc.press(BY_PHONE)
    expect(pc.page.locator(".qr")).to_be_visible()


@pytest.mark.parametrize("address", ["", "http://localhost:8000"])
def test_where_no_phone_could_reach_us_the_page_says_what_to_set(tmp_path, clock, open_page, address):
    with served(tmp_path, clock, QUAY_PUBLIC_URL=address) as server:
        person = Person(server, open_page()).begin().consent().declare().press(BY_PHONE)
        expect(person.page.locator(".note", has_text="QUAY_PUBLIC_URL")).to_be_visible()
        assert person.page.locator(".qr").count() == 0
