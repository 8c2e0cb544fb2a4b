"""How the server and a worker talk over a pipe: lengths first, then bytes.

The worker may have been taken over by the picture it decoded, so the server believes no length or number it sends.
"""

import struct
from dataclasses import astuple
from typing import BinaryIO

from services.photos.limits import (
    LONGEST_SIDE,
    MAX_BYTES,
    MAX_JPEG_BYTES,
    MAX_TEXT_BYTES,
    MAX_TEXTS,
    MAX_THUMBNAIL_BYTES,
)
from services.photos.photo import Edit, Frame, Measures, Photo, Reason, Task

GREETING = b"ready"

# Length of the file, whether a card is to be read, whether to edit it, quarters, frame (of no width: none).
_QUESTION = struct.Struct("!I??BHHH")
_ANSWER = struct.Struct("!BHHII")  # 0 or which reason, width, height, length of JPEG, length of thumbnail
_MEASURES = struct.Struct("!HBBHH")  # as Measures has them, after the pictures
_COUNT = struct.Struct("!B")  # of texts, after the measures
_LENGTH = struct.Struct("!H")  # of a text, before each
_REASONS = list(Reason)

# Instead of a count: nobody looked.
_NOT_READ = 255


class Garbled(Exception):
    """The other side closed the pipe or sent something that it should not."""


def send_file(pipe: BinaryIO, data: bytes, task: Task) -> None:
    """Hand a worker a file, and what it shall do with it."""
    edit = task.edit
    frame = edit and edit.frame
    place = (frame.x, frame.y, max(1, frame.width)) if frame else (0, 0, 0)
    quarters = edit.quarters if edit else 0
    pipe.write(_QUESTION.pack(len(data), task.reads_card, edit is not None, quarters, *place))
    pipe.write(data)
    pipe.flush()


def receive_file(pipe: BinaryIO) -> tuple[bytes, Task]:
    """Wait for a file from the server, and for what to do with it."""
    length, reads_card, is_edit, quarters, *place = _QUESTION.unpack(_exactly(pipe, _QUESTION.size, _QUESTION.size))
    edit = Edit(quarters, Frame(*place) if place[2] else None) if is_edit else None
    return _exactly(pipe, length, MAX_BYTES), Task(edit, reads_card)


def send_greeting(pipe: BinaryIO) -> None:
    """Tell the server that this worker is ready."""
    pipe.write(GREETING)
    pipe.flush()


def receive_greeting(pipe: BinaryIO) -> None:
    """Wait until a worker is ready."""
    if _exactly(pipe, len(GREETING), len(GREETING)) != GREETING:
        raise Garbled


def send_answer(pipe: BinaryIO, answer: Photo | Reason) -> None:
    """Hand the result back to the server."""
    if isinstance(answer, Reason):
        pipe.write(_ANSWER.pack(1 + _REASONS.index(answer), 0, 0, 0, 0))
    else:
        pipe.write(_ANSWER.pack(0, answer.width, answer.height, len(answer.jpeg), len(answer.thumbnail)))
        pipe.write(answer.jpeg)
        pipe.write(answer.thumbnail)
        pipe.write(_MEASURES.pack(*astuple(answer.measures)))
        _send_texts(pipe, answer.texts)
    pipe.flush()


def receive_answer(pipe: BinaryIO) -> Photo | Reason:
    """Wait for a result from a worker."""
    code, width, height, jpeg_length, thumbnail_length = _ANSWER.unpack(_exactly(pipe, _ANSWER.size, _ANSWER.size))
    if code > len(_REASONS) or max(width, height) > LONGEST_SIDE:
        raise Garbled
    if code:
        return _REASONS[code - 1]
    jpeg = _jpeg(pipe, jpeg_length, MAX_JPEG_BYTES)
    thumbnail = _jpeg(pipe, thumbnail_length, MAX_THUMBNAIL_BYTES)
    return Photo(jpeg, thumbnail, width, height, _measures(pipe), texts=_receive_texts(pipe))


def _measures(pipe: BinaryIO) -> Measures:
    measures = Measures(*_MEASURES.unpack(_exactly(pipe, _MEASURES.size, _MEASURES.size)))
    if max(measures.sharpness, measures.glare, measures.fill) > 1000:
        raise Garbled
    return measures


def _send_texts(pipe: BinaryIO, texts: tuple[str, ...] | None) -> None:
    pipe.write(_COUNT.pack(_NOT_READ if texts is None else len(texts)))
    for text in texts or ():
        data = text.encode("utf-8", "replace")
        pipe.write(_LENGTH.pack(len(data)))
        pipe.write(data)


def _receive_texts(pipe: BinaryIO) -> tuple[str, ...] | None:
    (count,) = _COUNT.unpack(_exactly(pipe, _COUNT.size, _COUNT.size))
    if count == _NOT_READ:
        return None
    if count > MAX_TEXTS:
        raise Garbled
    return tuple(_receive_text(pipe) for _ in range(count))


def _receive_text(pipe: BinaryIO) -> str:
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size, _LENGTH.size))
    try:
        return _exactly(pipe, length, MAX_TEXT_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        raise Garbled from None


def _jpeg(pipe: BinaryIO, length: int, most: int) -> bytes:
    data = _exactly(pipe, length, most)
    if not (data.startswith(b"\xff\xd8\xff") and data.endswith(b"\xff\xd9")):
        raise Garbled
    return data


def _exactly(pipe: BinaryIO, length: int, most: int) -> bytes:
    if length > most:
        raise Garbled
    data = pipe.read(length)
    if len(data) != length:
        raise Garbled
    return data
