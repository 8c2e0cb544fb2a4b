"""HR's side: how one gets in, how one is put out, and whose dossiers one sees."""

import pytest
import time_machine
import werkzeug.security

from models import Attempt, Staff, database
from services import accounts
from tests.answers import jpeg, upload
from tests.browser import Browser
from tests.desk import lines
from tests.dossiers import copies, file_one, fill, send_code
from tests.routes import csrf_token

PASSWORD = "một câu dễ nhớ"
UNITS = ("Xưởng May 1", "Xưởng May 2")


@pytest.fixture
def add(app):
    """Make an account."""

    def make(username="lan", role="department", unit=None):
        with database.connection_context():
            return accounts.add(username, PASSWORD, role, unit)

    return make


def enter(app, username="lan", password=PASSWORD, status=200) -> Browser:
    return Browser(app).open("/staff/sign-in").submit({"username": username, "password": password}, status=status)


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=True) as traveller:
        yield traveller


# Getting in


def test_the_first_administrator_is_made_once_at_the_one_time_address(app):
    with database.connection_context():
        address = f"/staff/first/{accounts.first_token()}"
    form = {"username": "Quan.Tri", "password": PASSWORD, "repeated": PASSWORD}
    first, second = Browser(app).open(address), Browser(app).open(address)
    for wrong in ({"password": "ngắn", "repeated": "ngắn"}, {"repeated": "khác"}, {"username": "tên có dấu"}):
        first.submit({**form, **wrong}, status=422)
    assert first.submit(form).heading == "Tổng quan"
    assert lines()[:2] == [("unknown", "add_person", "staff:1", "ok"), ("1", "sign_in", "staff:1", "ok")]
    second.submit({**form, "username": "khac"}, status=404)
    second.open(address, 404)
    with database.connection_context():
        assert accounts.first_token() is None
        assert [row.username for row in Staff.select()] == ["quan.tri"]
    assert enter(app, "quan.tri").heading == "Tổng quan"


def test_the_one_time_address_is_closed_by_an_account_made_in_another_way_and_replaced_by_a_later_start(app, add):
    with database.connection_context():
        old, new = accounts.first_token(), accounts.first_token()
    assert old != new
    Browser(app).open(f"/staff/first/{old}", 404)
    Browser(app).open(f"/staff/first/{new}")
    add()
    Browser(app).open(f"/staff/first/{new}", 404)


def test_a_wrong_password_and_a_wrong_name_are_told_in_the_same_words(app, add):
    add()
    wrong_password = enter(app, password="không đúng đâu", status=422).page.select_one(".summary").get_text()
    wrong_name = enter(app, username="khong.co", status=422).page.select_one(".summary").get_text()
    assert wrong_password == wrong_name != ""


def test_after_five_wrong_tries_nothing_is_compared_any_more_for_a_quarter_of_an_hour(app, add, clock, monkeypatch):
    add()
    compared = []

    def compare(*given):
        compared.append(given)
        return werkzeug.security.check_password_hash(*given)

    monkeypatch.setattr(accounts, "check_password_hash", compare)
    for _ in range(5):
        enter(app, password="không đúng đâu", status=422)
    for password in (PASSWORD, "không đúng đâu"):
        locked = enter(app, password=password, status=429)
        assert locked.response.headers["Retry-After"] == "900"
    enter(app, username="LAN ", status=429)
    assert len(compared) == 5
    clock.shift(15 * 60 + 1)
    assert enter(app).heading == "Tổng quan"


def test_a_right_password_makes_the_earlier_mistakes_forgotten(app, add):
    add()
    for _ in range(2):
        for _ in range(4):
            enter(app, password="không đúng đâu", status=422)
        enter(app)
    with database.connection_context():
        assert Attempt.select().count() == 0


def test_a_name_that_does_not_exist_is_limited_like_one_that_does(app):
    for _ in range(5):
        enter(app, username="khong.co", status=422)
    enter(app, username="khong.co", status=429)


def small():
    return upload(data=jpeg(64, 48))


def test_files_and_nonsense_in_the_sign_in_form_are_just_mistakes(app, add):
    add()
    client = app.test_client()
    for form in ({"username": small(), "password": PASSWORD}, {"username": "lan", "password": small()}, {}):
        data = {**form, "csrf_token": csrf_token(client, "/staff/sign-in")}
        assert client.post("/staff/sign-in", data=data).status_code == 422
    assert enter(app, "la\0n", status=200).heading == "Tổng quan"


# Being put out


def test_a_disabled_account_is_out_at_its_next_request(app, add):
    add()
    browser = enter(app)
    with database.connection_context():
        Staff.update(active=False).execute()
    assert browser.open("/staff/").heading == "Đăng nhập Bàn Nhân sự"
    enter(app, status=422)


def test_a_session_ends_after_half_an_hour_without_a_request(app, add, clock):
    add()
    browser = enter(app)
    for _ in range(3):
        clock.shift(29 * 60)
        assert browser.open("/staff/").heading == "Tổng quan"
    clock.shift(31 * 60)
    assert browser.open("/staff/").heading == "Đăng nhập Bàn Nhân sự"


def test_a_session_ends_after_twelve_hours_whatever_is_done(app, add, clock):
    add()
    browser = enter(app)
    for _ in range(24):
        clock.shift(29 * 60)
        assert browser.open("/staff/codes").heading == "Mã xác nhận đang chờ"
    clock.shift(29 * 60)
    assert browser.open("/staff/").heading == "Đăng nhập Bàn Nhân sự"


def test_signing_out_ends_the_session_even_for_a_copy_of_its_cookie(app, add):
    add()
    browser = enter(app)
    copy = browser.client.get_cookie("quay_staff", path="/staff").value
    browser.submit(form=browser.page.select_one(".desk-nav form"))
    assert browser.heading == "Đăng nhập Bàn Nhân sự"
    thief = Browser(app)
    thief.client.set_cookie("quay_staff", copy, path="/staff")
    assert thief.open("/staff/").heading == "Đăng nhập Bàn Nhân sự"


def test_nothing_that_was_planted_before_signing_in_survives_it(app, add):
    add()
    browser = Browser(app).open("/staff/sign-in")
    before = browser.client.get_cookie("quay_staff", path="/staff").value
    planted = csrf_token(browser.client, "/staff/sign-in")
    browser.submit({"username": "lan", "password": PASSWORD})
    assert browser.client.get_cookie("quay_staff", path="/staff").value != before
    assert browser.client.post("/staff/sign-out", data={"csrf_token": planted}).status_code == 400
    attacker = Browser(app)
    attacker.client.set_cookie("quay_staff", before, path="/staff")
    assert attacker.open("/staff/").heading == "Đăng nhập Bàn Nhân sự"


# Whose dossiers


def test_a_units_hr_sees_its_own_units_dossiers_and_codes_and_no_others(app, add):
    for username, unit in (("mot", UNITS[0]), ("hai", UNITS[1])):
        add(username, "unit", unit)
    with database.connection_context():
        own = file_one("0912345601", full_name="Nguyễn Một", unit=UNITS[0])
        other = file_one("0912345602", full_name="Trần Hai", unit=UNITS[1])
        nobodys = file_one("0912345603", full_name="Lê Không")
        code = send_code(fill("0912345604"), Staff.get(Staff.username == "hai").unit_id)
    desk = enter(app, "mot")
    assert own.reference in desk.text
    for dossier in (other, nobodys):
        assert dossier.reference not in desk.text
        assert not desk.open(f"/staff/dossiers?q={dossier.reference}").page.select("[data-reference]")
        for path in ("", "/form01.pdf", "/photos/portrait"):
            desk.open(f"/staff/dossiers/{dossier.reference}{path}", 404)
    assert code not in desk.open("/staff/codes").text
    assert code in enter(app, "hai").open("/staff/codes").text
    add("phong")
    everything = enter(app, "phong")
    assert all(dossier.reference in everything.text for dossier in (own, other, nobodys))


def test_the_list_goes_by_fifties_and_shows_each_dossier_once_though_new_ones_arrive(app, add):
    add()
    with database.connection_context():
        first = file_one("0912345601")
        filed = [first.reference, *copies(first, 119)]
    desk, seen = enter(app).open("/staff/dossiers"), []
    for expected in (50, 50, 20):
        page = [tag.get_text(strip=True) for tag in desk.page.select("td[data-reference]")]
        assert len(page) == expected
        seen += page
        with database.connection_context():
            file_one(f"0913{len(seen):06}")
        if expected == 50:
            desk.follow("Hồ sơ cũ hơn")
    assert seen == filed[::-1]
    assert "Hồ sơ cũ hơn" not in desk.text


def test_a_dossier_is_found_by_name_without_accents_and_by_reference(app, add):
    add()
    with database.connection_context():
        reference = file_one("0912345601", full_name="Đặng Thị Ước").reference
    desk = enter(app)
    written = (reference, reference.lower(), f" {reference[:4]}-{reference[4:]} ", "\0" + reference)
    names = ("đặng thị ước", "DANG THI UOC", "  uoc  ", "Thi\u0323 U\u031bo\u031b\u0301c", "uoc dang", "d t u", "uoc%")
    for text in (*written, *names, "\0"):
        assert found(desk, text) == [reference], text
    for text in (
        reference[:-1],
        "dang huoc",
        "oc",
        "%",
        "_",
        "u%c",
        "\\",
        "' OR 1=1 --",
        "dang " * 20 + "x",
        "x " * 2000,
    ):
        assert found(desk, text) == [], text


def found(desk: Browser, text: str) -> list[str]:
    """The references in the list that is narrowed by this text."""
    desk._take(desk.client.get("/staff/dossiers", query_string={"q": text}), "/staff/dossiers", 200)
    return [tag.get_text(strip=True) for tag in desk.page.select("td[data-reference]")]


def test_a_made_up_page_is_just_a_page(app, add):
    add()
    desk = enter(app)
    for before in ("0", "-1", "9" * 30, "-" + "9" * 30, "x", "", "1e9", "٣"):
        assert desk.client.get("/staff/dossiers", query_string={"before": before}).status_code == 200, before


# The command


def test_the_command_makes_accounts_and_says_what_is_wrong(app, add, monkeypatch):
    add("co.roi")
    unit = ["--role", "unit", "--unit", UNITS[0]]
    for arguments, password, says in (
        (["lan", "--role", "department"], PASSWORD, "lan can sign in"),
        (["MINH", *unit], PASSWORD, "can sign in"),
        (["hoa", "--role", "unit"], PASSWORD, "--unit goes with"),
        (["hoa", "--role", "admin", "--unit", UNITS[0]], PASSWORD, "--unit goes with"),
        (["hoa", "--role", "boss"], PASSWORD, "boss"),
        (["hoa", "--role", "admin"], "ngắn", "at least 10"),
        (["co.roi", "--role", "admin"], PASSWORD, "already"),
        (["x" * 65, "--role", "admin"], PASSWORD, "3 to 64"),
        (["tên có dấu", "--role", "admin"], PASSWORD, "3 to 64"),
    ):
        monkeypatch.setenv("QUAY_STAFF_PASSWORD", password)
        done = app.test_cli_runner().invoke(args=["staff", "add", *arguments])
        assert says in done.output and password not in done.output
        assert (done.exit_code == 0) is ("can sign in" in says)
        assert done.exception is None or isinstance(done.exception, SystemExit)
    assert enter(app, "lan").heading == enter(app, "minh").heading == "Tổng quan"
    with database.connection_context():
        assert Staff.select().count() == 3
