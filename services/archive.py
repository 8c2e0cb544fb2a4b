"""A ZIP that is sent while it is made: one file in memory at a time, however many there are."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime

PIECE = 64 * 1024
# Pictures and PDFs are small already.
COMPRESSED = (".csv",)
# On Unix: for its owner alone.
PRIVATE = 0o600 << 16


class _Outlet(io.RawIOBase):
    """Takes what the ZIP writes and gives it away; the ZIP may not go back in it."""

    def __init__(self):
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self._written.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """What was written since this was last asked."""
        taken = b"".join(self._written)
        self._written.clear()
        return taken


def zipped(files: Iterable[tuple[str, bytes]], at: datetime) -> Iterator[bytes]:
    """The bytes of a ZIP with these files, each an ASCII name and its content, dated `at`."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w") as whole:
        for name, data in files:
            entry = zipfile.ZipInfo(name, at.timetuple()[:6])
            entry.external_attr = PRIVATE
            entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(COMPRESSED) else zipfile.ZIP_STORED
            whole.writestr(entry, data)
            yield from pieces(outlet.take())
    yield from pieces(outlet.take())


def pieces(data: bytes) -> Iterator[bytes]:
    """The data, `PIECE` bytes at a time: a server that is handed a large answer whole keeps it in a temporary file."""
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]
