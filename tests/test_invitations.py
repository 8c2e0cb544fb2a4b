"""Personal links and the sheet of slips: whoever comes in by one checks instead of typing."""

import io
import json
import re
import time
from datetime import date
from pathlib import Path

import pypdf
import pytest
import zxingcpp

from desk import roster as desk
from models import Draft, Employee, Invitation, database
from services import invitations, slips, submissions
from tests import dossiers
from tests.answers import PERSON, good
from tests.browser import Browser
from tests.desk import lines
from tests.dossiers import file_one
from tests.mailserver import MailServer
from tests.messages import newest_code
from tests.test_form01 import picture
from tests.test_mail import open_line, part, settle

NAME = "Trần Thị Bích-Ngọc"
KNOWN = {
    "social_insurance_code": "0120878899",
    "id_number": "074185004321",
    "phone": "0987654321",
    "address": "45 đường Cách Mạng Tháng Tám",
    "commune": "Phường Lái Thiêu, TP. Hồ Chí Minh",
    "email": "ngoc@congty.vn",
}
UNIT = "Xưởng May 1"


@pytest.fixture
def database_url():
    """Links are the same on every database; what is peculiar to one is tried in test_progress.py."""
    return ""


@pytest.fixture
def ngoc(app) -> Employee:
    return employ("NV7", NAME, UNIT, **KNOWN)


def employ(code: str, name: str, unit: str = "", **known) -> Employee:
    with database.connection_context():
        return dossiers.employ(code, name, unit, **known)


def link_of(employee: Employee) -> str:
    """The address of a personal link that is good."""
    with database.connection_context():
        invitations.prepare([employee])
        return f"/i/{invitations.link_of(Invitation.get_by_id(employee.id))}"


def count_drafts() -> int:
    with database.connection_context():
        return Draft.select().count()


def test_whoever_comes_in_by_the_link_checks_what_is_filled_in_and_goes_on(browser, ngoc, environ):
    browser.open(link_of(ngoc)).submit(press="Bắt đầu")
    assert browser.step == "prepare"
    browser.answer("prepare")
    typed = {name: browser.value(name) for name in (*KNOWN, "full_name", "employee_code", "unit") if name != "email"}
    expected = {name: value for name, value in KNOWN.items() if name != "email"}
    assert typed == {**expected, "full_name": NAME, "employee_code": "NV7", "unit": UNIT}
    browser.submit(press="Tiếp tục").answer("photos")
    assert browser.value("email") == KNOWN["email"] and browser.value("agency") == "07407"
    browser.submit(press="Tiếp tục").submit(press="mã xác nhận")
    browser.submit({"code": newest_code(Path(environ["QUAY_SMS_URL"].removeprefix("file://")))})
    with database.connection_context():
        (person,) = desk.people([desk.Employee.select(Employee, desk._state().alias("state")).get()])
        assert (person.state, person.other_name) == (desk.REGISTERED, "")
        assert submissions.open_dossier(person.dossier).answers["declaration"]["id_number"] == KNOWN["id_number"]
        assert person.dossier.unit.name == UNIT


def test_nothing_of_the_link_counts_as_answered(plain, ngoc):
    plain.open(link_of(ngoc)).submit(press="Bắt đầu")
    plain.open(plain.url.replace("/prepare", "/review"))
    assert plain.step == "prepare"
    plain.answer("prepare").open(plain.url.replace("/declaration", "/agency"))
    assert plain.step == "declaration"


def test_opening_the_link_shows_initials_alone_and_changes_nothing(plain, ngoc):
    address = link_of(ngoc)
    plain.open(address).reload()
    assert "T. T. B." in plain.heading
    for secret in (NAME, "Bích", "NV7", UNIT, *KNOWN.values()):
        assert secret not in plain.response.text
    assert count_drafts() == 0


def test_a_link_that_was_revoked_or_is_over_or_never_was_says_so(plain, ngoc):
    address = link_of(ngoc)
    with database.connection_context():
        Invitation.update(expires_at=Invitation.expires_at - 61 * 86400).execute()
    assert "không dùng được nữa" in plain.open(address, 404).heading
    plain.open(link_of(ngoc))
    with database.connection_context():
        invitations.revoke([ngoc])
    # The page was open while the link was revoked.
    plain.submit(press="Bắt đầu", status=404)
    plain.open("/i/" + "0" * 22, 404)
    assert count_drafts() == 0


def test_after_the_dossier_is_sent_the_link_fills_in_nothing_any_more(plain, ngoc):
    address = link_of(ngoc)
    plain.open(address)
    with database.connection_context():
        file_one(KNOWN["phone"], employee_code="nv 7")
    assert "đã được dùng" in plain.submit(press="Bắt đầu").heading
    assert "đã được dùng" in plain.open(address).heading
    assert count_drafts() == 0


def test_the_page_of_one_link_begins_nothing_for_another(plain, ngoc):
    other = link_of(employ("NV8", "Lê Văn C"))
    token = plain.open(link_of(ngoc)).token
    assert plain.client.post(other, data={"step_token": token}).status_code == 403
    assert plain.client.post(other, data={"step_token": ""}).status_code == 403
    assert count_drafts() == 0


def test_a_page_left_open_for_an_hour_is_shown_anew(plain, ngoc, monkeypatch):
    plain.open(link_of(ngoc))
    real = time.time
    monkeypatch.setattr("tokens.time.time", lambda: real() + 3600)
    plain.submit(press="Bắt đầu")
    assert "T. T. B." in plain.heading and count_drafts() == 0


def test_a_link_stays_the_same_when_it_is_printed_again_and_is_kept_by_its_hash(ngoc, environ):
    first = link_of(ngoc)
    assert link_of(ngoc) == first
    files = b"".join(path.read_bytes() for path in Path(environ["QUAY_DATA"]).glob("quay.db*"))
    assert first.removeprefix("/i/").encode() not in files and NAME.encode() in files
    with database.connection_context():
        invitations.revoke([ngoc])
    assert link_of(ngoc) != first


# --- The employee code, typed


def test_an_employee_code_fills_in_the_unit_and_nothing_else(plain, ngoc):
    plain.fill_until("declaration").submit({**PERSON, "employee_code": " nv 7 "})
    assert plain.step == "photos"
    plain.submit(press="Quay lại")
    assert {name: plain.value(name) for name in PERSON} == PERSON
    assert (plain.value("unit"), plain.value("employee_code")) == (UNIT, "nv 7")
    assert NAME not in plain.response.text


def test_a_code_of_nobody_is_answered_as_if_none_was_typed(plain, ngoc):
    plain.fill_until("declaration").submit({**PERSON, "employee_code": "NV404"}, status=422)
    assert plain.errors() == ["Chọn đơn vị nơi bạn làm việc."]


def test_the_unit_that_was_chosen_goes_before_the_one_of_the_code(plain, ngoc):
    employ("NV9", "Lê Văn C", "Xưởng May 2")
    plain.fill_until("declaration").submit({**PERSON, "unit": "Xưởng May 2", "employee_code": "NV7"})
    assert plain.submit(press="Quay lại").value("unit") == "Xưởng May 2"


# --- Slips and messages


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_hr_prints_slips_whose_address_opens_the_persons_own_page(make_app, sign_in_to):
    app = make_app(QUAY_PUBLIC_URL="https://quay.congty.vn")
    ngoc, an = employ("NV7", NAME, UNIT, **KNOWN), employ("NV8", "Đỗ An", UNIT)
    page = (
        sign_in_to(app, "department").open("/staff/roster/people").submit({"person": str(ngoc.id)}, press="In thẻ mời")
    )
    text = text_of(page.response.data)
    assert page.response.mimetype == "application/pdf"
    assert NAME in text and "Mã NV: NV7" in text and UNIT in text and "Đỗ An" not in text
    for secret in KNOWN.values():
        assert secret not in text
    (address,) = re.findall(r"https://quay\.congty\.vn/i/[\w-]{22}", text)
    assert "T. T. B." in Browser(app).open(address.removeprefix("https://quay.congty.vn")).heading
    with database.connection_context():
        assert Invitation.get_or_none(Invitation.employee == an) is None


def test_slips_for_everyone_who_is_missing_in_a_unit(sign_in, ngoc):
    employ("NV8", "Đỗ An", UNIT)
    employ("NV9", "Lê Văn C", "Xưởng May 2")
    with database.connection_context():
        file_one(KNOWN["phone"])
    desk_page = sign_in("department").open(f"/staff/roster/people?unit={ngoc.unit_id}&state=missing")
    desk_page.submit(press="In thẻ cho cả 1 người")
    text = text_of(desk_page.response.data)
    assert "Đỗ An" in text and NAME not in text and "Lê Văn C" not in text


def test_a_units_hr_makes_no_slip_for_another_unit(sign_in, ngoc):
    other = employ("NV9", "Lê Văn C", "Xưởng May 2")
    hr = sign_in("unit", UNIT).open("/staff/roster/people")
    assert "Lê Văn C" not in hr.text
    token = hr.page.select_one("[name=csrf_token]")["value"]
    answer = hr.client.post("/staff/roster/slips", data={"csrf_token": token, "person": str(other.id)})
    assert answer.status_code == 422
    assert hr.client.get(f"/staff/roster/slips.pdf?person={other.id}").status_code == 404
    with database.connection_context():
        assert Invitation.select().count() == 0


def test_without_anybody_picked_the_list_says_so(sign_in, ngoc):
    hr = sign_in().open("/staff/roster/people").submit(press="In thẻ mời", status=422)
    assert "Đánh dấu ít nhất một người" in hr.text


def test_links_go_out_as_messages_to_those_whose_phone_is_known(make_app, sign_in_to, environ):
    app = make_app(QUAY_PUBLIC_URL="https://quay.congty.vn")
    ngoc, an = employ("NV7", NAME, UNIT, **KNOWN), employ("NV8", "Đỗ An", UNIT)
    hr = sign_in_to(app, "department").open("/staff/roster/people")
    hr.submit({"person": [str(ngoc.id), str(an.id)]}, press="Nhắn tin liên kết")
    assert "Đã gửi tin nhắn cho 1 người" in hr.text and "đã nhắn" in hr.text
    (message,) = [
        json.loads(path.read_text()) for path in Path(environ["QUAY_SMS_URL"].removeprefix("file://")).glob("*.json")
    ]
    assert message["to"] == KNOWN["phone"] and message["text"].isascii()
    address = re.search(r"https://quay\.congty\.vn(/i/[\w-]{22})", message["text"])[1]
    assert "T. T. B." in Browser(app).open(address).heading


def test_without_a_gateway_no_message_is_offered(make_app, sign_in_to):
    app = make_app(QUAY_SMS_URL="")
    employ("NV7", NAME, UNIT, **KNOWN)
    assert "Nhắn tin" not in sign_in_to(app, "department").open("/staff/roster/people").text


def test_links_are_revoked_and_people_are_removed_only_when_asked_twice(sign_in, ngoc):
    address = link_of(ngoc)
    hr = sign_in("department").open("/staff/roster/people").submit({"person": str(ngoc.id)}, press="Thu hồi")
    assert "Đã thu hồi 1 liên kết" in hr.text
    Browser(hr.client.application).open(address, 404)
    hr.submit({"person": str(ngoc.id)}, press="Xoá khỏi danh sách")
    assert "Xoá 1 người khỏi danh sách?" in hr.heading and NAME in hr.text
    assert lines(action="remove_people") == [] and lines(action="ask_to_remove")
    with database.connection_context():
        assert Employee.select().count() == 1
    hr.submit(press="Xoá khỏi danh sách")
    assert "Đã xoá 1 người" in hr.text and len(lines(action="remove_people")) == 1
    with database.connection_context():
        assert Employee.select().count() == 0


def test_a_units_hr_removes_nobody(sign_in, ngoc):
    hr = sign_in("unit", UNIT).open("/staff/roster/people")
    assert "Xoá khỏi danh sách" not in hr.text
    token = hr.page.select_one("[name=csrf_token]")["value"]
    data = {"csrf_token": token, "person": str(ngoc.id), "sure": "1"}
    assert hr.client.post("/staff/roster/remove", data=data).status_code == 403


def test_nine_slips_fill_two_sheets_and_take_any_name():
    until = date(2027, 1, 24)
    names = [NAME, "#panic()", "Công Tằng Tôn Nữ " * 8, "x" * 200, "李小龙", "A\u202eB", *["Đỗ An"] * 3]
    pdf = slips.render(
        [slips.Slip(name, "NV", UNIT * 9, f"https://quay.vn/i/{n:022}", until) for n, name in enumerate(names)], "Cty"
    )
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 2
    text = text_of(pdf)
    assert "#panic()" in text and "□□□" in text and text.count("24/01/2027") == 9


def test_every_slip_is_read_by_a_phone():
    addresses = {f"https://quay-dang-ky.congty.vn/i/aB3-x_9zQ{n:013}" for n in range(8)}
    pdf = slips.render([slips.Slip("Đỗ An", "NV1", UNIT, each, date(2027, 1, 24)) for each in addresses], "Cty")
    found = zxingcpp.read_barcodes(picture(pdf).convert("L"), formats=zxingcpp.QRCode)
    assert {code.text for code in found} == addresses


def test_the_answer_of_every_step_is_still_good_after_a_link(plain, ngoc):
    plain.open(link_of(ngoc)).submit(press="Bắt đầu").answer("prepare")
    plain.submit({**good("declaration"), "employee_code": ""})
    assert plain.step == "photos"


def test_links_go_out_by_mail_once_unless_they_are_asked_for_again(make_app, sign_in_to):
    with MailServer() as server:
        app = make_app(QUAY_PUBLIC_URL="https://quay.congty.vn", QUAY_SMTP_URL=open_line(server))
        ngoc, an = employ("NV7", NAME, UNIT, **KNOWN), employ("NV8", "Đỗ An", UNIT)
        picked = {"person": [str(ngoc.id), str(an.id)]}
        hr = sign_in_to(app, "department").open("/staff/roster/people").submit(picked, press="Gửi email liên kết")
        assert "Đã gửi email cho 1 người. 1 người chưa có địa chỉ email" in hr.text and "đã gửi email" in hr.text
        settle()
        [taken] = server.mails
        assert taken["To"] == KNOWN["email"] and taken["Subject"] == "Mời bạn đăng ký VssID"
        address = re.search(r"https://quay\.congty\.vn(/i/[\w-]{22})", part(taken, "plain"))[1]
        assert "T. T. B." in Browser(app).open(address).heading
        for secret in ("social_insurance_code", "id_number", "phone"):
            assert KNOWN[secret] not in part(taken, "plain") + part(taken, "html")
        hr.submit(picked, press="Gửi email liên kết")
        assert "Đã gửi email cho 0 người. 1 người đã được mời trước đó" in hr.text
        hr.submit({**picked, "again": True}, press="Gửi email liên kết")
        settle()
        assert len(server.mails) == 2 and address in part(server.mails[1], "plain")


def test_everyone_who_is_missing_is_invited_by_mail_with_one_press(make_app, sign_in_to):
    with MailServer() as server:
        app = make_app(QUAY_SMTP_URL=open_line(server))
        for number in range(3):
            employ(f"NV{number}", f"Người Thứ {number}", UNIT, email=f"nguoi{number}@congty.vn")
        hr = sign_in_to(app, "department").open("/staff/roster/people?state=missing")
        hr.submit(press="Gửi email cho cả 3 người đang lọc")
        assert "Đã gửi email cho 3 người." in hr.text
        settle()
        assert {mail["To"] for mail in server.mails} == {f"nguoi{number}@congty.vn" for number in range(3)}


def test_without_a_mail_server_no_mail_is_offered(make_app, sign_in_to):
    app = make_app(QUAY_SMTP_URL="")
    ngoc = employ("NV7", NAME, UNIT, **KNOWN)
    hr = sign_in_to(app, "department").open("/staff/roster/people")
    assert "Gửi email" not in hr.text
    token = hr.page.select_one("[name=csrf_token]")["value"]
    answer = hr.client.post("/staff/roster/mails", data={"csrf_token": token, "person": str(ngoc.id)})
    assert answer.status_code == 404
