"""The worker process of one scan: takes a file from standard input, hands its pages back on standard output, and ends.

It gives up what it does not need before it sees the file, as the worker of the photos does, and for the same reasons.
"""

import contextlib

from services.photos import worker
from services.photos.wire import send_greeting
from services.scans import wire
from services.scans.page import CPU_SECONDS, MEMORY_BYTES, Page, ScanRefused, Why
from services.scans.pages import Scan


def main() -> None:
    """Serve one file."""
    files, answers = worker.begin(MEMORY_BYTES)
    with contextlib.suppress(wire.Garbled, BrokenPipeError):
        send_greeting(answers)
        data, first = wire.receive_file(files)
        worker.allow_time(CPU_SECONDS)
        try:
            scan = Scan(data)
        except ScanRefused as refused:
            wire.send_opened(answers, refused.why)
            return
        except MemoryError:
            wire.send_opened(answers, Why.BROKEN)
            return
        wire.send_opened(answers, len(scan))
        for number in range(first, len(scan) + 1):
            wire.send_page(answers, _page(scan, number))


def _page(scan: Scan, number: int) -> Page:
    worker.allow_time(CPU_SECONDS)
    try:
        return scan.page(number)
    except Exception:  # A damaged page makes the decoders raise whatever comes first; the others may be good.
        return Page(number, None)


if __name__ == "__main__":
    main()
