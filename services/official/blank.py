"""What is checked of a file before anybody is given it, and every limit of that."""

import struct
import sys
from dataclasses import dataclass
from typing import BinaryIO

from services.official.why import NoBlank, Why
from services.photos import pool, wire
from services.photos.limits import MAX_THUMBNAIL_BYTES

# Our own has one page, the official one of 2018 two; more is a file of something else.
MAX_PAGES = 20
# For all of it, from outside, by killing the worker; an honest file takes a tenth of a second.
SECONDS = 10
CPU_SECONDS = 10
# Writable memory (RLIMIT_DATA, so Linux only).
MEMORY_BYTES = 512 * 1024 * 1024

_COMMAND = (sys.executable, "-m", "services.official.worker")
_HEAD = 1024
_QUESTION = struct.Struct("!I")  # length of the file
_ANSWER = struct.Struct("!BHI")  # 0 or why not, number of pages, length of the thumbnail
_WHY = list(Why)


@dataclass(frozen=True, slots=True)
class Blank:
    """A PDF that opens and does nothing else; `thumbnail` is its first page as a small JPEG."""

    pages: int
    thumbnail: bytes


def check(data: bytes, seconds: float = SECONDS, command: tuple[str, ...] = _COMMAND) -> Blank:
    """Have a process of its own open the file. Raises `NoBlank`, and `photos.WorkerDoesNotStart`."""
    if not data.startswith(b"%PDF-"):
        raise NoBlank(_instead(data))
    process = pool.started(command)
    try:
        with pool.killed_after(seconds, process):
            process.stdin.write(_QUESTION.pack(len(data)))
            process.stdin.write(data)
            process.stdin.flush()
            answer = _received(process.stdout)
    except (wire.Garbled, OSError):
        answer = Why.TOO_HARD
    finally:
        pool.ended(process)
    if isinstance(answer, Why):
        raise NoBlank(answer)
    return answer


def given(pipe: BinaryIO) -> bytes:
    """In the worker: wait for the file."""
    (length,) = _QUESTION.unpack(_exactly(pipe, _QUESTION.size))
    return _exactly(pipe, length)


def tell(pipe: BinaryIO, answer: Blank | Why) -> None:
    """In the worker: say what was found."""
    if isinstance(answer, Why):
        pipe.write(_ANSWER.pack(1 + _WHY.index(answer), 0, 0))
    else:
        pipe.write(_ANSWER.pack(0, answer.pages, len(answer.thumbnail)))
        pipe.write(answer.thumbnail)
    pipe.flush()


def _received(pipe: BinaryIO) -> Blank | Why:
    """What the worker says, of which nothing is believed: the file may have taken it over."""
    code, pages, length = _ANSWER.unpack(_exactly(pipe, _ANSWER.size))
    if code > len(_WHY) or length > MAX_THUMBNAIL_BYTES:
        raise wire.Garbled
    if code:
        return _WHY[code - 1]
    thumbnail = _exactly(pipe, length)
    if not 0 < pages <= MAX_PAGES or not (thumbnail.startswith(b"\xff\xd8\xff") and thumbnail.endswith(b"\xff\xd9")):
        raise wire.Garbled
    return Blank(pages, thumbnail)


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    data = pipe.read(length)
    if len(data) != length:
        raise wire.Garbled
    return data


def _instead(data: bytes) -> Why:
    """What came, where no PDF did. A page that asks whether somebody is a robot may well call itself a PDF."""
    if not data:
        return Why.EMPTY
    head = data[:_HEAD].lower()
    return Why.WEB_PAGE if b"<html" in head or b"<!doctype html" in head else Why.NOT_PDF
