"""Photos: any file a phone may send becomes a small, upright, clean JPEG, or is refused with a reason.

`prepare` is nearly the whole of it; `edit` turns and cuts what it has made, and `advice` says what one should think of
it. Decoders are the most attacked code a site has, so they run in a worker process of
their own (`worker`, `picture`), which has little memory, little time and no files; this process never imports them.
A picture exists in memory and in pipes only, never on disk, and nothing about it is logged. What to say to a person
whose photo is refused is the forms' business.
"""

import atexit
import os
from dataclasses import replace

from services.photos import mark
from services.photos.kind import kind_of
from services.photos.limits import MAX_BYTES
from services.photos.photo import CENTRE, Edit, Frame, Photo, PhotoRefused, Reason, Task
from services.photos.pool import Pool, WorkerDoesNotStart

__all__ = [
    "CENTRE",
    "MAX_BYTES",
    "Edit",
    "Frame",
    "Photo",
    "PhotoRefused",
    "Reason",
    "Task",
    "WorkerDoesNotStart",
    "edit",
    "marked",
    "prepare",
]

_pool = Pool()
atexit.register(_pool.close)
if hasattr(os, "register_at_fork"):
    # A forked server must not share its parent's pipes.
    os.register_at_fork(after_in_child=_pool.forget)


def prepare(data: bytes, reads_card: bool = False) -> Photo:
    """Return the picture in `data`, upright, without metadata and small; raise PhotoRefused if that cannot be.

    The kind is judged by content alone. Where it shall be the picture of a card, the card's QR code is read from the
    larger picture that was sent. May be called from any thread.
    """
    if not data:
        raise PhotoRefused(Reason.EMPTY)
    if len(data) > MAX_BYTES:
        raise PhotoRefused(Reason.TOO_LARGE)
    if kind_of(data) is None:
        raise PhotoRefused(Reason.NOT_A_PHOTO)
    return _pool.prepare(data, Task(reads_card=reads_card))


def edit(jpeg: bytes, how: Edit) -> Photo:
    """Return what `how` makes of a picture that `prepare` returned; the same for the same, byte for byte.

    Raises PhotoRefused only where the worker fails.
    """
    return replace(_pool.prepare(jpeg, Task(edit=how)), edit=how)


def marked(jpeg: bytes, text: str) -> bytes:
    """Return the prepared picture `jpeg` with `text` across it, for a screen; raise PhotoRefused if that cannot be."""
    return _pool.prepare(mark.asked(jpeg, text)).jpeg
