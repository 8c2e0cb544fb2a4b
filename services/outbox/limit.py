"""A time for a whole exchange: that of a socket alone starts anew with every byte."""

import socket
from threading import Timer


class Limit:
    """Cuts the socket `sock` of a connection off when its seconds are over."""

    def __init__(self, connection, seconds: float):
        self._connection = connection
        self.is_over = False
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def check(self) -> None:
        """Raise where the time was over before there was a connection to cut off."""
        if self.is_over:
            raise TimeoutError

    def end(self) -> None:
        """The exchange is over."""
        self._timer.cancel()

    def _cut(self) -> None:
        self.is_over = True
        line = self._connection.sock
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                # It was closed at this very moment.
                return
