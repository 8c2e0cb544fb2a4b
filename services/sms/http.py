"""Requests to gateways, and the only importer of `urllib3`.

Nobody is trusted: no redirect is followed, no proxy is taken from the environment, the whole exchange has its time and
the answer its size, however slowly it comes.
"""

import base64
import json
import socket
from http.client import HTTPException
from threading import Timer
from urllib.parse import unquote, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError, TimeoutError

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
        limit = _Limit(connection)
        try:
            connection.request(method, path, data, headers, preload_content=False, decode_content=False)
            limit.check()
            answer = connection.getresponse()
            text = answer.read(MOST_BYTES + 1)
        except (HTTPError, HTTPException, OSError) as problem:
            raise SendFailed("silent" if limit.is_over else _reason(problem)) from problem
        finally:
            limit.end()
            connection.close()
        if limit.is_over:
            raise SendFailed("silent")
        if len(text) > MOST_BYTES:
            raise SendFailed("garbled")
        return answer.status, text


class _Limit:
    """Cuts a connection off when its time is over: a time-out of the socket alone starts anew with every byte."""

    def __init__(self, connection: HTTPConnection):
        self._connection = connection
        self.is_over = False
        self._timer = Timer(SECONDS, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def check(self) -> None:
        """Raise where the time was over before there was a connection to cut off."""
        if self.is_over:
            raise TimeoutError

    def end(self) -> None:
        """The exchange is over."""
        self._timer.cancel()

    def _cut(self) -> None:
        self.is_over = True
        line = self._connection.sock
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                # It was closed at this very moment.
                return


def _reason(problem: Exception) -> str:
    if isinstance(problem, SSLError):
        return "certificate"
    if isinstance(problem, (TimeoutError, ConnectTimeoutError, OSError)) and "timed out" in str(problem):
        return "silent"
    if isinstance(problem, (NewConnectionError, ConnectionRefusedError)):
        return "unreachable"
    return "dropped"
