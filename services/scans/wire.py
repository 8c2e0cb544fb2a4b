"""How the server and the worker of a scan talk over a pipe: lengths first, then bytes.

The worker may have been taken over by the file that it opened, so the server believes no length or number it sends.
"""

import struct
from typing import BinaryIO

from services.photos import Photo
from services.photos.limits import LONGEST_SIDE, MAX_JPEG_BYTES, MAX_THUMBNAIL_BYTES
from services.scans.page import MAX_CODES, MAX_PAGES, MAX_TEXT_BYTES, OURS, Page, Why

# Larger than any body that the server takes in.
MAX_BYTES = 64 * 1024 * 1024

_QUESTION = struct.Struct("!IH")  # length of the file, first page to read
_OPENED = struct.Struct("!BH")  # 0 or why not, number of pages
_PAGE = struct.Struct("!?BB")  # whether there is a picture, whether foreign codes, number of texts
_PICTURE = struct.Struct("!HHII")  # width, height, length of JPEG, length of thumbnail
_LENGTH = struct.Struct("!B")
_WHY = list(Why)


class Garbled(Exception):
    """The other side closed the pipe or sent something that it should not."""


def send_file(pipe: BinaryIO, data: bytes, first: int) -> None:
    """Hand a file to the worker, which is to begin with the page `first`."""
    pipe.write(_QUESTION.pack(len(data), first))
    pipe.write(data)
    pipe.flush()


def receive_file(pipe: BinaryIO) -> tuple[bytes, int]:
    """Wait for the file from the server."""
    length, first = _QUESTION.unpack(_exactly(pipe, _QUESTION.size))
    if length > MAX_BYTES:
        raise Garbled
    return _exactly(pipe, length), first


def send_opened(pipe: BinaryIO, answer: int | Why) -> None:
    """Tell how many pages there are, or why none."""
    pipe.write(_OPENED.pack(1 + _WHY.index(answer), 0) if isinstance(answer, Why) else _OPENED.pack(0, answer))
    pipe.flush()


def receive_opened(pipe: BinaryIO) -> int | Why:
    """Wait until the file is opened."""
    code, count = _OPENED.unpack(_exactly(pipe, _OPENED.size))
    if code > len(_WHY) or count > MAX_PAGES:
        raise Garbled
    return _WHY[code - 1] if code else count


def send_page(pipe: BinaryIO, page: Page) -> None:
    """Hand one page to the server."""
    pipe.write(_PAGE.pack(page.picture is not None, page.has_foreign, len(page.texts)))
    for text in page.texts:
        pipe.write(_LENGTH.pack(len(text)) + text.encode("ascii"))
    if picture := page.picture:
        pipe.write(_PICTURE.pack(picture.width, picture.height, len(picture.jpeg), len(picture.thumbnail)))
        pipe.write(picture.jpeg)
        pipe.write(picture.thumbnail)
    pipe.flush()


def receive_page(pipe: BinaryIO, number: int) -> Page:
    """Wait for the page of this number."""
    has_picture, has_foreign, count = _PAGE.unpack(_exactly(pipe, _PAGE.size))
    if count > MAX_CODES:
        raise Garbled
    texts = tuple(_text(pipe) for _ in range(count))
    return Page(number, _picture(pipe) if has_picture else None, texts, bool(has_foreign))


def _text(pipe: BinaryIO) -> str:
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    data = _exactly(pipe, length)
    if length > MAX_TEXT_BYTES or not data.isascii() or not data.startswith(OURS.encode()):
        raise Garbled
    return data.decode("ascii")


def _picture(pipe: BinaryIO) -> Photo:
    width, height, jpeg, thumbnail = _PICTURE.unpack(_exactly(pipe, _PICTURE.size))
    if max(width, height) > LONGEST_SIDE or jpeg > MAX_JPEG_BYTES or thumbnail > MAX_THUMBNAIL_BYTES:
        raise Garbled
    return Photo(_jpeg(pipe, jpeg), _jpeg(pipe, thumbnail), width, height)


def _jpeg(pipe: BinaryIO, length: int) -> bytes:
    data = _exactly(pipe, length)
    if not (data.startswith(b"\xff\xd8\xff") and data.endswith(b"\xff\xd9")):
        raise Garbled
    return data


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    data = pipe.read(length)
    if len(data) != length:
        raise Garbled
    return data
