"""A phone: sends the headers that Chrome on Android sends, fetches what a page needs once, and counts every byte.

It stands in for the application of `tests.browser.Browser`, so that the same person who walks through the tests walks
here. What carries its requests is given: a socket that counts (`Wire`), or an application in the same process.
"""

import gzip
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

import brotli
from bs4 import BeautifulSoup
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from benchmarks.installation import HOST

# As the desk compresses, to tell what a page would weigh without the previews of the photos in it.
COMPRESS = {"br": lambda data: brotli.compress(data, quality=5), "gzip": lambda data: gzip.compress(data, 6)}
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}
OF_THE_WIRE = {"content-encoding", "content-length", "transfer-encoding"}
PREVIEW = re.compile(rb"data:image/jpeg;base64,[A-Za-z0-9+/=]+")

ALWAYS = {
    "Connection": "keep-alive",
    "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Mobile Safari/537.36",
    "Accept-Language": "vi-VN,vi;q=0.9,en-US;q=0.8,en;q=0.7",
    "sec-ch-ua": '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    "sec-ch-ua-mobile": "?1",
    "sec-ch-ua-platform": '"Android"',
    "Sec-Fetch-Site": "same-origin",
}
PAGE = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    "Upgrade-Insecure-Requests": "1",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-User": "?1",
    "Sec-Fetch-Dest": "document",
}
PART = {"Accept": "*/*", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
MAIN = "main"
ASSET = {"Accept": "*/*", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}


@dataclass(frozen=True, slots=True)
class Carried:
    """An answer as it came, still packed, and how many bytes went each way."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    sent: int
    received: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, in bytes; of these, the answer's body, and photos and their previews."""

    path: str
    sent: int
    received: int
    body: int
    photos_sent: int
    photos_received: int

    @property
    def without_photos(self) -> int:
        """Both ways."""
        return self.sent + self.received - self.photos_sent - self.photos_received


class Answer(Response):
    """An answer as `Browser` reads it, unpacked."""

    @property
    def text(self) -> str:
        """The page."""
        return self.get_data(as_text=True)


class Phone:
    """One phone with an empty cache; `origin` is where it believes the desk to be."""

    def __init__(self, carry: Callable[[str, str, dict, bytes | None], Carried], origin: str, encoding: str):
        self.exchanges: list[Exchange] = []
        self._carry = carry
        self._origin = origin
        self._encoding = encoding
        self._address = ""
        self._sends_whole_referer = True
        self._target = MAIN
        self._page = None
        self._cached: set[str] = set()

    def test_client(self) -> "Phone":
        """Itself: to a `Browser` this is an application."""
        return self

    def get(self, url: str, headers: dict[str, str] | None = None) -> Answer:
        """Fetch a page or a part of one, and whatever it needs for the first time."""
        answer = self._exchange("GET", url, self._kind(headers))
        if answer.mimetype == "text/html":
            self._address = self._origin + url
            self._show(BeautifulSoup(answer.text, "lxml"))
            answer.set_data(str(self._page) if self._target != MAIN else answer.data)
        self._target = MAIN
        return answer

    def suggest(self, url: str) -> None:
        """Fetch a small part while somebody types; the address stays."""
        self._exchange("GET", url, self._kind({"HX-Request": "true"}))

    def post(self, url: str, data: dict, headers: dict[str, str] | None = None, content_type: str = "") -> Answer:
        """Send a form, files and all."""
        pictures = {name: value[0] for name, value in data.items() if isinstance(value, tuple)}
        weight = sum(len(file.getvalue()) for file in pictures.values())
        # A photo's field asks for its own part of the page; the redirect is followed with the same headers.
        self._target = f"photo-{next(iter(pictures))}" if pictures else MAIN
        encoding = content_type if pictures else self._encoding_of_form(url)
        environ = EnvironBuilder(method="POST", data=data, content_type=encoding).get_environ()
        body = environ["wsgi.input"].read()
        sent = {"Content-Type": environ["CONTENT_TYPE"], "Origin": self._origin}
        return self._exchange("POST", url, self._kind(headers) | sent, body, weight)

    def _kind(self, headers: dict[str, str] | None) -> dict[str, str]:
        if not headers:
            return PAGE
        return PART | headers | {"HX-Target": self._target}

    def _encoding_of_form(self, url: str) -> str:
        forms = (form for form in self._page.select("form[method=post]") if form["action"] == url)
        return next(forms, {}).get("enctype", "application/x-www-form-urlencoded")

    def _show(self, page: BeautifulSoup) -> None:
        """Take the page, or the one part of it that was asked for, and the new token."""
        if self._target == MAIN:
            self._page = page
        else:
            for part in (f"#{self._target}", "#step_token"):
                self._page.select_one(part).replace_with(page.select_one(part))
        for element in page.select("link[rel=stylesheet], link[rel=icon], script[src], img[src^='/'], [data-script]"):
            for url in (element.get("href") or element.get("src") or element["data-script"]).split():
                if url not in self._cached:
                    self._cached.add(url)
                    self._exchange("GET", url, ASSET)

    def _exchange(self, method: str, url: str, headers: dict, body: bytes | None = None, weight: int = 0) -> Answer:
        headers = ALWAYS | {"Accept-Encoding": self._encoding} | headers
        if self._address:
            headers["Referer"] = self._address if self._sends_whole_referer else f"{self._origin}/"
        came = self._carry(method, url, headers, body)
        answered = {name.lower(): value for name, value in came.headers}
        self._sends_whole_referer = "origin" not in answered.get("referrer-policy", "").replace("same-origin", "")
        encoding = answered.get("content-encoding", "")
        data = UNPACK[encoding](came.body)
        self.exchanges.append(
            Exchange(urlsplit(url).path, came.sent, came.received, len(came.body), weight, _previews(data, encoding))
        )
        return Answer(data, came.status, [each for each in came.headers if each[0].lower() not in OF_THE_WIRE])


class Wire:
    """One connection that is kept, over a socket that counts."""

    def __init__(self, port: int):
        self.origin = f"http://{HOST}:{port}"
        self._connection = HTTPConnection(HOST, port, timeout=60)
        self._connection.sock = self._socket = _Socket()
        self._socket.connect((HOST, port))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def carry(self, method: str, url: str, headers: dict, body: bytes | None) -> Carried:
        """Send a request and count it and its answer."""
        sent, received = self._socket.sent, self._socket.received
        self._connection.request(method, url, body, headers)
        answer = self._connection.getresponse()
        packed = answer.read()
        sent, received = self._socket.sent - sent, self._socket.received - received
        return Carried(answer.status, answer.getheaders(), packed, sent, received)


class _Socket(socket.socket):
    sent = received = 0

    def sendall(self, data, *flags):
        self.sent += len(data)
        return super().sendall(data, *flags)

    def recv_into(self, *given):
        count = super().recv_into(*given)
        self.received += count
        return count


def _previews(data: bytes, encoding: str) -> int:
    """What the previews in a page add to its bytes on the wire."""
    without = PREVIEW.sub(b"", data)
    if without == data:
        return 0
    pack = COMPRESS.get(encoding, bytes)
    return len(pack(data)) - len(pack(without))
