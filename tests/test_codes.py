"""One-time codes: how many are sent, how often they may be tried, who can find out what. The figures are promises."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import time_machine

from models import Attempt, Code, database
from services import codes, later, tries
from services.codes import Asker, TooManyCodes
from services.drafts import phone_hash
from tests.answers import PERSON, good
from tests.browser import Browser
from tests.messages import messages

PHONE = "0912345678"
HOUR, DAY = 60 * 60, 24 * 60 * 60


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def sent(environ):
    """How many messages went out so far."""
    folder = Path(environ["QUAY_SMS_URL"].removeprefix("file://"))
    return lambda: len(messages(folder))


def send(phone: str = PHONE, subject: str = "draft") -> str:
    with database.connection_context():
        return codes.send(Asker(phone), codes.SUBMIT, subject)


def refused(phone: str = PHONE, subject: str = "draft") -> tuple[str, int]:
    with pytest.raises(TooManyCodes) as refusal:
        send(phone, subject)
    return refusal.value.reason, refusal.value.retry_after


def enter(code: str, subject: str = "draft") -> str:
    """How the try ended: `right`, or the reason why it did not."""
    with database.connection_context(), database.atomic():
        tried = codes.enter(phone_hash(PHONE), codes.SUBMIT, subject, code)
    return tried.refusal.reason if tried.refusal else "right"


def right_code() -> str:
    with database.connection_context():
        return codes.pending(Code.select().order_by(Code.id.desc()))[0].code


def wrong_code() -> str:
    return f"{(int(right_code()) + 1) % 1_000_000:06}"


def all_at_once(number: int, work) -> list:
    together = Barrier(number)

    def wait_and_work(which):
        together.wait()
        return work(which)

    with ThreadPoolExecutor(number) as people:
        return list(people.map(wait_and_work, range(number)))


# How many are sent


def test_within_a_minute_the_same_code_stays_the_one_to_enter(app, clock, sent):
    send()
    clock.shift(59)
    assert send() == "sms" and sent() == 1
    clock.shift(1)
    send()
    assert sent() == 2


def test_a_phone_is_rung_three_times_an_hour_and_five_a_day_and_no_draft_is_told_of_the_others(app, clock, sent):
    assert [send(subject=f"draft {n}") for n in range(5)] == ["sms"] * 3 + ["held"] * 2
    clock.shift(HOUR)
    assert [send(subject=f"draft {n}") for n in range(5, 9)] == ["sms"] * 2 + ["held"] * 2
    clock.shift(HOUR)
    assert (send(subject="draft 9"), sent()) == ("held", 5)


def test_a_code_that_was_not_sent_looks_like_one_that_was_and_hr_can_read_it_out(app, sign_in):
    with database.connection_context():
        for n in range(3):
            codes.send(Asker(PHONE), codes.SUBMIT, f"draft of somebody else {n}")
    plain = Browser(app).fill_until("declaration")
    plain.answer("declaration", phone=PHONE).answer("photos").answer("agency").submit()
    assert "Mã gồm 6 số được nhắn đến" in plain.text
    desk = sign_in().open("/staff/codes")
    own = next(card for card in desk.page.select(".codes li") if PERSON["full_name"] in card.get_text())
    plain.submit({"code": own.select_one(".digits").get_text(strip=True)})
    assert plain.heading == "Đã nhận hồ sơ của bạn"


def test_three_an_hour_and_five_a_day_for_one_phone(app, clock, sent):
    for _ in range(3):
        send()
        clock.shift(61)
    assert refused() == ("hour", HOUR - 3 * 61)
    clock.shift(HOUR - 3 * 61)
    send()
    clock.shift(HOUR)
    send()
    clock.shift(HOUR)
    reason, wait = refused()
    assert (reason, sent()) == ("day", 5)
    clock.shift(wait)
    send()
    assert sent() == 6


def test_a_cap_for_everybody_together(make_app, clock, sent):
    make_app(QUAY_CODES_PER_DAY="4")
    for n in range(4):
        send(f"091234560{n}")
    assert refused("0912345605") == ("everybody", HOUR)
    clock.shift(DAY)
    send("0912345605")
    assert sent() == 5


def test_the_cap_holds_exactly_when_many_ask_at_once(make_app, sent):
    make_app(QUAY_CODES_PER_DAY="10")

    def ask(n):
        try:
            return send(f"09123456{n:02}")
        except TooManyCodes as refusal:
            return refusal.reason

    outcomes = all_at_once(24, ask)
    assert (outcomes.count("sms"), outcomes.count("everybody"), sent()) == (10, 14, 10)


def test_a_storm_of_requests_sends_one_message(app, sent):
    plain = Browser(app).fill_until("review")
    data = {"step_token": plain.token}
    answers = all_at_once(16, lambda _: app.test_client().post("/register/adult/send-code", data=data))
    assert {answer.status_code for answer in answers} == {303}
    assert sent() == 1


def test_a_restart_forgets_no_limit(make_app, clock, sent):
    make_app()
    send()
    for _ in range(5):
        enter(wrong_code())
    make_app()
    assert enter(right_code()) == "locked"
    assert refused()[0] == "pause"
    clock.shift(15 * 60)
    assert enter(right_code()) == "none"


def test_nothing_is_sent_to_foreign_fixed_line_or_premium_numbers(app, sent):
    declaring, looking = Browser(app).fill_until("declaration"), Browser(app).open("/lookup")
    foreign = ("+1 202 555 0101", "+870 773 111 632", "+8613912345678")
    fixed = ("+84 28 3822 1234", "02838221234", "1900 9068", "112", "18001091")
    for number in (*foreign, *fixed, "0912 345 67", "09123456789"):
        looking.submit({"phone": number}, status=422)
        assert looking.errors() == [
            "Nhập số điện thoại di động Việt Nam gồm 10 số, bắt đầu bằng 0. Ví dụ: 0912 345 678."
        ]
        declaring.submit({**good("declaration"), "phone": number}, status=422)
        assert "Việt Nam" in declaring.errors()[0]
    with database.connection_context():
        assert (Code.select().count(), sent()) == (0, 0)


# How often they may be tried


def test_five_tries_for_one_code(app, clock):
    send()
    assert [enter(wrong_code()) for _ in range(5)] == ["wrong"] * 5
    clock.shift(4 * 60)
    assert enter(right_code()) == "locked"


def test_after_five_wrong_tries_the_phone_is_closed_for_a_quarter_of_an_hour_then_ever_longer(app, clock):
    send()
    assert [enter(wrong_code()) for _ in range(5)] == ["wrong"] * 5
    for minutes in (15, 30, 60, 120, 240):
        clock.shift(minutes * 60 - 1)
        assert enter("000000") == "locked"
        clock.shift(1)
        forget_the_limits_on_sending()
        send()
        assert enter(wrong_code()) == "wrong"
    clock.shift(12 * HOUR)
    forget_the_limits_on_sending()
    send()
    assert enter(right_code()) == "locked"


def forget_the_limits_on_sending() -> None:
    with database.connection_context():
        Code.delete().execute()


def test_ten_wrong_tries_a_day_lock_the_phone_until_the_first_one_is_a_day_old(app, clock):
    wrong_tries(1, ago=DAY - 100)
    wrong_tries(9, ago=12 * HOUR)
    send()
    assert enter(right_code()) == "locked"
    clock.shift(99)
    assert enter(right_code()) == "locked"
    clock.shift(1)
    assert enter(right_code()) == "right"


def wrong_tries(count: int, ago: int) -> None:
    """As if so many wrong codes had been entered so many seconds ago."""
    with database.connection_context():
        for _ in range(count):
            Attempt.create(
                purpose=f"{tries.WRONG} {codes.SUBMIT}", subject=phone_hash(PHONE), made_at=int(time.time()) - ago
            )


def test_a_locked_phone_is_told_so_and_when_to_come_back(browser, clock):
    browser.fill_until("review").submit()
    for _ in range(5):
        browser.submit({"code": wrong_code()}, status=422)
    browser.submit({"code": right_code()}, status=429)
    assert int(browser.response.headers["Retry-After"]) == 15 * 60
    assert "sau 15 phút" in browser.page.select_one(".summary").get_text()
    wrong_tries(5, ago=0)
    browser.submit({"code": right_code()}, status=429)
    assert "sau 24 giờ" in browser.page.select_one(".summary").get_text()


def test_made_up_addresses_open_no_further_tries(app, clock):
    person = Browser(app).fill_until("review").submit()
    form, statuses = {"step_token": person.token, "code": wrong_code()}, []
    for number in range(8):
        headers = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"}
        statuses.append(app.test_client().post("/register/adult/confirm", data=form, headers=headers).status_code)
    assert statuses == [422] * 5 + [429] * 3


def test_hr_opens_a_phone_that_was_closed(app, clock, sign_in):
    wrong_tries(5, ago=0)
    person = Browser(app).fill_until("review").submit()
    person.submit({"code": right_code()}, status=429)
    staff = sign_in().open("/staff/codes")
    assert "phải chờ 15 phút" in staff.text
    staff.submit(press="Cho nhập lại ngay")
    assert "phải chờ" not in staff.text
    person.submit({"code": right_code()})
    assert person.heading == "Đã nhận hồ sơ của bạn"


def locked_by_wrong_codes(app, htmx: bool = False) -> Browser:
    """Somebody who has entered five wrong codes: the code is spent and the phone closed."""
    person = Browser(app, htmx=htmx).fill_until("review").submit()
    for _ in range(5):
        person.submit({"code": wrong_code()}, status=422)
    return person


def test_hr_opens_a_phone_at_once_after_the_fifth_wrong_code(app, clock, sign_in):
    person, shown = locked_by_wrong_codes(app), f"{PERSON['full_name']}0912 345 678"
    staff = sign_in().open("/staff/codes")
    assert "Lúc này không có mã nào đang chờ" in staff.text and not staff.page.select(".digits")
    [card] = staff.page.select(".codes li")
    assert card.span.get_text() == shown and "phải chờ 15 phút" in card.get_text()
    staff.submit(press="Cho nhập lại ngay")
    assert "Điện thoại đang bị khoá" not in staff.text
    clock.shift(61)
    person.submit(press="Gửi mã mới").submit({"code": right_code()})
    assert person.heading == "Đã nhận hồ sơ của bạn"


def test_a_phone_that_is_closed_and_has_a_new_code_is_listed_once(app, clock, sign_in):
    person = locked_by_wrong_codes(app)
    clock.shift(61)
    person.submit(press="Gửi mã mới")
    staff = sign_in().open("/staff/codes")
    [card] = staff.page.select(".codes li")
    assert card.select_one(".digits") and "Cho nhập lại ngay" in card.get_text()


def test_a_closed_phone_that_nobody_here_knows_is_nobodys_to_open(app, clock, sign_in):
    stranger = Browser(app).open("/lookup").submit({"phone": "0987654321"})
    later.settle()
    for _ in range(5):
        stranger.submit({"code": "123456"}, status=422)
    staff = sign_in()
    assert "Mã xác nhận đang chờ" not in staff.open("/staff/").text.partition("Đang chờ bạn")[2]
    assert not staff.open("/staff/codes").page.select(".codes li")


def test_a_units_hr_opens_only_its_own_phones(app, clock, sign_in):
    locked_by_wrong_codes(app)
    staff = sign_in("unit", "Xưởng May 2").open("/staff/codes")
    assert not staff.page.select(".codes li")
    with database.connection_context():
        code_id = Code.get().id
    token = staff.page.find("input", attrs={"name": "csrf_token"})["value"]
    answer = staff.client.post(f"/staff/codes/{code_id}/unlock", data={"csrf_token": token})
    assert answer.status_code == 404
    assert enter_anywhere() == "locked"


def enter_anywhere() -> str:
    """What a try at the newest code is answered."""
    with database.connection_context(), database.atomic():
        row = Code.select().order_by(Code.id.desc()).get()
        return codes.enter(row.phone_hash, row.purpose, row.subject, "000000").refusal.reason


def test_of_fifty_guesses_at_once_five_are_looked_at(app):
    send()
    guess = wrong_code()
    outcomes = all_at_once(50, lambda _: enter(guess))
    assert (outcomes.count("wrong"), outcomes.count("locked")) == (5, 45)


def test_of_fifty_guesses_at_once_on_the_last_try_one_is_looked_at(app):
    send()
    guess = wrong_code()
    for _ in range(4):
        enter(guess)
    right = right_code()
    outcomes = all_at_once(50, lambda which: enter(right if which % 2 else guess))
    assert outcomes.count("wrong") + outcomes.count("right") == 1


def test_of_fifty_guesses_at_once_after_a_lock_one_is_looked_at(app):
    with time_machine.travel("2026-11-23 08:00", tick=True) as clock:
        send()
        assert [enter(wrong_code()) for _ in range(5)] == ["wrong"] * 5
        clock.shift(15 * 60)
        send()
        guess = wrong_code()
        outcomes = all_at_once(50, lambda _: enter(guess))
        assert (outcomes.count("wrong"), outcomes.count("locked")) == (1, 49)


def test_the_same_right_code_many_times_at_once_proves_the_phone_once(app):
    send()
    right = right_code()
    assert all_at_once(20, lambda _: enter(right)).count("right") == 1


# Where messages cannot be sent


def test_when_the_message_cannot_be_sent_the_page_says_so_and_hr_can_read_the_code_out(make_app, tmp_path, sign_in_to):
    (tmp_path / "file").write_text("in the way of the folder")
    app = make_app(QUAY_SMS_URL=(tmp_path / "file" / "sms").as_uri())
    plain = Browser(app).fill_until("review").submit()
    assert "Chưa nhắn tin được" in plain.text and "Nhân sự" in plain.text
    desk = sign_in_to(app).open("/staff/codes")
    assert "tin nhắn chưa gửi được" in desk.text and PERSON["full_name"] in desk.text
    plain.submit({"code": desk.page.select_one(".digits").get_text(strip=True)})
    assert plain.heading == "Đã nhận hồ sơ của bạn"
