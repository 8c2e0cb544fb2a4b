"""Broken photos sent to a real server: failures (there must be none), the slowest answers, the memory of all processes.

Good pictures cut off and with bits turned, and where they lie beside the repository the files that broke other programs
(`tests/corpus.py`). One after the other over HTTP, as a browser sends them. The first figure of each row is what was
seen over what is allowed.
"""

import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from statistics import quantiles

from werkzeug.test import EnvironBuilder

from benchmarks.harness import row
from benchmarks.phone import Phone, Wire
from services.photos.limits import MEMORY_BYTES
from tests.browser import Browser
from tests.corpus import CORPUS
from tests.malformed import damaged, good
from tests.server import Server

COUNT = 400
MOST_SECONDS, MOST_GROWTH = 1.0, 50
MIB = 1024 * 1024
TOKEN = re.compile(r'name="step_token"[^>]* value="([^"]+)"')


def measure() -> Iterator[str]:
    """What was answered, how fast, and what it cost in memory."""
    files = [*good().items(), *damaged(COUNT), *_corpus()]
    with tempfile.TemporaryDirectory(prefix="quay-benchmark-") as folder:
        server = Server(Path(folder), {"QUAY_DATA": f"{folder}/data", "QUAY_SMS_URL": Path(folder, "sms").as_uri()})
        try:
            answered, times, before, after, worker = _send(server.wait(), files)
        finally:
            server.stop()
    failed = sum(count for status, count in answered.items() if status >= 500)
    told = ", ".join(f"{count} × {status}" for status, count in sorted(answered.items()))
    yield row(f"{len(files)} broken photos, failures", str(failed), f"{told}; {_verdict(failed, 0)}")
    slow = quantiles(times, n=100)[-1]
    words = f"{slow:.2f} s of {MOST_SECONDS:.0f}, {_verdict(slow, MOST_SECONDS)}; the slowest {max(times):.2f} s"
    yield row("  99th percentile of the answers", f"{slow / MOST_SECONDS:.2f}", words)
    growth = (after - before) / MIB
    words = f"{growth:.1f} MiB of {MOST_GROWTH}, {_verdict(growth, MOST_GROWTH)}"
    yield row("  growth of the server", f"{growth / MOST_GROWTH:.2f}", words)
    words = f"{worker / MIB:.0f} MiB of {MEMORY_BYTES // MIB}, {_verdict(worker, MEMORY_BYTES)}"
    yield row("  most that a worker has occupied", f"{worker / MEMORY_BYTES:.2f}", words)


def _corpus() -> list[tuple[str, bytes]]:
    paths = sorted(path for path in CORPUS.glob("malformed/**/*") if path.is_file() and path.suffix != ".tsv")
    whole = {path.name: path.read_bytes() for path in sorted(CORPUS.glob("heic/[aI]*.[hH][eE][iI][cC]"))}
    broken = list(damaged(24, whole=whole)) if whole else []
    return [(path.name, path.read_bytes()) for path in paths] + broken


def _send(server: Server, files: list[tuple[str, bytes]]):
    answered, times, worker = Counter(), [], 0
    with closing(Wire(server.port)) as wire:
        person = Browser(Phone(wire.carry, wire.origin, "gzip")).fill_until("photos")
    address, token = person.url, person.token
    before = 0
    for number, (name, data) in enumerate(files):
        form = EnvironBuilder(
            method="POST", data={"step_token": token, "action": "save", "portrait": (BytesIO(data), name)}
        ).get_environ()
        began_at = time.perf_counter()
        status, location, _text = server.ask(
            "POST", address, form["wsgi.input"].read(), {"Content-Type": form["CONTENT_TYPE"]}
        )
        times.append(time.perf_counter() - began_at)
        answered[status] += 1
        if status == 303:
            address = location
            token = TOKEN.search(server.ask("GET", address)[2])[1]
        worker = max([worker, *(_memory(pid, "VmHWM") for pid in _children(server.pid))])
        # What every server takes for its first pictures is no growth.
        if number == len(good()):
            before = _memory(server.pid, "VmRSS")
    return answered, times, before, _memory(server.pid, "VmRSS"), worker


def _children(parent: int) -> list[int]:
    return [
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/stat")
        if _text(path).rpartition(")")[2].split()[1:2] == [str(parent)]
    ]


def _memory(pid: int, kind: str) -> int:
    """Bytes, where the system tells them."""
    found = re.search(rf"{kind}:\s+(\d+) kB", _text(Path(f"/proc/{pid}/status")))
    return int(found[1]) * 1024 if found else 0


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _verdict(seen: float, most: float) -> str:
    return "met" if seen <= most else "MISSED"
