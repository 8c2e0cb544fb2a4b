"""The second factor: how it is turned on, what a code is good for, and what happens without the phone."""

from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
import time_machine

from models import RecoveryCode, Staff, database
from services import attempts, secondfactor
from tests.browser import Browser
from tests.desk import PASSWORD, add, enter, lines, second_factor, turn_on
from tests.routes import csrf_token

WRONG = "000000"


@pytest.fixture
def clock():
    """Stands still at the begin of a step unless it is moved."""
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=False) as traveller:
        yield traveller


def code_step(app, code: str, status: int = 200) -> Browser:
    return enter(app).submit({"totp": code}, status=status)


def wrong_code(totp: pyotp.TOTP) -> str:
    """A code that is right at no second near now."""
    near = {totp.at(secondfactor.now() + seconds) for seconds in range(-90, 91, 30)}
    return next(code for code in (WRONG, "111111", "222222", "333333", "444444", "555555") if code not in near)


def test_the_second_factor_is_turned_on_by_its_first_code_and_asked_for_from_then_on(app, clock):
    add()
    browser = enter(app).open("/staff/account/totp")
    assert browser.page.select_one("svg.qr") and browser.page.select_one("a[href^='otpauth://totp/']")
    secret = browser.value("secret")
    browser.submit({"totp": WRONG}, status=422)
    assert browser.errors() and browser.value("secret") == secret
    totp, recovery = turn_on(browser)
    assert browser.heading == "Tài khoản của bạn" and len(set(recovery)) == 10
    assert not browser.reload().page.select(".recovery")
    clock.shift(60)
    half_way = enter(app)
    assert half_way.heading == "Nhập mã xác thực"
    assert half_way.submit({"totp": f" {totp.now()[:3]} {totp.now()[3:]} "}).heading == "Tổng quan"


def test_name_password_and_code_in_one_request_are_enough(app, clock):
    totp, _codes = second_factor(add())
    clock.shift(60)
    client = app.test_client()
    for code, status in ((wrong_code(totp), 422), (totp.now(), 303)):
        form = {"username": "lan", "password": PASSWORD, "totp": code}
        form["csrf_token"] = csrf_token(client, "/staff/sign-in")
        assert client.post("/staff/sign-in", data=form).status_code == status
    assert client.get("/staff/").status_code == 200


def test_the_right_password_alone_opens_nothing(app, clock):
    second_factor(add())
    half_way = enter(app)
    for path in ("/staff/", "/staff/account", "/staff/codes"):
        assert half_way.open(path).heading == "Đăng nhập Bàn Nhân sự"
    assert Browser(app).open("/staff/sign-in/code").heading == "Đăng nhập Bàn Nhân sự"


def test_the_password_is_asked_again_when_the_code_takes_too_long(app, clock):
    totp, _codes = second_factor(add())
    half_way = enter(app)
    clock.shift(5 * 60 + 1)
    assert half_way.submit({"totp": totp.now()}).heading == "Đăng nhập Bàn Nhân sự"


@pytest.mark.parametrize("seconds", [-31, -30, -1, 0, 29, 30, 59, 60, 90])
def test_a_phone_may_be_one_step_off_and_no_more(app, clock, seconds):
    totp, _codes = second_factor(add())
    clock.shift(600)
    code = totp.at(secondfactor.now() + seconds)
    is_near = -30 <= seconds < 60
    assert code_step(app, code, 200 if is_near else 422).heading == ("Tổng quan" if is_near else "Nhập mã xác thực")


def test_each_code_is_good_once_and_none_of_before_it_is_good_any_more(app, clock):
    totp, _codes = second_factor(add())
    code_step(app, totp.now(), 422)
    clock.shift(60)
    code, earlier = totp.now(), totp.at(secondfactor.now() - 30)
    assert code_step(app, code).heading == "Tổng quan"
    for used in (code, earlier):
        code_step(app, used, 422)
    clock.shift(30)
    code_step(app, code, 422)
    assert code_step(app, totp.now()).heading == "Tổng quan"


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_many_requests_with_the_same_code_one_gets_in(app, kind):
    staff = add()
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=True) as clock:
        totp, recovery = second_factor(staff)
        clock.shift(60)
        code = totp.now() if kind == "app" else recovery[0]

        def use(_number) -> bool:
            with database.connection_context():
                try:
                    secondfactor.check(staff, code, "sign_in")
                except (secondfactor.WrongCode, attempts.TooMany):
                    return False
                return True

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(use, range(4))) == 1


def test_wrong_codes_are_limited_even_across_sign_ins_and_then_no_right_one_helps(app, clock):
    totp, _codes = second_factor(add())
    clock.shift(60)
    for _ in range(2):
        half_way = enter(app)
        for _ in range(2):
            half_way.submit({"totp": wrong_code(totp)}, status=422)
    half_way.submit({"totp": wrong_code(totp)}, status=422)
    locked = half_way.submit({"totp": totp.now()}, status=429)
    assert int(locked.response.headers["Retry-After"]) > 0
    assert [line[3] for line in lines(action="sign_in")] == ["wrong"] * 4 + ["locked"]
    clock.shift(15 * 60 + 1)
    assert code_step(app, totp.now()).heading == "Tổng quan"


def test_no_more_than_twenty_wrong_codes_are_compared_in_a_day(app, clock):
    staff = add()
    totp, _codes = second_factor(staff)
    compared = 0
    with database.connection_context():
        for _ in range(40):
            clock.shift(6 * 60)
            try:
                secondfactor.check(staff, wrong_code(totp), "sign_in")
            except secondfactor.WrongCode:
                compared += 1
            except attempts.TooMany:
                pass
    assert compared == 20


def test_a_recovery_code_stands_in_once_however_it_is_typed(app, clock):
    _totp, recovery = second_factor(add())
    assert code_step(app, recovery[0].upper().replace("-", " ")).heading == "Tổng quan"
    code_step(app, recovery[0], 422)
    browser = code_step(app, recovery[9])
    assert "còn 8 mã khôi phục" in browser.open("/staff/account").text


def test_a_recovery_code_is_good_for_its_own_account_only(app, clock):
    second_factor(add())
    _totp, others = second_factor(add("minh"))
    code_step(app, others[0], 422)


def test_it_is_turned_off_by_password_and_code(app, clock):
    add()
    browser = enter(app)
    totp, recovery = turn_on(browser)
    clock.shift(60)
    browser.open("/staff/account/totp")
    browser.submit({"password": "không phải", "totp": totp.now()}, status=422)
    assert browser.errors() == ["Mật khẩu hiện nay chưa đúng."]
    browser.submit({"password": PASSWORD, "totp": wrong_code(totp)}, status=422)
    browser.submit({"password": PASSWORD, "totp": totp.now()})
    assert "Chưa bật" in browser.text
    assert enter(app).heading == "Tổng quan"
    with database.connection_context():
        assert RecoveryCode.select().count() == 0 and Staff.get().totp is None


def test_turning_it_on_or_off_ends_the_sessions_elsewhere_and_not_here(app, clock):
    add()
    here, elsewhere = enter(app), enter(app)
    _totp, recovery = turn_on(here)
    assert elsewhere.open("/staff/").heading == "Đăng nhập Bàn Nhân sự"
    elsewhere = code_step(app, recovery[0])
    here.open("/staff/account/totp").submit({"password": PASSWORD, "totp": recovery[1]})
    assert here.heading == "Tài khoản của bạn"
    assert elsewhere.open("/staff/").heading == "Đăng nhập Bàn Nhân sự"


def test_a_secret_of_somebody_else_or_none_at_all_cannot_be_confirmed(app, clock):
    add(), add("minh")
    other = enter(app, "minh").open("/staff/account/totp")
    browser = enter(app).open("/staff/account/totp")
    secret = pyotp.TOTP(other.page.select_one("[data-secret]").get_text().replace(" ", ""))
    for sealed in (other.value("secret"), "", "zz", "00", "đ" * 40):
        browser.open("/staff/account/totp").submit({"secret": sealed, "totp": secret.now()}, status=409)
        assert browser.heading == "Trang này đã cũ" and secret.now() not in browser.text
    with database.connection_context():
        assert Staff.select().where(Staff.totp.is_null(False)).count() == 0


def test_an_old_page_cannot_put_another_secret_in_the_place_of_the_one_in_use(app, clock):
    add()
    browser = enter(app)
    old = Browser(app)
    old.client = browser.client
    old.open("/staff/account/totp")
    turn_on(browser)
    with database.connection_context():
        kept = bytes(Staff.get().totp)
    clock.shift(60)
    secret = pyotp.TOTP(old.page.select_one("[data-secret]").get_text().replace(" ", ""))
    old.submit({"totp": secret.now(), "csrf_token": csrf_token(old.client, "/staff/account/password")}, status=409)
    with database.connection_context():
        assert bytes(Staff.get().totp) == kept


def test_neither_secret_nor_recovery_codes_can_be_read_where_they_are_kept(app, clock):
    browser = enter(app, add().username)
    totp, recovery = turn_on(browser)
    with database.connection_context():
        kept = bytes(Staff.get().totp) + "".join(row.code_hash for row in RecoveryCode.select()).encode()
    cookie = browser.client.get_cookie("quay_staff", path="/staff").value.encode()
    for secret in (totp.secret, totp.byte_secret(), *recovery, *(code.replace("-", "") for code in recovery)):
        secret = secret if isinstance(secret, bytes) else secret.encode()
        assert secret not in kept and secret not in cookie


def test_codes_of_the_standard_are_the_codes_here(clock):
    # RFC 6238, appendix B, SHA-1, cut down to six digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for at, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        clock.move_to(at)
        assert secondfactor._step_of(secret, code) == at // 30


def test_nonsense_is_just_a_wrong_code(app, clock):
    staff = add()
    second_factor(staff)
    with database.connection_context():
        for code in ("", "1", "1234567", "١٢٣٤٥٦", "đđđđđđ", "-" * 6, "9" * 5000):
            with pytest.raises((secondfactor.WrongCode, attempts.TooMany)):
                secondfactor.check(staff, code, "sign_in")
            attempts.forget("totp", str(staff.id))
