"""A time for the whole of an exchange: the time-out of a socket alone begins anew with every byte that comes."""

import socket
import time
from contextlib import suppress
from threading import Timer


class TimeOver(TimeoutError):
    """There is no time left."""


class Deadline:
    """Cuts a line off when so many seconds are over, counted from now; for use in `with`."""

    def __init__(self, seconds: float):
        self._until = time.monotonic() + seconds
        self._line: socket.socket | None = None
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self):
        self._timer.start()
        return self

    def __exit__(self, *_problem):
        self._timer.cancel()
        self._let_go()

    @property
    def is_over(self) -> bool:
        """Whether there is no time left."""
        return time.monotonic() >= self._until

    def left(self) -> float:
        """The seconds that are left. Raises `TimeOver` where there are none."""
        if self.is_over:
            raise TimeOver
        return max(0.001, self._until - time.monotonic())

    def watch(self, line: socket.socket) -> None:
        """This is the line from now on, whatever wraps it or takes it over. Raises `TimeOver`."""
        self._let_go()
        # A handle of our own: those who read from it may wrap the other one in TLS, or let go of it.
        self._line = line.dup()
        # What comes too late for the timer is seen here.
        self.left()

    def _let_go(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _cut(self) -> None:
        line = self._line
        if line is not None:
            # It was let go of at this very moment, or the other side was faster.
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
