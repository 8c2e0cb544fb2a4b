"""The running server in a real browser: with scripts, without, in another site's frame, by keyboard, off line."""

import http.server
import re
import threading
import time
from contextlib import ExitStack, suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect

from tests.answers import PARENT, PERSON, born, child, code_of, jpeg
from tests.chromium import (
    ARGUMENTS,
    KINDS,
    Person,
    Server,
    chromium,
    find_chromium,
    needs_chromium,
    new_child,
    new_page,
    read_qr,
)
from tests.keyboard import Keyboard
from tests.look import tour

pytestmark = needs_chromium

# What browser and htmx write into the console by themselves: of each answer of 400 and more, of a line that is cut, and
# of a header that only counts over https.
EXPECTED = (
    "Failed to load resource",
    "htmx:sendError",
    "htmx:sendAbort",
    "htmx:afterRequest",
    "The Cross-Origin-Opener-Policy header",
)
NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>"
DONE = "Xong, xoá khỏi máy này"
# A store that the browser refuses to a frame is as empty as one can be.
STORES = """async () => {
  const held = [() => document.cookie.length, () => localStorage.length, () => sessionStorage.length,
    async () => (await indexedDB.databases()).length, async () => (await caches.keys()).length];
  return Promise.all(held.map(async (count) => { try { return await count(); } catch { return 0; } }));
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def keeping_browser(browser):
    """A browser that keeps whole pages for Back, which one that is steered usually does not."""
    usual = {"executable_path": find_chromium(), "args": ARGUMENTS}
    browser = browser.browser_type.launch(**usual, ignore_default_args=["--disable-back-forward-cache"])
    yield browser
    browser.close()


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
                    f'<!doctype html><title>Intranet</title><iframe src="{intranet.framed}" width="360" '
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
    return said.type == "error" and not said.text.startswith(EXPECTED)


@pytest.fixture
def person(server, pages):
    """An employee with scripts."""
    return Person(server, pages())


@pytest.fixture
def plain(server, pages):
    """An employee without scripts."""
    return Person(server, pages(java_script_enabled=False))


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
    return Person(server, pages(storage_state=desk_session)).open("/staff/dossiers", "Hồ sơ")


def dossier_of(desk, reference, name) -> list[str]:
    """What HR sees of the one dossier of this name, typed without accents; opens the photos and the form."""
    page = desk.page
    desk.fill(q=name).press("Tìm")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody a").click()
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


def said_by(person) -> list[str]:
    """What the desk shows of somebody who gave the usual answers, after the name."""
    own = {"phone": person.phone, "social_insurance_code": code_of(person.phone), "full_name": None}
    answers = {**PERSON, **own}
    return [
        *filter(None, answers.values()),
        "BHXH cơ sở Lái Thiêu (tên cũ: BHXH thành phố Thuận An)",
        "Không",
        "Không có",
    ]


# The whole way. Whoever submits presses twice, as people do; HR finds one dossier.


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
        assert (page.context.cookies(), page.evaluate(STORES)) == ([], [0, 0, 0, 0, 0])
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
    reference = person.submit(clicks=2)
    swapped("Đã nhận hồ sơ của bạn", "/receipt")
    assert len(seen) == 7
    assert dossier_of(desk, reference, "tran thi co ma lenh") == ["Trần Thị Có Mã Lệnh", *said_by(person)]


def test_without_scripts_the_same_comes_to_the_desk(plain, desk):
    plain.fill_until_review(full_name="Lý Thị Không Kịch Bản").ask_for_code()
    reference = plain.submit(clicks=2)
    assert dossier_of(desk, reference, "ly thi khong kich ban") == ["Lý Thị Không Kịch Bản", *said_by(plain)]


def test_a_parent_registers_two_children_and_types_one_code(person):
    page = person.begin_child().page
    page.evaluate("window.stillHere = true")
    person.consent("Cha mẹ, người giám hộ").ask_for_proof()
    expect(page.locator("h1")).to_be_focused()
    person.fill(code=person.server.code())
    page.locator("[name=code]").press("Enter")
    person.fill(**{name: value for name, value in PARENT.items() if name != "phone"})
    person.press("Tiếp tục", "Thông tin của con").fill(**{**child(), "birth_date": born(9)})
    page.locator("[name=relation]").focus()
    expect(page.get_by_role("heading", name="Phần của con")).to_be_visible()
    expect(page.locator("[name=relation]")).to_be_focused()
    assert page.locator(".error").count() == 0
    person.declare_child(birth_date=born(9), consent_child=True).give_photos("child").review()
    first = person.send_child()
    assert page.evaluate("window.stillHere")
    person.press("Đăng ký cho bé khác", "Chuẩn bị").consent("Thông tin của con")
    person.declare_child(full_name="Trần Thị Em").give_photos("child").review()
    assert person.send_child() != first
    expect(page.get_by_text("Đăng ký VssID cho Trần Thị Em.")).to_be_visible()
    assert (page.context.cookies(), page.evaluate(STORES)) == ([], [0, 0, 0, 0, 0])


def test_without_scripts_a_child_is_registered_too(plain, desk):
    plain.begin_child().consent("Cha mẹ, người giám hộ").ask_for_proof().prove().declare_parent()
    plain.fill(**{**new_child(), "full_name": "Lý Thị Bé Không", "birth_date": born(9)})
    plain.press("Tiếp tục").sees_error("Con đã đủ 7 tuổi").fill(consent_child=True).press("Tiếp tục", "Ảnh của con")
    plain.give_photos("child").review()
    reference = plain.send_child()
    desk.open(f"/staff/dossiers/{reference}", "Lý Thị Bé Không")
    expect(desk.page.get_by_text(PARENT["guardian_full_name"]).first).to_be_visible()


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
    headers = sent[0].all_headers()
    assert len(sent) == 1 and int(headers["content-length"]) < 310_000
    # The address is told once, not twice.
    assert "t=" in headers["referer"] and "hx-current-url" not in headers
    assert page.locator("#photo-id_front img").count() == 0


def test_without_scripts_the_original_goes_and_is_made_small_by_the_server(plain):
    page = plain.begin().consent().declare().page
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    large = jpeg(5000, 4000)
    large += b"\0" * (310_000 - len(large))
    plain.choose_photo("portrait", large).press("Lưu ảnh đã chọn và xem lại")
    expect(page.locator("#photo-portrait img")).to_be_visible()
    assert int(sent[0].all_headers()["content-length"]) > 310_000


def test_three_photos_chosen_at_once_go_one_by_one_each_by_itself(person):
    page = person.begin().consent().declare().page
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    for kind in KINDS:
        person.choose_photo(kind, jpeg(seed=KINDS.index(kind)) + b"\r\n" * 50_000)
    for kind in KINDS:
        expect(page.locator(f"#photo-{kind} img")).to_be_visible()
    weights = [int(request.all_headers()["content-length"]) for request in sent]
    assert len(weights) == 3 and max(weights) < 250_000
    assert page.locator(".summary").count() == 0
    person.press("Tiếp tục", "Cơ quan BHXH")


def test_while_a_photo_is_sent_one_sees_how_far_it_is_and_can_cancel_it(person):
    page = person.begin().consent().declare().page
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 5_000}
    line.send("Network.emulateNetworkConditions", slow)
    person.choose_photo("portrait", jpeg() + b"\0" * 200_000)
    person.choose_photo("id_front")
    for kind in ("portrait", "id_front"):
        expect(page.locator(f"#photo-{kind} progress")).to_be_visible()
        page.locator(f"#photo-{kind} .sending [data-cancel]").click()
        expect(page.locator(f"#photo-{kind} progress")).to_be_hidden()
        assert page.locator(f"input[name={kind}]").input_value() == ""
    line.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    person.choose_photo("id_back")
    expect(page.locator("#photo-id_back img")).to_be_visible()
    assert page.locator("figure img").count() == 1


def test_a_complaint_about_a_photo_goes_when_the_photo_comes(person):
    page = person.begin().consent().declare().page
    person.press("Tiếp tục").sees_error("CCCD mặt sau")
    for left, kind in zip((2, 1, 0), KINDS, strict=True):
        person.choose_photo(kind)
        expect(page.locator(".summary li")).to_have_count(left)
    expect(page.locator(".summary")).to_have_count(0)
    person.choose_photo("portrait", b"words", "note.txt")
    expect(page.locator("#photo-portrait .error")).to_contain_text("không phải ảnh")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
    expect(page.locator("#portrait")).to_be_focused()


# In a frame of another site


def frame_in(page):
    return page.locator("iframe").element_handle().content_frame()


@pytest.mark.parametrize("scripts", [True, False])
def test_in_a_frame_of_another_site_nothing_is_stored(server, pages, intranet, scripts):
    page = pages(java_script_enabled=scripts)
    cookies = []
    page.on("response", lambda answer: cookies.append(answer.url) if "set-cookie" in answer.headers else None)
    intranet.framed = server.url + "/"
    page.goto(intranet.url)
    person = Person(server, page, frame_in(page))

    def nothing_is_stored():
        assert page.context.cookies() == []
        if scripts:
            assert person.place.evaluate(STORES) == [0, 0, 0, 0, 0]

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
    is_shown = frame_in(page).url.startswith(intranet.framed)
    page.goto(intranet.url.replace("127.0.0.1", "localhost"))
    assert frame_in(page).url == "chrome-error://chromewebdata/"
    assert is_shown is not path.startswith("/staff")
    page.context.close()


# What is typed is never run


def test_code_typed_into_every_field_stays_text(person, desk):
    """The fixtures see to it that no dialog comes up, and that nothing is blocked or fails."""
    page = person.begin().consent().page
    person.fill(**dict.fromkeys([*PERSON, "employee_code"], NASTY))
    expect(page.locator("#communes")).to_contain_text(NASTY)
    person.press("Tiếp tục").sees_error("số điện thoại")
    page.get_by_label("Giữ như tôi đã gõ").check()
    person.declare(full_name=NASTY, address=NASTY, employee_code=NASTY[:40], commune=NASTY)
    for kind in KINDS:
        person.choose_photo(kind, name=f"{NASTY}.jpg".replace("/", ""))
        expect(page.locator(f"#photo-{kind} img")).to_be_visible()
    person.press("Tiếp tục", "Cơ quan BHXH").fill(email=NASTY).press("Tiếp tục").sees_error("email")
    person.fill(email="").review()
    expect(page.locator(".rows")).to_contain_text([NASTY])
    person.ask_for_code().fill(code=NASTY).press("Xác nhận và gửi hồ sơ").sees_error("6 chữ số")
    reference = person.submit()
    expect(desk.open("/staff/codes").place.locator("main")).not_to_contain_text(person.phone)
    desk.open("/staff/")
    assert NASTY in dossier_of(desk, reference, NASTY)
    person.open("/lookup").fill(phone=NASTY).press("Gửi mã xác nhận").sees_error("số điện thoại")
    stranger = Person(person.server, page).open("/staff/sign-in")
    stranger.fill(username=NASTY, password=NASTY).press("Đăng nhập").sees_error("chưa đúng")


# Back, forward, again


HEADINGS = ("Chuẩn bị", "Thông tin của bạn", "Ảnh của bạn", "Cơ quan BHXH", "Kiểm tra lại trước khi gửi")


@pytest.mark.parametrize("scripts", [True, False])
def test_back_forward_and_reload_lose_nothing(server, pages, scripts):
    person = Person(server, pages(java_script_enabled=scripts))
    page = person.fill_until_review(full_name="Hồ Thị Quay Lui").page
    # Without scripts the first page has no address of its own, and Back begins anew.
    places = HEADINGS if scripts else HEADINGS[1:]
    for heading in places[-2::-1]:
        page.go_back()
        person.sees(heading)
        page.reload()
        person.sees(heading)
    if scripts:
        expect(page.get_by_role("checkbox").first).to_be_checked()
    for heading in places[1:]:
        page.go_forward()
        person.sees(heading)
    page.go_back()
    person.sees("Cơ quan BHXH").press("Quay lại", "Ảnh của bạn")
    expect(page.locator("figure img")).to_have_count(3)
    person.press("Quay lại", "Thông tin của bạn")
    assert page.locator("#full_name").input_value() == "Hồ Thị Quay Lui"
    person.fill(address="nơi khác").press("Tiếp tục", "Kiểm tra lại trước khi gửi")
    person.ask_for_code()
    page.reload()
    person.sees("Nhập mã xác nhận").fill(code="000000").press("Xác nhận và gửi hồ sơ").sees_error("Mã chưa đúng")
    reference = person.submit()
    page.reload()
    assert page.locator("[data-reference]").inner_text() == reference


def test_after_submission_and_when_done_back_shows_nothing_personal(person):
    page = person.begin().consent().declare(full_name="Mai Thị Kín Đáo").give_photos().review().ask_for_code().page
    person.submit()
    receipt = page.url
    for _ in range(3):
        assert move(page, -1) == "Phiên làm việc đã kết thúc"
        assert page.locator("main input, main img").count() == 0
    page.goto(receipt)
    person.sees("Đã nhận hồ sơ của bạn").press(DONE, "Đã xoá khỏi máy này")
    shown = [(move(page, -1), page.content()) for _ in range(5)]
    assert [heading for heading, _text in shown] == ["Phiên làm việc đã kết thúc"] * 4 + ["Chuẩn bị"]
    assert not any(word in text for _heading, text in shown for word in ("Kín Đáo", person.phone, "data-reference"))


@pytest.mark.parametrize("broken", ["**/nothing", "**/htmx*.js*"])
def test_a_draft_that_was_put_away_is_not_shown_by_back(server, keeping_browser, broken):
    """Even where the browser keeps whole pages for Back, as it does outside of tests."""
    person = Person(server, new_page(keeping_browser))
    person.page.route(broken, lambda route: route.abort())
    person.begin().consent().declare(full_name="Mai Thị Kín Đáo").press("Quay lại", "Thông tin của bạn")
    person.press(DONE, "Đã xoá khỏi máy này")
    shown = [(move(person.page, -1), person.page.content()) for _ in range(4)]
    assert [heading for heading, _text in shown] == ["Phiên làm việc đã kết thúc"] * 3 + ["Chuẩn bị"]
    assert not any(word in text for _heading, text in shown for word in ("Kín Đáo", person.phone))


def move(page, steps) -> str:
    """Press Back (or forward) and wait for the page that is loaded for it; gives its heading."""
    page.evaluate("steps => { window.isOld = true; history.go(steps); }", steps)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with suppress(Error):
            if page.evaluate("() => !window.isOld && document.readyState === 'complete'"):
                return page.locator("h1").inner_text()
        page.wait_for_timeout(50)
    raise AssertionError(f"nothing was loaded: {page.url}")


def test_a_code_refused_for_haste_leaves_an_address_that_can_be_opened(person):
    page = person.fill_until_review().ask_for_code().page
    for _ in range(2):
        person.server.let_a_minute_pass()
        person.press("Gửi mã mới")
        expect(page.locator("#main :focus")).to_have_text("Nhập mã xác nhận")
    person.server.let_a_minute_pass()
    person.press("Gửi mã mới").sees_error("Đã gửi 3 mã trong một giờ")
    page.reload()
    person.sees("Nhập mã xác nhận")


# Ways of using it


def test_by_keyboard_alone(person):
    page = person.open("/").page
    keyboard = Keyboard(page)
    keyboard.press("Đăng ký cho tôi", "Chuẩn bị", role="link")
    for consent in page.get_by_role("checkbox").all():
        keyboard.go_to(consent).press("Space")
    keyboard.press("Tiếp tục", "Thông tin của bạn")
    for name, value in {**PERSON, "phone": person.phone, "commune": "an binh"}.items():
        keyboard.go_to(page.locator(f"[name={name}]")).type(value)
    expect(page.get_by_role("radio").first).to_be_visible()
    keyboard.go_to(page.get_by_role("radio").first).press("Space")
    keyboard.press("Tiếp tục", "Ảnh của bạn")
    for kind in KINDS:
        with page.expect_file_chooser() as chooser:
            keyboard.go_to(page.locator(f"#{kind}")).press("Enter")
        chooser.value.set_files({"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
        expect(page.locator(f"#photo-{kind} h2")).to_be_focused()
    keyboard.press("Tiếp tục", "Cơ quan BHXH")
    keyboard.press("Tiếp tục", "Kiểm tra lại trước khi gửi", key="Space")
    keyboard.press("Sửa Số điện thoại di động", "Thông tin của bạn", role="link")
    expect(page.locator("#phone")).to_be_focused()
    page.keyboard.press("Enter")
    keyboard.arrive_at("Kiểm tra lại trước khi gửi")
    keyboard.press("Thông tin đã đúng, gửi mã xác nhận", "Nhập mã xác nhận")
    keyboard.go_to(page.locator("#code")).type(person.server.code())
    page.keyboard.press("Enter")
    keyboard.arrive_at("Đã nhận hồ sơ của bạn")


def test_off_line_nothing_typed_is_lost_and_the_same_button_works_again(person):
    page = person.begin().consent().page
    person.fill(**{**PERSON, "phone": person.phone})
    expect(page.locator("#communes input").first).to_be_visible()
    page.context.set_offline(True)
    person.press("Tiếp tục")
    expect(page.get_by_role("alert")).to_contain_text("Mất kết nối")
    expect(page.get_by_role("alert")).to_be_in_viewport()
    assert page.locator("#full_name").input_value() == PERSON["full_name"]
    page.context.set_offline(False)
    person.press("Tiếp tục", "Ảnh của bạn")
    expect(page.locator("#offline")).to_be_hidden()


def test_a_photo_that_the_line_cut_off_goes_by_itself_when_the_line_is_back(person):
    page = person.begin().consent().declare().page
    expect(page.locator("html.at-once")).to_be_attached()
    page.context.set_offline(True)
    person.choose_photo("portrait")
    expect(page.locator("#photo-portrait .retrying")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#photo-portrait img")).to_be_visible()


def test_communes_are_suggested_while_typing_without_accents_and_the_choice_stays(person):
    page = person.begin().consent().page
    page.locator("#commune").press_sequentially("an binh")
    page.get_by_label("Phường An Bình, TP. Cần Thơ").check()
    person.fill(full_name=PERSON["full_name"]).press("Tiếp tục").sees_error("Nhập mã số BHXH")
    assert page.locator("#commune").input_value() == "Phường An Bình, TP. Cần Thơ"
    person.declare(commune="lai thieu")
    person.press("Quay lại", "Thông tin của bạn")
    assert page.locator("#commune").input_value() == "Phường Lái Thiêu, TP. Hồ Chí Minh"


def test_the_phone_sends_a_photo_and_the_computer_shows_it(person, browser):
    page = person.begin().consent().declare().page
    person.press("Đang dùng máy tính? Chụp bằng điện thoại")
    phone = new_page(browser, viewport={"width": 360, "height": 700}, has_touch=True, is_mobile=True)
    phone.goto(read_qr(page))
    expect(phone.locator("h1")).to_have_text("Chụp ảnh cho hồ sơ")
    Person(person.server, phone).choose_photo("id_back")
    expect(phone.locator("#photo-id_back img")).to_be_visible()
    expect(page.locator("#photo-id_back img")).to_be_visible()
    phone.context.close()


# Cutting a portrait: the photo of 1200 by 900 pixels has room for 675 by 900 of them.


def portrait_of(person):
    """The photo's place on the page, after the photo came."""
    person.begin().consent().declare().choose_photo("portrait")
    place = person.page.locator("#photo-portrait")
    expect(place.locator("img")).to_be_visible()
    return place


def test_a_portrait_is_cut_by_keyboard_alone(person):
    place, keyboard = portrait_of(person), Keyboard(person.page)
    frame, said = place.get_by_role("application", name="Khung cắt 3×4"), place.locator("output")
    expect(said).to_have_text("675 × 900 điểm ảnh, cách mép trái 22%, mép trên 0%")
    keyboard.go_to(frame)
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "-", "Shift+ArrowLeft", "Shift+ArrowRight", "Minus"):
        person.page.keyboard.press(key)
    expect(said).to_have_text("555 × 740 điểm ảnh, cách mép trái 23%, mép trên 9%")
    for key in ["ArrowDown"] * 10 + ["ArrowRight"] * 40:
        person.page.keyboard.press(key)
    expect(said).to_have_text("555 × 740 điểm ảnh, cách mép trái 54%, mép trên 18%")
    keyboard.go_to(place.get_by_role("button", name="Cắt ảnh 3×4")).press("Enter")
    back = place.get_by_role("button", name="Dùng lại ảnh gốc")
    expect(back).to_be_visible()
    expect(place.locator("h2")).to_be_focused()
    assert abs(place.locator("img").evaluate("image => image.naturalWidth / image.naturalHeight") - 0.75) < 0.01
    keyboard.go_to(back).press("Enter")
    expect(frame).to_be_visible()


def test_a_portrait_is_cut_by_pointer(person):
    place = portrait_of(person)
    frame, said = place.locator("svg.frame"), place.locator("output")
    frame.scroll_into_view_if_needed()
    area = frame.bounding_box()
    pixel = area["width"] / 1200

    def drag(start, end):
        mouse = person.page.mouse
        mouse.move(area["x"] + start[0] * pixel, area["y"] + start[1] * pixel)
        mouse.down()
        mouse.move(area["x"] + end[0] * pixel, area["y"] + end[1] * pixel, steps=3)
        mouse.up()

    drag((600, 450), (0, 450))
    expect(said).to_have_text("675 × 900 điểm ảnh, cách mép trái 0%, mép trên 0%")
    drag((670, 895), (300, 400))
    expect(said).to_contain_text("điểm ảnh, cách mép trái 0%, mép trên 0%")
    width = int(said.inner_text().split()[0])
    assert 290 <= width <= 310
    drag((150, 200), (1190, 890))
    person.page.mouse.move(area["x"], area["y"])
    expect(said).to_contain_text(f"{width} × ")
    expect(said).to_contain_text("cách mép trái 75%, mép trên 56%")
    place.get_by_role("button", name="Cắt ảnh 3×4").click()
    expect(place.get_by_role("button", name="Dùng lại ảnh gốc")).to_be_visible()
    expect(place.locator("img")).to_have_js_property("naturalHeight", 320)


def test_to_take_a_photo_again_opens_its_field(person):
    place = portrait_of(person)
    with person.page.expect_file_chooser() as chooser:
        place.get_by_role("link", name="Chụp lại").click()
    chooser.value.set_files({"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": jpeg(900, 1200)})
    expect(place.get_by_text("Ảnh đứng")).to_be_visible()


def test_without_scripts_the_middle_of_a_portrait_is_offered_and_photos_are_turned(plain):
    page = plain.begin().consent().declare().page
    for kind in KINDS:
        plain.choose_photo(kind)
    plain.press("Lưu ảnh đã chọn và xem lại", "Ảnh của bạn")
    place = page.locator("#photo-portrait")
    expect(place.locator("svg.frame")).to_be_visible()
    expect(place.locator("output")).to_have_text("675 × 900 điểm ảnh ở giữa ảnh")
    expect(page.get_by_text("bấm phím mũi tên")).to_be_hidden()
    place.get_by_role("button", name="Cắt ảnh 3×4").click()
    expect(place.get_by_role("button", name="Dùng lại ảnh gốc")).to_be_in_viewport()
    expect(place.locator("img")).to_have_js_property("naturalWidth", 240)
    page.locator("#photo-id_back").get_by_role("button", name="Xoay phải").click()
    expect(page.locator("#photo-id_back img")).to_have_js_property("naturalHeight", 320)
    plain.press("Tiếp tục", "Cơ quan BHXH").review()


# Every page


def test_a_scanner_types_a_card_and_presses_enter(person):
    person.begin().consent().press("Chụp hoặc quét thẻ để điền sẵn", "Điền sẵn từ thẻ")
    # The page takes the focus to its heading once it has settled; what is typed before would not reach the box.
    expect(person.place.locator("h1")).to_be_focused()
    person.place.locator("[name=scanned]").focus()
    person.page.keyboard.type("079190004321||Nguyễn Thị Hồng Nhung|15081990|Nữ|Hà Nam|20042021")
    person.page.keyboard.press("Enter")
    person.sees("Thông tin của bạn")
    expect(person.place.locator("[name=full_name]")).to_have_value("Nguyễn Thị Hồng Nhung")
    # And Enter in a field there goes on; it does not ask for a card again.
    person.fill(**{**PERSON, "phone": person.phone, "full_name": "Nguyễn Thị Hồng Nhung"})
    person.place.locator("[name=full_name]").press("Enter")
    person.sees("Ảnh của bạn")
    expect(person.place.locator("#cards")).to_contain_text("079190004321")


# Each share walks the whole tour and looks at its own pages, so that several processors can look at the same time.
SHARES = 3


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_is_accessible_fits_and_can_be_touched(server, pages, browser, tmp_path_factory, share):
    # A server of its own, for the list of the desk is filled and the first administrator is made.
    own = Server(tmp_path_factory.mktemp("tour"))
    wrong = []
    try:
        for number, (name, page) in enumerate(tour(own, pages(), pages())):
            if number % SHARES == share:
                wrong += [f"{name}: {problem}" for problem in problems_of(page)]
    finally:
        own.stop()
    assert not wrong, "\n".join(wrong)


NARROW, WIDE = {"width": 320, "height": 720}, {"width": 1280, "height": 720}
AXE = Axe().axe_script
RUN = """(rules) => axe.run({resultTypes: ["violations"], ...rules}).then(({violations}) => violations.flatMap(
  ({id, nodes}) => nodes.map(({target, any}) => `${id} ${target} ${any.map((check) => check.message)}`)))"""
COLOURS = {"runOnly": ["color-contrast"]}
UNTOUCHABLE = """() => [...document.querySelectorAll("main button, main .button, main select, main .way, main summary,"
  + "main input:not([type=hidden], [type=checkbox], [type=radio]), main .choices label")]
  .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
  .map((element) => `less than 44 pixels high: ${element.outerHTML}`)"""


def problems_of(page):
    """What is wrong with the page as it stands: narrow and wide, light, dark and in forced colours."""
    problems = []

    def ask_axe(rules, **media):
        page.emulate_media(**media)
        problems.extend(f"{page.viewport_size['width']} {media} {found}" for found in page.evaluate(RUN, rules))

    if page.evaluate("() => window.axe === undefined"):
        page.evaluate(AXE)
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        if page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
            problems.append(f"wider than {size['width']} pixels")
        problems += page.evaluate(UNTOUCHABLE)
        ask_axe({}, color_scheme="light", forced_colors="none")
        # What does not depend on colours is the same in all of them.
        ask_axe(COLOURS, color_scheme="dark")
        ask_axe(COLOURS, color_scheme="light", forced_colors="active")
    page.emulate_media(color_scheme="light", forced_colors="none")
    return problems
