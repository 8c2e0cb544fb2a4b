"""What applicants are told of their dossier: in the way that they chose, with every move that matters, and no other."""

import json
import re

import pytest
import time_machine

from desk import batches, bulk, results, way
from desk.bulk import Seen
from models import Dossier, Message, Staff, database
from services import accounts, news, outbox, submissions
from services.history import APPLICANT, Note
from services.news import Choice
from services.outbox import MAIL, SMS
from tests.answers import PERSON
from tests.browser import Browser
from tests.dossiers import correct, file_one, ticket_of
from tests.mailserver import MailServer
from tests.routes import PASSWORD
from tests.test_mail import part, settle, work
from tokens import sign_receipt

TO = "nhung@example.vn"
PHONE = PERSON["phone"]


@pytest.fixture
def server():
    with MailServer() as server:
        yield server


@pytest.fixture
def desk(make_app, server):
    app = make_app(QUAY_SMTP_URL=f"smtp://127.0.0.1:{server.port}?from=vssid@congty.vn")
    # Requests close it; it opens by itself.
    database.connect(reuse_if_open=True)
    return app


@pytest.fixture
def hr(desk):
    return accounts.add("phong.nhansu", PASSWORD, "department")


def told(means: str = MAIL) -> list[Message]:
    """The news that were written, oldest first."""
    return list(Message.select().where((Message.purpose == news.NEWS) & (Message.means == means)).order_by(Message.id))


def at(row: Dossier, status: str) -> Dossier:
    """The dossier, as if HR had brought it there."""
    Dossier.update(status=status).where(Dossier.id == row.id).execute()
    return Dossier.get_by_id(row.id)


def move(hr: Staff, row: Dossier, name: str, note: Note | None = None) -> Dossier:
    row = Dossier.get_by_id(row.id)
    return way.move(hr, row, name, row.status, note)


def send_all() -> None:
    """Do what a worker does until nothing is due."""
    while work():
        pass


def test_each_move_that_matters_is_told_by_mail_in_its_own_words(desk, hr, server):
    row = file_one(PHONE, email=TO)
    send_all()
    server.mails.clear()
    with time_machine.travel("2026-11-23 08:00+07:00", tick=False):
        for name in ("print", "sign", "forward", "file", "issue"):
            move(hr, row, name)
            send_all()
    filed, issued = server.mails
    assert filed["Subject"] == f"Hồ sơ {row.reference} đã nộp cho cơ quan BHXH"
    assert "từ 25/11/2026 đến 28/11/2026" in part(filed, "plain")
    assert issued["Subject"] == f"Hồ sơ {row.reference} đã có tài khoản VssID"
    assert "đổi mật khẩu ngay lần đầu" in part(issued, "html")
    for mail in server.mails:
        assert not list(mail.iter_attachments()) and mail["To"] == TO
        for name in ("full_name", "social_insurance_code", "id_number", "phone"):
            assert PERSON[name] not in part(mail, "plain") + part(mail, "html") + mail["Subject"]


def test_what_came_back_is_told_with_its_reasons_but_without_numbers(desk, hr, server):
    row = file_one(PHONE, email=TO)
    code, number = PERSON["social_insurance_code"], PERSON["id_number"]
    spaced = " ".join(re.findall("..", code))
    text = f"Số {code} ({spaced}) và {number} không khớp, gọi 0274 3 822 999."
    move(hr, row, "return", Note(text, reasons=("photo", "unsigned"), steps=("photos",)))
    send_all()
    mail = server.mails[-1]
    words = part(mail, "plain")
    assert mail["Subject"] == f"Hồ sơ {row.reference} cần bạn sửa"
    assert "Lý do: Ảnh mờ" in words and "; Thiếu tờ khai" in words and "Sửa các bước: Ảnh của bạn" in words
    assert "Số … (…) và … không khớp, gọi 0274 3 822 999." in words
    for secret in (code, spaced, number):
        assert secret not in words + part(mail, "html")


def test_moves_that_are_undone_are_told_only_to_whom_they_were_told(desk, hr, server):
    row = at(file_one(PHONE, email=TO), "signed")
    move(hr, row, "reset")
    assert told() == []
    at(row, "signed")
    move(hr, row, "file")
    send_all()
    move(hr, row, "reset")
    send_all()
    assert "ghi nhầm" in part(server.mails[-1], "plain")
    move(hr, row, "withdraw", Note("Theo yêu cầu."))
    send_all()
    assert "Theo yêu cầu." in part(server.mails[-1], "plain")


def test_only_the_latest_is_told_when_the_mail_server_was_away(desk, hr, server):
    row = at(file_one(PHONE, email=TO), "signed")
    move(hr, row, "file")
    move(hr, row, "issue")
    send_all()
    assert [each.state for each in told()] == ["dropped", "sent"]
    assert len([mail for mail in server.mails if "đã nộp" in mail["Subject"]]) == 0


def test_a_move_that_fails_tells_nothing(desk, hr):
    row = at(file_one(PHONE, email=TO), "signed")
    with pytest.raises(way.MovedOn):
        way.move(hr, row, "file", "forwarded")
    with database.atomic() as transaction:
        move(hr, row, "file")
        transaction.rollback()
    assert told() == []


def test_many_at_once_and_the_results_of_a_batch_are_told_each_to_its_owner(desk, hr, server):
    rows = [
        at(file_one(f"091234560{number}", email=f"nguoi{number}@example.vn" if number else ""), "signed")
        for number in range(4)
    ]
    gathered = batches.gather(hr, rows[:3])
    batches.file(hr, gathered.batches[0])
    bulk.move(hr, "file", [Seen(rows[3].reference, "signed", 1)])
    assert [outbox.recipient_of(each) for each in told()] == [f"nguoi{number}@example.vn" for number in (1, 2, 3)]
    said = results.read(f"{rows[1].reference} đã cấp\n{rows[2].reference} trả lại ảnh mờ")
    results.enter(hr, results.check(gathered.batches[0], said))
    send_all()
    subjects = {str(mail["To"]): mail["Subject"] for mail in server.mails if "Hồ sơ" in mail["Subject"]}
    assert subjects["nguoi1@example.vn"].endswith("đã có tài khoản VssID")
    assert subjects["nguoi2@example.vn"].endswith("cần bạn sửa")
    assert subjects["nguoi3@example.vn"].endswith("đã nộp cho cơ quan BHXH")


def test_who_chose_nothing_is_told_nothing(desk, hr):
    row = at(file_one(PHONE), "signed")
    move(hr, row, "file")
    assert not Message.select().where(Message.purpose != "code").exists()


# Choosing


def receipt_of(app, row: Dossier) -> Browser:
    return Browser(app).open(f"/receipt?t={sign_receipt(ticket_of(row))}")


def test_a_person_chooses_to_be_told_by_text_message(desk, hr, environ):
    row = at(file_one(PHONE), "signed")
    person = receipt_of(desk, row).follow("Nhận tin về hồ sơ")
    person.submit({"news": "sms"}, press="Lưu lựa chọn")
    assert f"Tin về hồ sơ được gửi đến {PHONE}" in person.text
    move(hr, row, "file")
    [message] = told(SMS)
    letter = outbox.letter_of(message)
    assert (
        letter.to == PHONE and row.reference in letter.said["text"] and "da nop cho co quan BHXH" in letter.said["text"]
    )


@pytest.mark.parametrize("name", sorted(news.sms.texts.NEWS))
def test_every_text_message_is_one_message_whatever_the_company_is_called(app, name):
    from services import preferences

    preferences.use("Tổng công ty Cổ phần Dệt May và Xuất nhập khẩu Bình Minh Miền Nam", "07407")
    text = news.sms.texts.news_text("WWWWWWWW", name)
    assert text.isascii() and len(text) <= 160
    assert set(news.TOLD) | {news.TAKEN_BACK} == set(news.sms.texts.NEWS)


def test_messages_that_are_spent_are_not_sent_for_news(make_app, hr, desk):
    app = make_app(QUAY_SMS_PER_MONTH="1")
    with database.connection_context():
        row = at(file_one(PHONE), "signed")
        news.choose(row, Choice(SMS, PHONE))
        move(hr, row, "file")
        assert told(SMS) == [] and app


def test_a_person_turns_it_off_and_nothing_that_waits_is_sent(desk, hr):
    row = at(file_one(PHONE, email=TO), "signed")
    move(hr, row, "file")
    person = receipt_of(desk, row).follow("Nhận tin về hồ sơ")
    assert person.value("email") == TO and person.page.select_one("[name=news][checked]")["value"] == "mail"
    person.page.select_one("[name=news][checked]").attrs.pop("checked")
    person.submit({"news": "none"}, press="Lưu lựa chọn")
    assert "Tin về hồ sơ được gửi đến" not in person.text
    assert [each.state for each in told()] == ["dropped"]
    assert Dossier.get_by_id(row.id).news is None


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"news": "mail", "email": ""}, "Nhập địa chỉ email để nhận tin"),
        ({"news": "mail", "email": "ai đó"}, "Địa chỉ email chưa đúng"),
        ({"news": "pigeon", "email": ""}, "Chọn một cách nhận tin"),
    ],
)
def test_a_choice_that_cannot_be_kept_is_refused_and_what_was_typed_stays(desk, values, says):
    row = file_one(PHONE)
    person = receipt_of(desk, row).follow("Nhận tin về hồ sơ").submit(values, press="Lưu lựa chọn", status=422)
    assert any(says in error for error in person.errors()) and person.value("email") == values["email"]
    assert Dossier.get_by_id(row.id).news is None


def test_what_was_chosen_on_the_receipt_outlives_a_correction(desk):
    row = file_one(PHONE, email=TO)
    news.choose(row, Choice(MAIL, "khac@example.vn"))
    row = correct(row)
    assert news.choice_of(row) == Choice(MAIL, "khac@example.vn")
    forms = Message.select().where(Message.purpose == news.FORM01).order_by(Message.id)
    # The one about the old content was still to be sent, and is not sent any more.
    assert [(each.state, outbox.recipient_of(each)) for each in forms] == [
        ("dropped", ""),
        ("waiting", "khac@example.vn"),
    ]


def test_the_form_is_sent_when_it_is_asked_for_later(desk, server):
    row = file_one(PHONE)
    person = receipt_of(desk, row).follow("gửi tờ khai qua email")
    person.submit({"email": "sai"}, press="Gửi tờ khai", status=422)
    person.submit({"email": TO}, press="Gửi tờ khai")
    assert f"Tờ khai đang được gửi đến {TO}" in person.text
    settle()
    assert f"Tờ khai đã gửi đến {TO}" in person.reload().text
    [attachment] = server.mails[0].iter_attachments()
    person.follow("Biên nhận").follow("Tải tờ khai")
    assert attachment.get_content() == person.response.data
    assert Dossier.get_by_id(row.id).news is None, "asking once is no wish for news"


def test_nobody_has_a_mailbox_filled(desk):
    row = file_one(PHONE)
    person = receipt_of(desk, row).follow("gửi tờ khai qua email")
    for _ in range(news.LIMITS[0][0]):
        person.submit({"email": TO}, press="Gửi tờ khai")
    person.submit({"email": TO}, press="Gửi tờ khai", status=429)
    assert person.response.headers["Retry-After"] and "gửi nhiều lần" in person.text
    person.submit({"email": "khac@example.vn"}, press="Gửi tờ khai", status=429)
    other = file_one("0912345699")
    person = receipt_of(desk, other).follow("gửi tờ khai qua email")
    person.submit({"email": TO.upper()}, press="Gửi tờ khai", status=429)
    person.submit({"email": "khac@example.vn"}, press="Gửi tờ khai")


def test_without_mail_the_page_says_how_it_is(make_app):
    app = make_app(QUAY_SMTP_URL="")
    person = Browser(app).fill_until("agency")
    assert "Nhân sự thấy và gửi giúp" in person.text
    with database.connection_context():
        row = file_one(PHONE, email=TO)
        assert not Message.select().where(Message.means == MAIL).exists()
        # It is known for the day on which mail is set.
        assert news.choice_of(row) == Choice(MAIL, TO)
    person = receipt_of(app, row)
    assert "email" not in person.page.main.get_text()
    person.follow("Nhận tin về hồ sơ qua tin nhắn")
    assert "email" not in person.asked
    token = person.token
    answer = person.client.post("/receipt/news/form01", data={"step_token": token, "email": TO})
    assert answer.status_code == 404


def test_a_child_s_parent_is_told_at_the_parent_s_address(desk, hr, server):
    row = file_one(PHONE, "child", email=TO)
    send_all()
    assert "cha, mẹ hoặc người giám hộ" in part(server.mails[0], "plain")
    at(row, "signed")
    move(hr, row, "file")
    send_all()
    assert [mail["To"] for mail in server.mails] == [TO, TO]


def test_all_that_is_kept_of_it_is_shown_to_whoever_asks_by_right(desk):
    from services import holdings

    row = file_one(PHONE, email=TO)
    held = json.loads(holdings.as_json(holdings.hold(ticket_of(row))))
    assert held["registration"]["told_by"] == {"means": "mail", "to": TO}
    assert [(each["means"], each["purpose"], each["to"]) for each in held["messages"]] == [("mail", "form01", TO)]
    assert submissions.open_dossier(row).phone == PHONE and APPLICANT
