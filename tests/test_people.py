"""Accounts and units, as administrators keep them; and one's own password."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine

from desk import people
from models import Employee, Staff, Unit, database
from services import accounts, employees, submissions
from tests.browser import Browser
from tests.desk import PASSWORD, add, enter, lines, second_factor
from tests.dossiers import file_one, fill, send_code
from tests.routes import UNIT

NEW = "một câu khác hẳn"


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def admin(app) -> Browser:
    """The administrator, signed in."""
    add("quantri", "admin")
    return enter(app, "quantri")


def unit(name: str = UNIT) -> Unit:
    with database.connection_context():
        return Unit.get_or_create(name=name)[0]


def open_person(browser: Browser, username: str) -> Browser:
    return browser.open("/staff/people").follow(username)


def handed_over(browser: Browser) -> str:
    return browser.page.select_one("[data-password]").get_text()


# Accounts


def test_a_new_person_gets_a_password_on_paper_and_must_choose_an_own_one_first(app, clock, admin):
    unit()
    admin.open("/staff/people/add").submit({"username": "Hoa.Tran", "role": "unit", "unit": UNIT})
    assert admin.heading == "hoa.tran"
    password = handed_over(admin)
    assert not admin.reload().page.select("[data-password]")
    hoa = enter(app, "hoa.tran", password)
    assert hoa.heading == "Chọn mật khẩu của riêng bạn"
    for path in ("/staff/", "/staff/codes", "/staff/account", "/staff/account/totp"):
        assert hoa.open(path).heading == "Chọn mật khẩu của riêng bạn"
    for wrong in (
        {"new_password": "ngắn"},
        {"repeated": "khác"},
        {"password": "không phải"},
        {"new_password": password},
    ):
        hoa.submit({"password": password, "new_password": NEW, "repeated": NEW, **wrong}, status=422)
        assert hoa.errors()
    hoa.submit({"password": password, "new_password": NEW, "repeated": NEW})
    assert hoa.open("/staff/").heading == "Tổng quan"
    enter(app, "hoa.tran", password, status=422)
    assert enter(app, "hoa.tran", NEW).heading == "Tổng quan"


def test_a_password_on_paper_is_good_for_a_week(app, clock, admin):
    admin.open("/staff/people/add").submit({"username": "hoa", "role": "department"})
    password = handed_over(admin)
    clock.shift(accounts.TEMPORARY_DAYS * accounts.DAY - 1)
    assert enter(app, "hoa", password).heading == "Chọn mật khẩu của riêng bạn"
    clock.shift(2)
    assert "Mật khẩu tạm đã hết hạn" in enter(app, "hoa", password, status=422).text


def test_what_is_wrong_with_a_new_person_is_said_and_what_was_typed_stays(app, admin):
    unit()
    admin.open("/staff/people/add")
    good = {"username": "hoa", "role": "unit", "unit": UNIT}
    for wrong in ({"username": "tên có dấu"}, {"username": "QUANTRI"}, {"username": "ab"}, {"unit": ""}):
        admin.submit({**good, **wrong}, status=422)
        assert len(admin.errors()) == 1
        assert admin.value("username") == {**good, **wrong}["username"]
    admin.open("/staff/people/add").submit({"username": "hoa"}, status=422)
    assert admin.errors() == ["Chọn vai trò."]
    with database.connection_context():
        assert Staff.select().count() == 1


def test_a_disabled_person_is_out_at_the_next_request_and_old_cookies_stay_dead(app, admin):
    add("lan")
    lan = enter(app, "lan")
    open_person(admin, "lan").submit(press="Khoá tài khoản")
    assert "Đã khoá" in admin.text
    assert lan.open("/staff/").heading == "Đăng nhập Bàn Nhân sự"
    enter(app, "lan", status=422)
    stolen = enter_with_cookie_of(app, lan)
    admin.submit(press="Mở lại tài khoản")
    assert stolen.open("/staff/").heading == "Đăng nhập Bàn Nhân sự"
    assert enter(app, "lan").heading == "Tổng quan"


def enter_with_cookie_of(app, browser: Browser) -> Browser:
    copy = Browser(app)
    copy.client.set_cookie("quay_staff", browser.client.get_cookie("quay_staff", path="/staff").value, path="/staff")
    return copy


def test_a_reset_lets_somebody_back_in_who_has_lost_password_and_phone(app, clock, admin):
    second_factor(add("lan"))
    for _ in range(5):
        enter(app, "lan", "đoán bừa", status=422)
    enter(app, "lan", status=429)
    open_person(admin, "lan").submit(press="Đặt lại mật khẩu")
    enter(app, "lan", status=422)
    assert enter(app, "lan", handed_over(admin)).heading == "Chọn mật khẩu của riêng bạn"
    assert ("1", "reset_person", "staff:2", "ok") in lines()


def test_another_role_or_unit_holds_from_the_next_request_on(app, admin):
    unit()
    add("lan")
    with database.connection_context():
        dossier = file_one("0912345601", full_name="Lê Không")
    lan = enter(app, "lan").open(f"/staff/dossiers/{dossier.reference}")
    open_person(admin, "lan").submit({"role": "unit", "unit": UNIT})
    lan.open(f"/staff/dossiers/{dossier.reference}", 404)
    open_person(admin, "lan").submit({"role": "admin"})
    assert lan.open("/staff/people").heading == "Người dùng"


def test_one_active_administrator_always_remains(app, admin):
    for press in ("Khoá tài khoản", "Lưu vai trò"):
        open_person(admin, "quantri").submit({"role": "department"} if "Lưu" in press else {}, press=press, status=422)
        assert "người quản trị cuối cùng" in admin.text
    add("bich", "admin")
    open_person(admin, "bich").submit(press="Khoá tài khoản")
    open_person(admin, "quantri").submit({"role": "department"}, press="Lưu vai trò", status=422)
    open_person(admin, "bich").submit(press="Mở lại tài khoản")
    open_person(admin, "quantri").submit({"role": "department"}, press="Lưu vai trò", status=403)
    assert admin.heading == "Trang này không dành cho vai trò của bạn"


def test_of_two_administrators_who_put_each_other_out_one_remains(app):
    pair = [add("mot", "admin"), add("hai", "admin")]

    def put_out(person) -> bool:
        with database.connection_context():
            try:
                people.disable(person)
            except people.LastAdministrator:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(put_out, pair)) == [False, True]


def test_an_account_that_is_not_there_is_not_found(app, admin):
    for number in ("0", "99", "9" * 30):
        admin.open(f"/staff/people/{number}", 404)
        admin.open(f"/staff/units/{number}", 404)


# One's own password


def test_changing_the_password_ends_the_sessions_elsewhere_and_not_here(app):
    add()
    here, elsewhere = enter(app), enter(app)
    here.open("/staff/account/password").submit({"password": PASSWORD, "new_password": NEW, "repeated": NEW})
    assert here.heading == "Tài khoản của bạn"
    assert elsewhere.open("/staff/").heading == "Đăng nhập Bàn Nhân sự"
    assert here.open("/staff/").heading == "Tổng quan"
    assert ("1", "change_password", "staff:1", "ok") in lines()


def test_the_present_password_cannot_be_guessed_from_an_open_desk(app, clock):
    add()
    browser = enter(app).open("/staff/account/password")
    form = {"new_password": NEW, "repeated": NEW}
    for _ in range(5):
        browser.submit({**form, "password": "đoán bừa"}, status=422)
    locked = browser.submit({**form, "password": PASSWORD}, status=429)
    assert locked.response.headers["Retry-After"] == "900"
    assert not browser.page.select("input[type=password][value]:not([value=''])")
    clock.shift(15 * 60 + 1)
    browser.submit({**form, "password": PASSWORD})


# Units


def test_units_are_added_renamed_and_removed_while_nothing_belongs_to_them(app, admin):
    admin.open("/staff/units").submit({"name": "  Xưởng   May 1 "})
    admin.submit({"name": "Xưởng May 1"}, status=422)
    assert admin.errors() and admin.value("name") == "Xưởng May 1"
    for wrong in ("", "123", "x" * 201):
        admin.open("/staff/units").submit({"name": wrong}, status=422)
    admin.open("/staff/units").follow("Xưởng May 1").submit({"name": "Xưởng Cắt"})
    add("lan", "unit", "Xưởng Cắt")
    admin.follow("Xưởng Cắt").submit(press="Xoá đơn vị", status=422)
    assert "Đơn vị này chưa trống" in admin.text and "còn 1 người dùng, 0 nhân viên trong danh sách" in admin.text
    admin.open("/staff/units").submit({"name": "Tổ trống"})
    admin.follow("Tổ trống").submit(press="Xoá đơn vị")
    assert [row.get_text() for row in admin.page.select("tbody th")] == ["Xưởng Cắt"]


def test_a_unit_with_people_on_the_roster_is_not_removed_from_under_them(app, admin):
    was = unit("Xưởng Cắt")
    with database.connection_context():
        Employee.create(**employees.values("NV001", "Nguyễn Thị An", was.id, {}))
    assert "Người dùng 0 Nhân viên 1 Hồ sơ 0" in " ".join(
        f"{cell['data-label']} {cell.get_text()}" for cell in admin.open("/staff/units").page.select("tbody td")
    )
    admin.follow("Xưởng Cắt")
    assert "1 nhân viên trong danh sách" in admin.text
    admin.submit(press="Xoá đơn vị", status=422)
    with database.connection_context():
        assert Employee.get().unit_id == was.id
        Employee.delete().execute()
    admin.submit(press="Xoá đơn vị")
    assert not admin.page.select("tbody")


def test_a_draft_begun_under_a_units_old_name_still_goes_to_that_unit(app, admin):
    was = unit("Xưởng May 1")
    with database.connection_context():
        draft = fill("0912345601", unit="Xưởng May 1")
    for name in ("Xưởng Hai", "Xưởng Ba"):
        admin.open(f"/staff/units/{was.id}").submit({"name": name})
    with database.connection_context():
        dossier = submissions.submit(draft.ticket("confirm"), list(draft.answers), send_code(draft))
        assert dossier.unit_id == was.id
        assert Unit.called("Xưởng Hai").id == was.id and Unit.called("Không có") is None
    admin.open("/staff/units").submit({"name": "Xưởng May 1"})
    with database.connection_context():
        assert Unit.called("Xưởng May 1").id != was.id


def test_two_units_may_swap_their_names(app, admin):
    one, two = unit("Một"), unit("Hai")
    for number, name in ((one.id, "Ba"), (two.id, "Một"), (one.id, "Hai")):
        admin.open(f"/staff/units/{number}").submit({"name": name})
    with database.connection_context():
        assert Unit.called("Hai").id == one.id and Unit.called("Một").id == two.id


# The machine


def test_a_forgotten_administrator_password_is_recovered_from_the_machine(app, monkeypatch, clock):
    staff = add("quantri", "admin")
    second_factor(staff)
    with database.connection_context():
        Staff.update(active=False).execute()
    monkeypatch.setenv("QUAY_STAFF_PASSWORD", NEW)
    run = app.test_cli_runner().invoke
    done = run(args=["staff", "reset", "QUANTRI"])
    assert done.exit_code == 0 and NEW not in done.output
    assert enter(app, "quantri", NEW).heading == "Tổng quan"
    assert ("system", "reset_person", "staff:1", "ok") in lines()
    assert "no account" in run(args=["staff", "reset", "khong.co"]).output
    monkeypatch.setenv("QUAY_STAFF_PASSWORD", "ngắn")
    assert run(args=["staff", "reset", "quantri"]).exit_code != 0


def test_passwords_on_paper_are_never_twice_the_same_and_hold_no_letter_that_is_misread():
    made = {accounts.new_password() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"(?:[34679cdfghjkmnpqrtvwxy]{4}-){3}[34679cdfghjkmnpqrtvwxy]{4}", each) for each in made)
