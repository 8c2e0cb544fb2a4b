"""The first page says what one has to have ready, where everything is, how long it takes, and whose desk this is."""

import pytest

from tests.browser import Browser


@pytest.mark.parametrize("address", ["/", "/dang-ky"])
def test_the_guide_says_all_that_the_memo_says(app, address):
    guide = Browser(app).open(address)
    for told in (
        "Ảnh chân dung",
        "CCCD mặt trước",
        "CCCD mặt sau",
        "giấy khai sinh của con",
        "10 số cuối trên thẻ BHYT",
        "2 đến 5 ngày",
        "In tờ khai mẫu số 01, ký tên",
        "không phải trang của BHXH Việt Nam",
        "không bao giờ hỏi mật khẩu",
    ):
        assert told in guide.text, told
    links = {link["href"] for link in guide.page.select("main a[href]")}
    for there in (
        "https://play.google.com/store/apps/details?id=com.bhxhapp",
        "https://apps.apple.com/vn/app/vssid/id1521647264",
        "https://dichvucong.baohiemxahoi.gov.vn/#/dang-ky",
        "/register/adult",
        "/register/child",
        "/lookup",
        "/help",
    ):
        assert there in links, there
    card = guide.page.select_one("svg[role=img]")
    assert "10 số cuối" in card.get_text(" ", strip=True) or "10 số cuối" in card.get("aria-label", "")


@pytest.mark.parametrize(("way", "flow"), [("Đăng ký cho tôi", "adult"), ("Đăng ký cho con", "child")])
def test_each_way_in_leads_to_its_first_step(browser, way, flow):
    browser.open("/").follow(way)
    assert (browser.flow, browser.step, browser.heading) == (flow, "prepare", "Chuẩn bị")
