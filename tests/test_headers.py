"""The headers of every answer, good or bad; they are the second wall behind every page."""

import re
import sqlite3
from contextlib import closing

import pytest

from models import Code, Dossier, Draft, Photo, database
from services import accounts
from tests import routes
from tests.answers import good
from tests.browser import Browser
from tests.dossiers import refuse_every_dossier
from tests.routes import DEPARTMENT, OPEN_STAFF, PUBLIC, STAFF, WITH_TOKEN, Holder

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors "
)
PHOTO_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
GOLDEN = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
PHOTO = "GET /staff/dossiers/<reference>/photos/<kind>"
STATIC = "GET /static/<path:filename>"
ORIGINS = "https://intranet.congty.vn http://portal:8080"
MANY_PARTS = {f"field{n}": "x" for n in range(70)}
SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])


@pytest.fixture
def framed(make_app):
    return make_app(QUAY_EMBED_ORIGINS=ORIGINS)


@pytest.fixture
def admin():
    """A client of the application that is signed in."""

    def enter(app):
        with database.connection_context():
            accounts.add("admin", routes.PASSWORD, "admin")
        return Browser(app).open("/staff/sign-in").submit({"username": "admin", "password": routes.PASSWORD}).client

    return enter


def check(answer, path: str, ancestors: str = "'none'", policy: str = "") -> None:
    """The golden headers, and nothing that should not be there."""
    assert answer.headers.getlist("Content-Security-Policy") == [policy or POLICY + ancestors], path
    assert {name: answer.headers.get(name) for name in GOLDEN} == GOLDEN, path
    assert "X-Frame-Options" not in answer.headers, "it knows no list of origins, and would contradict ours"
    assert "Strict-Transport-Security" not in answer.headers, path
    if not path.startswith("/staff"):
        assert "Set-Cookie" not in answer.headers, path
    if not path.startswith("/static") or answer.status_code >= 400:
        assert answer.headers.getlist("Cache-Control") == ["no-store"], path
        assert "HX-Request" in answer.headers["Vary"], path
    answer.close()


@SQLITE_ONLY
def test_every_route_carries_them_whoever_asks(framed, admin):
    client, anna = admin(framed), Holder("0912345601", "Nguyễn Thị An-na")
    everywhere = f"'self' {ORIGINS}"
    for route in {*PUBLIC, *WITH_TOKEN, *STAFF, *DEPARTMENT, *OPEN_STAFF}:
        path = routes.address(route, anna)
        ancestors = "'none'" if path.startswith("/staff") else everywhere
        query = {"t": anna.token(WITH_TOKEN[route])} if route in WITH_TOKEN and route.startswith("GET") else {}
        for asking in (client, framed.test_client()):
            for sent in (query, {}, {"t": "forged"}):
                answer = asking.open(path, method=route.split()[0], query_string=sent)
                is_photo = route == PHOTO and answer.status_code == 200
                check(answer, path, ancestors, PHOTO_POLICY if is_photo else "")
            check(asking.put(path), path, ancestors)


@SQLITE_ONLY
def test_no_origin_may_frame_the_pages_unless_it_is_listed(app):
    for path in ("/", "/register/adult", "/lookup", "/no-such-page", "/staff/sign-in", "/static/site.css"):
        check(app.test_client().get(path), path, "'none'")


def test_the_policy_lets_no_inline_or_foreign_script_in():
    directives = dict(part.strip().split(" ", 1) for part in (POLICY + "'none'").split(";"))
    assert directives["default-src"] == "'none'" and directives["script-src"] == "'self'"
    for forbidden in ("unsafe-inline", "unsafe-eval", "*", "http:", "https:"):
        assert forbidden not in POLICY


@SQLITE_ONLY
def test_a_session_cookie_exists_for_the_desk_alone_and_no_script_can_read_it(app, make_app, admin):
    cookie = admin(app).get("/staff/").headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/staff", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    secure = make_app(QUAY_PUBLIC_URL="https://dangky.congty.vn")
    assert "Secure" in secure.test_client().get("/staff/sign-in").headers["Set-Cookie"].split("; ")


@SQLITE_ONLY
def test_what_never_changes_may_be_kept_for_ever_and_nothing_else(app):
    plain = Browser(app).open("/")
    links = [tag.get("href") or tag["src"] for tag in plain.page.select("head [href*=static], head [src*=static]")]
    assert len(links) >= 4
    for link in links:
        assert re.search(r"\?v=[0-9a-f]{10}$", link)
        answer = plain.client.get(link)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        check(answer, link)
    for path in ("/static/site.css", "/static/no-such-file.css?v=0123456789"):
        answer = plain.client.get(path)
        assert "immutable" not in answer.headers["Cache-Control"]
        check(answer, path)


# Error pages


def page_at(app, path: str, status: int, **request) -> Browser:
    """The error page, which is held to the house rules; it says how to go on."""
    browser = Browser(app)
    answer = browser.client.open(path, **request)
    browser._take(answer, path, status)
    check(answer, path)
    assert browser.page.select_one("main a[href='/']")
    return browser


@SQLITE_ONLY
@pytest.mark.parametrize(
    ("status", "path", "request_"),
    [
        (404, "/no-such-page", {}),
        (404, "/register/adult/no-such-step", {}),
        (404, "/register/grandparent", {}),
        (404, "/register/grandparent/confirm", {"method": "POST"}),
        (404, "/%00", {}),
        (404, "/%ff/../..%2f", {}),
        (404, "/staff/no-such-page", {}),
        (404, "/static/../app.py", {}),
        (404, "/static/%2e%2e/config.py", {}),
        (405, "/", {"method": "POST"}),
        (405, "/lookup", {"method": "DELETE"}),
        (405, "/receipt", {"method": "POST"}),
        (400, "/staff/sign-in", {"method": "POST"}),
        (403, "/receipt?t=forged", {}),
        (403, "/lookup/found", {}),
        (403, "/phone", {}),
        (413, "/register/adult/declaration", {"method": "POST", "data": {"full_name": "x" * 70_000}}),
        (413, "/lookup", {"method": "POST", "data": b"x" * 70_000}),
        (413, "/lookup", {"method": "POST", "data": MANY_PARTS, "content_type": "multipart/form-data"}),
        (413, "/staff/sign-in", {"method": "POST", "data": {"password": "x" * 70_000}}),
    ],
)
def test_an_error_has_a_page_that_says_how_to_go_on(app, status, path, request_):
    page = page_at(app, path, status, **request_)
    if status == 405:
        assert page.response.headers["Allow"]


@SQLITE_ONLY
def test_when_the_disk_is_full_nothing_is_half_kept_and_the_next_try_succeeds(app):
    plain = Browser(app).fill_until("photos")
    with database.connection_context():
        room = database.execute_sql("PRAGMA max_page_count").fetchone()[0]
        database.execute_sql("PRAGMA max_page_count = 1")
    full = page_at(
        app, "/register/adult/photos", 503, method="POST", data={**good("photos"), "step_token": plain.token}
    )
    assert full.response.headers["Retry-After"] == "10"
    with database.connection_context():
        assert Photo.select().count() == 0
        database.execute_sql(f"PRAGMA max_page_count = {room}")
    assert plain.answer("photos").step == "agency"


@SQLITE_ONLY
def test_while_another_program_holds_the_database_the_page_gives_back_what_was_typed(app, environ):
    plain = Browser(app).fill_until("declaration")
    with database.connection_context():
        database.execute_sql("PRAGMA busy_timeout = 50")
    data = {**good("declaration"), "full_name": "Đặng Thị Ước", "step_token": plain.token}
    with closing(sqlite3.connect(f"{environ['QUAY_DATA']}/quay.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        busy = page_at(app, "/register/adult/declaration", 503, method="POST", data=data)
        sign_in = {"username": "admin", "password": "bí mật của tôi"}
        csrf = routes.csrf_token(plain.client, "/staff/sign-in")
        answer = plain.client.post("/staff/sign-in", data={**sign_in, "csrf_token": csrf})
        other.rollback()
    assert "Đặng Thị Ước" in busy.text
    assert answer.status_code == 503 and "bí mật của tôi" not in answer.text
    assert plain.submit(data).step == "photos"


def test_a_failure_nobody_foresaw_has_a_page_too_and_changes_nothing(app, code):
    plain = Browser(app).fill_until("review").submit()
    with database.connection_context():
        refuse_every_dossier()
    sent = code()
    plain.submit({"code": sent}, status=500)
    check(plain.response, "/register/adult/confirm")
    with database.connection_context():
        assert (Dossier.select().count(), Draft.select().count(), Code.get().tries_left) == (0, 1, 5)


# Behind a proxy, and not


def forwarded(app, **headers) -> int:
    """How a form is answered whose browser says that it came from https://dangky.congty.vn."""
    plain = Browser(app).start()
    data = {"step_token": plain.token, "consent_processing": "y", "consent_forwarding": "y"}
    headers = {
        "Origin": "https://dangky.congty.vn",
        **{f"X-Forwarded-{name}": value for name, value in headers.items()},
    }
    return plain.client.post("/register/adult/prepare", data=data, headers=headers).status_code


@SQLITE_ONLY
def test_a_proxy_is_believed_only_where_there_is_one(app, make_app):
    assert forwarded(app, Host="dangky.congty.vn", Proto="https", For="10.0.0.1") == 403
    answer = app.test_client().get("/", headers={"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" not in answer.headers
    behind = make_app(QUAY_BEHIND_PROXY="yes")
    assert forwarded(behind, Host="dangky.congty.vn", Proto="https", For="10.0.0.1") == 303
    assert forwarded(behind, Host="evil.example, intranet", Proto="https") == 403
    answer = behind.test_client().get("/", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert forwarded(make_app(QUAY_PUBLIC_URL="https://dangky.congty.vn")) == 303
