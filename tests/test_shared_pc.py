"""A page that somebody has walked away from, in a real browser: it asks, waits for a press, and puts itself away."""

import pytest
from playwright.sync_api import expect

from tests.chromium import Person, new_page, read_qr
from tests.test_in_chromium import DONE, browser, intranet, move, pytestmark, server  # noqa: F401

MINUTE = 60_000
NOTE_SCRIPTS = """({ dataset, ownerDocument }) => ownerDocument.addEventListener(
  "load", ({ target }) => { dataset.came = target.src; }, true)"""


@pytest.fixture
def person(server, browser):  # noqa: F811
    """Somebody whose clock can be moved on."""
    page = new_page(browser)
    page.clock.install()
    yield Person(server, page)
    page.context.close()


def wait_for_warning(person: Person, minutes: int = 28) -> None:
    """Let the time pass in which the script comes, and then the warning."""
    page, html = person.page, person.place.locator("html")
    # Only once the page has settled, and the script has run, is there a timer that the clock could reach.
    html.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    html.evaluate(NOTE_SCRIPTS)
    page.clock.fast_forward((minutes - 1) * MINUTE)
    expect(person.place.locator("html[data-came*='idle.js']")).to_be_attached()
    page.clock.run_for(MINUTE + 6_000)
    expect(person.place.get_by_role("alertdialog")).to_be_visible()


def test_two_minutes_before_the_end_one_press_gives_more_time_and_loses_nothing(person):
    page = person.begin().consent().fill(full_name="Mai Thị Kín Đáo", address="12 đường Hoa").page
    page.locator("[name=address]").focus()
    old = page.locator("[name=step_token]").input_value()
    address = page.url
    wait_for_warning(person)
    expect(page.get_by_role("alertdialog")).to_be_focused()
    expect(page.get_by_role("alertdialog")).to_contain_text("Bạn còn ở đây không?")
    assert page.locator("[name=step_token]").input_value() == old
    person.press("Tôi cần thêm thời gian")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    expect(page.locator("[name=address]")).to_be_focused()
    assert page.locator("[name=step_token]").input_value() != old and page.url != address
    # Another 25 minutes are no reason to ask again, and what was typed goes the usual way.
    page.clock.fast_forward(25 * MINUTE)
    page.clock.run_for(6_000)
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    assert page.locator("[name=address]").input_value() == "12 đường Hoa"
    with page.expect_request("**/declaration?*") as sent:
        person.declare(full_name="Mai Thị Kín Đáo")
    assert sent.value.url.partition("t=")[2] not in address


def test_at_the_end_the_page_hides_keeps_what_was_typed_and_leads_back_to_it(person):
    page = person.begin().consent().declare(full_name="Mai Thị Kín Đáo").page
    person.press("Quay lại", "Thông tin của bạn").fill(address="12 đường Hoa mới")
    wait_for_warning(person)
    page.clock.run_for(2 * MINUTE)
    person.sees("Tra cứu hồ sơ, làm tiếp bản nháp")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    assert "Kín Đáo" not in page.content()
    person.fill(phone=person.phone).press("Gửi mã xác nhận", "Nhập mã xác nhận")
    person.fill(code=person.server.code()).press("Xem hồ sơ của tôi", "Thông tin của bạn")
    expect(page.locator("[name=address]")).to_have_value("12 đường Hoa mới")


def test_off_line_at_the_end_the_page_hides_all_the_same_and_says_how_to_go_on(person):
    page = person.begin().consent().declare(full_name="Mai Thị Kín Đáo").page
    person.press("Quay lại", "Thông tin của bạn")
    wait_for_warning(person)
    page.context.set_offline(True)
    page.clock.run_for(2 * MINUTE)
    expect(page.get_by_text("Trang đã tự đóng")).to_be_visible()
    expect(page.locator("[name=full_name]")).to_be_hidden()
    expect(page.locator("#offline")).to_be_hidden()
    page.context.set_offline(False)


def test_a_page_of_which_nobody_needs_to_be_warned_never_asks(person):
    page = person.open("/", "Đăng ký tài khoản VssID").page
    page.clock.fast_forward(40 * MINUTE)
    page.clock.run_for(10_000)
    assert page.locator("script[src*='idle.js'], #idle").count() == 0


@pytest.mark.parametrize("place", ["receipt", "found"])
def test_one_press_gives_more_time_to_the_receipt_and_to_what_was_found_too(person, place):
    page = person.page
    person.register(full_name="Mai Thị Kín Đáo")
    if place == "found":
        find(person)
    old = page.url
    wait_for_warning(person)
    person.press("Tôi cần thêm thời gian")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    assert page.url != old
    person.press(DONE, "Đã xoá khỏi máy này")


@pytest.mark.parametrize("place", ["receipt", "found"])
def test_receipt_and_what_was_found_put_themselves_away_too_and_back_shows_nothing(person, place):
    page = person.page
    person.register(full_name="Mai Thị Kín Đáo")
    if place == "found":
        find(person)
    wait_for_warning(person)
    page.clock.run_for(2 * MINUTE)
    person.sees("Tra cứu hồ sơ, làm tiếp bản nháp")
    assert_back_shows_nothing(person)


def test_in_a_frame_of_another_site_it_asks_too(person, intranet):  # noqa: F811
    intranet.framed = person.server.url + "/register/adult"
    person.page.goto(intranet.url)
    person.place = person.page.frame_locator("iframe")
    person.consent().fill(full_name="Mai Thị Kín Đáo")
    wait_for_warning(person)
    person.press("Tôi cần thêm thời gian")
    expect(person.place.get_by_role("alertdialog")).to_have_count(0)
    expect(person.place.locator("[name=full_name]")).to_have_value("Mai Thị Kín Đáo")


@pytest.mark.parametrize("where", ["found", "draft", "receipt"])
def test_after_xong_back_shows_nothing_of_what_was_looked_up(person, where):
    page = person.page
    person.register(full_name="Mai Thị Kín Đáo")
    find(person)
    if where == "receipt":
        person.press(f"Xem biên nhận, tải tờ khai {page.locator('[data-reference]').inner_text()}")
        person.sees("Đã nhận hồ sơ của bạn")
    elif where == "draft":
        draft = Person(person.server, page.context.new_page())
        draft.begin().consent().declare(phone=person.phone, full_name="Mai Thị Kín Đáo").page.close()
        page.reload()
        person.press("Làm tiếp Mai Thị Kín Đáo", "Ảnh của bạn")
    person.press(DONE, "Đã xoá khỏi máy này")
    assert_back_shows_nothing(person)


def test_a_draft_handed_to_the_phone_is_gone_from_the_computer_back_or_not(person, browser):  # noqa: F811
    page = person.begin().consent().declare(full_name="Mai Thị Kín Đáo").page
    person.press("Làm tiếp trên điện thoại", "Làm tiếp trên điện thoại")
    phone = Person(person.server, new_page(browser, viewport={"width": 320, "height": 640}))
    phone.page.goto(read_qr(page))
    phone.sees("Làm tiếp bản nháp trên máy này?").press("Làm tiếp trên máy này", "Ảnh của bạn")
    phone.give_photos()
    person.press("Quay lại, làm tiếp trên máy này", "Phiên làm việc đã kết thúc")
    assert_back_shows_nothing(person, 3)
    phone.press(DONE, "Đã xoá khỏi máy này")
    assert_back_shows_nothing(phone, 3)
    phone.page.context.close()


def find(person: Person) -> None:
    """Look up by phone and code."""
    person.server.let_a_minute_pass()
    person.open("/lookup", "Tra cứu hồ sơ, làm tiếp bản nháp").fill(phone=person.phone)
    person.press("Gửi mã xác nhận", "Nhập mã xác nhận")
    person.fill(code=person.server.code()).press("Xem hồ sơ của tôi", "Hồ sơ của bạn")


def assert_back_shows_nothing(person: Person, steps: int = 5) -> None:
    """Press Back so often: no name, no phone, no reference."""
    for _ in range(steps):
        move(person.page, -1)
        text = person.page.content()
        assert not any(word in text for word in ("Kín Đáo", person.phone, "data-reference"))
