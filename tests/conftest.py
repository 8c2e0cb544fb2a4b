"""The application on both databases, and a cast that never changes."""

import os
from pathlib import Path

import pytest

import app as application
import config
from models import database
from services import accounts
from tests.browser import Browser
from tests.postgresql import CannotStart, Cluster

PASSWORD = "một câu dễ nhớ"
TIDY = {"QUAY_PUBLIC_URL": "", "QUAY_COMPANY_NAME": "Công ty May Bình Minh"}


@pytest.fixture(scope="session")
def postgresql():
    """A throw-away PostgreSQL; skipped by name where none can be started, unless the gate requires it."""
    try:
        cluster = Cluster.start()
    except CannotStart as problem:
        if os.environ.get("QUAY_TEST_POSTGRESQL") == "required":
            raise
        pytest.skip(f"no PostgreSQL can be started here: {problem}")
    yield cluster
    cluster.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """The address of an empty database, of either kind."""
    if request.param == "sqlite":
        return ""
    cluster = request.getfixturevalue("postgresql")
    cluster.empty()
    return cluster.url


@pytest.fixture
def environ(tmp_path, database_url):
    """The environment of a fresh installation; messages go into a folder."""
    return {
        **TIDY,
        "QUAY_DATA": str(tmp_path / "data"),
        "QUAY_SMS_URL": (tmp_path / "sms").as_uri(),
        **({"QUAY_DATABASE_URL": database_url} if database_url else {}),
    }


@pytest.fixture
def make_app(environ):
    """Start the application, as often as needed, with changed settings."""

    def make(**changes):
        if database.obj is not None and not database.is_closed():
            database.close()
        return application.create_app(config.read({**environ, **changes}))

    yield make
    if database.obj is not None:
        while not database.is_closed():
            database.close()
        getattr(database.obj, "close_all", lambda: None)()


@pytest.fixture
def app(make_app):
    """The application as it starts for the first time."""
    return make_app()


@pytest.fixture(params=["plain", "htmx"])
def browser(app, request):
    """An employee; once without scripts, once with htmx."""
    return Browser(app, htmx=request.param == "htmx")


@pytest.fixture
def plain(app):
    """An employee without scripts."""
    return Browser(app)


@pytest.fixture
def sign_in_to():
    """Sign in to an application as `admin`, `department` or `unit`; gives the browser."""

    def enter(app, role: str = "admin", unit: str | None = None) -> Browser:
        with database.connection_context():
            accounts.add(f"{role}.nhansu", PASSWORD, role, unit)
        return Browser(app).open("/staff/sign-in").submit({"username": f"{role}.nhansu", "password": PASSWORD})

    return enter


@pytest.fixture
def sign_in(app, sign_in_to):
    """Sign in to the application of this test."""
    return lambda role="admin", unit=None: sign_in_to(app, role, unit)


@pytest.fixture
def code(environ):
    """The newest code that was sent as a message."""
    from tests.messages import newest_code

    return lambda: newest_code(Path(environ["QUAY_SMS_URL"].removeprefix("file://")))


@pytest.fixture
def submitted(code):
    """Walk a browser through a whole registration; gives the reference."""

    def walk(browser: Browser, **person) -> str:
        browser.fill_until("declaration").answer("declaration", **person)
        browser.answer("photos").answer("agency").submit().submit({"code": code()})
        return browser.page.select_one("[data-reference]").get_text(strip=True)

    return walk
