"""Three 12-megapixel photos from a phone on a slow line, in a real Chromium: seconds, and bytes sent for each photo.

400 kbit/s both ways and 400 ms to each answer, as a phone has at the edge of a town (Chromium's own throttling). The
clock runs from the choosing of the first photo to the third preview. Once each photo is chosen when the one before is
there, once all three one right after the other. The baseline is what three originals alone would need on this line.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Request, expect

from benchmarks import photo
from benchmarks.harness import goal, row
from tests.chromium import KINDS, Person, Server, chromium, new_page

BYTES_PER_SECOND, LATENCY = 400_000 // 8, 400
MOST_SECONDS, MOST_BYTES = 25, 300_000
PATIENCE = 180_000
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def measure() -> Iterator[str]:
    """One after the other, then all three at once."""
    with tempfile.TemporaryDirectory(prefix="quay-benchmark-") as folder, chromium() as browser:
        pictures = _pictures(Path(folder))
        originals = sum(path.stat().st_size for path in pictures.values())
        alone = originals / BYTES_PER_SECOND
        with _served(Path(folder)) as server:
            for what, waits in (("one after the other", True), ("all at once", False)):
                page = new_page(browser, **PHONE)
                spent, sent = _send(Person(server, page), pictures, waits)
                page.context.close()
                verdict = "met" if spent <= MOST_SECONDS else "MISSED"
                words = f"{spent:.1f} s of {MOST_SECONDS}, {verdict}; the originals ({originals:,} bytes) alone: "
                yield row(f"three photos, {what}", f"{spent / alone:.2f}", f"{words}{alone:.0f} s")
                yield goal("  bytes of the largest request", max(sent), MOST_BYTES, f"; all {len(sent)}: {sum(sent):,}")


def _pictures(folder: Path) -> dict[str, Path]:
    original = photo.jpeg()
    pictures = {kind: folder / f"{kind}.jpg" for kind in KINDS}
    for path in pictures.values():
        path.write_bytes(original)
    return pictures


@contextmanager
def _served(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    try:
        yield server
    finally:
        server.stop()


def _send(person: Person, pictures: dict[str, Path], waits: bool) -> tuple[float, list[int]]:
    page = person.begin().consent().declare().page
    sent = _counted(page)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    speeds = {"downloadThroughput": BYTES_PER_SECOND, "uploadThroughput": BYTES_PER_SECOND}
    line.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY, **speeds})
    began_at = time.perf_counter()
    for kind, path in pictures.items():
        page.locator(f"input[name={kind}]").set_input_files(path)
        if waits:
            expect(page.locator(f"#photo-{kind} img")).to_be_visible(timeout=PATIENCE)
    for kind in pictures:
        expect(page.locator(f"#photo-{kind} img")).to_be_visible(timeout=PATIENCE)
    return time.perf_counter() - began_at, sent


def _counted(page: Page) -> list[int]:
    sent = []

    def count(request: Request) -> None:
        if request.method == "POST":
            sent.append(int(request.all_headers().get("content-length", 0)))

    page.on("request", count)
    return sent
