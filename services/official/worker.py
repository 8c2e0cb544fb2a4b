"""The worker process of one file: takes it from standard input, says what it is on standard output, and ends.

It gives up what it does not need before it sees the file, as the worker of the photos does, and for the same reasons.
"""

import contextlib

from services.official.blank import CPU_SECONDS, MEMORY_BYTES, Blank, given, tell
from services.official.looking import looked_at
from services.official.why import NoBlank, Why
from services.photos import worker
from services.photos.wire import Garbled, send_greeting


def main() -> None:
    """Serve one file."""
    files, answers = worker.begin(MEMORY_BYTES)
    worker.allow_time(CPU_SECONDS)
    with contextlib.suppress(Garbled, BrokenPipeError):
        send_greeting(answers)
        tell(answers, answer(given(files)))


def answer(data: bytes) -> Blank | Why:
    """What this file is, or why it is refused; whatever else goes wrong says that it is damaged."""
    try:
        return looked_at(data)
    except NoBlank as refused:
        return refused.why
    except MemoryError:
        return Why.TOO_HARD
    except Exception:  # A damaged file makes the decoders raise whatever comes first.
        return Why.BROKEN


if __name__ == "__main__":
    main()
