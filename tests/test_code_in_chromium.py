"""The page that asks for the code, in a real browser: it sees by itself what became of the message, and counts down."""

import re

from playwright.sync_api import expect

from tests.chromium import Person, Server, chromium, needs_chromium, new_page
from tests.gateways import Gateway, Phone

pytestmark = needs_chromium


def test_the_page_sees_by_itself_that_the_message_went_out_and_keeps_what_is_being_typed(tmp_path):
    phone = Phone()
    with Gateway(phone.answer) as gateway, chromium() as browser:
        gateway.mood = "hang"
        server = Server(tmp_path, QUAY_SMS_URL=f"smsgate://a:b@127.0.0.1:{gateway.port}")
        try:
            person = Person(server, new_page(browser)).fill_until_review().ask_for_code()
            page = person.page
            expect(page.get_by_text("Đang gửi mã gồm 6 số")).to_be_visible()
            page.get_by_label("Mã xác nhận gồm 6 số").fill("12")
            page.get_by_label("Mã xác nhận gồm 6 số").press("3")
            # The line is cut, the worker asks the phone, which does not know the message, and tries again.
            gateway.mood = "well"
            gateway.release()
            expect(page.get_by_text("Mã gồm 6 số được nhắn")).to_be_visible(timeout=60_000)
            expect(page.locator("#sent[hx-get]")).to_have_count(0)
            expect(page.get_by_label("Mã xác nhận gồm 6 số")).to_have_value("123")
            expect(page.get_by_label("Mã xác nhận gồm 6 số")).to_be_focused()
            expect(page.locator("[data-left]").first).to_have_text(re.compile(r"[0-4]:[0-5]\d"))
        finally:
            server.stop()
