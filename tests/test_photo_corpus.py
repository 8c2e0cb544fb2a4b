"""Photos: real files from phones, and files that broke other programs. The corpus lies outside the repository."""

import csv
import io
import os
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from services import photos
from services.photos import Photo, PhotoRefused, Reason, limits
from services.photos.pool import Pool
from tests.corpus import CORPUS

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real photos is not here")

PHONE = sorted(CORPUS.glob("phone/*"))
MALFORMED = sorted(path for path in CORPUS.glob("malformed/**/*") if path.is_file() and path.suffix != ".tsv")


def pool_with(change):
    """A pool whose workers have a limit changed."""
    program = f"from services.photos import limits; limits.{change}; from services.photos import worker; worker.main()"
    return Pool(command=(sys.executable, "-c", program))


@pytest.fixture(scope="module")
def lenient():
    """A pool that also decodes what is too small to be a photo: nearly all files that broke other programs are."""
    pool = pool_with("SHORTEST_SIDE = 1")
    yield pool
    pool.close()


def opened(jpeg):
    picture = Image.open(io.BytesIO(jpeg))
    picture.load()
    return picture


def prepared(path):
    photo = photos.prepare(path.read_bytes())
    picture = opened(photo.jpeg)
    assert picture.size == (photo.width, photo.height)
    assert max(picture.size) <= limits.LONGEST_SIDE
    assert len(photo.jpeg) <= limits.MAX_JPEG_BYTES
    assert len(photo.thumbnail) <= limits.MAX_THUMBNAIL_BYTES
    return photo


def difference(one, other):
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize("orientation", range(9))
@pytest.mark.parametrize(("name", "size"), [("Landscape", (1600, 1067)), ("Portrait", (1067, 1600))])
def test_every_orientation_looks_like_its_twin(name, size, orientation):
    photo, twin = (prepared(CORPUS / "orientation" / f"{name}_{number}.jpg") for number in (orientation, 1))
    assert (photo.width, photo.height) == size
    # They differ in the digit in the middle, and each was compressed by itself.
    assert difference(opened(photo.jpeg), opened(twin.jpeg)) < 4


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("arrow.heic", (1200, 1600)),
        ("parfait.heic", (1200, 1600)),
        ("iphone_13_pro_max.HEIC", (1200, 1600)),
        ("IMG_5195.HEIC", (1239, 1600)),
    ],
)
def test_heic_is_upright(name, size):
    photo = prepared(CORPUS / "heic" / name)
    assert (photo.width, photo.height) == size


def test_the_arrow_points_up():
    picture = opened(prepared(CORPUS / "heic" / "arrow.heic").jpeg).convert("L").point(lambda value: 255 * (value < 60))
    width, height = picture.size
    ink = [ImageStat.Stat(picture.crop((0, top, width, top + height // 2))).sum[0] for top in (0, height // 2)]
    left, top, right, bottom = picture.getbbox()
    widest = [picture.crop((0, row, width, row + 40)).getbbox() for row in (top + 20, bottom - 60)]
    assert ink[0] > ink[1]  # the head is above the shaft
    assert widest[0][2] - widest[0][0] < widest[1][2] - widest[1][0]  # and its tip is the topmost of it


def test_200_megapixels_are_refused_kindly():
    with pytest.raises(PhotoRefused) as refused:
        photos.prepare((CORPUS / "heic" / "200MP.heic").read_bytes())
    assert refused.value.reason is Reason.TOO_MANY_PIXELS


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_a_heic_that_takes_too_much_memory_is_too_hard():
    pool = pool_with("MEMORY_BYTES = 64 * 1024 * 1024")
    with pytest.raises(PhotoRefused) as refused:
        pool.prepare((CORPUS / "heic" / "arrow.heic").read_bytes())
    pool.close()
    assert refused.value.reason is Reason.TOO_HARD


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_gives_its_memory_back():
    pool = Pool(size=1)
    for name in ("arrow.heic", "parfait.heic", "IMG_5195.HEIC", "arrow.heic"):
        pool.prepare((CORPUS / "heic" / name).read_bytes())
    (worker,) = pool._idle.queue
    kept = resident(worker._process.pid)
    pool.close()
    # Decoded, each of them takes 70 MB or more.
    assert kept < 60_000_000


@pytest.mark.parametrize("path", PHONE, ids=lambda path: path.name)
def test_a_phone_photo_keeps_no_secrets(path):
    upright = {
        "Oppo R7 Plus.jpg": (1200, 1600),
        "HMD_Nokia_8.3_5G.jpg": (1600, 686),
        "Issue 354 (Java).jpg": (1200, 1600),
    }
    upright |= {"astronaut.png": (512, 512), "grace_hopper.jpg": (512, 600)}
    photo = prepared(path)
    assert (photo.width, photo.height) == upright.get(path.name, (1600, 1200))
    for jpeg in (photo.jpeg, photo.thumbnail):
        picture = opened(jpeg)
        assert not picture.getexif()
        assert set(picture.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not any(word in jpeg for word in (b"Exif", b"GPS", b"<x:xmpmeta", b"ICC_PROFILE"))


def test_no_malformed_file_does_harm(lenient):
    assert len(MALFORMED) > 400
    size = resident()
    too_hard = set()
    for path in MALFORMED:
        data = path.read_bytes()
        for prepare in (photos.prepare, lenient.prepare):
            try:
                assert isinstance(prepare(data), Photo)
            except PhotoRefused as refused:
                if refused.reason is Reason.TOO_HARD:
                    too_hard.add(path.name)
    # This one asks for more than the decoder's own limit on memory. None of the others even comes near ours.
    assert too_hard <= {"clusterfuzz-testcase-minimized-file-fuzzer-5671864958976000.heic"}
    assert resident() - size < 50_000_000


def resident(process="self"):
    """The memory that a process occupies, where that can be read."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except FileNotFoundError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def test_what_pillow_decodes_is_decoded(lenient):
    with (CORPUS / "malformed" / "expected.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    good = [
        row["file"]
        for row in rows
        if row["outcome"] == "decodes" and row["detail"].split()[0] in {"JPEG", "PNG", "HEIF"}
    ]
    assert len(good) > 40
    for name in good:
        assert isinstance(lenient.prepare((CORPUS / "malformed" / name).read_bytes()), Photo), name
