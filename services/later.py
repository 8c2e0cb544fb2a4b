"""Work that no answer waits for, so that how long an answer takes tells nothing about it."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from models import database

log = logging.getLogger(__name__)

_workers = ThreadPoolExecutor(2, "later")
_open: set[Future] = set()


def do(work: Callable[..., None], *given) -> None:
    """Let `work` be done soon, by another thread and with a connection of its own; what is begun ends before we do."""
    future = _workers.submit(_done, work, given)
    _open.add(future)
    future.add_done_callback(_open.discard)


def settle() -> None:
    """Wait until everything that was handed over is done."""
    wait(list(_open))


def _done(work: Callable[..., None], given: tuple) -> None:
    try:
        with database.connection_context():
            work(*given)
    except Exception as problem:
        # Not in its own words: they may quote what is not for the log.
        log.error("work put off for later failed: %s", type(problem).__name__)
