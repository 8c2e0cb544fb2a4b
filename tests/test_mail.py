"""Mail as a real server receives it, and what becomes of it where the server, the line or the address is not well."""

import re
import ssl
import time
from contextlib import contextmanager
from email.utils import parseaddr
from urllib.parse import quote

import pytest
import time_machine
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from forms.messages import OF_MAIL
from models import Dossier, Message, database
from services import holdings, mail, outbox
from services.mail import message, smtp
from services.outbox import MAIL, sending
from services.outbox.worker import Worker
from tests.answers import PERSON
from tests.browser import Browser
from tests.dossiers import file_one
from tests.gateways import until
from tests.mailserver import PASSWORD, USER, Authority, MailServer, Silent

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
FROM, TO = "vssid@congty.vn", "nhung@example.vn"
LARGEST_PDF = 300_000


@pytest.fixture
def server():
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


def url_of(server, host: str, authority, user: str = USER, password: str = PASSWORD) -> str:
    """With a password, by STARTTLS."""
    return f"smtp://{quote(user)}:{quote(password, safe='')}@{host}:{server.port}?ca={authority.ca}"


def open_line(server) -> str:
    """Without a password, on this machine."""
    return f"smtp://127.0.0.1:{server.port}?from={FROM}"


@pytest.fixture
def desk(make_app, server):
    """An installation that sends by the server."""
    return make_app(QUAY_SMTP_URL=open_line(server), QUAY_PUBLIC_URL="https://quay.congty.vn")


@contextmanager
def connected():
    with database.connection_context():
        yield


def work() -> Message | None:
    """What a worker does with the message that is due; gives it as it is then."""
    claim = sending.claim_next()
    if claim is None:
        return None
    sending.record(claim, sending.attempt(claim))
    return Message.get_by_id(claim.id)


def settle() -> None:
    """Let workers do what is due."""
    worker = Worker(threads=2, pause=0.01).start()
    due = (Message.state == Message.WAITING) & (Message.due_at <= int(time.time()))
    with connected():
        until(lambda: not Message.select().where(due | (Message.leased_until > 0)).exists(), "nothing is due")
    worker.stop()


def post_test(to: str = TO) -> Message:
    return outbox.post(MAIL, "test", mail.test_letter(to))


def part(mail, kind: str) -> str:
    """The words of the mail in plain text or in HTML."""
    return mail.get_body((kind,)).get_content()


# What arrives


def test_who_ticks_the_box_gets_the_form_that_they_would_download(desk, server, code):
    person = Browser(desk).fill_until("agency").submit({"email_copy": True, "email": TO}).submit()
    person.submit({"code": code()})
    reference = person.page.select_one("[data-reference]").get_text(strip=True)
    assert f"Tờ khai đang được gửi đến {TO}" in person.text
    settle()
    assert f"Tờ khai đã gửi đến {TO} lúc" in person.reload().text
    [taken] = server.mails
    [attachment] = taken.iter_attachments()
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_filename() == f"to-khai-mau-01-{reference}.pdf"
    pdf = attachment.get_content()
    person.follow("Tải tờ khai")
    assert pdf == person.response.data and len(pdf) <= LARGEST_PDF
    assert server.envelopes[0].rcpt_tos == [TO] and server.envelopes[0].mail_from == FROM
    assert taken["Subject"] == f"Tờ khai mẫu số 01, hồ sơ {reference}"
    assert parseaddr(str(taken["From"])) == ("Quầy VssID – Công ty May Bình Minh", FROM)
    assert taken["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        words = " ".join(BeautifulSoup(part(taken, kind), "lxml").get_text(" ").split())
        assert reference in words and PERSON["full_name"] in words and "Công ty May Bình Minh" in words
        assert "ký và ghi rõ họ tên" in words and "2 đến 5 ngày" in words and "Nộp bản đã ký cho" in words
        for secret in ("social_insurance_code", "id_number", "phone", "address"):
            assert PERSON[secret] not in words + str(taken["Subject"])
    assert BeautifulSoup(part(taken, "html"), "lxml").a["href"] == "https://quay.congty.vn/lookup"


def test_nothing_is_fetched_by_whoever_reads_a_mail(desk, server):
    with connected():
        post_test()
        work()
    page = BeautifulSoup(part(server.mails[0], "html"), "lxml")
    assert not page.select("img, link, script, style, [src], iframe")


def test_who_does_not_tick_it_gets_no_mail_but_the_address_stands_on_the_form(desk, server, code):
    person = Browser(desk).fill_until("agency").submit({"email": TO}).submit().submit({"code": code()})
    assert person.heading == "Đã nhận hồ sơ của bạn"
    with connected():
        assert not Message.select().where(Message.means == MAIL).exists()
        assert Dossier.get().news is None


def test_the_mail_is_written_in_the_transaction_of_the_submission(desk, monkeypatch, code):
    person = Browser(desk).fill_until("agency").submit({"email_copy": True, "email": TO}).submit()
    monkeypatch.setattr("services.audit.note", lambda *_given: 1 / 0)
    person.submit({"code": code()}, status=500)
    with connected():
        assert not Message.select().where(Message.means == MAIL).exists() and not Dossier.select().exists()


def test_a_mail_that_goes_out_twice_can_be_recognised(desk, server):
    server.drops = True
    with connected(), time_machine.travel("2026-11-23 08:00+07:00", tick=False) as clock:
        row = post_test()
        tried = work()
        assert (tried.state, tried.answer, tried.tries) == ("waiting", "dropped", 1)
        server.drops = False
        clock.shift(sending.PAUSES[0])
        tried = work()
        assert (tried.state, tried.tries) == ("sent", 2)
    first, second = (taken["Message-ID"] for taken in server.mails)
    assert first == second and row.key not in first and first.endswith("@congty.vn>")


def test_the_row_holds_neither_words_nor_pdf(desk, code, environ):
    person = Browser(desk).fill_until("agency").submit({"email_copy": True, "email": TO}).submit()
    person.submit({"code": code()})
    with connected():
        row = Message.get(Message.purpose == "form01")
        assert outbox.letter_of(row).said == {} and len(bytes(row.content)) < 100
        assert TO.encode() not in bytes(row.content)


def test_whoever_deletes_a_dossier_leaves_no_address_behind(desk, server):
    with connected():
        row = file_one(PERSON["phone"], email=TO)
        with database.atomic():
            holdings.destroy(row)
        kept = Message.get(Message.purpose == "form01")
        assert (bytes(kept.content), kept.state, kept.envelope_id) == (b"", "dropped", None)
        assert work() is None
    assert server.mails == []


# By TLS, with a password


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_password_goes_by_starttls_to_a_server_that_is_who_it_says(make_app, authority, host):
    with MailServer(tls_context=authority.context("127.0.0.1", "localhost"), auth_required=True) as server:
        make_app(
            QUAY_SMTP_URL=f"smtp://{quote(USER)}:{quote(PASSWORD, safe='')}@{host}:{server.port}?ca={authority.ca}"
        )
        with connected():
            post_test()
            assert work().state == Message.SENT
    assert server.passwords == [PASSWORD] and server.sessions[0].ssl
    assert parseaddr(str(server.mails[0]["From"]))[1] == USER


def test_a_server_that_speaks_tls_from_the_first_byte_is_spoken_to_so(make_app, authority):
    with MailServer(ssl=authority.context("localhost"), auth_require_tls=False) as server:
        make_app(QUAY_SMTP_URL=url_of(server, "localhost", authority).replace("smtp:", "smtps:"))
        with connected():
            post_test()
            assert work().state == Message.SENT
    assert server.passwords == [PASSWORD]


def test_without_starttls_neither_password_nor_mail_is_given(make_app):
    with MailServer(auth_require_tls=False) as server:
        make_app(QUAY_SMTP_URL=f"smtp://{quote(USER)}:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}")
        with connected():
            post_test()
            tried = work()
    assert (tried.state, tried.answer) == ("waiting", "open_line")
    assert server.passwords == [] and server.mails == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("wrong", ["another host", "another authority"])
def test_a_certificate_that_cannot_be_trusted_gets_nothing(make_app, authority, tmp_path, scheme, wrong):
    signs = authority if wrong == "another host" else Authority(tmp_path)
    context = signs.context("mail.example" if wrong == "another host" else "localhost")
    settings = {"tls_context": context} if scheme == "smtp" else {"ssl": context, "auth_require_tls": False}
    with MailServer(**settings) as server:
        make_app(QUAY_SMTP_URL=url_of(server, "localhost", authority).replace("smtp:", f"{scheme}:"))
        with connected():
            post_test()
            tried = work()
    assert (tried.state, tried.answer) == ("waiting", "certificate")
    assert server.passwords == [] and server.mails == []


def test_a_wrong_password_is_tried_again_once_it_may_have_been_put_right(make_app, authority):
    with MailServer(tls_context=authority.context("localhost"), auth_required=True) as server:
        make_app(QUAY_SMTP_URL=url_of(server, "localhost", authority, password="other"))
        with connected():
            post_test()
            tried = work()
    assert tried.state == "waiting" and tried.answer.startswith("credentials 535")


# What goes wrong


def test_where_nobody_listens_it_is_tried_again(make_app):
    with Silent() as gone:
        port = gone.port
    make_app(QUAY_SMTP_URL=f"smtp://127.0.0.1:{port}?from={FROM}")
    with connected():
        post_test()
        tried = work()
    assert (tried.state, tried.answer) == ("waiting", "unreachable")


def test_a_server_that_hangs_is_not_waited_for(make_app, monkeypatch):
    monkeypatch.setattr(smtp, "SECONDS", 0.3)
    with Silent() as hanging:
        make_app(QUAY_SMTP_URL=f"smtp://127.0.0.1:{hanging.port}?from={FROM}")
        with connected():
            post_test()
            tried = work()
    assert (tried.state, tried.answer) == ("waiting", "silent")
    assert smtp.SECONDS_FOR_ALL + 5 < sending.LEASE


def test_a_server_that_hangs_after_its_greeting_is_not_waited_for(make_app, monkeypatch):
    monkeypatch.setattr(smtp, "SECONDS", 0.3)
    with Silent(b"220 mail\r\n") as hanging:
        make_app(QUAY_SMTP_URL=f"smtp://127.0.0.1:{hanging.port}?from={FROM}")
        with connected():
            post_test()
            assert work().answer == "silent"


def test_a_server_that_drips_is_cut_off(make_app, monkeypatch):
    monkeypatch.setattr(smtp, "SECONDS_FOR_ALL", 0.5)
    with Silent(b"220-", drips=True) as dripping:
        make_app(QUAY_SMTP_URL=f"smtp://127.0.0.1:{dripping.port}?from={FROM}")
        with connected():
            post_test()
            assert work().answer == "silent"


def test_what_is_no_mail_server_is_told_apart(make_app):
    with Silent(b"HTTP/1.1 400 Bad Request\r\n\r\n") as other:
        make_app(QUAY_SMTP_URL=f"smtp://127.0.0.1:{other.port}?from={FROM}")
        with connected():
            post_test()
            assert work().answer.startswith("refused")


@pytest.mark.parametrize(
    ("verb", "answer", "state", "reason"),
    [
        ("RCPT", "550 5.1.1 <{address}>: Recipient address rejected: User unknown", "failed", "recipient"),
        ("RCPT", "450 4.2.1 <{address}> greylisted, try again in 300 s", "waiting", "later"),
        ("MAIL", "553 5.7.1 Sender address rejected", "waiting", "sender"),
        ("DATA", "552 5.3.4 Message too big", "failed", "refused"),
        ("DATA", "451 4.3.0 Try again later", "waiting", "later"),
        ("DATA", "421 4.3.2 Closing down", "waiting", "later"),
    ],
)
def test_a_server_that_refuses_for_good_is_not_asked_again_and_one_that_says_later_is(
    desk, server, caplog, verb, answer, state, reason
):
    server.answers[verb] = answer
    with connected():
        post_test()
        tried = work()
    assert (tried.state, tried.answer.split()[0]) == (state, reason)
    assert TO not in tried.answer and TO not in caplog.text and "nhung" not in caplog.text


def test_hr_sees_why_a_mail_did_not_arrive_and_the_person_is_told(desk, server, code, sign_in_to):
    server.answers["RCPT"] = "550 5.1.1 <{address}> User unknown"
    person = Browser(desk).fill_until("agency").submit({"email_copy": True, "email": TO}).submit()
    person.submit({"code": code()})
    settle()
    assert "Địa chỉ này không nhận thư: kiểm tra lại địa chỉ" in person.reload().text
    hr = sign_in_to(desk).open("/staff/messages")
    assert "có thể gõ sai" in hr.text and "550 5.1.1 <…> User unknown" in hr.text and TO in hr.text
    assert "Lần gửi thư gần nhất không được" not in hr.text, "the server is well"
    reference = person.page.select_one("[data-reference]").get_text(strip=True)
    assert "có thể gõ sai" in hr.open(f"/staff/dossiers/{reference}").text
    server.answers.clear()
    hr.open("/staff/messages").submit(press="Gửi lại")
    settle()
    assert len(server.mails) == 1 and "đã gửi đến" in person.reload().text


def test_every_reason_of_a_mail_server_has_words_of_its_own():
    problems = [
        TimeoutError(),
        smtp.NoTls(),
        ssl.SSLError(),
        ConnectionRefusedError(),
        ConnectionResetError(),
        smtp.smtplib.SMTPServerDisconnected("x"),
        smtp.smtplib.SMTPRecipientsRefused({"a": (550, b"no")}),
        smtp.smtplib.SMTPRecipientsRefused({"a": (450, b"later")}),
        smtp.smtplib.SMTPSenderRefused(550, b"no", "a"),
        smtp.smtplib.SMTPDataError(550, b"no"),
        smtp.smtplib.SMTPAuthenticationError(535, b"no"),
        smtp.smtplib.SMTPNotSupportedError("x"),
    ]
    assert {smtp.failure(problem).reason for problem in problems} == set(OF_MAIL)


# Headers


NASTY = [
    "Công ty\r\nBcc: thief@example.vn",
    "A\nB: c",
    'Quote " and <angle>, comma; \\ slash',
    "\u202eđảo\u2066 chiều\x00\x1b[31m",
    "Dài " * 100,
    "\u0085\u2028\u2029 lines",
]


@SQLITE_ONLY
@pytest.mark.parametrize("name", NASTY)
def test_no_name_adds_to_the_headers(desk, server, name):
    words = mail.Words(sender=name, subject=name, text="x", html="<p>x</p>")
    made = message.made(words, FROM, message.address(TO), "k" * 32)
    parsed = message_of(made.as_bytes())
    assert set(parsed.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "Content-Type",
    }
    assert parsed["From"].addresses[0].addr_spec == FROM and len(parsed["From"].addresses) == 1
    assert not re.search(r"[\x00-\x1f\x7f]", parsed["Subject"])


def message_of(data: bytes):
    from email import message_from_bytes
    from email.policy import default

    return message_from_bytes(data, policy=default)


@given(text=st.one_of(st.text(max_size=60), st.emails(), st.from_regex(r"[a-z\r\n,<>@. \"]{1,30}", fullmatch=True)))
def test_any_address_is_one_address_or_none(text):
    try:
        address = message.address(text)
    except message.Unwritable:
        return
    made = message.made(mail.Words("A", "B", "x", "<p>x</p>"), FROM, address, "k")
    parsed = message_of(made.as_bytes(policy=made.policy.clone(utf8=True)))
    assert len(parsed["To"].addresses) == 1 and "Bcc" not in parsed and "Cc" not in parsed
    assert not re.search(r"[\r\n]", address.addr_spec)


@pytest.mark.parametrize(
    ("written", "goes_to"),
    [
        ("nhung@côngty.vn", "nhung@xn--cngty-6ta.vn"),
        ("nhung@例え.jp", "nhung@xn--r8jz45g.jp"),
        ("Nhung.Le+bhxh@CongTy.VN", "Nhung.Le+bhxh@congty.vn"),
        ("nhùng@congty.vn", "nhùng@congty.vn"),
    ],
)
def test_addresses_in_any_alphabet_are_reached(desk, server, written, goes_to):
    with connected():
        post_test(written)
        assert work().state == Message.SENT
    assert server.envelopes[0].rcpt_tos == [goes_to]


def test_an_address_that_this_server_cannot_write_to_says_so(make_app):
    with MailServer(enable_SMTPUTF8=False) as server:
        make_app(QUAY_SMTP_URL=open_line(server))
        with connected():
            post_test("nhùng@congty.vn")
            assert work().answer.startswith("unsupported")
    assert server.envelopes == []


def test_what_is_no_address_is_never_said_to_a_server(desk, server):
    with connected():
        post_test("a\r\nRCPT TO:<thief@example.vn>@congty.vn")
        tried = work()
    assert (tried.state, tried.answer) == ("failed", "recipient") and server.sessions == []
