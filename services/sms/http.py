"""Requests to gateways, and the only importer of `urllib3`.

Nobody is trusted: no redirect is followed, no proxy is taken from the environment, the whole exchange has its time and
the answer its size, however slowly it comes.
"""

import base64
import json
from contextlib import closing
from http.client import HTTPException
from urllib.parse import unquote, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError, TimeoutError

from services.deadline import Deadline
from services.outbox import SendFailed

SECONDS = 5
MOST_BYTES = 64 * 1024
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# Statuses of the 4xx kind after which the same request may succeed all the same.
_PASSING = {408, 425, 429}


class Line:
    """Where a gateway listens, as its address says; `is_open`: without TLS, as phones in the same network speak."""

    def __init__(self, url: str, *, is_open: bool = False, port: int | None = None):
        parts = urlsplit(url)
        self.host = parts.hostname
        self.port = parts.port or port
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        # Nobody listens between a machine and itself.
        self._is_tls = not is_open and self.host not in LOOPBACK

    @property
    def place(self) -> str:
        """Host and port, without name and password."""
        return f"{self.host}:{self.port}" if self.port else self.host

    def basic(self, user: str, password: str) -> dict[str, str]:
        """The header for this name and password."""
        return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}

    def ask(self, method: str, path: str, body: dict | None = None, headers: dict | None = None) -> dict:
        """Send JSON and give the JSON object of the answer. Raises `SendFailed`."""
        status, data = self._exchange(method, path, body, {"Accept": "application/json", **(headers or {})})
        if status in {401, 403}:
            raise SendFailed("credentials", f"HTTP {status}")
        if not 200 <= status < 300:
            raise SendFailed("status", f"HTTP {status}", is_final=400 <= status < 500 and status not in _PASSING)
        try:
            answer = json.loads(data)
        except ValueError as problem:
            raise SendFailed("garbled") from problem
        if not isinstance(answer, dict):
            raise SendFailed("garbled")
        return answer

    def connection(self) -> HTTPConnection:
        """A connection that is not open yet."""
        if self._is_tls:
            return HTTPSConnection(self.host, self.port, timeout=SECONDS, cert_reqs="CERT_REQUIRED")
        return HTTPConnection(self.host, self.port, timeout=SECONDS)

    def _exchange(self, method, path, body, headers) -> tuple[int, bytes]:
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = None if body is None else json.dumps(body).encode()
        connection = self.connection()
        try:
            with Deadline(SECONDS) as deadline:
                connection.connect()
                # Held by itself: http.client lets go of it before the answer is read.
                deadline.watch(connection.sock)
                connection.request(method, path, data, headers, preload_content=False, decode_content=False)
                with closing(connection.getresponse()) as answer:
                    text = answer.read(MOST_BYTES + 1)
                # A line that was cut off ends like one that is done.
                deadline.left()
        except (HTTPError, HTTPException, OSError) as problem:
            raise SendFailed("silent" if deadline.is_over else _reason(problem)) from problem
        finally:
            connection.close()
        if len(text) > MOST_BYTES:
            raise SendFailed("garbled")
        return answer.status, text


def _reason(problem: Exception) -> str:
    if isinstance(problem, SSLError):
        return "certificate"
    if isinstance(problem, (TimeoutError, ConnectTimeoutError, OSError)) and "timed out" in str(problem):
        return "silent"
    if isinstance(problem, (NewConnectionError, ConnectionRefusedError)):
        return "unreachable"
    return "dropped"
