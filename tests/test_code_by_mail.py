"""A code by mail: where no message comes, within the same limits, and never taken for a proof of the phone."""

import re

import pytest
import time_machine

from models import Code, Dossier, Message, Unit, database
from services import codes, drafts, proofs, submissions
from services.codes import TooManyCodes
from tests.answers import PERSON
from tests.browser import Browser
from tests.dossiers import file_one, fill
from tests.mailserver import MailServer
from tests.test_mail import open_line, part, settle

TO = "nhung@example.vn"


@pytest.fixture
def server():
    with MailServer() as server:
        yield server


@pytest.fixture
def desk(make_app, server):
    """A desk whose mail works, and whose text messages nobody takes: the gateway is a folder that cannot be made."""
    return make_app(QUAY_SMTP_URL=open_line(server), QUAY_SMS_URL="file:///dev/null/sms")


def asked_for(desk, htmx: bool = False, email: str = TO, **person) -> Browser:
    """Somebody whose message did not come."""
    browser = Browser(desk, htmx=htmx).fill_until("declaration").answer("declaration", **person).answer("photos")
    return browser.submit({"email": email}).submit()


def code_in(server: MailServer) -> str:
    """In the newest mail that was taken."""
    return re.search(r"^ +(\d{6})\r?$", part(server.mails[-1], "plain"), re.MULTILINE)[1]


def later(seconds: int = 61) -> None:
    """As if so long had passed."""
    with database.connection_context():
        Code.update(sent_at=Code.sent_at - seconds).execute()


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_who_gets_no_message_gets_the_code_by_mail_and_hr_sees_by_which_means(desk, server, htmx, sign_in_to):
    person = asked_for(desk, htmx)
    assert "Chưa nhắn tin được" in person.text and f"Email: {TO}." in person.text
    person.submit(press="Gửi mã qua email", status=429)
    assert "Vừa gửi một mã rồi" in person.text
    later()
    person.submit(press="Gửi mã qua email")
    assert f"Đang gửi mã gồm 6 số đến {TO}" in person.text and "Gửi mã qua email" not in person.text
    settle()
    assert f"Mã gồm 6 số được gửi đến {TO}" in person.reload().text
    hr = sign_in_to(desk).open("/staff/codes")
    assert "đã gửi email" in hr.text
    assert "5 phút" in part(server.mails[0], "plain") and code_in(server) in part(server.mails[0], "html")
    assert code_in(server) not in server.mails[0]["Subject"]
    person.submit({"code": code_in(server)})
    assert person.heading == "Đã nhận hồ sơ của bạn"
    reference = person.page.select_one("[data-reference]").get_text(strip=True)
    assert (
        "Xác nhận bằng mã qua email; số điện thoại chưa được kiểm chứng" in hr.open(f"/staff/dossiers/{reference}").text
    )


def test_who_read_the_code_out_is_seen_as_well(desk, sign_in_to):
    person = asked_for(desk)
    hr = sign_in_to(desk).open("/staff/codes")
    person.submit({"code": hr.page.select_one(".digits").get_text(strip=True)})
    reference = person.page.select_one("[data-reference]").get_text(strip=True)
    assert "Xác nhận bằng mã do Nhân sự đọc" in hr.open(f"/staff/dossiers/{reference}").text


def test_a_code_that_came_as_a_message_is_seen_as_such(app, submitted, sign_in):
    reference = submitted(Browser(app))
    assert "Xác nhận bằng mã nhắn đến số điện thoại đã khai" in sign_in().open(f"/staff/dossiers/{reference}").text


def test_the_code_of_the_message_ends_when_one_goes_by_mail(desk, server):
    person = asked_for(desk)
    with database.connection_context():
        first = codes.pending(Code.select())[0].code
    later()
    person.submit(press="Gửi mã qua email")
    settle()
    if first != code_in(server):
        person.submit({"code": first}, status=422)
    person.submit({"code": code_in(server)})
    assert person.heading == "Đã nhận hồ sơ của bạn"


@pytest.mark.parametrize(("email", "smtp"), [("", True), (TO, False)])
def test_without_an_address_or_a_mail_server_none_is_offered(make_app, server, email, smtp):
    app = make_app(QUAY_SMTP_URL=open_line(server) if smtp else "", QUAY_SMS_URL="")
    person = asked_for(app, email=email)
    assert "Gửi mã qua email" not in person.text and "họ sẽ đọc cho bạn mã" in person.text
    later()
    answer = person.client.post(
        "/register/adult/send-code", data={"step_token": sign_of(person), "by_mail": "1"}, follow_redirects=True
    )
    assert "họ sẽ đọc cho bạn mã" in answer.text
    with database.connection_context():
        assert not Message.select().where(Message.means == "mail").exists()


def sign_of(person: Browser) -> str:
    """The token of the form that sends another code."""
    return person.page.select("form.again [name=step_token]")[0]["value"]


def test_the_limits_are_those_of_every_code(desk):
    with database.connection_context(), time_machine.travel("2026-11-23 08:00+07:00", tick=False) as clock:
        asker = codes.Asker(PERSON["phone"])
        for by_mail in (True, False, True):
            codes.send(asker, codes.SUBMIT, "draft", TO if by_mail else "")
            clock.shift(61)
        with pytest.raises(TooManyCodes) as refused:
            codes.send(asker, codes.SUBMIT, "draft", TO)
        assert refused.value.reason == "hour"


def test_one_mailbox_is_not_filled_through_many_drafts(desk):
    with database.connection_context(), time_machine.travel("2026-11-23 08:00+07:00", tick=False) as clock:
        for number in range(3):
            codes.send(codes.Asker(f"091234560{number}"), codes.SUBMIT, f"draft {number}", TO.upper() if number else TO)
        with pytest.raises(TooManyCodes):
            codes.send(codes.Asker("0912345609"), codes.SUBMIT, "draft 9", TO)
        # The other way is as open as before.
        assert codes.send(codes.Asker("0912345609"), codes.SUBMIT, "draft 9")
        clock.shift(3601)
        codes.send(codes.Asker("0912345608"), codes.SUBMIT, "draft 8", TO)


# What it proves


@pytest.mark.parametrize("what", ["own", "person", "phone"])
def test_who_has_proved_no_phone_learns_nothing_of_what_is_here(desk, server, what):
    """Whoever knows somebody's number and code, but holds only a mailbox, must not get to their dossier."""
    victim = "0912345671"
    with database.connection_context():
        row = file_one(victim, full_name="Trần Thị Nạn Nhân")
        code = "7" + victim[-9:]
    phone = "0987654321" if what == "person" else victim
    thief = asked_for(desk, phone=phone, social_insurance_code="7999999999" if what == "phone" else code)
    later()
    thief.submit(press="Gửi mã qua email")
    settle()
    thief.submit({"code": code_in(server)}, status=422)
    assert "Mã qua email không đủ để nhận hồ sơ này" in thief.text
    assert row.reference not in thief.response.text and "Nạn Nhân" not in thief.response.text
    assert "receipt" not in thief.response.text and "tra cứu" not in thief.page.main.get_text().lower()
    words = thief.page.main.get_text(" ", strip=True)
    assert "Số điện thoại này đã dùng" not in words and "Mã số BHXH này đã có" not in words
    thief.follow("Gửi mã đến điện thoại")
    assert thief.heading == "Nhập mã xác nhận"


def test_who_proves_the_phone_is_not_kept_out_by_who_did_not(desk):
    with database.connection_context():
        draft = fill("0912345671")
        codes.send(codes.Asker(draft.phone), codes.SUBMIT, draft.id, TO)
        entered = codes.pending(Code.select())[0].code
        assert submissions.submit(draft.ticket("confirm"), list(draft.answers), entered).confirmed_by == "mail"
        # The owner of the phone, who is somebody else.
        row = file_one("0912345671", social_insurance_code="7999999999")
        assert (row.confirmed_by, Dossier.select().count()) == ("desk", 2)
        with pytest.raises(submissions.AlreadyHere) as here:
            file_one("0912345671", social_insurance_code="7999999998")
        assert here.value.reason == "phone"


def test_it_is_no_proof_of_a_parents_phone(desk):
    with database.connection_context():
        draft = fill(PERSON["phone"])
        hashed = drafts.phone_hash(draft.phone)
        codes.send(codes.Asker(draft.phone), codes.SUBMIT, draft.id, TO)
        code = codes.pending(Code.select())[0].code
        tried = codes.enter(hashed, codes.SUBMIT, draft.id, code)
        assert tried.code_id and not proofs.fresh(hashed, draft.id) and not proofs.fresh(hashed, "", tried.code_id)


def test_lookups_are_never_answered_by_mail(desk, server):
    with database.connection_context():
        file_one(PERSON["phone"], email=TO)
        Message.delete().execute()
        Code.delete().execute()
    person = Browser(desk).open("/lookup").submit({"phone": PERSON["phone"]})
    assert "Gửi mã qua email" not in person.text
    settle()
    assert server.mails == []


# HR


def test_hr_reads_out_what_no_mail_server_took(desk, server, sign_in_to):
    server.answers["RCPT"] = "550 no such user"
    person = asked_for(desk)
    later()
    person.submit(press="Gửi mã qua email")
    settle()
    assert f"Chưa gửi được thư đến {TO}" in person.reload().text
    hr = sign_in_to(desk).open("/staff/messages")
    first = next(row for row in hr.page.select("tbody tr") if TO in row.get_text())
    hr.submit(form=next(form for form in first.select("form") if "Đọc mã thay" in form.get_text()))
    person.submit({"code": hr.page.select_one(".digits").get_text(strip=True)})
    with database.connection_context():
        assert Dossier.get().confirmed_by == "desk"


def test_a_units_hr_sees_its_own_mails_alone(desk, sign_in_to):
    with database.connection_context():
        unit = Unit.create(name="Xưởng May 1")
        codes.send(codes.Asker(PERSON["phone"], "Nguyễn Thị An", unit.id), codes.SUBMIT, "draft", TO)
    assert TO in sign_in_to(desk).open("/staff/messages").text
    assert TO not in sign_in_to(desk, "unit", "Xưởng May 2").open("/staff/messages").text
