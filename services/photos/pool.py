"""The worker processes: started when first needed, watched by the clock, replaced when they die.

They are separate programs rather than `multiprocessing` children, which would run the server's main script again.
"""

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from services.photos import wire
from services.photos.limits import PICTURES_PER_WORKER, SECONDS, START_SECONDS, WAIT_SECONDS, WORKERS
from services.photos.photo import PREPARE, Photo, PhotoRefused, Reason, Task

_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = (sys.executable, "-m", "services.photos.worker")

# All of the server's environment that a worker gets: it takes no more to start, and the rest may hold keys.
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME")

# glibc alone reads the first: give the memory of every picture back to the system instead of keeping it for the next
# one. Without it a worker holds some 100 MB after a few pictures, and has so much less for a large one. But asking the
# system anew at each step of one picture takes a fifth of its time, so Pillow keeps 24 MB until the picture is done.
_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "524288", "PILLOW_BLOCK_SIZE": "1m", "PILLOW_BLOCKS_MAX": "24"}


class WorkerDoesNotStart(RuntimeError):
    """The installation is broken: no file of any kind could be opened."""

    def __init__(self):
        super().__init__(
            "The worker does not start. `python -m services.photos.worker`, or `…scans.worker` for scans, shows why."
        )


class Pool:
    """A few workers, each lent to one caller at a time."""

    def __init__(self, size: int = WORKERS, seconds: float = SECONDS, command: tuple[str, ...] = _COMMAND):
        self._size = size
        self._seconds = seconds
        self._command = command
        self.forget()

    def prepare(self, data: bytes, task: Task = PREPARE) -> Photo:
        """Have a worker do its `task` with `data`; raise PhotoRefused if it cannot."""
        with self._worker() as worker:
            answer = worker.prepare(data, task, self._seconds)
        if isinstance(answer, Reason):
            raise PhotoRefused(answer)
        return answer

    def close(self) -> None:
        """End the workers that are idle; a busy one ends when the server does. A later picture starts them again."""
        idle = []
        with contextlib.suppress(queue.Empty):
            while True:
                idle.append(self._idle.get_nowait())
        for worker in idle:
            worker.end()
            self._idle.put(worker)

    def forget(self) -> None:
        """Begin with new workers and leave the old ones be: after a fork they belong to the parent."""
        # Last in, first out: while little happens one worker serves all, and the second is never started.
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for _ in range(self._size):
            self._idle.put(_Worker(self._command))

    @contextlib.contextmanager
    def _worker(self) -> "Iterator[_Worker]":
        try:
            worker = self._idle.get(timeout=WAIT_SECONDS)
        except queue.Empty:
            raise PhotoRefused(Reason.TOO_HARD) from None
        try:
            yield worker
        finally:
            self._idle.put(worker)


class _Worker:
    """One process at a time, for one caller at a time."""

    def __init__(self, command: tuple[str, ...]):
        self._command = command
        self._process: subprocess.Popen | None = None
        self._served = 0

    def prepare(self, data: bytes, task: Task, seconds: float) -> Photo | Reason:
        """Have the process do its `task` with `data`, within `seconds`."""
        deadline = time.monotonic() + seconds
        fresh = self._process is None
        answer = self._ask(data, task, seconds)
        left = deadline - time.monotonic()
        if answer is Reason.TOO_HARD and not fresh and left > 0:
            # The process may have been killed while idle or been spoilt by an earlier picture: only what a fresh one
            # cannot do either is the fault of this picture.
            answer = self._ask(data, task, left)
        return answer

    def end(self) -> None:
        """Kill the process, if there is one; the next picture starts another."""
        process, self._process = self._process, None
        if process is not None:
            ended(process)

    def _ask(self, data: bytes, task: Task, seconds: float) -> Photo | Reason:
        if self._process is None:
            self._served = 0
            self._process = started(self._command)
        try:
            with killed_after(seconds, self._process):
                wire.send_file(self._process.stdin, data, task)
                answer = wire.receive_answer(self._process.stdout)
        except (wire.Garbled, OSError):
            answer = Reason.TOO_HARD
        except BaseException:
            # Interrupted half-way (Ctrl-C): the next caller must not get this answer.
            self.end()
            raise
        self._served += 1
        if answer is Reason.TOO_HARD or self._served >= PICTURES_PER_WORKER:
            self.end()
        return answer


def started(command: tuple[str, ...]) -> subprocess.Popen:
    """A worker that has said that it is ready. Raises `WorkerDoesNotStart`."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # What decoders have to say about a picture is about the picture.
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=_environment(),
            # Windows would open a console window for it when the server has none.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError:
        raise WorkerDoesNotStart from None
    try:
        with killed_after(START_SECONDS, process):
            wire.receive_greeting(process.stdout)
    except (wire.Garbled, OSError):
        ended(process)
        raise WorkerDoesNotStart from None
    except BaseException:
        ended(process)
        raise
    return process


def ended(process: subprocess.Popen) -> None:
    """Kill the worker and close its pipes."""
    process.kill()
    process.wait()
    process.stdout.close()
    # Closing flushes what a dead process will not read.
    with contextlib.suppress(OSError):
        process.stdin.close()


@contextlib.contextmanager
def killed_after(seconds: float, process: subprocess.Popen) -> Iterator[None]:
    """Kill `process` unless the block is left within `seconds`; a read or write that waits for it then fails.

    A timer does this on every system; pipes cannot be read with a timeout on Windows.
    """
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        # A timer that has just gone off must not be still killing when the process is lent out again.
        timer.join()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), **_ALLOCATOR}
