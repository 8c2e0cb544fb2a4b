"""Photos: any file a phone may send becomes a small, upright, clean JPEG, or is refused with a reason.

`prepare` is the whole of it. Decoders are the most attacked code a site has, so they run in a worker process of
their own (`worker`, `picture`), which has little memory, little time and no files; this process never imports them.
A picture exists in memory and in pipes only, never on disk, and nothing about it is logged. What to say to a person
whose photo is refused is the forms' business.
"""

import atexit
import os

from services.photos.kind import kind_of
from services.photos.limits import MAX_BYTES
from services.photos.photo import Photo, PhotoRefused, Reason
from services.photos.pool import Pool, WorkerDoesNotStart

__all__ = ["MAX_BYTES", "Photo", "PhotoRefused", "Reason", "WorkerDoesNotStart", "prepare"]

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
    return _pool.prepare(data, reads_card)
