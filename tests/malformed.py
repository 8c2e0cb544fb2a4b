"""Broken photos by the hundred: good ones cut off, or with bits turned; the same ones for the same seed."""

import io
import random
from collections.abc import Iterator
from functools import cache

from PIL import Image

FORMS = {
    "jpeg": {"format": "JPEG", "quality": 85},
    "progressive": {"format": "JPEG", "quality": 85, "progressive": True},
    "png": {"format": "PNG"},
    "webp": {"format": "WEBP", "quality": 80},
}


def damaged(count: int, seed: int = 7407, whole: dict[str, bytes] | None = None) -> Iterator[tuple[str, bytes]]:
    """So many files with their names, made in turn from good ones: from `whole`, or from small pictures of ours."""
    numbers = random.Random(seed)
    originals = list((whole or good()).items())
    for number in range(count):
        name, data = originals[number % len(originals)]
        if number // len(originals) % 2:
            yield f"{name} cut off, {number}", data[: numbers.randrange(1, len(data))]
        else:
            yield f"{name} with bits turned, {number}", _turned(data, numbers)


@cache
def good() -> dict[str, bytes]:
    """One small picture in each form that is taken (a HEIC cannot be made here)."""
    noise = Image.frombytes("RGB", (40, 30), random.Random(1).randbytes(3600)).resize((400, 300))
    files = {}
    for name, options in FORMS.items():
        file = io.BytesIO()
        noise.save(file, **options)
        files[name] = file.getvalue()
    return files


def _turned(data: bytes, numbers: random.Random) -> bytes:
    # Half of them in the first bytes, where sizes and tables stand.
    broken = bytearray(data)
    reach = len(data) if numbers.random() < 0.5 else min(len(data), 600)
    for _ in range(numbers.randrange(1, 12)):
        broken[numbers.randrange(reach)] ^= 1 << numbers.randrange(8)
    return bytes(broken)
