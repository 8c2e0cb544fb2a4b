"""A whole registration, as an employee and HR live it."""

import re
from io import BytesIO

import zxingcpp
from pypdf import PdfReader

from models import Dossier, Draft, database
from tests.answers import PERSON


def test_an_adult_registers_from_the_guide_to_the_receipt(browser, code):
    browser.open("/").follow("Đăng ký cho tôi")
    browser.answer("prepare").answer("declaration").answer("photos").answer("agency")
    assert browser.heading == "Kiểm tra lại trước khi gửi"
    for value in PERSON.values():
        assert value in browser.text
    browser.submit(press="gửi mã xác nhận")
    assert browser.heading == "Nhập mã xác nhận"
    browser.submit({"code": code()})
    assert browser.heading == "Đã nhận hồ sơ của bạn"
    assert re.fullmatch("[34679CDFGHJKLMNPRTVWXY]{8}", browser.page.select_one("[data-reference]").text)
    with database.connection_context():
        assert (Dossier.select().count(), Draft.select().count()) == (1, 0)


def test_form_01_holds_what_was_declared(browser, submitted):
    reference = submitted(browser)
    browser.follow("Tải tờ khai")
    pdf = browser.response.data
    text = " ".join(PdfReader(BytesIO(pdf)).pages[0].extract_text().split())
    assert pdf.startswith(b"%PDF") and reference in text
    assert PERSON["full_name"] in text and "BHXH cơ sở Lái Thiêu" in text


def test_each_line_of_the_review_can_be_changed_and_comes_back_to_the_review(browser):
    browser.fill_until("review")
    links = browser.page.select(".change a")
    assert len(links) >= 10
    for link in links[:4]:
        browser.open(link["href"].partition("#")[0])
        browser.submit()
        assert browser.step == "review"


def test_the_same_submission_twice_gives_the_same_receipt(plain, code):
    plain.fill_until("review").submit()
    url, data = plain.url, {"step_token": plain.token, "code": code()}
    receipts = {
        plain.open(plain.client.post(url, data=data).headers["Location"]).page.select_one("[data-reference]").text
        for _ in range(3)
    }
    assert len(receipts) == 1


def test_hr_sees_the_dossier_its_photos_and_its_form(plain, submitted, sign_in):
    reference = submitted(plain, full_name="Đặng Thị Ước")
    desk = sign_in("department").open("/staff/dossiers?q=dang+thi+uoc")
    assert reference in desk.text
    desk.follow("Đặng Thị Ước")
    assert PERSON["id_number"] in desk.text and "2026-11" in desk.text
    for image in desk.page.select("figure img"):
        photo = desk.client.get(image["src"])
        assert (photo.mimetype, photo.data[:2]) == ("image/jpeg", b"\xff\xd8")
    assert len(desk.page.select("figure img")) == 3
    assert desk.follow("In tờ khai").response.mimetype == "application/pdf"


def test_hr_reads_out_a_code_where_no_messages_are_sent(make_app, sign_in_to):
    app = make_app(QUAY_SMS_URL="")
    from tests.browser import Browser

    employee = Browser(app).fill_until("review").submit()
    assert "bộ phận Nhân sự" in employee.text
    desk = sign_in_to(app).open("/staff/codes")
    assert PERSON["full_name"] in desk.text
    read_out = desk.page.select_one(".digits").get_text(strip=True)
    assert employee.submit({"code": read_out}).heading == "Đã nhận hồ sơ của bạn"
    assert "không có mã nào" in desk.open("/staff/codes").text


def test_the_blank_form_is_always_there(browser):
    browser.open("/form01.pdf")
    assert browser.response.data.startswith(b"%PDF")


def test_the_printed_qr_names_the_dossier_and_its_revision(plain, submitted):
    import subprocess

    reference = submitted(plain)
    plain.follow("Tải tờ khai")
    png = subprocess.run(["pdftoppm", "-r", "150", "-png", "-"], input=plain.response.data, capture_output=True).stdout
    from PIL import Image

    found = zxingcpp.read_barcodes(Image.open(BytesIO(png)))
    assert found[0].text.startswith(f"QUAY1:{reference}:1:")
