"""The official blank of Form 01: fetched from the portal in the background, or uploaded by HR.

Nobody ever waits for the portal. What it gives is a stranger's file until a process of its own has opened it (`blank`,
`looking`, `worker`); the last good one is kept (`keeping`), and until there is one, and beside it, stands our own form.
"""

from services.official.address import place_of
from services.official.blank import Blank, check
from services.official.fetching import MOST_BYTES
from services.official.keeping import (
    PORTAL,
    SAME,
    TAKEN,
    UPLOADED,
    kept,
    newest_failure,
    newest_try,
    offered,
    pdf_of,
    place,
    remove,
    tries,
    upload,
)
from services.official.refreshing import begin, settle, start, use, work
from services.official.why import NoBlank, Why

__all__ = [
    "MOST_BYTES",
    "PORTAL",
    "SAME",
    "TAKEN",
    "UPLOADED",
    "Blank",
    "NoBlank",
    "Why",
    "begin",
    "check",
    "kept",
    "newest_failure",
    "newest_try",
    "offered",
    "pdf_of",
    "place",
    "place_of",
    "remove",
    "settle",
    "start",
    "tries",
    "upload",
    "use",
    "work",
]
