"""The running server in a real browser: with scripts, without, in another site's frame, by keyboard, off line."""

import http.server
import json
import os
import re
import threading
from contextlib import ExitStack

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.answers import PERSON, jpeg
from tests.chromium import KINDS, Person, Server, chromium, find_chromium, new_page
from tests.look import tour

if find_chromium() is None and os.environ.get("QUAY_TEST_BROWSER") != "required":
    pytest.skip("no Chromium is found here", allow_module_level=True)

NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>"
DONE = "Xong, xoá khỏi máy này"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


class Intranet:
    """A company page on another site that shows the desk in a frame."""

    def __init__(self):
        intranet = self
        self.framed = ""

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(
                    f'<!doctype html><title>Intranet</title><iframe name="desk" src="{intranet.framed}" width="360" '
                    'height="700" sandbox="allow-forms allow-scripts allow-same-origin allow-downloads allow-popups">'
                    "</iframe>".encode()
                )

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def intranet():
    intranet = Intranet()
    yield intranet
    intranet.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory, intranet):
    server = Server(tmp_path_factory.mktemp("server"), QUAY_EMBED_ORIGINS=intranet.url)
    yield server
    server.stop()


@pytest.fixture
def pages(browser):
    """Makes pages; notes what goes wrong in any of them, and lets the test fail for it."""
    troubles = []
    with ExitStack() as after:

        def make(**options):
            page = new_page(browser, **options)
            after.callback(page.context.close)
            watch(page, troubles)
            return page

        make.troubles = troubles
        yield make
    assert not troubles


def watch(page, troubles):
    """Note violations of the policy, failures in scripts, errors in the console, and dialogs."""
    page.context.expose_binding("noteViolation", lambda _source, text: troubles.append(text))
    page.context.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " (event) => noteViolation(`${event.violatedDirective} ${event.blockedURI}`))"
    )

    def watch_page(page):
        page.on("pageerror", lambda problem: troubles.append(str(problem)))
        page.on("console", lambda said: troubles.append(said.text) if is_trouble(said) else None)
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))

    page.context.on("page", watch_page)
    watch_page(page)


def is_trouble(said) -> bool:
    # The browser itself says of every answer of 400 and more that loading has failed; ours are meant.
    return said.type == "error" and not said.text.startswith("Failed to load resource")


@pytest.fixture
def person(server, pages):
    """An employee with scripts."""
    return Person(server, pages())


@pytest.fixture
def plain(server, pages):
    """An employee without scripts."""
    return Person(server, pages(java_script_enabled=False))


_desks = {}


@pytest.fixture(scope="module")
def desk_session(server, browser):
    """HR, signed in: made the first administrator, as the server's own words on its first start invite to."""
    page = new_page(browser)
    Person(server, page).make_administrator()
    yield page.context.storage_state()
    page.context.close()


@pytest.fixture
def desk(server, pages, desk_session):
    """HR at its list."""
    return Person(server, pages(storage_state=desk_session)).open("/staff/", "Hồ sơ")


def dossier_of(desk, reference, name) -> list[str]:
    """What HR sees of a dossier; finds it by the name without accents, opens the photos and the form."""
    page = desk.page
    desk.fill(q=name).press("Tìm")
    page.get_by_role("row").filter(has_text=reference).get_by_role("link").click()
    expect(page.locator("[data-reference]")).to_have_text(reference)
    photos = page.locator("figure img").all()
    for photo in photos:
        photo.scroll_into_view_if_needed()
        expect(photo).to_have_js_property("complete", True)
        assert photo.evaluate("photo => photo.naturalWidth") > 600
    assert len(photos) == 3
    form = page.request.get(page.get_by_role("link", name="In tờ khai mẫu số 01").evaluate("link => link.href"))
    assert (form.headers["content-type"], form.body()[:4]) == ("application/pdf", b"%PDF")
    return page.locator(".rows dd").all_inner_texts()


# The whole way


def test_with_scripts_each_step_is_swapped_in(person, desk):
    """No page is loaded, yet address, title and focus are those of a new page."""
    page = person.open("/", "Đăng ký tài khoản VssID").page
    page.evaluate("window.stillHere = true")
    seen = []

    def swapped(title, path):
        expect(page).to_have_title(f"{title} – Quầy VssID")
        expect(page.locator("h1")).to_be_focused()
        assert re.sub(r"\?.*", "", page.url) == person.server.url + path
        assert page.evaluate("window.stillHere && scrollY === 0")
        seen.append(path)

    person.press("Đăng ký cho tôi Người lớn, khoảng 5 phút", "Chuẩn bị")
    swapped("Chuẩn bị", "/register/adult/prepare")
    person.press("Tiếp tục").sees_error("Đánh dấu vào ô")
    expect(page.locator(".summary")).to_be_focused()
    expect(page).to_have_title("Lỗi: Chuẩn bị – Quầy VssID")
    person.consent()
    swapped("Thông tin của bạn", "/register/adult/declaration")
    person.declare(full_name="Trần Thị Có Mã Lệnh")
    swapped("Ảnh của bạn", "/register/adult/photos")
    person.give_photos()
    swapped("Cơ quan BHXH", "/register/adult/agency")
    person.review()
    swapped("Kiểm tra lại", "/register/adult/review")
    person.ask_for_code()
    swapped("Nhập mã xác nhận", "/register/adult/confirm")
    person.fill(code="000000").press("Xác nhận và gửi hồ sơ").sees_error("còn 4 lần thử")
    expect(page.locator(".summary")).to_be_focused()
    reference = person.submit()
    swapped("Đã nhận hồ sơ", "/receipt")
    assert len(seen) == 7
    said = dossier_of(desk, reference, "tran thi co ma lenh")
    assert {*PERSON.values(), "Trần Thị Có Mã Lệnh"} - {PERSON["full_name"], PERSON["phone"]} <= {*said}


def test_without_scripts_the_same_comes_to_the_desk(plain, person, desk):
    names = {"không": plain, "có": person}
    said = {}
    for word, each in names.items():
        reference = each.register(full_name=f"Lý Thị {word.title()} Kịch Bản")
        lines = dossier_of(desk.open("/staff/", "Hồ sơ"), reference, f"ly thi {word} kich ban")
        said[word] = [line for line in lines if line not in {each.phone, f"Lý Thị {word.title()} Kịch Bản"}]
    assert said["không"] == said["có"]


def test_where_htmx_does_not_come_the_way_is_the_same(person):
    page = person.page
    page.route("**/htmx*.js*", lambda route: route.abort())
    person.begin().consent().declare()
    for kind in KINDS:
        person.choose_photo(kind)
    person.press("Lưu ảnh đã chọn và xem lại", "Ảnh của bạn")
    expect(page.locator("figure img")).to_have_count(3)
    person.press("Tiếp tục", "Cơ quan BHXH").review().ask_for_code().submit()


def test_a_photo_goes_as_soon_as_it_is_chosen_made_small_and_is_shown(person):
    page = person.begin().consent().declare().page
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    large = jpeg(5000, 4000)
    large += b"\0" * (310_000 - len(large))
    person.choose_photo("portrait", large)
    expect(page.locator("#photo-portrait img")).to_be_visible()
    expect(page.locator("#photo-portrait h2")).to_be_focused()
    assert len(sent) == 1 and int(sent[0].all_headers()["content-length"]) < 310_000
    assert page.locator("#photo-id_front img").count() == 0


def test_a_complaint_about_a_photo_goes_when_the_photo_comes(person):
    page = person.begin().consent().declare().page
    person.press("Tiếp tục").sees_error("CCCD mặt sau")
    for left, kind in zip((2, 1, 0), KINDS, strict=True):
        person.choose_photo(kind)
        expect(page.locator(".summary li")).to_have_count(left)
    expect(page.locator(".summary")).to_have_count(0)
    person.choose_photo("portrait", b"words", "note.txt")
    expect(page.locator("#photo-portrait .error")).to_contain_text("không phải ảnh")
    expect(page.locator("#portrait")).to_be_focused()


# In a frame of another site

STORES = """async () => [document.cookie, localStorage.length, sessionStorage.length,
  (await indexedDB.databases()).length, (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length]"""


@pytest.mark.parametrize("scripts", [True, False])
def test_in_a_frame_of_another_site_nothing_is_stored(server, pages, intranet, scripts):
    page = pages(java_script_enabled=scripts)
    cookies = []
    page.on("response", lambda answer: cookies.append(answer.url) if "set-cookie" in answer.headers else None)
    intranet.framed = server.url + "/"
    page.goto(intranet.url)
    person = Person(server, page, page.frame("desk"))

    def nothing_is_stored():
        assert page.context.cookies() == []
        if scripts:
            assert person.place.evaluate(STORES) == ["", 0, 0, 0, 0, 0]

    person.press("Đăng ký cho tôi Người lớn, khoảng 5 phút", "Chuẩn bị")
    for step in (person.consent, person.declare, person.give_photos, person.review, person.ask_for_code, person.submit):
        nothing_is_stored()
        step()
    nothing_is_stored()
    person.press(DONE, "Đã xoá khỏi máy này")
    nothing_is_stored()
    assert cookies == []


@pytest.mark.parametrize("path", ["/", "/register/adult", "/khong-co", "/staff/sign-in"])
def test_only_the_intranet_may_frame_and_the_desk_nobody(server, browser, intranet, path):
    page = new_page(browser)
    intranet.framed = server.url + path
    page.goto(intranet.url)
    expect(page.frame_locator("iframe").locator("h1")).to_have_count(0 if path.startswith("/staff") else 1)
    page.goto(intranet.url.replace("127.0.0.1", "localhost"))
    page.wait_for_load_state("networkidle")
    assert page.frame("desk").url == "chrome-error://chromewebdata/"
    page.context.close()


# What is typed is never run


def test_code_typed_into_every_field_stays_text(person, desk):
    """The fixtures see to it that no dialog comes up, and nothing is blocked or fails."""
    page = person.begin().consent().page
    fields = [*PERSON, "employee_code"]
    person.fill(**dict.fromkeys(fields, NASTY))
    expect(page.locator("#communes")).to_contain_text(NASTY)
    person.press("Tiếp tục").sees_error("số điện thoại")
    person.declare(full_name=NASTY, address=NASTY, employee_code=NASTY[:40], commune=NASTY).sees("Ảnh của bạn")
