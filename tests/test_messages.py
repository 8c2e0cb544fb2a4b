"""Codes on their way: what the person sees, what HR sees and does, and that no page waits for a gateway."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import time_machine

from desk import messages
from models import Code, Message, database
from services import accounts, codes, outbox
from services.outbox.worker import Worker
from services.sms import http
from tests.answers import PERSON
from tests.browser import Browser
from tests.gateways import Esms, Gateway, Phone, SpeedSms, until

TO = PERSON["phone"]
SHOWN = "0912 345 678"


class Desk:
    """An installation that sends by an Android phone on loopback; its worker runs while `working`."""

    def __init__(self, make_app, **changes):
        self.phone = Phone()
        self.gateway = Gateway(self.phone.answer)
        self.app = make_app(QUAY_SMS_URL=f"smsgate://a:b@127.0.0.1:{self.gateway.port}", **changes)

    @contextmanager
    def working(self):
        worker = Worker(threads=2, pause=0.01).start()
        yield
        worker.stop()

    def settle(self) -> None:
        """Let a worker do what is due."""
        with self.working():
            until(self._is_settled, "nothing is due")

    def _is_settled(self) -> bool:
        with database.connection_context():
            due = (Message.state == Message.WAITING) & (Message.due_at <= int(time.time()))
            return not Message.select().where(due | (Message.leased_until > 0)).exists()

    @property
    def code(self) -> str:
        """In the newest message that the phone took."""
        return re.search(r"\b\d{6}\b", list(self.phone.taken.values())[-1]["textMessage"]["text"])[0]


@pytest.fixture
def desk(make_app, monkeypatch):
    monkeypatch.setattr(http, "SECONDS", 0.4)
    desk = Desk(make_app)
    with desk.gateway:
        yield desk


@pytest.fixture
def limited(make_app):
    """A desk that may send four messages a month."""
    desk = Desk(make_app, QUAY_SMS_PER_MONTH="4")
    with desk.gateway:
        yield desk


def state_of(page) -> str:
    return page.select_one("[role=status]").get_text(" ", strip=True)


def row() -> Message:
    with database.connection_context():
        return Message.select().order_by(Message.id.desc()).get()


# The person


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_person_sees_the_code_on_its_way_and_gone_out(desk, htmx):
    person = Browser(desk.app, htmx=htmx).fill_until("review").submit()
    assert state_of(person.page).startswith(f"Đang gửi mã gồm 6 số đến {SHOWN}")
    asks = person.page.select_one("#sent")
    assert (asks["hx-trigger"], asks["hx-select"]) == ("every 2s", "#sent")
    assert asks["hx-get"] == asks.a["href"]
    desk.settle()
    person.open(asks["hx-get"])
    assert state_of(person.page).startswith(f"Mã gồm 6 số được nhắn đến {SHOWN}")
    assert not person.page.select_one("#sent").has_attr("hx-get")
    person.submit({"code": desk.code})
    assert person.heading == "Đã nhận hồ sơ của bạn"


def test_a_person_whose_message_fails_is_sent_to_hr_who_reads_the_code_out(desk, sign_in_to):
    desk.gateway.mood = "error"
    person = Browser(desk.app).fill_until("review").submit()
    desk.settle()
    person.reload()
    assert "Chưa nhắn tin được" in state_of(person.page) and "Nhân sự" in state_of(person.page)
    # It is tried again, by itself or by HR: the page goes on looking.
    assert person.page.select_one("#sent")["hx-trigger"] == "every 10s"
    staff = sign_in_to(desk.app).open("/staff/codes")
    assert "tin nhắn chưa gửi được" in staff.text
    person.submit({"code": staff.page.select_one(".digits").get_text(strip=True)})
    assert person.heading == "Đã nhận hồ sơ của bạn"


def test_a_message_that_the_phone_lost_counts_as_not_sent(desk):
    with time_machine.travel("2026-11-23 08:00", tick=True) as clock:
        person = Browser(desk.app).fill_until("review").submit()
        desk.settle()
        assert "được nhắn đến" in state_of(person.reload().page)
        desk.phone.state, desk.phone.error = "Failed", "RESULT_ERROR_NO_SERVICE"
        clock.shift(6)
        with desk.working():
            until(lambda: row().state == Message.FAILED, "the phone is asked")
        assert "Chưa nhắn tin được" in state_of(person.reload().page)


def test_the_page_counts_down_and_says_so_without_scripts(app):
    with time_machine.travel("2026-11-23 08:00", tick=False) as clock:
        person = Browser(app).fill_until("review").submit()
        clock.shift(15)
        person.reload()
        good_for, until_next = person.page.select("[data-left]")
        assert (good_for["data-left"], good_for.get_text()) == ("285", "5 phút")
        assert (until_next["data-left"], until_next.get_text()) == ("45", "1 phút")
        clock.shift(46)
        person.reload()
        [good_for] = person.page.select("[data-left]")
        assert (good_for["data-left"], good_for.get_text()) == ("239", "4 phút")
        assert not person.page.select("[role=status] [data-left]"), "a clock that is read aloud every second"
        clock.shift(240)
        assert not person.reload().page.select("[data-left]")
        assert "Chưa có mã nào còn dùng được" in person.text


def test_a_code_that_is_replaced_is_not_sent_any_more(desk):
    with time_machine.travel("2026-11-23 08:00", tick=True) as clock:
        person = Browser(desk.app).fill_until("review").submit()
        clock.shift(61)
        person.submit(press="Gửi mã mới")
        desk.settle()
    with database.connection_context():
        assert [each.state for each in Message.select().order_by(Message.id)] == ["dropped", "sent"]
    assert len(desk.phone.taken) == 1


def test_a_message_whose_code_was_entered_or_is_spent_is_not_sent_any_more(desk):
    desk.gateway.mood = "error"
    for subject, entered in (("entered", True), ("spent", False)):
        with database.connection_context():
            codes.send(codes.Asker(TO), codes.SUBMIT, subject)
        desk.settle()
        with database.connection_context(), database.atomic():
            code = codes.pending(Code.select().where(Code.subject == subject))[0].code
            wrong = f"{(int(code) + 1) % 1_000_000:06}"
            for guess in [code] if entered else [wrong] * codes.TRIES:
                assert row().state == Message.WAITING
                codes.enter(Code.get().phone_hash, codes.SUBMIT, subject, guess)
        assert row().state == Message.DROPPED


def test_fifty_sends_that_hang_make_no_page_wait(desk):
    desk.gateway.mood = "hang"
    with database.connection_context():
        for number in range(50):
            codes.send(codes.Asker(f"09123456{number:02}"), codes.SUBMIT, f"draft {number}")
    worker = Worker(threads=4, pause=0.01).start()
    until(lambda: desk.gateway.hanging >= 4, "the worker waits for the gateway")

    def visit(number: int) -> float:
        began_at = time.monotonic()
        Browser(desk.app).open("/").start()
        return time.monotonic() - began_at

    with ThreadPoolExecutor(4) as people:
        taken = sorted(people.map(visit, range(20)))
    person = Browser(desk.app).fill_until("review")
    began_at = time.monotonic()
    person.submit()
    assert time.monotonic() - began_at < 5 and taken[-1] < 5
    assert "Đang gửi mã" in state_of(person.page)
    desk.gateway.release()
    worker.stop()


def test_a_desk_without_a_gateway_has_no_message(make_app):
    app = make_app(QUAY_SMS_URL="")
    person = Browser(app).fill_until("review").submit()
    assert "họ sẽ đọc cho bạn mã" in state_of(person.page)
    with database.connection_context():
        assert Message.select().count() == 0


# What it costs


def test_when_the_months_messages_are_spent_codes_are_read_out(limited, sign_in_to):
    seen = {}
    with time_machine.travel("2026-11-30 08:00+07:00", tick=True) as clock:
        staff = sign_in_to(limited.app)
        for sent in range(5):
            warning = re.search(r"Đã dùng \d+%|Đã hết số tin của tháng", staff.open("/staff/messages").text)
            seen[sent] = warning[0] if warning else ""
            with database.connection_context():
                way = codes.send(codes.Asker(f"091234560{sent}"), codes.SUBMIT, f"draft {sent}")
            assert way == ("desk" if sent == 4 else "sending")
            limited.settle()
        assert "4 trên 4 tin (100%)" in gateway_of(staff)
        assert "Đã hết số tin của tháng" in staff.open("/staff/codes").text
        clock.shift(24 * 60 * 60)
        with database.connection_context():
            assert codes.send(codes.Asker("0912345609"), codes.SUBMIT, "draft 9") == "sending"
    assert seen == {
        0: "",
        1: "",
        2: "Đã dùng 50%",
        3: "Đã dùng 75%",
        4: "Đã hết số tin của tháng",
    }


def test_the_months_last_message_is_the_last_however_many_ask_at_once(limited):
    def ask(number: int) -> str:
        with database.connection_context():
            return codes.send(codes.Asker(f"09123456{number:02}"), codes.SUBMIT, f"draft {number}")

    with ThreadPoolExecutor(12) as people:
        ways = list(people.map(ask, range(12)))
    assert (ways.count("sending"), ways.count("desk")) == (4, 8)


# HR


def failed(desk: Desk, unit: str = "") -> None:
    """A code whose message no gateway took."""
    desk.gateway.mood = "error"
    with database.connection_context():
        unit_id = accounts.Unit.get_or_create(name=unit)[0].id if unit else None
        codes.send(codes.Asker(TO, "Nguyễn Thị An", unit_id), codes.SUBMIT, "draft")
    desk.settle()
    desk.gateway.mood = "well"


def test_hr_sees_what_failed_and_why_and_sends_it_again(desk, sign_in_to):
    failed(desk)
    staff = sign_in_to(desk.app).open("/staff/messages")
    assert "Cổng báo lỗi. (HTTP 500) Sẽ thử lại." in staff.text and SHOWN in staff.text
    assert "Cổng nhắn tin: lần gần nhất không được" in staff.text
    staff.submit(press="Gửi lại")
    desk.settle()
    staff.reload()
    assert "Cổng đã nhận" in staff.text and "lần gần nhất không được" not in staff.text
    assert row().state == Message.SENT


def test_what_failed_for_good_is_sent_again_as_a_new_message(desk, sign_in_to):
    failed(desk)
    first = row()
    with database.connection_context():
        Message.update(state=Message.FAILED).where(Message.id == first.id).execute()
    sign_in_to(desk.app).open("/staff/messages").submit(press="Gửi lại")
    desk.settle()
    second = row()
    assert (second.state, second.id > first.id) == ("sent", True)
    assert second.key in desk.phone.taken
    with database.connection_context():
        assert Code.get().message_id == second.id
        code = codes.pending(Code.select())[0].code
    assert code == desk.code


@pytest.mark.parametrize("press", ["Gửi lại", "Đọc mã thay"])
def test_the_front_page_tells_what_did_not_go_out_until_hr_has_seen_to_it(desk, sign_in_to, press):
    failed(desk)
    staff = sign_in_to(desk.app)
    assert "Tin nhắn chưa gửi được trong 24 giờ: 1" in staff.open("/staff/").text
    with database.connection_context():
        Message.update(state=Message.FAILED).execute()
    staff.open("/staff/").follow("Tin nhắn chưa gửi được").submit(press=press)
    desk.settle()
    assert "Tin nhắn chưa gửi được" not in staff.open("/staff/").text


def test_pressed_twice_it_is_sent_once(desk):
    failed(desk)
    with database.connection_context():
        Message.update(state=Message.FAILED).execute()
        admin = accounts.Staff(role="admin")
        seen = messages.find(admin, Message.get().id)
        messages.send_again(seen)
        messages.send_again(seen)
        assert Message.select().count() == 2
    desk.settle()
    assert len(desk.phone.taken) == 1


def test_no_failed_message_is_sent_again_when_the_months_are_spent(limited, sign_in_to):
    failed(limited)
    with database.connection_context():
        Message.update(state=Message.FAILED).execute()
        for number in range(4):
            codes.send(codes.Asker(f"091234560{number}"), codes.SUBMIT, f"draft {number}")
    limited.settle()
    sign_in_to(limited.app).open("/staff/messages").submit(press="Gửi lại", status=409)
    assert len(limited.phone.taken) == 4


def test_whoever_deletes_a_registration_leaves_no_number_in_its_messages(desk):
    person = Browser(desk.app).fill_until("review").submit()
    with database.connection_context():
        code = Code.get()
        codes.forget(code.phone_hash, code.subject)
        assert outbox.recipient_of(Message.get()) == "" and bytes(Message.get().content) == b""
    desk.settle()
    assert not desk.phone.taken and person.heading == "Nhập mã xác nhận"


def test_hr_has_a_code_read_out_instead(desk, sign_in_to):
    failed(desk)
    staff = sign_in_to(desk.app).open("/staff/messages").submit(press="Đọc mã thay")
    assert staff.heading == "Mã xác nhận đang chờ"
    assert row().state == Message.DROPPED
    with database.connection_context():
        assert Code.get().delivery == codes.DESK
    staff.open("/staff/messages")
    assert "Đọc mã thay" not in staff.text


def test_what_is_no_longer_of_use_cannot_be_sent_again(desk, sign_in_to):
    failed(desk)
    staff = sign_in_to(desk.app).open("/staff/messages")
    with database.connection_context():
        Code.update(expires_at=0).execute()
    staff.submit(press="Gửi lại", status=409)
    assert "không còn dùng được" in staff.page.select_one(".summary").get_text()
    assert "Gửi lại" not in staff.page.table.get_text()


def test_a_units_hr_sees_its_own_messages_alone(desk, sign_in_to):
    failed(desk, "Xưởng May 1")
    other = sign_in_to(desk.app, "unit", "Xưởng May 2").open("/staff/messages")
    assert SHOWN not in other.text
    token = other.page.find("input", attrs={"name": "csrf_token"})["value"]
    for action in ("again", "read-out"):
        for number in (row().id, 2**31, 0):
            answer = other.client.post(f"/staff/messages/{number}/{action}", data={"csrf_token": token})
            assert answer.status_code == 404


# What is outside


def gateway_of(staff: Browser) -> str:
    return staff.open("/staff/outside").page.select_one("#sms").get_text(" ", strip=True)


def test_a_page_shows_how_the_gateway_does(desk, sign_in_to):
    with time_machine.travel("2026-11-23 08:00+07:00", tick=True) as clock:
        staff = sign_in_to(desk.app)
        assert "Chưa dùng lần nào" in gateway_of(staff) and gateway_of(staff).count("chưa lần nào") == 2
        failed(desk)
        assert "Lần gần nhất không được. Trong lúc chờ, đọc mã" in gateway_of(staff)
        assert "Lỗi gần nhất 23/11/2026 08:00. Cổng báo lỗi. (HTTP 500)" in gateway_of(staff)
        assert f"127.0.0.1:{desk.gateway.port}" in gateway_of(staff) and "a:b" not in staff.response.text
        staff.open("/staff/").follow("Cổng nhắn tin: lần gần nhất không được")
        assert staff.heading == "Kết nối bên ngoài"
        clock.shift(60)
        desk.settle()
        assert "✓ Lần gần nhất được." in gateway_of(staff) and "Được gần nhất 23/11/2026 08:01" in gateway_of(staff)
        assert "lần gần nhất không được" not in staff.open("/staff/").text


def test_hr_tries_the_gateway_with_a_message_to_itself(desk, sign_in_to):
    staff = sign_in_to(desk.app).open("/staff/outside")
    staff.submit({"phone": "12"}, press="Gửi tin thử", status=422)
    assert staff.value("phone") == "12" and staff.errors()
    staff.submit({"phone": "0987 654 321"}, press="Gửi tin thử")
    asks = staff.page.select_one("#sms-state")
    assert "Đang thử…" in asks.get_text() and (asks["hx-get"], asks["hx-select"]) == ("/staff/outside", "#sms-state")
    desk.settle()
    [taken] = desk.phone.taken.values()
    assert taken["phoneNumbers"] == ["+84987654321"] and "tin nhan thu" in taken["textMessage"]["text"]
    assert "✓ Lần gần nhất được." in gateway_of(staff) and "Đang thử" not in staff.text
    assert not staff.page.select_one("#sms-state").has_attr("hx-get")
    for _ in range(4):
        staff.submit({"phone": "0987654321"}, press="Gửi tin thử")
    staff.submit({"phone": "0987654321"}, press="Gửi tin thử", status=422)
    assert "mỗi giờ 5 tin" in staff.page.select_one(".summary").get_text()
    with database.connection_context():
        assert Message.select().count() == 5
    assert "Tin thử 0987 654 321" in staff.open("/staff/messages").text


def test_a_try_that_fails_says_why(desk, sign_in_to):
    staff = sign_in_to(desk.app).open("/staff/outside")
    desk.gateway.mood = "hang"
    staff.submit({"phone": "0987654321"}, press="Gửi tin thử")
    desk.settle()
    assert "Cổng nhắn tin không trả lời kịp" in gateway_of(staff) and "Đang thử" not in gateway_of(staff)


def test_where_nothing_is_set_there_is_nothing_to_try(make_app, sign_in_to):
    staff = sign_in_to(make_app(QUAY_SMS_URL=""))
    assert "QUAY_SMS_URL" in gateway_of(staff) and "Gửi tin thử" not in staff.text
    token = staff.page.find("input", attrs={"name": "csrf_token"})["value"]
    for part, status in (("sms", 422), ("fax", 404)):
        form = {"csrf_token": token, "phone": "0987654321"}
        assert staff.client.post(f"/staff/outside/{part}/try", data=form).status_code == status
    with database.connection_context():
        assert Message.select().count() == 0


def test_a_units_hr_sees_the_gateway_and_leaves_it_alone(desk, sign_in_to):
    unit = sign_in_to(desk.app, "unit", "Xưởng May 1")
    assert "Chưa dùng lần nào" in gateway_of(unit) and "Gửi tin thử" not in unit.text


# Gateways that call back


def test_a_gateway_that_calls_back_twice_is_believed_once(make_app):
    service = Esms()
    with Gateway(service.answer) as gateway:
        url = f"esms://key:secret@127.0.0.1:{gateway.port}?brandname=x"
        app = make_app(QUAY_SMS_URL=url, QUAY_PUBLIC_URL="https://vssid.example.vn")
        with database.connection_context():
            codes.send(codes.Asker(TO), codes.SUBMIT, "draft")
        worker = Worker(threads=1, pause=0.01).start()
        until(lambda: row().state == Message.SENT, "eSMS has taken it")
        worker.stop()
    [body] = service.taken.values()
    path = body["CallbackUrl"].removeprefix("https://vssid.example.vn")
    client, news = app.test_client(), "SMSID=sms-1&SendStatus=5&TotalSent=1&TypeId=2&phonenumber=0912345678"
    with time_machine.travel("2026-11-23 08:00", tick=False) as clock:
        for what in ("&SendSuccess=1&SendFailed=0", "&SendSuccess=1&SendFailed=0", "&SendSuccess=0&SendFailed=1"):
            answer = client.get(f"{path}?{news}{what}")
            assert (answer.status_code, answer.text) == (200, "OK")
            clock.shift(60)
        assert (row().state, row().delivered_at) == ("sent", int(time.time()) - 180)


@pytest.mark.parametrize("query", ["", "?SendStatus=5", "?SendStatus=4&SendStatus=5", "?SendStatus=%00", "?x=1"])
def test_whoever_calls_back_without_a_key_learns_and_changes_nothing(app, query):
    with database.connection_context():
        codes.send(codes.Asker(TO), codes.SUBMIT, "draft")
    before = row()
    for key in ("0" * 32, "x", "%2e", "a" * 4000):
        answer = app.test_client().get(f"/messages/{key}/report{query}")
        assert (answer.status_code, answer.text) == (200, "OK")
    assert row().__data__ == before.__data__


class CallingBack:
    """SpeedSMS or the Android phone, with an address at which it calls back, and a message that it has taken."""

    def __init__(self, app, desk_of, service, gateway):
        self.client = app.test_client()
        self.address = desk_of(app).open("/staff/outside").page.select_one("code").get_text()
        with database.connection_context():
            codes.send(codes.Asker(TO), codes.SUBMIT, "draft")
        worker = Worker(threads=1, pause=0.01).start()
        until(lambda: row().state == Message.SENT, "the gateway has taken it")
        worker.stop()
        self.about = row().gateway_id

    def calls(self, said, address: str = "") -> int:
        path = (address or self.address).removeprefix("https://vssid.example.vn")
        body = said if isinstance(said, str) else json.dumps(said)
        return self.client.post(path, data=body, content_type="application/json").status_code


SPEEDSMS = {
    "delivered": lambda about: {"type": "report", "tranId": about, "phone": "84912345678", "status": 0},
    "under way": lambda about: {"type": "report", "tranId": about, "phone": "84912345678", "status": 12},
    "lost": lambda about: {"type": "report", "tranId": int(about), "phone": "84912345678", "status": "64"},
    "something else": lambda about: {"type": "incoming", "phone": about, "content": "STOP"},
}
PHONE = {
    "delivered": lambda about: {"event": "sms:delivered", "payload": {"messageId": about, "deliveredAt": "2026"}},
    "under way": lambda about: {"event": "sms:sent", "payload": {"messageId": about}},
    "lost": lambda about: {"event": "sms:failed", "payload": {"messageId": about, "reason": "NO_SERVICE"}},
    "something else": lambda about: {"event": "sms:received", "payload": about},
}


@pytest.fixture(params=["speedsms", "smsgate"])
def calling_back(request, make_app, sign_in_to):
    service, words = {"speedsms": (SpeedSms(), SPEEDSMS), "smsgate": (Phone(), PHONE)}[request.param]
    with Gateway(service.answer) as gateway:
        url = f"{request.param}://a:b@127.0.0.1:{gateway.port}"
        app = make_app(QUAY_SMS_URL=url, QUAY_PUBLIC_URL="https://vssid.example.vn")
        found = CallingBack(app, sign_in_to, service, gateway)
        yield found, {name: words[name](found.about) for name in words}


def test_what_a_gateway_calls_back_counts_once_and_its_first_word_stands(calling_back):
    gateway, words = calling_back
    with time_machine.travel("2026-11-23 08:00", tick=False) as clock:
        for said in ("something else", "under way"):
            assert gateway.calls(words[said]) == 200
            assert (row().state, row().delivered_at) == ("sent", None)
        for said in ("delivered", "delivered", "lost"):
            assert gateway.calls(words[said]) == 200
            clock.shift(60)
        assert (row().state, row().delivered_at) == ("sent", int(time.time()) - 180)


def test_what_a_gateway_calls_back_as_lost_has_failed(calling_back):
    gateway, words = calling_back
    assert gateway.calls(words["lost"]) == 200
    assert row().state == Message.FAILED and row().answer.split()[0] in {"lost", "refused"}


def test_forged_and_broken_calls_change_nothing(calling_back):
    gateway, words = calling_back
    before = row()
    for secret in ("0" * 64, "x", before.key, gateway.about, "é", "a" * 4000):
        assert gateway.calls(words["delivered"], f"/messages/reports/{secret}") == 404
    for said in ("", "{", "[]", "7", '"report"', "{}", '{"type": "report", "status": "²"}', '{"payload": {}}'):
        assert gateway.calls(said) == 200
    for name in ("delivered", "lost"):
        of_another = json.dumps(words[name]).replace(gateway.about, "99999")
        assert gateway.calls(of_another) == 200
    assert row().__data__ == before.__data__


def test_only_an_administrator_sees_the_address_and_only_where_it_can_be_reached(make_app, sign_in_to):
    for public, role, is_shown in (
        ("https://vssid.example.vn", "admin", True),
        ("https://vssid.example.vn", "department", False),
        ("http://quay.lan", "admin", False),
    ):
        app = make_app(QUAY_SMS_URL="speedsms://a@127.0.0.1:9", QUAY_PUBLIC_URL=public)
        with database.connection_context():
            accounts.Staff.delete().execute()
        page = sign_in_to(app, role).open("/staff/outside")
        assert ("/messages/reports/" in page.text) == is_shown


def test_a_gateway_that_cannot_call_back_is_not_heard(app):
    with database.connection_context():
        secret = outbox.secret(outbox.SMS)
    assert app.test_client().post(f"/messages/reports/{secret}", json={"type": "report"}).status_code == 404


def test_a_worker_of_another_machine_sends_what_this_one_wrote(desk):
    with database.connection_context():
        codes.send(codes.Asker(TO), codes.SUBMIT, "draft")
    assert outbox.sends(outbox.SMS) and not desk.phone.taken
    desk.settle()
    assert len(desk.phone.taken) == 1
