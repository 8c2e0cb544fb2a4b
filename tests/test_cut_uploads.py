"""Uploads that break off, never end or are more than they may be, sent to the real server; others go on meanwhile."""

import socket
from contextlib import ExitStack
from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage

from models import Draft, Photo, database
from tests.answers import jpeg
from tests.browser import Browser
from tests.server import Server
from tests.test_uploads import PHOTOS, encoded

pytestmark = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
# More than the server has threads, and than it would let in by the way if a slow sender held one.
SLOW = 60


@pytest.fixture
def at_photos(app):
    return Browser(app).fill_until("photos")


@pytest.fixture
def server(at_photos, environ, tmp_path):
    server = Server(tmp_path, environ).wait()
    yield server
    server.stop()


@pytest.fixture
def body(at_photos):
    picture = FileStorage(BytesIO(jpeg() + bytes(2_000_000)), "a.jpg")
    return encoded({"step_token": at_photos.token, "action": "save", "portrait": picture})


def state() -> list:
    with database.connection_context():
        return [*Draft.select(Draft.revision).tuples(), *Photo.select(Photo.kind).tuples()]


def begin(server: Server, kind: str, length: int) -> socket.socket:
    """A connection on which an upload of so many bytes has been announced."""
    line = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    head = [f"POST {PHOTOS} HTTP/1.1", "Host: localhost", f"Content-Type: {kind}", f"Content-Length: {length}"]
    line.sendall("\r\n".join([*head, "", ""]).encode())
    return line


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_an_upload_that_breaks_off_changes_nothing_and_can_be_sent_again(server, body, part):
    data, kind = body
    before = state()
    with begin(server, kind, len(data)) as line:
        line.sendall(data[: int(len(data) * part)])
    assert server.ask("GET", "/healthz")[0] == 200
    assert state() == before
    status, location, _text = server.ask("POST", PHOTOS, data, {"Content-Type": kind})
    assert (status, "saved=portrait" in location) == (303, True)
    assert state()[1:] == [("portrait",)]


def test_people_who_send_slowly_hold_up_nobody(server, body):
    data, kind = body
    with ExitStack() as lines:
        for _ in range(SLOW):
            line = lines.enter_context(begin(server, kind, len(data)))
            line.sendall(data[:1])
        assert server.ask("GET", "/")[0] == 200
        assert server.ask("POST", PHOTOS, data, {"Content-Type": kind})[0] == 303
    assert server.ask("GET", "/healthz")[0] == 200


def test_more_than_may_come_is_refused_with_or_without_a_length(server, body):
    _data, kind = body
    for chunked in (False, True):
        headers = {"Content-Type": kind} | ({"Transfer-Encoding": "chunked"} if chunked else {})
        pieces = [bytes(1_000_000)] * 28
        try:
            status, _location, text = server.ask(
                "POST", PHOTOS, pieces if chunked else b"".join(pieces), headers, encode_chunked=chunked
            )
        except (BrokenPipeError, ConnectionResetError):
            # It hung up before everything was sent, which is an answer as well.
            continue
        assert status == 413, text
    assert server.ask("GET", "/healthz")[0] == 200


def test_a_form_of_a_thousand_parts_is_refused(server, at_photos):
    data, kind = encoded({"step_token": at_photos.token, **{f"field{n}": "x" for n in range(1000)}})
    before = state()
    assert server.ask("POST", PHOTOS, data, {"Content-Type": kind})[0] == 413
    assert state() == before
