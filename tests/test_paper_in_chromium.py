"""Signed sheets at the desk in a real browser: a scanner that never waits, and a file of a pile."""

import pytest
import zxingcpp
from playwright.sync_api import expect

from tests.chromium import Person, Server, chromium, needs_chromium, new_page
from tests.keyboard import Keyboard
from tests.paper import as_pdf, pictures, signed

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("paper"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def session(server, browser):
    """HR, signed in."""
    page = new_page(browser)
    Person(server, page).make_administrator()
    yield page.context.storage_state()
    page.context.close()


@pytest.fixture(scope="module")
def sheet(server, browser, session):
    """The reference of a dossier, and its sheet as it lies on the glass."""
    page = new_page(browser, java_script_enabled=False, storage_state=session)
    person = Person(server, page)
    person.begin().consent().declare()
    for kind in ("portrait", "id_front", "id_back"):
        person.choose_photo(kind)
    reference = person.press("Tiếp tục", "Cơ quan BHXH").review().ask_for_code().submit()
    pdf = page.request.get(f"{server.url}/staff/dossiers/{reference}/form01.pdf").body()
    yield reference, signed(next(pictures(pdf)))
    page.context.close()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def desk(server, browser, session, request):
    page = new_page(browser, java_script_enabled=request.param, storage_state=session)
    yield Person(server, page).open("/staff/paper", "Tờ khai giấy")
    page.context.close()


def test_a_scanner_types_one_sheet_after_the_other_and_the_box_keeps_the_focus(desk, sheet):
    page, box = desk.page, desk.page.locator("#code")
    (code,) = zxingcpp.read_barcodes(sheet[1])
    before = page.locator("#scanned li").count()
    for number, text in enumerate((code.text, "https://example.com/1", code.text), start=1):
        expect(box).to_be_focused()
        expect(box).to_have_value("")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        if not desk.has_scripts:
            # A page of its own comes for each.
            expect(page.locator("#scanned li")).to_have_count(before + number)
    lines = page.locator("#scanned li")
    expect(lines).to_have_count(before + 3)
    expect(lines.nth(0)).to_contain_text("Đã nhận từ trước")
    expect(lines.nth(0)).to_contain_text(sheet[0])
    expect(lines.nth(1)).to_contain_text("Không phải mã của quầy")
    expect(box).to_be_focused()


def test_a_scanned_pile_is_sent_and_its_result_read(desk, sheet):
    pile = as_pdf([sheet[1].rotate(180)])
    desk.page.locator("#files").set_input_files([{"name": "a.pdf", "mimeType": "application/pdf", "buffer": pile}])
    desk.press("Đọc tệp", "Nhận 1 tờ, 0 trang chưa nhận")
    expect(desk.page.locator("tbody")).to_contain_text(sheet[0])


def test_the_page_of_a_slow_pile_goes_on_to_its_result(desk):
    name = f"{desk.has_scripts:016}"
    desk.server.begin_pile(name)
    if desk.has_scripts:
        desk.page.clock.install()
    desk.open(f"/staff/paper/piles/{name}/progress", "Đang đọc chồng tờ khai")
    expect(desk.page.locator("#progress")).to_contain_text("Đã đọc 37 trên 120 trang")
    desk.server.end_pile(name)
    if desk.has_scripts:
        desk.page.clock.fast_forward(6_000)
    else:
        desk.press("Xem lại")
    desk.sees("Nhận 0 tờ, 1 trang chưa nhận")


def test_a_sheet_is_taken_and_its_dossier_sent_back_and_found_by_keyboard_alone(desk, sheet):
    page, keyboard, reference = desk.page, Keyboard(desk.page), sheet[0]
    (code,) = zxingcpp.read_barcodes(sheet[1])
    page.keyboard.type(code.text)
    page.keyboard.press("Enter")
    expect(page.locator("#scanned li").first).to_contain_text(reference)
    keyboard.go_to(page.locator("#scanned a").first).press("Enter")
    expect(page.get_by_text("Trạng thái: Đã nhận bản ký")).to_be_visible()
    keyboard.go_to(page.get_by_role("link", name="Trả lại để sửa…")).press("Enter")
    expect(page.locator("h1")).to_have_text("Trả lại để sửa")
    keyboard.go_to(page.get_by_label("Ảnh mờ")).press("Space")
    keyboard.go_to(page.locator("main form button")).press("Enter")
    expect(page.get_by_text("Trạng thái: Trả lại để sửa")).to_be_visible()
    keyboard.go_to(page.get_by_role("link", name="← Danh sách hồ sơ")).press("Enter")
    expect(page.locator("h1")).to_have_text("Hồ sơ")
    keyboard.go_to(page.locator("[name=q]")).type(reference)
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("Trả lại để sửa")
