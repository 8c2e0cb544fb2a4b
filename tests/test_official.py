"""The official blank of Form 01: fetched by itself, kept, uploaded instead, and never waited for."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO

import pytest
import time_machine
from peewee import OperationalError
from werkzeug.datastructures import FileStorage

import config
import tokens
from forms.official import FAILURES
from models import OfficialFetch, OfficialForm, database
from services import doctor, official
from services.form01 import render
from services.official import Why, fetching, keeping, refreshing
from tests.answers import jpeg
from tests.browser import Browser
from tests.desk import lines
from tests.dossiers import file_one, ticket_of
from tests.gateways import until
from tests.portal import ACTIVE, CAPTCHA, Authority, Portal, encrypted, official_pdf
from tests.server import Server
from tests.test_uploads import encoded

DAY = 24 * 60 * 60
SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Long enough for an honest answer on a busy machine."""
    monkeypatch.setattr(fetching, "SECONDS", 20)


@pytest.fixture
def portal():
    with Portal() as portal:
        yield portal


@pytest.fixture
def app(make_app, portal):
    """The desk that is told of the portal by its environment."""
    return make_app(QUAY_FORM01_URL=portal.url)


@pytest.fixture
def clock():
    # The twenty-fifth of November 2026, eight in the morning in Vietnam.
    with time_machine.travel("2026-11-25 08:00+07:00", tick=False) as clock:
        yield clock


def given_out(browser: Browser) -> bytes | None:
    """The official blank as anybody gets it; None where there is none."""
    answer = browser.client.get("/form01/official.pdf")
    assert answer.status_code in {200, 404}
    return answer.data if answer.status_code == 200 else None


def ours(browser: Browser) -> None:
    """Our own form is there at once, and the page offers it."""
    began_at = time.monotonic()
    assert browser.client.get("/form01.pdf").data == render()
    assert "Mở tờ khai trống (PDF)" in browser.open("/form01").text
    assert time.monotonic() - began_at < 5


def receipt(browser: Browser) -> Browser:
    """The page of somebody who has just submitted."""
    with database.connection_context():
        ticket = ticket_of(file_one("0912345601"))
    return browser.open(f"/receipt?t={tokens.sign_receipt(ticket)}")


def upload(browser: Browser, data: bytes, status: int = 200) -> Browser:
    token = browser.open("/staff/form01").page.find(attrs={"name": "csrf_token"})["value"]
    body, kind = encoded({"csrf_token": token, "file": FileStorage(BytesIO(data), "mau-01.pdf")})
    browser._take(browser.client.post(browser.url, data=body, content_type=kind), browser.url, status)
    return browser


# Fetched, and said to be so


def test_until_it_has_come_everybody_has_our_own_and_then_both_said_which_is_which(clock, app, browser, portal):
    ours(browser)
    assert "Mẫu trống của cổng BHXH lúc này chưa tải về được." in browser.text
    assert given_out(browser) is None
    assert official.work().outcome == official.TAKEN
    ours(browser)
    assert "Mẫu trống chính thức của cổng BHXH" in browser.text
    assert "tải từ cổng BHXH ngày 25/11/2026" in browser.text
    assert "Đây không phải bản của BHXH phát hành." in browser.text
    assert given_out(browser) == official_pdf()


def test_the_receipt_gives_the_filled_form_first_and_the_official_one_below(clock, app, plain):
    official.work()
    links = [link["href"].partition("?")[0] for link in receipt(plain).page.select(".receipt a")]
    assert links == ["/receipt/form01.pdf", "/form01/official.pdf"]
    assert "tải từ cổng BHXH ngày 25/11/2026" in plain.text


@SQLITE_ONLY
def test_without_an_address_nothing_is_fetched_and_nothing_is_promised(make_app, portal):
    plain = Browser(make_app())
    assert official.work() is None
    assert official.work(is_asked=True) is None
    ours(plain)
    assert "cổng BHXH lúc này" not in plain.text
    assert receipt(plain).page.select("a[href*=official]") == []
    assert portal.requests == []


def test_the_official_file_is_handed_out_as_a_strangers(app, plain):
    official.work()
    answer = plain.client.get("/form01/official.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mau-so-01-chinh-thuc.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


def test_the_server_fetches_by_itself_and_goes_on_after_a_failure(app, portal, monkeypatch, caplog):
    fail_once = iter([OperationalError("DETAIL: secret")])
    work = refreshing.work

    def sometimes():
        for problem in fail_once:
            raise problem
        return work()

    monkeypatch.setattr(refreshing, "work", sometimes)
    stopped = official.start(every=0.01)
    until(lambda: portal.requests, "it asks")
    stopped.set()
    with database.connection_context():
        until(lambda: official.offered(), "it has come")
    assert "OperationalError" in caplog.text and "secret" not in caplog.text


@SQLITE_ONLY
def test_a_server_whose_portal_hangs_starts_and_answers_as_if_there_were_none(environ, tmp_path, portal):
    portal.mood = "hang"
    server = Server(tmp_path, {**environ, "QUAY_FORM01_URL": portal.url}).wait()
    try:
        assert portal.hangs(), "it asked by itself"
        began_at = time.monotonic()
        for path in ("/", "/form01", "/form01.pdf", "/healthz"):
            assert server.ask("GET", path)[0] == 200
        assert time.monotonic() - began_at < 5
    finally:
        server.stop()


# Whatever the portal does


@pytest.mark.parametrize("kept", [False, True], ids=["first", "later"])
@pytest.mark.parametrize(
    ("mood", "why"),
    [
        ("error", "Cổng trả lời lỗi 500."),
        ("gone", "Cổng trả lời lỗi 404."),
        ("captcha", "Nhận được một trang web chứ không phải tệp PDF."),
        ("cut", "Tệp PDF bị hỏng, không mở được."),
        ("truncated", "Cổng ngắt kết nối giữa chừng."),
        ("huge", "Tệp lớn hơn 5 MB."),
        ("gzip_bomb", "Tệp lớn hơn 5 MB."),
        ("redirect", "Cổng chuyển sang nơi khác: evil.example."),
        ("no_http", "Quầy không hiểu câu trả lời của cổng."),
        ("drip_body", "Cổng không gửi xong tệp trong 5 giây."),
    ],
)
@SQLITE_ONLY
def test_whatever_the_portal_does_everybody_has_a_form_and_hr_sees_why(
    clock, app, sign_in, plain, portal, monkeypatch, mood, why, kept
):
    if kept:
        official.work()
        clock.shift(2 * DAY)
    portal.mood, portal.location, portal.etag = mood, "https://evil.example/mau.pdf", ""
    if mood == "drip_body":
        monkeypatch.setattr(fetching, "SECONDS", 0.4)
    official.work()
    ours(plain)
    assert given_out(plain) == (official_pdf() if kept else None)
    assert ("tải từ cổng BHXH ngày 25/11/2026" in plain.text) is kept
    desk = sign_in("unit", "Xưởng May 1").open("/staff/form01")
    assert f"không được. {why}" in desk.text
    assert ("Tệp tải lúc 25/11/2026 08:00 vẫn được giữ." in desk.text) is kept
    assert f"Cổng BHXH không gửi được tệp. {why}" in desk.open("/staff/paper").text


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: encrypted(""), "Tệp PDF có mật khẩu hoặc bị mã hoá."),
        (lambda: ACTIVE["a script that runs when it is opened"](), "Tệp PDF có mã chạy, tệp đính kèm"),
        (lambda: b"", "Tệp rỗng."),
    ],
    ids=["encrypted", "active", "empty"],
)
@SQLITE_ONLY
def test_a_file_of_the_portal_that_is_no_good_is_not_given_out(app, sign_in, plain, portal, make, why):
    portal.pdf = make()
    official.work()
    assert given_out(plain) is None
    assert why in sign_in().open("/staff/form01").text


@pytest.mark.parametrize(
    ("host", "days", "why"),
    [
        ("localhost", 0, "Chứng chỉ HTTPS của cổng đã hết hạn hoặc chưa có hiệu lực."),
        ("khac.example.vn", 1, "Chứng chỉ HTTPS là của một tên miền khác."),
        (None, 1, "Chứng chỉ HTTPS không do tổ chức mà máy chủ quầy tin cậy cấp."),
    ],
)
@SQLITE_ONLY
def test_a_certificate_that_was_changed_keeps_the_old_form_and_hr_is_told(
    make_app, sign_in_to, tmp_path, monkeypatch, host, days, why
):
    (tmp_path / "stranger").mkdir()
    authority, stranger = Authority(tmp_path), Authority(tmp_path / "stranger")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    with Portal(certificate=authority.certificate()) as portal:
        app = make_app(QUAY_FORM01_URL=portal.url)
        assert official.work().outcome == official.TAKEN
        portal.present((authority if host else stranger).certificate(host or "localhost", days))
        assert official.work(is_asked=True).outcome in FAILURES
    plain = Browser(app)
    assert given_out(plain) == official_pdf()
    assert why in sign_in_to(app).open("/staff/form01").text


def test_every_way_to_fail_has_its_words():
    assert set(FAILURES) == {why.value for why in Why}
    for happened, advice in FAILURES.values():
        assert str(happened).endswith(".") and str(advice).endswith(".")


def test_what_a_portal_says_of_itself_is_words_never_markup(app, sign_in, portal):
    portal.mood, portal.location = "redirect", "ftp://<b>x</b>\t" + "y" * 300
    official.work()
    desk = sign_in().open("/staff/form01")
    assert "ftp://<b>x</b>" in desk.text and desk.page.select("#state b b") == []


# Day by day


def test_a_file_that_stays_the_same_is_asked_for_once_a_day_and_not_sent_again(clock, app, plain, sign_in, portal):
    official.work()
    clock.shift(DAY - 60)
    assert official.work() is None
    clock.shift(DAY // 10 + 120)
    assert official.work().outcome == official.SAME
    assert [headers.get("If-None-Match") for _path, headers in portal.requests] == [None, '"1"']
    assert "tải từ cổng BHXH ngày 25/11/2026; đến ngày 26/11/2026 cổng vẫn dùng mẫu này" in plain.open("/form01").text
    assert "tệp không đổi" in sign_in().open("/staff/form01").text


def test_the_same_file_without_a_mark_is_the_same_file(clock, app, portal):
    portal.etag = ""
    assert official.work().outcome == official.TAKEN
    assert official.work(is_asked=True).outcome == official.SAME
    assert [line for line in lines() if line[1] == "renew_official"] == [("system", "renew_official", "", "ok")]


def test_a_new_file_takes_the_place_of_the_old_one_and_the_log_tells(clock, app, plain, sign_in, portal):
    official.work()
    clock.shift(2 * DAY)
    portal.pdf, portal.etag = official_pdf(2), '"2"'
    official.work()
    assert given_out(plain) == official_pdf(2)
    assert "tải từ cổng BHXH ngày 27/11/2026" in plain.open("/form01").text
    assert len([line for line in lines() if line[1] == "renew_official"]) == 2
    assert sha256(official_pdf(2)).hexdigest() in sign_in().open("/staff/form01").text


def test_after_failures_it_waits_longer_each_time_and_after_a_success_a_day(clock, app, portal):
    portal.mood = "error"
    pauses = []
    for _ in range(7):
        fetch = official.work(is_asked=True)
        pauses.append(fetch.due_at - fetch.ended_at)
    for pause, least in zip(pauses, (*keeping.PAUSES, DAY, DAY), strict=True):
        assert least <= pause < 1.1 * least
    portal.mood = "well"
    fetch = official.work(is_asked=True)
    assert DAY <= fetch.due_at - fetch.ended_at < 1.1 * DAY
    portal.mood, portal.etag = "error", ""
    fetch = official.work(is_asked=True)
    assert fetch.due_at - fetch.ended_at < 1.1 * keeping.PAUSES[0]


def test_a_clock_that_was_wrong_does_not_put_it_off_for_years(clock, app):
    clock.move_to("2036-01-01 08:00+07:00")
    official.work()
    clock.move_to("2026-11-25 08:00+07:00")
    assert official.work() is not None


def test_only_the_last_tries_are_kept(clock, app, portal):
    portal.mood = "error"
    with database.connection_context():
        for _ in range(keeping.KEPT + 5):
            keeping.failed(keeping.claim(is_asked=True), "status", "500")
        assert OfficialFetch.select().count() == keeping.KEPT
        assert len(official.tries()) == keeping.KEPT


# Many processes, and those that die


def test_of_many_processes_one_asks(app, portal):
    with ThreadPoolExecutor(8) as processes:
        ended = list(processes.map(lambda _: official.work(), range(8)))
    assert len([fetch for fetch in ended if fetch]) == 1
    assert len(portal.requests) == 1


def test_who_died_in_the_midst_is_replaced_and_what_it_still_brings_is_not_taken(clock, app, sign_in, portal):
    desk = sign_in()
    with database.connection_context():
        dead = keeping.claim()
        assert keeping.claim(is_asked=True) is None, "somebody is at it"
    clock.shift(keeping.LEASE + 1)
    assert "Đang tải từ cổng…" in desk.open("/staff/form01").text
    assert official.work().outcome == official.TAKEN
    with database.connection_context():
        assert OfficialFetch.get_by_id(dead.id).outcome == Why.INTERRUPTED.value
        keeping.failed(dead, "status", "500")
        keeping.taken(dead, official_pdf(2), official.check(official_pdf(2)), fetching.NEVER_SEEN)
        assert OfficialForm.get().sha256 == sha256(official_pdf()).hexdigest()
        assert official.newest_try().outcome == official.TAKEN


def test_a_fault_of_our_own_is_told_by_its_kind_alone(app, sign_in, monkeypatch, caplog):
    def stumble(*_given):
        raise RuntimeError("with a secret in it")

    monkeypatch.setattr(refreshing.blank, "check", stumble)
    assert official.work().outcome == Why.FAULT.value
    assert "Quầy gặp lỗi của chính mình (RuntimeError)." in sign_in().open("/staff/form01").text
    assert "secret" not in caplog.text


# Asked for at the desk


def test_hr_asks_for_it_now_and_waits_for_nothing(app, sign_in, plain, portal):
    portal.mood = "hang"
    desk = sign_in("department")
    began_at = time.monotonic()
    desk.open("/staff/form01").submit(press="Tải lại ngay")
    assert portal.hangs()
    assert "Đang tải từ cổng…" in desk.reload().text
    polling = desk.page.select_one("[hx-trigger]")
    assert polling["hx-get"] == polling.select_one("a")["href"] == "/staff/form01"
    # Pressed again meanwhile, nothing more is asked.
    desk.submit(press="Tải lại ngay")
    ours(plain)
    assert time.monotonic() - began_at < 10
    portal.mood = "well"
    portal.release()
    official.settle()
    assert len(portal.requests) == 1
    assert "Cổng ngắt kết nối giữa chừng." in desk.open("/staff/form01").text
    assert desk.page.select("[hx-trigger]") == []
    desk.submit(press="Tải lại ngay")
    official.settle()
    assert "nhận tệp mới" in desk.reload().text
    actor = lines(action="fetch_official")[0][0]
    assert lines(action="fetch_official") == [(actor, "fetch_official", "", "ok")] * 3


def test_the_desk_shows_what_is_given_out_so_that_somebody_can_look_at_it(app, sign_in):
    official.work()
    desk = sign_in().open("/staff/form01")
    assert sha256(official_pdf()).hexdigest() in desk.text
    assert "2 trang" in desk.text
    assert desk.page.select_one("#offered img")["src"].startswith("data:image/jpeg;base64,")


def test_hr_uploads_one_in_its_stead_until_it_is_removed(clock, app, sign_in, plain):
    official.work()
    desk = sign_in("department")
    upload(desk, official_pdf(3))
    assert given_out(plain) == official_pdf(3)
    assert "Nhân sự đưa lên ngày 25/11/2026" in plain.open("/form01").text
    assert "department.nhansu tải lên" in desk.text
    assert "quầy phát lại tệp của cổng, tải lúc 25/11/2026 08:00" in desk.text
    # What the portal has meanwhile is kept for later.
    assert official.work(is_asked=True).outcome == official.SAME
    assert given_out(plain) == official_pdf(3)
    desk.open("/staff/form01").submit(press="Gỡ tệp đã tải lên")
    assert given_out(plain) == official_pdf()
    done = [action for _actor, action, _about, _result in lines() if action.endswith("_official")]
    assert done == ["renew_official", "upload_official", "remove_official"]


@SQLITE_ONLY
def test_hr_may_upload_one_where_there_is_no_portal_at_all(make_app, sign_in_to):
    app = make_app()
    upload(sign_in_to(app, "admin"), official_pdf())
    assert given_out(Browser(app)) == official_pdf()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Tệp rỗng."),
        (jpeg(320, 240), "Tệp không phải PDF. Lưu mẫu thành PDF rồi tải lên."),
        (CAPTCHA, "Nhận được một trang web chứ không phải tệp PDF."),
        (official_pdf()[:-100], "Tệp PDF bị hỏng, không mở được."),
        (encrypted("người"), "Tệp PDF có mật khẩu hoặc bị mã hoá."),
        (ACTIVE["a program that is started"](), "Tệp PDF có mã chạy"),
        (b"%PDF-1.7\n" + bytes(6 * 1024 * 1024), "Tệp lớn hơn 5 MB."),
    ],
    ids=["empty", "picture", "page", "cut", "locked", "active", "huge"],
)
@SQLITE_ONLY
def test_a_bad_file_gets_a_sentence_and_changes_nothing(app, sign_in, plain, data, sentence):
    desk = upload(sign_in(), data, status=422)
    assert desk.errors()[0].startswith(sentence)
    assert given_out(plain) is None


@SQLITE_ONLY
def test_no_file_chosen_gets_a_sentence_too(app, sign_in):
    desk = sign_in().open("/staff/form01").submit(press="Tải lên và phát", status=422)
    assert desk.errors() == ["Chọn tệp PDF mẫu số 01."]


def test_the_hr_of_a_unit_looks_and_changes_nothing(app, sign_in, plain):
    unit = sign_in("unit", "Xưởng May 1").open("/staff/form01")
    assert unit.page.select("main form") == []
    token = unit.open("/staff/paper").page.find(attrs={"name": "csrf_token"})["value"]
    for path in ("/staff/form01", "/staff/form01/fetch", "/staff/form01/remove"):
        assert unit.client.post(path, data={"csrf_token": token}).status_code == 403
    official.settle()
    with database.connection_context():
        assert official.tries() == []
    assert given_out(plain) is None


# Among what is outside


def test_the_page_of_what_is_outside_knows_the_portal_too(clock, app, sign_in, portal):
    def told() -> str:
        return desk.open("/staff/outside").page.select_one("#form01").get_text(" ", strip=True)

    desk = sign_in()
    assert "Chưa dùng lần nào" in told() and f"localhost:{portal.port}" in told()
    desk.submit(press="Tải lại ngay")
    official.settle()
    assert "✓ Lần gần nhất được." in told() and "Được gần nhất 25/11/2026 08:00" in told()
    portal.mood = "redirect"
    portal.location = "https://evil.example/a b.pdf"
    clock.shift(60)
    desk.submit(press="Tải lại ngay")
    official.settle()
    assert "Lỗi gần nhất 25/11/2026 08:01. Cổng chuyển sang nơi khác: evil.example." in told()
    desk.open("/staff/").follow("Cổng BHXH (mẫu số 01): lần gần nhất không được")
    assert desk.heading == "Kết nối bên ngoài"


def test_while_the_portal_is_asked_that_page_asks_again_by_itself(app, sign_in, portal):
    portal.mood = "hang"
    desk = sign_in("department").open("/staff/outside").submit(press="Tải lại ngay")
    assert portal.hangs()
    assert desk.reload().page.select_one("#form01-state")["hx-get"] == "/staff/outside"
    portal.release()
    official.settle()
    assert not desk.reload().page.select_one("#form01-state").has_attr("hx-get")


@SQLITE_ONLY
def test_without_an_address_there_is_no_portal_to_try(make_app, sign_in_to):
    desk = sign_in_to(make_app()).open("/staff/outside")
    assert "Chưa đặt địa chỉ của tệp" in desk.text
    token = desk.page.find(attrs={"name": "csrf_token"})["value"]
    assert desk.client.post("/staff/outside/form01/try", data={"csrf_token": token}).status_code == 422


# The address


def test_another_address_is_fetched_at_once_and_the_old_file_is_no_longer_given_out(clock, app, sign_in, plain, portal):
    official.work()
    admin = sign_in()
    with Portal() as other:
        other.pdf = official_pdf(2)
        admin.open("/staff/settings/form01")
        assert admin.value("form01_url") == portal.url
        admin.submit({"form01_url": other.url})
        assert other.url in admin.text
        assert given_out(plain) is None
        ours(plain)
        # An address that was typed in a page may not lead into the company's network.
        assert official.work().outcome == "private"
        assert "Địa chỉ này dẫn vào mạng nội bộ" in admin.open("/staff/form01").text
        assert other.requests == []
    admin.open("/staff/settings/form01").submit({"form01_url": portal.url})
    assert given_out(plain) == official_pdf()


def test_an_emptied_address_ends_it_though_the_environment_has_one(app, sign_in, plain):
    official.work()
    admin = sign_in().open("/staff/settings/form01").submit({"form01_url": ""})
    assert given_out(plain) is None
    assert official.work(is_asked=True) is None
    assert "Chưa đặt địa chỉ của tệp" in admin.open("/staff/form01").text


@pytest.mark.parametrize("url", ["mau-01.pdf", "file:///etc/passwd", "https://a:b@c.vn/x.pdf"])
@SQLITE_ONLY
def test_what_is_no_address_of_a_file_is_refused_and_stays_typed(app, sign_in, url):
    admin = sign_in().open("/staff/settings/form01").submit({"form01_url": url}, status=422)
    assert admin.errors()[0].startswith("Nhập địa chỉ bắt đầu bằng https://")
    assert admin.value("form01_url") == url


@pytest.mark.parametrize("url", ["mau-01.pdf", "ftp://cong.example.vn/a.pdf", "https://a:b@cong.example.vn/a.pdf"])
@SQLITE_ONLY
def test_a_wrong_address_in_the_environment_stops_the_start(make_app, url):
    with pytest.raises(config.WrongSetting, match="^QUAY_FORM01_URL: write the address of a PDF file"):
        make_app(QUAY_FORM01_URL=url)


# From the machine


def test_the_command_fetches_now_and_tells_how_it_went(app, portal):
    runner = app.test_cli_runner()
    done = runner.invoke(args=["fetch-form01"])
    assert (done.exit_code, done.output) == (0, f"taken: {sha256(official_pdf()).hexdigest()}\n")
    assert runner.invoke(args=["fetch-form01"]).output.startswith("same: ")
    portal.mood = "captcha"
    portal.etag = ""
    failed = runner.invoke(args=["fetch-form01"])
    assert failed.exit_code == 1 and "Nhận được một trang web" in failed.output


@SQLITE_ONLY
def test_the_command_says_where_there_is_nothing_to_fetch(make_app):
    failed = make_app().test_cli_runner().invoke(args=["fetch-form01"])
    assert failed.exit_code == 1 and "There is no address" in failed.output


def test_the_doctor_knows_how_the_portal_does(clock, app, portal, tmp_path):
    def finding() -> tuple[str, str]:
        with database.connection_context():
            return next((each.state, each.words) for each in doctor.examine(tmp_path) if each.what == "official form")

    assert finding() == ("ok", "not fetched yet; none is kept; ours is given out.")
    official.work()
    assert finding() == ("ok", "the one of 2026-11-25 is kept.")
    portal.mood = "gone"
    official.work(is_asked=True)
    assert finding() == ("warning", "the last fetch failed (status 404); the one of 2026-11-25 is kept.")


def test_a_page_that_is_asked_for_while_it_is_fetched_needs_no_turn(app, plain, portal):
    portal.mood = "hang"
    thread = threading.Thread(target=official.work)
    thread.start()
    assert portal.hangs()
    ours(plain)
    portal.release()
    thread.join()
