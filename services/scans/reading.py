"""One worker for each file, watched by the clock; one file at a time."""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from services.photos import pool
from services.scans import wire
from services.scans.page import PAGE_SECONDS, RESTARTS, SECONDS, WAIT_SECONDS, Page, ScanRefused, Why

_COMMAND = (sys.executable, "-m", "services.scans.worker")
_turn = threading.Semaphore(1)


def read(data: bytes, seconds: float = SECONDS, command: tuple[str, ...] = _COMMAND) -> Iterator[Page]:
    """The pages of a PDF or a photo, in order, each as soon as it is read. May be called from any thread.

    A page on which the worker dies, and every page that is not read within `seconds`, comes without a picture.
    Raises `ScanRefused` before the first page, and `photos.WorkerDoesNotStart`.
    """
    if not data:
        raise ScanRefused(Why.EMPTY)
    if not _turn.acquire(timeout=WAIT_SECONDS):
        raise ScanRefused(Why.BUSY)
    try:
        yield from _pages(data, time.monotonic() + seconds, command)
    finally:
        _turn.release()


def _pages(data: bytes, deadline: float, command: tuple[str, ...]) -> Iterator[Page]:
    # How many there are is not known before the file is open, and from then on told with each page.
    number, count = 1, None
    for _try in range(1 + RESTARTS):
        with _worker(command) as process, contextlib.suppress(wire.Garbled, OSError):
            with pool.killed_after(min(PAGE_SECONDS, deadline - time.monotonic()), process):
                wire.send_file(process.stdin, data, number)
                opened = wire.receive_opened(process.stdout)
            if isinstance(opened, Why):
                raise ScanRefused(opened)
            count = opened
            while number <= count:
                with pool.killed_after(min(PAGE_SECONDS, deadline - time.monotonic()), process):
                    page = wire.receive_page(process.stdout, number)
                number += 1
                yield replace(page, count=count)
        if count is None:
            raise ScanRefused(Why.BROKEN)
        if number > count:
            return
        # This page killed it; a fresh one goes on with the next.
        yield Page(number, None, count=count)
        number += 1
        if number > count or time.monotonic() >= deadline:
            break
    yield from (Page(each, None, count=count) for each in range(number, count + 1))


@contextlib.contextmanager
def _worker(command: tuple[str, ...]) -> Iterator[subprocess.Popen]:
    process = pool.started(command)
    try:
        yield process
    finally:
        pool.ended(process)
