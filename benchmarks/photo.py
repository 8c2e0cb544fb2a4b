"""A 12-megapixel phone photo made small, upright and clean, against plain Pillow without draft().

The picture is made here from a seed: clouds of noise at many scales, as natural pictures have, with an ID card's hard
edges on them; 4032 x 3024, EXIF orientation 6, some 3 MB. The baseline opens, turns, converts, shrinks to 1600 and
saves at quality 82 within this process. Ours does more: it hands the file to the worker process and also makes the
thumbnail. The second baseline is what a shell would do: `djpeg -scale 1/2 | cjpeg -quality 82` (libjpeg-turbo), which
neither turns nor cleans, and for a HEIC `heif-convert` (libheif), which does not shrink. A HEIC is read where a file
`benchmarks/*.heic` lies, or the corpus (`tests/corpus.py`); none is part of the desk, and nothing here makes one.
Memory is the most that a fresh worker has occupied (Linux only).
"""

import io
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pi_heif
from PIL import Image, ImageChops, ImageDraw, ImageOps

from benchmarks.harness import compare, row, seconds
from services import photos
from services.photos.limits import MEMORY_BYTES
from services.photos.pool import Pool
from tests.corpus import CORPUS

PAIRS = 11
SEED = 7407
SIZE = (4032, 3024)
ORIENTATION, TURNED_LEFT = 0x0112, 6
LONGEST_SIDE, QUALITY = 1600, 82


def measure() -> Iterator[str]:
    """The JPEG, what comes out of it, and each HEIC that is there."""
    pi_heif.register_heif_opener()
    original = jpeg()
    yield _row("JPEG, 12 megapixels", original)
    prepared, plain = photos.prepare(original), plainly(original)
    sizes = f"{len(prepared.jpeg):,} bytes and a thumbnail of {len(prepared.thumbnail):,}, against {len(plain):,} bytes"
    yield row("  its bytes", f"{len(prepared.jpeg) / len(plain):.2f}", f"{sizes}; the original has {len(original):,}")
    yield _against_pipe(original)
    yield _memory("JPEG", original)
    originals = sorted(Path(__file__).parent.glob("*.[hH][eE][iI][cC]")) or sorted(CORPUS.glob("heic/arrow.heic"))
    for path in originals:
        yield _row(path.name, path.read_bytes())
        yield _against_converter(path)
        yield _memory(path.name, path.read_bytes())
    if not originals:
        yield row("HEIC", "–", "skipped: no file benchmarks/*.heic")


def _against_pipe(original: bytes) -> str:
    if not shutil.which("djpeg") or not shutil.which("cjpeg"):
        return row("  against djpeg | cjpeg", "–", "skipped: libjpeg-turbo-progs is not installed")
    ours, theirs = (partial(seconds, each, original) for each in (photos.prepare, _pipe))
    return compare(ours, theirs, PAIRS).row("  against djpeg | cjpeg, at most 2.5", "djpeg -scale 1/2 | cjpeg")


def _pipe(original: bytes) -> bytes:
    """Half the size, as the two programs make it."""
    command = f"djpeg -scale 1/2 | cjpeg -quality {QUALITY}"
    return subprocess.run(command, shell=True, input=original, stdout=subprocess.PIPE, check=True).stdout


def _against_converter(path: Path) -> str:
    if not shutil.which("heif-convert"):
        return row("  against heif-convert", "–", "skipped: libheif-examples is not installed")
    original = path.read_bytes()
    ours, theirs = partial(seconds, photos.prepare, original), partial(seconds, _converted, path)
    return compare(ours, theirs, PAIRS).row("  against heif-convert, at most 2.5", "heif-convert")


def _converted(path: Path) -> None:
    """The picture as large as it is, as that program makes a JPEG of it."""
    with tempfile.TemporaryDirectory(prefix="quay-benchmark-") as folder:
        command = ["heif-convert", "-q", str(QUALITY), str(path), f"{folder}/made.jpg"]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def _memory(what: str, original: bytes) -> str:
    pool = Pool(size=1)
    try:
        pool.prepare(original)
        (worker,) = pool._idle.queue
        status = Path(f"/proc/{worker._process.pid}/status")
        if not status.exists():
            return row(f"  {what}, memory", "–", "skipped: this system does not tell it")
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024
    finally:
        pool.close()
    return row(f"  {what}, memory", f"{peak / MEMORY_BYTES:.2f}", f"{peak / 1e6:.0f} of {MEMORY_BYTES / 1e6:.0f} MB")


def jpeg(seed: int = SEED) -> bytes:
    """A photo as a phone gives it, lying on its side; the same for the same seed."""
    image = Image.merge("RGB", [_clouds(random.Random(seed * 3 + channel)) for channel in range(3)])
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((500, 500, 3500, 2400), 120, fill=(214, 226, 219), outline=(60, 90, 80), width=12)
    numbers = random.Random(seed)
    for line in range(14):
        for letter in range(46):
            left, top = 700 + 56 * letter, 640 + 120 * line
            draw.line(
                (left, top, left + numbers.randrange(40), top + numbers.randrange(70)), fill=(30, 30, 40), width=9
            )
    grain = Image.frombytes("L", SIZE, numbers.randbytes(SIZE[0] * SIZE[1])).point(lambda value: value // 16)
    image = ImageChops.subtract(image, Image.merge("RGB", [grain] * 3))
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED_LEFT
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90, exif=exif)
    return file.getvalue()


def _clouds(numbers: random.Random) -> Image.Image:
    """Noise at ever finer scales, each half as strong."""
    sky, strength = Image.new("L", SIZE), 0.0
    for octave in range(8):
        size = (4 * 2**octave, 3 * 2**octave)
        noise = Image.frombytes("L", size, numbers.randbytes(size[0] * size[1])).resize(SIZE, Image.Resampling.BICUBIC)
        strength += 0.5**octave
        sky = Image.blend(sky, noise, 0.5**octave / strength)
    return sky


def _row(what: str, original: bytes) -> str:
    ours, theirs = (partial(seconds, each, original) for each in (photos.prepare, plainly))
    return compare(ours, theirs, PAIRS).row(what, "plain Pillow")


def plainly(original: bytes) -> bytes:
    """The baseline; also about what the phone's own script makes of a photo before it sends it."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(original))).convert("RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
