"""The one request to the portal, and the only importer of `ssl`.

Nobody is trusted: the host's addresses are looked up once and judged, and it is one of those that is connected to; no
proxy is taken from the environment; whatever is sent, however slowly, packed or not, has its time and its size.
"""

import queue
import socket
import ssl
import zlib
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from threading import Thread

from services.deadline import Deadline, TimeOver
from services.official.address import Place, followed, is_allowed, place_of
from services.official.why import NoBlank, Why

SECONDS = 5
MOST_BYTES = 5 * 1024 * 1024
MOST_REDIRECTS = 3

_REDIRECTS = {301, 302, 303, 307, 308}
_PIECE = 64 * 1024
# What OpenSSL says of a certificate (X509_V_ERR_…) that HR or the portal can do something about.
_REFUSED = {9: Why.EXPIRED, 10: Why.EXPIRED, 62: Why.OTHER_NAME, 64: Why.OTHER_NAME}


@dataclass(frozen=True, slots=True)
class Mark:
    """By what the portal knows whether its file has changed since."""

    etag: str = ""
    last_modified: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The question whether it has."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Answer:
    """The file with its mark; `data` is None where the portal says that it has not changed."""

    data: bytes | None
    mark: Mark


NEVER_SEEN = Mark()


def fetch(url: str, known: Mark = NEVER_SEEN, *, is_trusted: bool = False) -> Answer:
    """Ask for the file, within `SECONDS` for everything. Raises `NoBlank`, and `ValueError` for what is no address.

    Only where `is_trusted` may the host lie inside a network.
    """
    place = place_of(url)
    try:
        with Deadline(SECONDS) as deadline:
            for _ in range(1 + MOST_REDIRECTS):
                with _connected(place, deadline, is_trusted) as line:
                    answer = _asked(line, place, known, deadline)
                if isinstance(answer, Answer):
                    return answer
                place = followed(place, answer)
    except TimeOver as problem:
        raise NoBlank(Why.SILENT) from problem
    raise NoBlank(Why.IN_CIRCLES)


def _connected(place: Place, deadline: Deadline, is_trusted: bool) -> socket.socket:
    """A line to one of the host's addresses, with TLS where the address says so."""
    addresses = _addresses(place, deadline)
    if not all(is_allowed(address[0], is_trusted=is_trusted) for _family, address in addresses):
        raise NoBlank(Why.PRIVATE)
    for left, (family, address) in zip(range(len(addresses), 0, -1), addresses, strict=True):
        line = socket.socket(family, socket.SOCK_STREAM)
        try:
            # One that does not answer must leave time for the next.
            line.settimeout(deadline.left() / left)
            line.connect(address)
            line.settimeout(deadline.left())
            deadline.watch(line)
            return _secured(line, place, deadline) if place.scheme == "https" else line
        except OSError as problem:
            line.close()
            if left == 1 or isinstance(problem, TimeOver):
                raise NoBlank(_of_connecting(problem)) from problem
        except NoBlank:
            line.close()
            raise
    raise NoBlank(Why.UNKNOWN_HOST)


def _addresses(place: Place, deadline: Deadline) -> list[tuple[int, tuple]]:
    """Family and address of every way to the host; a resolver knows no deadline, so another thread waits for it."""
    found = queue.SimpleQueue()

    def look() -> None:
        try:
            found.put(socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            found.put([])

    Thread(target=look, name="official-resolver", daemon=True).start()
    try:
        ways = found.get(timeout=deadline.left())
    except queue.Empty:
        raise TimeOver from None
    return list(dict.fromkeys((family, address) for family, _type, _protocol, _name, address in ways))


def _of_connecting(problem: OSError) -> Why:
    return Why.SILENT if isinstance(problem, TimeoutError) else Why.UNREACHABLE


def _secured(line: socket.socket, place: Place, deadline: Deadline) -> ssl.SSLSocket:
    try:
        return ssl.create_default_context().wrap_socket(line, server_hostname=place.host)
    except ssl.SSLCertVerificationError as problem:
        raise NoBlank(_REFUSED.get(problem.verify_code, Why.UNTRUSTED), problem.verify_message) from problem
    except OSError as problem:
        raise NoBlank(_of_reading(problem, deadline, Why.NO_TLS)) from problem


def _asked(line: socket.socket, place: Place, known: Mark, deadline: Deadline) -> Answer | str:
    """The answer, or where the portal sends us on to."""
    connection = HTTPConnection(place.host, place.port)
    connection.sock = line
    headers = {
        "Host": place.name,
        "User-Agent": "Quay-VssID",
        "Accept": "application/pdf",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **known.headers,
    }
    try:
        connection.request("GET", place.target, headers=headers)
        with connection.getresponse() as answer:
            if answer.status in _REDIRECTS and (location := answer.headers.get("Location")):
                return location
            if answer.status == 304 and known.headers:
                return Answer(None, known)
            if answer.status != 200:
                raise NoBlank(Why.STATUS, str(answer.status))
            return Answer(_body(answer, deadline), _mark(answer))
    except (OSError, HTTPException, ValueError, zlib.error) as problem:
        raise NoBlank(_of_reading(problem, deadline, Why.GARBLED)) from problem


def _of_reading(problem: Exception, deadline: Deadline, otherwise: Why) -> Why:
    if deadline.is_over or isinstance(problem, TimeoutError):
        return Why.SILENT
    return Why.DROPPED if isinstance(problem, (ConnectionError, ssl.SSLEOFError, IncompleteRead)) else otherwise


def _body(answer: HTTPResponse, deadline: Deadline) -> bytes:
    """What was sent, unpacked; never more of it in memory than is allowed."""
    if answer.length is not None and answer.length > MOST_BYTES:
        raise NoBlank(Why.TOO_LARGE)
    unpacker = _unpacker(answer.headers.get("Content-Encoding", ""))
    data, sent = bytearray(), 0
    while piece := answer.read(_PIECE):
        sent += len(piece)
        data += unpacker.decompress(piece, MOST_BYTES + 1 - len(data)) if unpacker else piece
        if max(sent, len(data)) > MOST_BYTES:
            raise NoBlank(Why.TOO_LARGE)
    # A line that was cut ends like one that is done.
    deadline.left()
    if answer.length or (unpacker and not unpacker.eof):
        raise NoBlank(Why.DROPPED)
    return bytes(data)


def _unpacker(encoding: str):
    """For what was packed though we did not ask for it; None where nothing is packed."""
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return None
    if name in {"gzip", "x-gzip"}:
        return zlib.decompressobj(wbits=31)
    raise NoBlank(Why.GARBLED, encoding)


def _mark(answer: HTTPResponse) -> Mark:
    return Mark(_header(answer, "ETag"), _header(answer, "Last-Modified"))


def _header(answer: HTTPResponse, name: str) -> str:
    """A header that we will send back: one that could not be sent is none."""
    value = answer.headers.get(name, "")
    return value if value.isascii() and value.isprintable() and len(value) <= 200 else ""
