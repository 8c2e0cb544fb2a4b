"""How mail does, as HR sees it: what it leans on, its last success and failure, and a mail to try it."""

import pytest
import time_machine

from tests.mailserver import MailServer
from tests.test_mail import open_line, part, settle

ADDRESS = "nhansu@congty.vn"


@pytest.fixture
def server():
    with MailServer() as server:
        yield server


@pytest.fixture
def desk(make_app, server):
    return make_app(QUAY_SMTP_URL=open_line(server))


def told(staff) -> str:
    """What the page says of mail."""
    return staff.page.select_one("section#mail").get_text(" ", strip=True)


def test_hr_tries_the_mail_server_with_a_mail_to_itself(desk, server, sign_in_to):
    staff = sign_in_to(desk).open("/staff/outside")
    assert f"127.0.0.1:{server.port} (vssid@congty.vn)" in told(staff) and "chưa lần nào" in told(staff)
    staff.submit({"email": "nhân sự"}, press="Gửi thư thử", status=422)
    assert staff.value("email") == "nhân sự" and staff.errors() == ["Địa chỉ email chưa đúng. Ví dụ: ten@congty.vn."]
    staff.submit({"email": ADDRESS}, press="Gửi thư thử")
    assert "Đang thử" in told(staff)
    settle()
    [taken] = server.mails
    assert taken["To"] == ADDRESS and "quầy gửi được email" in part(taken, "plain")
    assert "Lần gần nhất được" in told(staff.reload())
    staff.open("/staff/messages")
    assert f"Tin thử {ADDRESS}" in staff.text and "Máy chủ thư đã nhận" in staff.text
    staff.open("/staff/outside")
    for _ in range(4):
        staff.submit({"email": ADDRESS}, press="Gửi thư thử")
    staff.submit({"email": ADDRESS}, press="Gửi thư thử", status=422)
    assert "mỗi giờ 5 thư" in staff.page.select_one(".summary").get_text()


def test_hr_sees_when_mail_last_worked_and_why_it_does_not(desk, server, sign_in_to):
    with time_machine.travel("2026-11-23 08:00+07:00", tick=False) as clock:
        staff = sign_in_to(desk).open("/staff/outside").submit({"email": ADDRESS}, press="Gửi thư thử")
        settle()
        server.answers["MAIL"] = "553 5.7.1 not yours"
        clock.shift(60)
        staff.submit({"email": ADDRESS}, press="Gửi thư thử")
        settle()
        staff.reload()
        front = staff.client.get("/staff/messages").text
    assert "Được gần nhất 23/11/2026 08:00" in told(staff)
    assert "23/11/2026 08:01. Máy chủ thư không cho gửi từ địa chỉ này" in told(staff)
    assert "Lần gần nhất không được" in told(staff)
    assert "Máy chủ thư: lần gần nhất không được" in front


def test_a_desk_without_a_mail_server_says_so(make_app, sign_in_to):
    staff = sign_in_to(make_app(QUAY_SMTP_URL="")).open("/staff/outside")
    assert "QUAY_SMTP_URL" in told(staff) and "Gửi thư thử" not in staff.text
    token = staff.page.find("input", attrs={"name": "csrf_token"})["value"]
    answer = staff.client.post("/staff/outside/mail/try", data={"csrf_token": token, "email": ADDRESS})
    assert answer.status_code == 422 and "cần có máy chủ thư" in answer.text
