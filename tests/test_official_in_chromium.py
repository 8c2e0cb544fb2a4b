"""The desk's page about the official form, in a real browser: it sees by itself when the portal has answered."""

from playwright.sync_api import expect

from tests.chromium import Person, Server, chromium, needs_chromium, new_page
from tests.portal import Portal

pytestmark = needs_chromium

# Long enough for an honest answer on a busy machine.
PATIENT = "from services.official import fetching; fetching.SECONDS = 60"


def test_the_page_shows_by_itself_what_came_and_takes_nobodys_place(tmp_path):
    # The server asks by itself at its start, so that one hangs first.
    with Portal("hang") as portal, chromium() as browser:
        server = Server(tmp_path, PATIENT, QUAY_FORM01_URL=portal.url)
        try:
            page = new_page(browser)
            person = Person(server, page).make_administrator()
            person.open("/staff/form01", "Mẫu số 01 chính thức")
            state = page.locator("#state")
            expect(state).to_contain_text("Đang tải từ cổng…")
            page.get_by_label("Tệp PDF mẫu số 01 chính thức").focus()
            assert portal.hangs()
            portal.release()
            expect(state).to_contain_text("Cổng ngắt kết nối giữa chừng.", timeout=60_000)
            expect(page.get_by_label("Tệp PDF mẫu số 01 chính thức")).to_be_focused()
            portal.mood = "well"
            person.press("Tải lại ngay")
            expect(state).to_contain_text("nhận tệp mới", timeout=60_000)
            expect(page.locator("#offered img")).to_be_visible()
            expect(page.locator("#state [hx-get]")).to_have_count(0)
        finally:
            server.stop()
