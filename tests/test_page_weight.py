"""The budgets in bytes, held to in this process; `python -m benchmarks bytes` counts the same on a real connection."""

from pathlib import Path

import pytest
from waitress.buffers import ReadOnlyFileBasedBuffer

from benchmarks.bytes import FIRST_VISIT, ONE_PAGE, WHOLE_WAY, WITH_SCRIPTS, walk
from benchmarks.phone import Carried, Phone
from tests.answers import jpeg

STATIC = Path(__file__).parent.parent / "static"
OWN_SCRIPT = 4_000

# What the server adds where the application has not.
DATE = {"Date": "Mon, 23 Nov 2026 08:00:00 GMT"}


@pytest.fixture
def database_url():
    """Pages weigh the same on every database."""
    return ""


@pytest.fixture
def phone(app):
    client = app.test_client()

    def carry(method, url, headers, body):
        # A file is handed over as by the server that we use; Flask-Compress treats others as streams.
        served = {"wsgi.file_wrapper": ReadOnlyFileBasedBuffer}
        with client.open(url, method=method, headers=headers, data=body, environ_overrides=served) as answer:
            packed = answer.data
        sent = _head(f"{method} {url} HTTP/1.1", {"Host": "localhost:8000"} | headers)
        sent += len(f"Content-Length: {len(body)}\r\n") + len(body) if body else 0
        received = _head(f"HTTP/1.1 {answer.status}", DATE | dict(answer.headers)) + len(packed)
        return Carried(answer.status_code, list(answer.headers), packed, sent, received)

    return Phone(carry, "http://localhost", "gzip")


def test_the_first_visit_is_light(phone):
    phone.get("/")
    page_and_sheet = [each for each in phone.exchanges if each.path == "/" or each.path.endswith(".css")]
    assert len(page_and_sheet) == 2
    assert sum(each.body for each in page_and_sheet) <= FIRST_VISIT


def test_the_first_visit_is_light_with_all_scripts(phone):
    phone.get("/")
    assert sum(each.body for each in phone.exchanges) <= WITH_SCRIPTS


def test_the_whole_way_without_photos_is_light(phone, environ):
    pictures = [jpeg(900, 1200), jpeg(seed=1), jpeg(seed=2)]
    walk(phone, Path(environ["QUAY_SMS_URL"].removeprefix("file://")), pictures)
    walked, told = phone.exchanges, "\n".join(map(str, phone.exchanges))
    assert len([each for each in walked if each.photos_sent]) == 3
    assert sum(each.without_photos for each in walked) <= WHOLE_WAY, told
    pages = [each for each in walked if not each.path.startswith("/static/")]
    assert max(each.received - each.photos_received for each in pages) <= ONE_PAGE, told


def test_our_own_scripts_are_small():
    own = [path for path in STATIC.glob("*.js") if not path.name.startswith("htmx-")]
    assert own
    for path in own:
        assert path.stat().st_size <= OWN_SCRIPT, path.name


def _head(first_line: str, headers: dict[str, str]) -> int:
    return sum(len(f"{name}: {value}\r\n") for name, value in headers.items()) + len(f"{first_line}\r\n\r\n")
