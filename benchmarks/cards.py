"""Cards read from bad photos, against zxing-cpp alone on the same photos.

The photos are those of `tests/cards.py`, other ones than the tests read and than the desk was tuned on: from easy to
hopeless within each kind of wear, so that counts rank readers and do not foretell how many real cards are read. The
first figure of a row is ours over the baseline's, of photos read and then of time. Wrong texts are counted by
themselves: there must be none. Both get a picture that is decoded already.
"""

import time
from collections.abc import Callable, Iterator
from itertools import groupby
from statistics import fmean

import zxingcpp

from benchmarks.harness import row
from services import cardreader, idcard
from tests.cards import Sample, samples

EACH = 16
SEED = 740_700
BASELINE = "zxing-cpp alone"


def measure() -> Iterator[str]:
    """Every kind of wear, then all of them."""
    ours, plainly, slowest = [], [], 0.0
    for wear, group in groupby(samples(EACH, SEED), key=lambda sample: sample.wear):
        photos = [(sample, sample.photo()) for sample in group]
        mine, theirs = _read(cardreader.read, photos), _read(_plainly, photos)
        yield from _rows(wear, mine, theirs)
        ours, plainly = ours + mine, plainly + theirs
        slowest = max(slowest, *(seconds for _right, _wrong, seconds in mine))
    yield from _rows("all", ours, plainly)
    yield row("  slowest", f"{slowest / 0.25:.2f}", f"{slowest * 1000:.0f} ms against the quarter of a second allowed")


def _plainly(photo) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(photo, formats=zxingcpp.BarcodeFormat.QRCode)]


def _read(read: Callable, photos: list) -> list[tuple[bool, bool, float]]:
    """For each photo whether the card was read, whether a wrong one was, and the seconds of processor time."""
    results = []
    for sample, photo in photos:
        began_at = time.thread_time()
        texts = read(photo)
        seconds = time.thread_time() - began_at
        results.append((sample.text in texts, _wrong(sample, texts), seconds))
    return results


def _wrong(sample: Sample, texts: list[str]) -> bool:
    return any(card not in (None, sample.card) for card in map(idcard.parse, texts))


def _rows(what: str, ours: list, plainly: list) -> Iterator[str]:
    read, baseline = (sum(right for right, _wrong, _seconds in each) for each in (ours, plainly))
    wrong = sum(wrong for _right, wrong, _seconds in ours)
    figure = f"{read / baseline:.2f}" if baseline else "–"
    yield row(what, figure, f"{read} of {len(ours)} read against {baseline} by {BASELINE}; {wrong} wrong")
    mine, theirs = (fmean(seconds for _right, _wrong, seconds in each) for each in (ours, plainly))
    yield row("  time a photo", f"{mine / theirs:.2f}", f"{mine * 1000:.1f} ms against {theirs * 1000:.1f} ms")


if __name__ == "__main__":
    for line in measure():
        print(line, flush=True)
