"""The application on both databases, and a cast that never changes."""

import os
import shutil
from functools import cache
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import settings
from jinja2 import BytecodeCache
from werkzeug.routing import Rule

import app as application
import config
import models
from desk import piles
from models import database
from services import accounts, later, official
from tests.browser import Browser
from tests.postgresql import CannotStart, Cluster

PASSWORD = "một câu dễ nhớ"
MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 1_000_000_000:
    # Nothing that tests write has to outlive them, so they need not wait for a disk.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
# The same examples each time, and none that fails because the machine is busy.
settings.load_profile("ci")
# scrypt is slow on purpose. It is not asked the same twice: one salt for each password, one answer for each question.
accounts.generate_password_hash = cache(accounts.generate_password_hash)
accounts.check_password_hash = cache(accounts.check_password_hash)


def once(compile_rule):
    """What werkzeug compiles of an address is the same in every application of this process."""
    made = {}

    def compile_once(rule, append_unknown=True):
        key = rule.rule, repr(rule.defaults), append_unknown
        if key not in made:
            made[key] = compile_rule(rule, append_unknown)
        return made[key]

    return compile_once


Rule._compile_builder = once(Rule._compile_builder)
# A pile that takes longer is read on after the answer; here it never is longer, however busy the machine.
piles.PATIENCE = 10 * 60
TIDY = {"QUAY_PUBLIC_URL": "", "QUAY_COMPANY_NAME": "Công ty May Bình Minh"}


def pytest_xdist_auto_num_workers(config):
    """The whole suite keeps several processors busy; a file or two that somebody names start sooner in one process."""
    return min(4, os.cpu_count() or 1) if config.args_source is config.ArgsSource.TESTPATHS else 0


def pytest_collection_modifyitems(config, items):
    """On SQLite every test is walked in both flows, plain and with htmx; on PostgreSQL in half of these ways."""
    spared = {item for item in items if _is_spared(item)}
    config.hook.pytest_deselected(items=list(spared))
    items[:] = [item for item in items if item not in spared]


def _is_spared(item) -> bool:
    ways = item.callspec.indices if hasattr(item, "callspec") else {}
    taken = [ways[name] for name in ("browser", "anna", "flow") if name in ways]
    on_postgresql = taken and item.callspec.params.get("database_url") == "postgresql"
    return bool(on_postgresql) and sum(taken) % 2 != crc32(item.originalname.encode()) % 2


@pytest.fixture(scope="session")
def postgresql():
    """A throw-away PostgreSQL; skipped by name where none can be started, unless the gate requires it."""
    try:
        cluster = Cluster.start()
    except CannotStart as problem:
        if os.environ.get("QUAY_TEST_POSTGRESQL") == "required":
            raise
        pytest.skip(f"no PostgreSQL can be started here: {problem}")
    models.use(cluster.new_database("migrated"))
    models.close()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory):
    """A SQLite file with all tables, to be copied: cheaper than making them for every test."""
    path = tmp_path_factory.mktemp("migrated") / "quay.db"
    models.use(f"sqlite:///{path}")
    models.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """The address of a database of either kind; "" is the SQLite file in the data folder."""
    if request.param == "sqlite":
        return ""
    return request.getfixturevalue("postgresql").url_of("quay")


@pytest.fixture
def environ(tmp_path, database_url, request):
    """The environment of a fresh installation, with tables in its database; messages go into a folder, mails wait."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    if database_url:
        request.getfixturevalue("postgresql").new_database("quay", "migrated")
    else:
        shutil.copy(request.getfixturevalue("migrated_sqlite"), data / "quay.db")
    return {
        **TIDY,
        "QUAY_DATA": str(data),
        "QUAY_SMS_URL": (tmp_path / "sms").as_uri(),
        # No worker runs, so nothing is sent; port 9 is nobody's.
        "QUAY_SMTP_URL": "smtp://127.0.0.1:9?from=vssid@congty.vn",
        **({"QUAY_DATABASE_URL": database_url} if database_url else {}),
    }


class Compiled(BytecodeCache):
    """Templates once compiled, for all applications of this process."""

    def __init__(self):
        self.codes = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.codes:
            bucket.bytecode_from_string(self.codes[bucket.key])

    def dump_bytecode(self, bucket):
        self.codes[bucket.key] = bucket.bytecode_to_string()


compiled = Compiled()


@pytest.fixture
def make_app(environ):
    """Start the application, as often as needed, with changed settings."""

    def make(**changes):
        later.settle()
        official.settle()
        if database.obj is not None and not database.is_closed():
            database.close()
        app = application.create_app(config.read({**environ, **changes}))
        app.jinja_env.bytecode_cache = compiled
        return app

    yield make
    later.settle()
    official.settle()
    if database.obj is not None:
        while not database.is_closed():
            database.close()
        models.close()


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
