"""The worker process: takes files from standard input, hands pictures back on standard output, and does nothing else.

It gives up what it does not need before it sees the first file, and ends when its input does, so it never outlives
the server. This contains crashes, endless loops and memory bombs. It is not a sandbox against code that a picture
has smuggled in, though such code could open no file or connection without breaking out first.
"""

import contextlib
import os
import signal
import sys
import warnings
from typing import BinaryIO

from PIL import Image

from services.photos import mark, picture, watermark, wire
from services.photos.limits import CPU_SECONDS, MEMORY_BYTES
from services.photos.photo import Photo, PhotoRefused, Reason, Task

try:
    import resource
except ImportError:  # Windows has no such limits; there the server's clock is the only one.
    resource = None


def main() -> None:
    """Serve until the server goes away."""
    files, answers = begin(MEMORY_BYTES)
    with contextlib.suppress(wire.Garbled, BrokenPipeError):
        wire.send_greeting(answers)
        while True:
            data, task = wire.receive_file(files)
            allow_time(CPU_SECONDS)
            answer = _answer(data, task)
            # What a picture leaves behind is memory that a large one may need.
            Image.core.clear_cache()
            wire.send_answer(answers, answer)


def begin(memory: int) -> tuple[BinaryIO, BinaryIO]:
    """Make this process a worker with so many bytes of memory; return the pipes for files and for answers."""
    # Ctrl-C in a console reaches this process too; the server decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Decoders warn of damage in words that we neither want nor dare to keep.
    warnings.simplefilter("ignore")
    files, answers = _pipes()
    give_up_rights(memory)
    return files, answers


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return both pipes; whatever a library prints from now on goes to standard error, not among the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sys.stdin.buffer, answers


def give_up_rights(memory: int) -> None:
    """Leave this process no file and only so many bytes of memory, where the system can hold it to that."""
    picture.bound_canvases()
    if resource is None:
        return
    # A core dump would write the picture to disk, and so would a temporary file.
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 0)
    # RLIMIT_AS would count address space that threads and libraries merely reserve, three times what is used.
    _limit(resource.RLIMIT_DATA, memory)


def _limit(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    # Not every system knows every limit (macOS ignores or refuses some): one less is no reason not to work.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(which, (most, most))


def allow_time(seconds: int) -> None:
    """Grant so much more processor time; the kernel counts from the start of the process."""
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def _answer(data: bytes, task: Task) -> Photo | Reason:
    try:
        if task.edit:
            return picture.edited(data, task.edit)
        if mark.is_asked(data):
            data = watermark.marked(*mark.told(data))
        return picture.prepare(data, task.reads_card)
    except PhotoRefused as refused:
        return refused.reason
    except Image.DecompressionBombError:
        return Reason.TOO_MANY_PIXELS
    except MemoryError:
        return Reason.TOO_HARD
    except RuntimeError as error:  # pi_heif's word for it, among others
        return Reason.TOO_HARD if "Memory allocation" in str(error) else Reason.BROKEN
    except Exception:  # A damaged file makes the decoders raise whatever comes first: a dozen kinds have been seen.
        return Reason.BROKEN


if __name__ == "__main__":
    main()
