"""Photos: what any file becomes, and that no file harms the server.

The pictures are made here; `test_photo_corpus.py` does the same to real ones.
"""

import io
import os
import random
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageStat

from services import photos
from services.photos import CENTRE, MAX_BYTES, Edit, Frame, Photo, PhotoRefused, Reason, limits, wire
from services.photos.photo import Measures, Task
from services.photos.pool import Pool, WorkerDoesNotStart
from tests.heic import HEIC

ROOT = Path(__file__).parents[1]
Turn = Image.Transpose

# The turn that brings upright pixels into the stored order for each EXIF orientation.
STORED = {
    1: None,
    2: Turn.FLIP_LEFT_RIGHT,
    3: Turn.ROTATE_180,
    4: Turn.FLIP_TOP_BOTTOM,
    5: Turn.TRANSPOSE,
    6: Turn.ROTATE_90,
    7: Turn.TRANSVERSE,
    8: Turn.ROTATE_270,
}


# --- Making pictures


def quarters(width=640, height=480, colours=("red", "lime", "blue", "yellow")):
    """A picture that looks different from each side and in each mirror."""
    picture = Image.new("RGB", (width, height))
    halves = (width // 2, height // 2)
    for number, colour in enumerate(colours):
        picture.paste(Image.new("RGB", halves, colour), (number % 2 * halves[0], number // 2 * halves[1]))
    return picture


def noise(width, height):
    """A picture that hardly compresses."""
    return Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))


def as_file(picture, kind="JPEG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    return tags


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, *, depth=8, colour=2, extra=(), pixels=b""):
    """A PNG put together by hand, so that its header may lie."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


# --- Looking at results


def opened(jpeg):
    picture = Image.open(io.BytesIO(jpeg))
    picture.load()
    return picture


def corners(jpeg):
    """The colours a quarter of the way in from each corner, rounded to what a person would call them."""
    picture = opened(jpeg)
    width, height = picture.size
    spots = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    return [tuple(255 * (value > 127) for value in picture.getpixel(spot)) for spot in spots]


def difference(one, other):
    """The mean difference of two pictures, from 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def segments(jpeg):
    """The names of a JPEG's segments, in order, and whatever follows its end."""
    names, at = [], 2
    while jpeg[at + 1] != 0xDA:
        assert jpeg[at] == 0xFF
        names.append(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return names, jpeg[jpeg.index(b"\xff\xd9", at) + 2 :]


def reason_of(data, prepare=photos.prepare):
    with pytest.raises(PhotoRefused) as refused:
        prepare(data)
    return refused.value.reason


def outcome(data, prepare=photos.prepare):
    """A Photo that keeps all promises, or a Reason."""
    try:
        photo = prepare(data)
    except PhotoRefused as refused:
        return refused.reason
    check(photo)
    return photo


def check(photo):
    picture, thumbnail = opened(photo.jpeg), opened(photo.thumbnail)
    assert picture.format == thumbnail.format == "JPEG"
    assert picture.mode == thumbnail.mode == "RGB"
    assert picture.size == (photo.width, photo.height)
    assert max(picture.size) <= limits.LONGEST_SIDE
    assert max(thumbnail.size) <= limits.THUMBNAIL_SIDE
    assert len(photo.jpeg) <= limits.MAX_JPEG_BYTES
    assert len(photo.thumbnail) <= limits.MAX_THUMBNAIL_BYTES
    for jpeg in (photo.jpeg, photo.thumbnail):
        names, tail = segments(jpeg)
        # JFIF's header, tables, frame: nothing that could hold words.
        assert set(names) <= {0xE0, 0xDB, 0xC0, 0xC4}
        assert names.count(0xE0) == 1
        assert tail == b""


# --- Upright


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_comes_out_upright(kind, orientation):
    upright = quarters()
    turn = STORED[orientation]
    stored = upright if turn is None else upright.transpose(turn)
    photo = photos.prepare(as_file(stored, kind, exif=exif(orientation)))
    twin = photos.prepare(as_file(upright, kind))
    check(photo)
    assert (photo.width, photo.height) == upright.size
    assert difference(opened(photo.jpeg), opened(twin.jpeg)) < 2
    assert difference(opened(photo.thumbnail), opened(twin.thumbnail)) < 3


@pytest.mark.parametrize("orientation", [0, 9, 255, 65535])
def test_an_orientation_that_does_not_exist_means_upright(orientation):
    photo = photos.prepare(as_file(quarters(), exif=exif(orientation)))
    assert corners(photo.jpeg) == corners(as_file(quarters()))


def test_exif_that_cannot_be_read_means_upright():
    photo = photos.prepare(as_file(quarters(), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"))
    assert corners(photo.jpeg) == corners(as_file(quarters()))


def test_a_large_picture_is_turned_too():
    photo = photos.prepare(as_file(quarters(3000, 4000), exif=exif(8)))
    assert (photo.width, photo.height) == (1600, 1200)
    assert corners(photo.jpeg) == corners(as_file(quarters(3000, 4000).transpose(Turn.ROTATE_90)))


def test_heic_is_turned_once_though_it_says_so_twice():
    photo = photos.prepare(HEIC)
    check(photo)
    assert (photo.width, photo.height) == (240, 320)
    stored = quarters(320, 240, ("red", "lime", "blue", "white"))
    assert corners(photo.jpeg) == corners(as_file(stored.transpose(Turn.ROTATE_270)))


def test_heic_is_not_turned_by_exif_alone():
    assert HEIC.count(b"irot\x03") == 1
    photo = photos.prepare(HEIC.replace(b"irot\x03", b"irot\x00"))
    assert (photo.width, photo.height) == (320, 240)


# --- Metadata


def test_metadata_is_gone():
    tags = exif(1)
    tags[ExifTags.Base.Make] = "CANARY-exif"
    tags.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (10.0, 46.0, 1.0)
    jpeg = as_file(
        quarters(),
        exif=tags,
        xmp=b"<x:xmpmeta>CANARY-xmp</x:xmpmeta>",
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        comment=b"<script>CANARY-comment</script>",
    )
    marked = jpeg[:2] + b"\xff\xed" + struct.pack(">H", 34) + b"Photoshop 3.0\0CANARY-iptc".ljust(32) + jpeg[2:]
    assert marked.count(b"CANARY") == 4
    photo = photos.prepare(marked)
    check(photo)
    for word in (b"CANARY", b"<script", b"Exif", b"xmp", b"ICC_PROFILE", b"Photoshop"):
        assert word not in photo.jpeg + photo.thumbnail
    assert not opened(photo.jpeg).getexif()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_metadata_of_other_kinds_is_gone(kind):
    tags = exif(1)
    tags[ExifTags.Base.Make] = "CANARY-exif"
    data = as_file(quarters(), kind, exif=tags, xmp=b"<x:xmpmeta>CANARY-xmp</x:xmpmeta>")
    assert b"CANARY" in data
    photo = photos.prepare(data)
    check(photo)
    assert b"CANARY" not in photo.jpeg + photo.thumbnail


def test_text_in_png_is_gone():
    photo = photos.prepare(png(300, 300, extra=[chunk(b"tEXt", b"Comment\0CANARY")], pixels=bytes(901 * 300)))
    check(photo)
    assert b"CANARY" not in photo.jpeg + photo.thumbnail


# --- Colours


def swapped_profile():
    """A profile by which red is green and green is red: it shows whether profiles are heeded."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ").replace(b"?XYZ", b"gXYZ")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_colour_profile_is_heeded(kind):
    photo = photos.prepare(as_file(quarters(), kind, icc_profile=swapped_profile()))
    check(photo)
    assert corners(photo.jpeg) == [(0, 255, 0), (255, 0, 0), (0, 0, 255), (255, 255, 0)]


@pytest.mark.parametrize(
    "profile",
    [
        b"",
        b"not a profile",
        swapped_profile()[:300],
        swapped_profile().replace(b"RGB ", b"CMYK"),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(),
        bytes(limits.MAX_ICC_BYTES + 1),
    ],
    ids=["empty", "words", "cut", "for another mode", "lab", "huge"],
)
def test_a_bad_colour_profile_is_ignored(profile):
    photo = photos.prepare(as_file(quarters(), icc_profile=profile))
    check(photo)
    assert corners(photo.jpeg) == corners(as_file(quarters()))


def test_cmyk_keeps_its_colours():
    photo = photos.prepare(as_file(quarters().convert("CMYK")))
    check(photo)
    assert corners(photo.jpeg) == corners(as_file(quarters()))


def test_palette_keeps_its_colours():
    photo = photos.prepare(as_file(quarters().quantize(8), "PNG"))
    assert corners(photo.jpeg) == corners(as_file(quarters()))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_grey_stays_grey(kind):
    photo = photos.prepare(as_file(Image.new("L", (400, 300), 100), kind))
    check(photo)
    assert all(abs(value - 100) <= 2 for value in opened(photo.jpeg).getpixel((200, 150)))


def test_black_and_white():
    picture = Image.new("1", (400, 300))
    picture.paste(1, (200, 0, 400, 300))
    photo = photos.prepare(as_file(picture, "PNG"))
    assert corners(photo.jpeg) == [(0, 0, 0), (255, 255, 255)] * 2


@pytest.mark.parametrize("colour", [0, 4], ids=["grey", "grey with alpha"])
def test_sixteen_bit_grey_is_scaled_not_clipped(colour):
    pixel = struct.pack(">H", 100 * 257) + (b"\xff\xff" if colour == 4 else b"")
    photo = photos.prepare(png(300, 300, depth=16, colour=colour, pixels=(b"\0" + pixel * 300) * 300))
    check(photo)
    assert abs(opened(photo.jpeg).getpixel((150, 150))[0] - 100) <= 2


def test_sixteen_bit_colour():
    pixel = struct.pack(">HHH", 200 * 257, 100 * 257, 50 * 257)
    photo = photos.prepare(png(300, 300, depth=16, colour=2, pixels=(b"\0" + pixel * 300) * 300))
    red, green, blue = opened(photo.jpeg).getpixel((150, 150))
    assert abs(red - 200) + abs(green - 100) + abs(blue - 50) <= 9


@pytest.mark.parametrize("size", [(400, 300), (4000, 3000)])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_white(mode, size):
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), (size[0] // 2, 0, *size))
    photo = photos.prepare(as_file(picture.convert(mode), "PNG"))
    check(photo)
    assert corners(photo.jpeg) == [(255, 255, 255), (0, 0, 0)] * 2


@pytest.mark.parametrize(
    ("colour", "depth", "transparent"),
    [(2, 8, b"\0\0\0\0\0\0"), (2, 16, b"\0\0\0\0\0\0"), (0, 8, b"\0\0"), (0, 16, b"\0\0"), (0, 1, b"\0\0")],
)
def test_a_transparent_colour_is_no_obstacle(colour, depth, transparent):
    row = b"\0" + bytes(-(-300 * depth * (3 if colour == 2 else 1) // 8))
    data = png(300, 300, depth=depth, colour=colour, extra=[chunk(b"tRNS", transparent)], pixels=row * 300)
    assert isinstance(outcome(data), Photo)


# --- Frames


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "MPO"])
def test_only_the_first_of_several_frames_is_taken(kind):
    others = [Image.new("RGB", (640, 480), "black") for _ in range(3)]
    data = as_file(quarters(), kind, save_all=True, append_images=others)
    photo = photos.prepare(data)
    check(photo)
    assert corners(photo.jpeg) == corners(as_file(quarters()))


# --- Size


def test_a_picture_is_never_enlarged():
    photo = photos.prepare(as_file(quarters(300, 220)))
    assert (photo.width, photo.height) == (300, 220)
    assert opened(photo.thumbnail).size == (300, 220)


@pytest.mark.parametrize("size", [(199, 1000), (1000, 199), (16, 16), (1, 1), (9000, 1000)])
def test_too_small_or_too_thin(size):
    assert reason_of(as_file(Image.new("RGB", size))) is Reason.TOO_SMALL


def test_just_large_enough():
    assert isinstance(outcome(as_file(Image.new("RGB", (200, 200)))), Photo)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_noise_fits_the_bounds_at_the_price_of_its_size(kind):
    photo = photos.prepare(as_file(noise(1500, 1500), kind))
    check(photo)
    assert photo.width == photo.height < 1500


@settings(max_examples=20, deadline=None)
@given(
    width=st.integers(1, 2600),
    height=st.integers(1, 2600),
    sigma=st.sampled_from([0, 20, 120]),
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
)
def test_whatever_the_size_the_bounds_hold(width, height, sigma, kind):
    picture = Image.effect_noise((width, height), sigma).convert("RGB")
    options = {"compress_level": 1} if kind == "PNG" else {"method": 0} if kind == "WEBP" else {}
    data = as_file(picture, kind, **options)
    assume(len(data) <= MAX_BYTES)
    result = outcome(data)
    scale = min(1, limits.LONGEST_SIDE / max(width, height))
    if round(min(width, height) * scale) < limits.SHORTEST_SIDE:
        assert result is Reason.TOO_SMALL
    else:
        assert result.width / result.height == pytest.approx(width / height, rel=0.02)


@pytest.mark.parametrize("picture", [Image.new("L", (8192, 6144), 90)], ids=["50 megapixels"])
def test_the_largest_phone_jpeg_is_accepted(picture):
    photo = photos.prepare(as_file(picture))
    assert (photo.width, photo.height) == (1600, 1200)


# --- What is not a photo


NOT_PHOTOS = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
    "gif": as_file(quarters().quantize(8), "GIF"),
    "tiff": as_file(quarters(), "TIFF"),
    "bmp": as_file(quarters(), "BMP"),
    "eps": as_file(quarters(), "EPS"),
    "jpeg 2000": as_file(quarters(), "JPEG2000"),
    "avif": b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf" + bytes(200),
    "avif under its general name": b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf" + bytes(200),
    "mp4": b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(200),
    "wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(200),
    "zip": b"PK\x03\x04" + bytes(200),
    "text": "Đây không phải là ảnh.".encode(),
    "one byte": b"\xff",
    "nulls": bytes(1000),
    "a jpeg behind html": b"<script>alert(1)</script>" + as_file(quarters()),
}


@pytest.mark.parametrize("name", NOT_PHOTOS)
def test_what_is_not_a_photo_is_not_decoded(name):
    assert reason_of(NOT_PHOTOS[name]) is Reason.NOT_A_PHOTO


def test_nothing_at_all():
    assert reason_of(b"") is Reason.EMPTY


def test_too_many_bytes():
    assert reason_of(as_file(quarters()).ljust(MAX_BYTES + 1, b"\0")) is Reason.TOO_LARGE
    assert isinstance(outcome(as_file(quarters()).ljust(MAX_BYTES, b"\0")), Photo)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("tail", [b"PK\x03\x04evil.js", b"*/=alert(1)//<script>alert(1)</script>", b"%PDF-1.7"])
def test_whatever_is_hidden_behind_a_picture_stays_behind(kind, tail):
    photo = photos.prepare(as_file(quarters(), kind) + tail * 100)
    check(photo)
    assert tail not in photo.jpeg + photo.thumbnail


# --- Damage


WHOLE = {
    "JPEG": as_file(quarters().effect_spread(9), exif=exif(6)),
    "progressive": as_file(quarters().effect_spread(9), progressive=True),
    "PNG": as_file(quarters().effect_spread(9), "PNG"),
    "WEBP": as_file(quarters().effect_spread(9), "WEBP"),
    "HEIC": HEIC,
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_truncated_file_is_refused(kind):
    whole = WHOLE[kind]
    for length in [*range(1, 64), *range(64, len(whole) * 9 // 10, len(whole) // 48)]:
        assert outcome(whole[:length]) in {Reason.BROKEN, Reason.NOT_A_PHOTO}, length


@pytest.mark.parametrize("kind", WHOLE)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_flipped_bits_give_a_photo_or_a_reason(kind, data):
    damaged = bytearray(WHOLE[kind])
    # The first kilobyte holds what is hardest to read: sizes, tables, offsets.
    places = st.one_of(st.integers(0, min(1023, len(damaged) - 1)), st.integers(0, len(damaged) - 1))
    for place, bit in data.draw(st.lists(st.tuples(places, st.integers(0, 7)), min_size=1, max_size=12)):
        damaged[place] ^= 1 << bit
    assert isinstance(outcome(bytes(damaged)), Photo | Reason)


@settings(max_examples=60, deadline=None)
@given(head=st.sampled_from([data[:size] for data in WHOLE.values() for size in (16, 40)]), rest=st.binary())
def test_junk_behind_a_good_beginning_is_refused(head, rest):
    assert isinstance(outcome(head + rest), Reason)


# --- Bombs


@pytest.mark.parametrize(
    "data",
    [
        png(65535, 65535),
        png(30000, 30000, depth=1, colour=0, pixels=bytes(3751 * 30000)),
        png(5001, 5001, colour=6),
        WHOLE["WEBP"][:12] + b"VP8X\x0a\0\0\0\0\0\0\0" + (9999).to_bytes(3, "little") * 2 + WHOLE["WEBP"][12:],
        WHOLE["JPEG"].replace(struct.pack(">HH", 480, 640), struct.pack(">HH", 65500, 65500), 1),
        WHOLE["progressive"].replace(struct.pack(">HH", 480, 640), struct.pack(">HH", 6000, 6000), 1),
        HEIC.replace(struct.pack(">II", 320, 240), struct.pack(">II", 16384, 16384), 1),
    ],
    ids=["png header", "one-bit png", "png", "webp", "jpeg", "progressive jpeg", "heic"],
)
def test_too_many_pixels_are_refused_by_the_header(data):
    assert reason_of(data) is Reason.TOO_MANY_PIXELS


@pytest.mark.parametrize("name", [b"zTXt", b"iTXt", b"iCCP"])
def test_text_that_unpacks_to_a_bomb_is_refused(name):
    bomb = zlib.compress(bytes(100_000_000), 9)
    between = b"\0\1\0\0\0" if name == b"iTXt" else b"\0\0"
    extra = [chunk(name, b"bomb" + between + bomb)]
    assert reason_of(png(300, 300, extra=extra, pixels=bytes(901 * 300))) is Reason.BROKEN


def test_pixels_that_unpack_to_more_than_the_picture_are_harmless():
    assert isinstance(outcome(png(300, 300, pixels=bytes(100_000_000))), Photo)


# --- The worker


def worker(changes=""):
    """The command of a worker with `changes` to its limits, which obeys a file that ends in an order."""
    program = f"""
import os, time
from services.photos import limits
{changes}
from services.photos import picture, worker
genuine = picture.prepare
def prepare(data, reads_card):
    if data.endswith(b"DIE"): os._exit(1)
    if data.endswith(b"HANG"): time.sleep(600)
    return genuine(data, reads_card)
picture.prepare = prepare
worker.main()
"""
    return (sys.executable, "-c", program)


@pytest.fixture
def pool():
    """Make pools; they are closed in the end."""
    made = []

    def make(**options):
        made.append(Pool(**options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def processes(of):
    """The running processes of a pool that is idle."""
    return [worker._process for worker in of._idle.queue if worker._process]


def test_one_worker_serves_while_little_happens(pool):
    calm = pool()
    for _ in range(5):
        calm.prepare(WHOLE["JPEG"])
    assert len(processes(calm)) == 1


def test_a_worker_is_replaced_after_so_many_pictures(pool, monkeypatch):
    monkeypatch.setattr("services.photos.pool.PICTURES_PER_WORKER", 2)
    calm = pool()
    calm.prepare(WHOLE["JPEG"])
    (first,) = processes(calm)
    calm.prepare(WHOLE["JPEG"])
    assert first.poll() is not None
    assert isinstance(outcome(WHOLE["JPEG"], calm.prepare), Photo)


def test_a_worker_killed_while_idle_is_not_noticed(pool):
    calm = pool()
    calm.prepare(WHOLE["JPEG"])
    (process,) = processes(calm)
    process.kill()
    assert isinstance(outcome(WHOLE["JPEG"], calm.prepare), Photo)
    assert processes(calm) != [process]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process cannot be stopped here")
def test_a_worker_killed_at_work_is_not_noticed(pool):
    import signal

    calm = pool()
    calm.prepare(WHOLE["JPEG"])
    (process,) = processes(calm)
    process.send_signal(signal.SIGSTOP)
    with ThreadPoolExecutor(1) as executor:
        waiting = executor.submit(calm.prepare, WHOLE["JPEG"])
        while calm._idle.qsize() == limits.WORKERS:
            time.sleep(0.01)
        process.kill()
        check(waiting.result())


def test_a_picture_that_kills_its_worker_is_too_hard_and_the_next_is_not(pool):
    frail = pool(command=worker())
    for _ in range(2):
        assert reason_of(WHOLE["JPEG"] + b"DIE", frail.prepare) is Reason.TOO_HARD
        assert isinstance(outcome(WHOLE["JPEG"], frail.prepare), Photo)


def test_a_picture_that_takes_too_long_is_too_hard_and_the_next_is_not(pool):
    hasty = pool(command=worker(), seconds=2)
    hasty.prepare(WHOLE["JPEG"])
    (process,) = processes(hasty)
    assert reason_of(WHOLE["JPEG"] + b"HANG", hasty.prepare) is Reason.TOO_HARD
    assert process.poll() is not None
    assert isinstance(outcome(WHOLE["JPEG"], hasty.prepare), Photo)


def test_a_large_file_to_a_worker_that_does_not_read_is_too_hard(pool):
    deaf = "import os, time; os.write(1, b'ready'); time.sleep(600)"
    hasty = pool(command=(sys.executable, "-c", deaf), seconds=0.5)
    assert reason_of(WHOLE["JPEG"].ljust(MAX_BYTES, b"\0"), hasty.prepare) is Reason.TOO_HARD


def test_whoever_waits_too_long_for_a_worker_is_told(pool, monkeypatch):
    monkeypatch.setattr("services.photos.pool.WAIT_SECONDS", 0.1)
    narrow = pool(command=worker(), size=1, seconds=2)
    narrow.prepare(WHOLE["JPEG"])
    with ThreadPoolExecutor(1) as executor:
        first = executor.submit(reason_of, WHOLE["JPEG"] + b"HANG", narrow.prepare)
        while narrow._idle.qsize():
            time.sleep(0.01)
        assert reason_of(WHOLE["JPEG"], narrow.prepare) is Reason.TOO_HARD
        assert first.result() is Reason.TOO_HARD
    assert isinstance(outcome(WHOLE["JPEG"], narrow.prepare), Photo)


def test_an_interrupted_answer_is_not_given_to_the_next_caller(pool, monkeypatch):
    calm = pool()
    with monkeypatch.context() as context:
        context.setattr(wire, "receive_answer", interrupt)
        with pytest.raises(KeyboardInterrupt):
            calm.prepare(WHOLE["JPEG"])
    assert calm.prepare(HEIC).width == 240


def interrupt(pipe):
    raise KeyboardInterrupt


def test_a_jpeg_of_endless_scans_is_too_hard(pool):
    whole = as_file(noise(2000, 2000), progressive=True, quality=30)
    last = whole.rindex(b"\xff\xda")
    bomb = whole[:last] + whole[last:-2][:20] * 100_000 + b"\xff\xd9"
    hasty = pool(seconds=1)
    assert reason_of(bomb[:MAX_BYTES], hasty.prepare) is Reason.TOO_HARD


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_a_picture_that_takes_too_much_memory_is_too_hard(pool):
    poor = pool(command=worker("limits.MEMORY_BYTES = 64 * 1024 * 1024"))
    assert reason_of(png(5000, 5000, pixels=bytes(15001 * 5000)), poor.prepare) is Reason.TOO_HARD
    assert isinstance(outcome(WHOLE["JPEG"], poor.prepare), Photo)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
@pytest.mark.parametrize("size", [(4000, 3000), (3000, 4000), (4001, 2999)])
def test_a_large_jpeg_is_scaled_while_it_is_decoded(pool, size):
    # Decoded whole it would take 48 MB.
    poor = pool(command=worker("limits.MEMORY_BYTES = 56 * 1024 * 1024"))
    assert isinstance(outcome(as_file(Image.new("RGB", size)), poor.prepare), Photo)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_can_open_and_write_nothing(pool):
    calm = pool()
    calm.prepare(WHOLE["JPEG"])
    (process,) = processes(calm)
    table = Path(f"/proc/{process.pid}/limits").read_text()
    rows = {line[:26].strip(): line[26:].split()[:2] for line in table.splitlines()}
    for name in ("Max core file size", "Max file size", "Max open files"):
        assert rows[name] == ["0", "0"]
    assert rows["Max data size"] == [str(limits.MEMORY_BYTES)] * 2
    assert int(rows["Max cpu time"][0]) <= limits.CPU_SECONDS + 5


def test_a_worker_is_not_given_the_servers_secrets(pool, monkeypatch):
    monkeypatch.setenv("QUAY_SECRET_KEY", "CANARY")
    shows = "import os, sys, time; os.environ.get('QUAY_SECRET_KEY') or os.write(1, b'ready'); time.sleep(600)"
    curious = pool(command=(sys.executable, "-c", shows), seconds=0.5)
    # It starts, so it did not see the key.
    assert reason_of(WHOLE["JPEG"], curious.prepare) is Reason.TOO_HARD


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "print('hello')", "import no_such_module"])
def test_a_worker_that_does_not_start_is_an_error_of_ours(pool, program):
    with pytest.raises(WorkerDoesNotStart, match="services.photos.worker"):
        pool(command=(sys.executable, "-c", program)).prepare(WHOLE["JPEG"])


def test_a_program_that_is_not_there_is_an_error_of_ours(pool, tmp_path):
    with pytest.raises(WorkerDoesNotStart):
        pool(command=(str(tmp_path / "python"),)).prepare(WHOLE["JPEG"])


ANSWER, MEASURES = wire._ANSWER.pack, wire._MEASURES.pack
GOOD = b"\xff\xd8\xff\xd9"
PICTURES = ANSWER(0, 100, 100, 4, 4) + GOOD + GOOD
MEASURED = PICTURES + MEASURES(0, 0, 0, 0, 0)
TOO_LONG = b"\xff\xd8\xff".ljust(limits.MAX_JPEG_BYTES - 1) + b"\xff\xd9"


@pytest.mark.parametrize(
    "lie",
    [
        b"",
        bytes(5),
        ANSWER(99, 0, 0, 0, 0),
        ANSWER(0, 100, 100, 4, 0) + GOOD,
        ANSWER(0, 100, 100, 2**32 - 1, 4),
        ANSWER(0, 100, 100, len(TOO_LONG), 4) + TOO_LONG + GOOD,
        ANSWER(0, 60000, 100, 4, 4) + GOOD + GOOD,
        ANSWER(0, 100, 100, 6, 4) + b"<html>" + GOOD,
        PICTURES,
        PICTURES + MEASURES(1001, 0, 0, 0, 0),
        PICTURES + MEASURES(0, 0, 0, 0, 60000),
        MEASURED,
        MEASURED + b"\x01",
        MEASURED + b"\x05" + b"\0\1x" * 5,
        MEASURED + b"\x01" + (8001).to_bytes(2) + bytes(8001),
        MEASURED + b"\x01\0\x09short",
        MEASURED + b"\x01\0\x02\xc3\x28",
    ],
)
def test_a_worker_is_not_believed(lie):
    with pytest.raises(wire.Garbled):
        wire.receive_answer(io.BytesIO(lie))


def test_answers_survive_the_wire():
    measures, said = Measures(1000, 255, 0, 3, 500), ("0" * 2000, "Đặng|" * 1000)
    for answer in [*(Photo(GOOD, GOOD, 3, 2, measures, texts=texts) for texts in (None, (), said)), *Reason]:
        pipe = io.BytesIO()
        wire.send_answer(pipe, answer)
        pipe.seek(0)
        assert wire.receive_answer(pipe) == answer


@pytest.mark.parametrize("edit", [None, Edit(), Edit(3), Edit(1, CENTRE), Edit(0, Frame(0, 10_000, 1))])
@pytest.mark.parametrize("reads_card", [False, True])
def test_questions_survive_the_wire(edit, reads_card):
    pipe = io.BytesIO()
    wire.send_file(pipe, b"a file", Task(edit, reads_card))
    pipe.seek(0)
    assert wire.receive_file(pipe) == (b"a file", Task(edit, reads_card))


def test_eight_threads_get_each_their_own_picture():
    colours = [tuple(255 * (number >> bit & 1) for bit in range(3)) for number in range(8)]
    files = {
        colour: as_file(Image.new("RGB", (400 + 10 * number, 300), colour)) for number, colour in enumerate(colours)
    }

    def go(number):
        colour = colours[number % 8]
        photo = photos.prepare(files[colour])
        check(photo)
        assert (photo.width - 400) // 10 == number % 8
        assert corners(photo.jpeg) == [colour] * 4

    with ThreadPoolExecutor(8) as executor:
        list(executor.map(go, range(64)))


# --- The server


def run(program, *, input=None, cwd=ROOT):
    return subprocess.run(
        [sys.executable, "-W", "error", *program],
        input=input,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
    )


def test_the_server_itself_imports_no_decoder():
    program = "import sys; from services import photos; assert not {'PIL', 'pi_heif', 'zxingcpp'} & sys.modules.keys()"
    assert run(["-c", program]).returncode == 0


def test_a_main_script_is_run_once_and_leaves_nothing_behind(tmp_path):
    # As `python app.py` would, and from another folder.
    script = tmp_path / "app.py"
    script.write_text(
        "import sys\nfrom services import photos\nprint('run')\n"
        "print(photos.prepare(sys.stdin.buffer.read()).width)\n"
        "print(photos._pool._idle.queue[-1]._process.pid)\n"
    )
    done = run([script], input=WHOLE["JPEG"], cwd=tmp_path)
    assert done.stderr == b""
    once, width, pid = done.stdout.split()
    assert (once, width) == (b"run", b"480")
    assert list(tmp_path.iterdir()) == [script]
    assert not is_running(int(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_ends_with_a_server_that_dies():
    program = (
        "import os, sys\nfrom services import photos\nphotos.prepare(sys.stdin.buffer.read())\n"
        "os.write(1, b'%d' % photos._pool._idle.queue[-1]._process.pid)\nos.kill(os.getpid(), 9)\n"
    )
    done = run(["-c", program], input=WHOLE["JPEG"])
    assert done.returncode == -9
    for _ in range(1000):
        if not is_running(int(done.stdout)):
            return
        time.sleep(0.01)
    pytest.fail("the worker outlives the server")


def is_running(pid):
    """Whether a process of this number runs and is not just waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_server_has_its_own_worker():
    program = (
        "import os, sys\nfrom services import photos\nfile = sys.stdin.buffer.read()\n"
        "photos.prepare(file)\nchild = os.fork()\n"
        "assert (photos._pool._idle.queue[-1]._process is None) == (child == 0)\n"
        "photos.prepare(file)\n"
        "if child: raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "photos._pool.close()\nos._exit(0)\n"
    )
    done = run(["-c", program], input=WHOLE["JPEG"])
    assert done.returncode == 0, done.stderr
