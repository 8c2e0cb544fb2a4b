"""A dossier that comes back, and the rights to one's data, in a real browser with scripts and without."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.answers import PERSON, jpeg
from tests.chromium import KINDS, Person, Server, chromium, needs_chromium, new_page

pytestmark = needs_chromium
RETURN = "Trả lại để sửa…"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("return"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def desk(server, browser):
    """HR, signed in."""
    page = new_page(browser)
    yield Person(server, page).make_administrator()
    page.context.close()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(browser, request):
    """A browser that has seen nothing of the desk yet."""
    page = new_page(browser, java_script_enabled=request.param)
    troubles = []
    page.on("pageerror", lambda problem: troubles.append(str(problem)))
    yield page
    page.context.close()
    assert not troubles


@pytest.fixture
def person(server, browser, page):
    """Somebody who has registered, the quickest way, and comes back to it with another browser."""
    sender = Person(server, new_page(browser, java_script_enabled=False))
    sender.begin().consent().declare()
    for kind in KINDS:
        sender.choose_photo(kind)
    reference = sender.press("Tiếp tục", "Cơ quan BHXH").review().ask_for_code().submit()
    sender.page.context.close()
    person = Person(server, page)
    person.phone, person.reference = sender.phone, reference
    server.let_a_minute_pass()
    return person


def come_back(person: Person) -> Person:
    """Find what is one's own by phone and code."""
    person.open("/lookup", "Tra cứu hồ sơ, làm tiếp bản nháp").fill(phone=person.phone)
    person.press("Gửi mã xác nhận", "Nhập mã xác nhận").fill(code=person.server.code())
    return person.press("Xem hồ sơ của tôi", "Hồ sơ của bạn")


def receipt(person: Person, heading: str) -> Person:
    return come_back(person).press(f"Xem biên nhận, tải tờ khai {person.reference}", heading)


def focus_is_on_heading(person: Person) -> None:
    """With scripts, whoever listens hears the new page's heading; without, the browser reads the page itself."""
    if person.has_scripts:
        expect(person.place.locator("h1")).to_be_focused()


def test_a_returned_dossier_is_corrected_where_hr_marked_it_and_keeps_its_reference(person, desk):
    desk.open(f"/staff/dossiers/{person.reference}", PERSON["full_name"]).press(RETURN, "Trả lại để sửa")
    for box in ("code_wrong", "photo", "declaration", "photos"):
        desk.page.locator(f"input[type=checkbox][value={box}]").check()
    desk.fill(text="Số 7 viết giống số 1.").press("Trả lại để sửa", PERSON["full_name"])

    receipt(person, "Hồ sơ cần bạn sửa")
    for told in ("Mã số BHXH sai", "Ảnh mờ, lóa", "Số 7 viết giống số 1."):
        expect(person.place.locator("main")).to_contain_text(told)
    person.press("Sửa hồ sơ", "Thông tin của bạn")
    expect(person.place.locator("[name=full_name]")).to_have_value(PERSON["full_name"])
    expect(person.place.locator("main .note").first).to_contain_text("Số 7 viết giống số 1.")
    person.fill(full_name="").press("Tiếp tục").sees_error("họ")
    person.fill(full_name="Nguyễn Thị Đã Sửa").press("Tiếp tục", "Ảnh của bạn")
    focus_is_on_heading(person)
    expect(person.place.locator("figure img")).to_have_count(3)
    shown = person.place.locator("#photo-id_back img")
    before = shown.get_attribute("src")
    person.choose_photo("id_back", jpeg(seed=91))
    if person.has_scripts:
        expect(shown).not_to_have_attribute("src", before)
    person.press("Tiếp tục", "Kiểm tra lại trước khi gửi")
    focus_is_on_heading(person)
    expect(person.place.locator("main")).to_contain_text("đang sửa hồ sơ đã gửi")
    person.server.let_a_minute_pass()
    assert person.ask_for_code().submit() == person.reference
    expect(person.place.locator(".events li")).to_have_count(3)

    desk.open(f"/staff/dossiers/{person.reference}", "Nguyễn Thị Đã Sửa")
    expect(desk.page.locator("main")).to_contain_text("Đây là bản 2")


def test_whoever_registered_sees_takes_along_corrects_withdraws_and_has_it_deleted(person, desk):
    receipt(person, "Đã nhận hồ sơ của bạn").press("Dữ liệu của bạn: xem, tải, sửa, rút đồng ý, xoá", "Dữ liệu của bạn")
    rights = person.page.url
    person.press("Xem tất cả, in", "Tất cả dữ liệu đang giữ")
    for value in (PERSON["full_name"], PERSON["id_number"], person.phone):
        expect(person.place.locator("main")).to_contain_text(value)
    person.page.goto(rights)
    with person.page.expect_download() as download:
        person.press("Tải tất cả (JSON, có ảnh)")
    held = json.loads(Path(download.value.path()).read_bytes())
    assert held["registration"]["reference"] == person.reference and len(held["photos"]) == 3
    assert download.value.suggested_filename == f"du-lieu-{person.reference}.json"
    person.press("Bản ghi sự đồng ý", "Bản ghi sự đồng ý")

    person.page.goto(rights)
    person.press("Sửa thông tin", "Sửa thông tin").press("Gửi yêu cầu sửa").sees_error("Viết rõ bạn yêu cầu điều gì")
    if person.has_scripts:
        expect(person.place.locator(".summary")).to_be_focused()
    person.fill(words="Tên đệm là Hồng").press("Gửi yêu cầu sửa", "Dữ liệu của bạn")
    expect(person.place.locator("#correct")).to_contain_text("Tên đệm là Hồng")
    withdraw = "Rút lại đồng ý chuyển hồ sơ cho cơ quan BHXH"
    person.press(withdraw, withdraw).press("Tôi hiểu, rút lại đồng ý", "Dữ liệu của bạn")
    expect(person.place.locator("#withdraw_forwarding")).to_be_visible()
    person.press("Xoá hồ sơ", "Xoá hồ sơ").press("Tôi hiểu, yêu cầu xoá", "Dữ liệu của bạn")
    expect(person.place.locator("section.card")).to_have_count(3)

    desk.open(f"/staff/dossiers/{person.reference}", PERSON["full_name"])
    expect(desk.page.locator("main")).to_contain_text("Đã rút đồng ý chuyển hồ sơ")
    desk.open("/staff/requests", "Yêu cầu về dữ liệu cá nhân")
    desk.page.get_by_role("row").filter(has_text=person.reference).get_by_role("link", name="Xoá hồ sơ").click()
    desk.sees("Xoá hồ sơ").press(f"Xoá hồ sơ {person.reference}")
    expect(desk.page.locator("main")).not_to_contain_text(PERSON["full_name"])
    assert person.page.goto(rights).status == 409
    expect(person.place.locator("body")).not_to_contain_text(PERSON["full_name"])


def test_an_owner_deletes_a_draft_at_once(server, page):
    person = Person(server, page).begin().consent().declare()
    come_back(person).press("Dữ liệu của bạn", "Dữ liệu của bạn").press("Xoá bản nháp", "Xoá bản nháp này?")
    person.press("Xoá bản nháp", "Đã xoá bản nháp")
    expect(person.place.locator("body")).not_to_contain_text(PERSON["full_name"])
