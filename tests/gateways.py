"""Gateways on loopback that behave, or do not: what a desk must live with when the outside is not well."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Gateway:
    """Answers every request by `answer(method, path, body)`, which gives a status and a JSON object.

    `mood` says how it behaves besides: `well`, `error` (500), `hang` (no answer until `release`), `drop` (takes the
    message and closes the line), `drip` (a byte of the head now and then), `drip_body` (a byte of the
    text), `garbage`, `huge`, `redirect`.
    """

    def __init__(self, answer: Callable[[str, str, dict], tuple[int, object]]):
        self.mood = "well"
        self.requests: list[tuple[str, str, dict, dict]] = []
        self.hanging = 0
        self._released = threading.Event()
        self._lock = threading.Lock()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                gateway._serve(self, answer)

            def do_GET(self):
                gateway._serve(self, answer)

            def log_message(self, *_words):
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_problem):
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def release(self) -> None:
        """Let go of those that hang."""
        self._released.set()

    def asked(self, method: str) -> list[tuple[str, str, dict, dict]]:
        """The requests of this kind."""
        with self._lock:
            return [request for request in self.requests if request[0] == method]

    def _serve(self, handler: BaseHTTPRequestHandler, answer) -> None:
        size = int(handler.headers.get("Content-Length") or 0)
        body = json.loads(handler.rfile.read(size)) if size else {}
        with self._lock:
            self.requests.append((handler.command, handler.path, body, dict(handler.headers)))
            mood = self.mood
        handler.close_connection = True
        if mood == "hang":
            self.hanging += 1
            self._released.wait(60)
            return
        if mood == "drip":
            self._drip(handler, b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000)
            return
        if mood == "drip_body":
            # With this word http.client lets go of the line before it reads.
            self._drip(handler, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 0)
            self._drip(handler, b" " * 10_000)
            return
        # What it takes it takes, even if nobody hears of it.
        status, told = (500, {}) if mood == "error" else answer(handler.command, handler.path, body)
        if mood == "drop":
            return
        self._tell(handler, mood, status, told)

    def _tell(self, handler, mood: str, status: int, told) -> None:
        text = {"garbage": b"<html>captcha</html>", "huge": b"[" + b"1," * 100_000 + b"1]"}.get(
            mood, json.dumps(told).encode()
        )
        handler.send_response(302 if mood == "redirect" else status)
        if mood == "redirect":
            handler.send_header("Location", f"http://127.0.0.1:{self.port}/elsewhere")
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def _drip(self, handler, text: bytes, pause: float = 0.05) -> None:
        try:
            for byte in text:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                if pause and self._released.wait(pause):
                    return
        except OSError:
            return


class Phone:
    """The app of the Android phone: it knows its messages by their id (`answer` is for `Gateway`)."""

    def __init__(self):
        self.taken: dict[str, dict] = {}
        self.state = "Pending"
        self.error = None
        self.refusals: set[str] = set()

    def answer(self, method: str, path: str, body: dict):
        """As capcom6/android-sms-gateway: 202 with the message, 409 for an id that it has, 404 for one it has not."""
        if method == "POST":
            if body["id"] in self.taken:
                return 409, {"message": "id exists"}
            self.taken[body["id"]] = body
            return 202, self._told(body["id"])
        key = path.rpartition("/")[2]
        return (200, self._told(key)) if key in self.taken else (404, {})

    def _told(self, key: str) -> dict:
        recipients = [
            {"phoneNumber": number, "state": self.state, "error": self.error}
            for number in self.taken[key]["phoneNumbers"]
        ]
        return {"id": key, "state": self.state, "recipients": recipients, "isEncrypted": False}


class Esms:
    """eSMS.vn: takes each RequestId once."""

    def __init__(self):
        self.taken: dict[str, dict] = {}
        self.code = "100"
        self.status: dict = {"SendStatus": 2, "SendSuccess": 0, "SendFailed": 0}

    def answer(self, method: str, path: str, body: dict):
        """As its documentation says, with numbers that are texts here and not there."""
        if method == "GET":
            asked = parse_qs(urlsplit(path).query)
            return 200, {"CodeResponse": "100", "SMSID": asked["RefId"][0], **self.status}
        if self.code != "100":
            return 200, {"CodeResult": self.code, "CountRegenerate": 0, "ErrorMessage": f"not to {body['Phone']}"}
        if body["RequestId"] in self.taken:
            return 200, {"CodeResult": "124", "CountRegenerate": 0, "ErrorMessage": "Request exist 1"}
        self.taken[body["RequestId"]] = body
        return 200, {"CodeResult": "100", "CountRegenerate": 0, "SMSID": f"sms-{len(self.taken)}"}


class SpeedSms:
    """SpeedSMS.vn: knows no key of ours."""

    def __init__(self):
        self.taken: list[dict] = []
        self.error: dict | None = None

    def answer(self, _method: str, _path: str, body: dict):
        """As its documentation says."""
        if self.error:
            return 200, {"status": "error", **self.error}
        self.taken.append(body)
        data = {"tranId": 123456, "totalSMS": 1, "totalPrice": 250, "invalidPhone": []}
        return 200, {"status": "success", "code": "00", "data": data}


def until(sees: Callable[[], object], what: str) -> None:
    """Wait until it is so; a machine may be busy, so the limit is far away."""
    for _ in range(3000):
        if sees():
            return
        time.sleep(0.01)
    raise AssertionError(what)
