"""What comes out: pages, or why there are none; and every limit."""

from dataclasses import dataclass, field
from enum import Enum

from services.photos import Photo

# What our own QR codes begin with. No other text leaves the worker.
OURS = "QUAY1:"
MAX_TEXT_BYTES = 64
# A photo may show some sheets side by side; more codes than this no page of ours has.
MAX_CODES = 8

# A pile that a clerk can hold; some 25 seconds of work. A longer one is scanned in parts.
MAX_PAGES = 200
# The longest side of a page for the reader, in pixels: 200 dpi of A4, so eight for each module of our QR.
READ_SIDE = 2400

# Processor time for opening and for each page, by the kernel (not on Windows): some twenty times what a page takes.
# What else the machine does counts for nothing there, so a busy one reads the same pages as an idle one.
CPU_SECONDS = 10
# Seconds by the clock for one page, by killing the worker, and for a whole file: so many that only what hangs, or a
# file of traps, comes up against them.
PAGE_SECONDS = 60
SECONDS = 30 * 60
# Writable memory (RLIMIT_DATA, so Linux only): a page of 600 dpi in colour is 105 MB when its picture is unpacked.
MEMORY_BYTES = 512 * 1024 * 1024
# How often a worker that died of a page is replaced for the pages after it.
RESTARTS = 3
# One file at a time, lest two clerks' piles take all processors from those who register.
WAIT_SECONDS = 20


class Why(Enum):
    """Why a file was refused."""

    EMPTY = "empty"
    UNKNOWN = "unknown"  # neither a PDF nor a picture that is accepted
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    TOO_MANY_PAGES = "too_many_pages"
    BUSY = "busy"  # other piles took too long


class ScanRefused(Exception):
    """Nothing can be read from this file; `why` says the reason."""

    def __init__(self, why: Why):
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its picture, None where it is broken; the texts of our QR codes on it; whether others were there.

    `count` is how many pages the file has.
    """

    number: int
    picture: Photo | None
    texts: tuple[str, ...] = ()
    has_foreign: bool = False
    count: int = field(default=0, compare=False)
