"""A hostile file in, clean pixels out. The product's only importer of Pillow and pi_heif; runs in the worker process.

Pixels flow through in bands: a picture is decoded whole (there is no other way), but flattened, converted and shrunk a
few rows at a time, so that the decoded picture is the one large thing in memory.
"""

import contextlib
import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import pi_heif
from PIL import (
    Image,
    ImageCms,
    JpegImagePlugin,
    MpoImagePlugin,  # noqa: F401  the JPEG plugin wants it when the worker may open no files any more
    PngImagePlugin,
    TiffImagePlugin,  # noqa: F401  the EXIF reader wants it likewise
    WebPImagePlugin,
)

from services import cardreader
from services.photos import card
from services.photos.kind import Kind, kind_of
from services.photos.limits import (
    JPEG_QUALITIES,
    LONGEST_SIDE,
    MAX_ICC_BYTES,
    MAX_JPEG_BYTES,
    MAX_PIXELS,
    MAX_PIXELS_PROGRESSIVE,
    MAX_TEXTS,
    MAX_THUMBNAIL_BYTES,
    SHORTEST_SIDE,
    THUMBNAIL_QUALITIES,
    THUMBNAIL_SIDE,
)
from services.photos.measure import measured
from services.photos.photo import Edit, Photo, PhotoRefused, Reason

# Asking a plugin directly, not Image.open, keeps Pillow from trying its forty other formats on a broken file.
_OPENERS = {
    Kind.JPEG: JpegImagePlugin.jpeg_factory,
    Kind.PNG: PngImagePlugin.PngImageFile,
    Kind.WEBP: WebPImagePlugin.WebPImageFile,
}

# What to do to the stored pixels for each EXIF orientation; 1 and whatever is not a legal value mean nothing.
_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_QUARTERS = (None, Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)

# Pillow loads its plugins when first asked to save; the worker may open no files by then.
Image.preinit()

_BAND_ROWS = 64
_SRGB = ImageCms.createProfile("sRGB")

# None of these is looked at, so none shall take time or memory.
pi_heif.options.THUMBNAILS = False
pi_heif.options.DEPTH_IMAGES = False
pi_heif.options.AUX_IMAGES = False
# A second thread saves a quarter of a HEIC's time; a third gains little, and each takes 8 MiB of the worker's memory.
pi_heif.options.DECODE_THREADS = 2


def bound_canvases() -> None:
    """Have Pillow itself refuse what no picture of ours may have; it does so at twice the figure that it is given.

    We look at the size of every picture ourselves, but the WebP decoder takes memory for the whole canvas before we
    can; bands and results are far smaller than this.
    """
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS[Kind.WEBP] // 2


@dataclass(frozen=True)
class _Decoded:
    """A decoded picture as it is stored: not yet upright, in any mode and colour space."""

    size: tuple[int, int]
    band: Callable[[int, int], Image.Image]  # the rows from one number up to another
    target: tuple[int, int]
    turn: Image.Transpose | None
    icc: bytes | None


def prepare(data: bytes, reads_card: bool = False) -> Photo:
    """Return the picture in `data`. Raises PhotoRefused, MemoryError or whatever a decoder raises."""
    decoded = _decode(data, card.LONGEST_SIDE if reads_card else LONGEST_SIDE)
    turn, icc = decoded.turn, decoded.icc
    for_reader = _grey(decoded) if reads_card else None
    image = _shrunk(decoded)
    # From here on memory is needed for small pictures only.
    del decoded
    texts = _texts(for_reader) if reads_card else None
    image = _srgb(image, icc)
    if turn is not None:
        image = image.transpose(turn)
    # Metadata sticks to Image objects, and Pillow saves some of it (a JPEG comment) unasked: only pixels go on.
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    return finished(clean, texts)


def finished(clean: Image.Image, texts: tuple[str, ...] | None = None) -> Photo:
    """The picture, of `LONGEST_SIDE` at most and without metadata, as JPEG with its thumbnail."""
    return _photo(clean, *_encoded(clean, MAX_JPEG_BYTES, JPEG_QUALITIES), texts)


def edited(jpeg: bytes, edit: Edit) -> Photo:
    """Return what `edit` makes of a picture that `prepare` returned. Raises as `prepare` does."""
    image = JpegImagePlugin.jpeg_factory(io.BytesIO(jpeg))
    if max(image.size) > LONGEST_SIDE:
        raise PhotoRefused(Reason.TOO_MANY_PIXELS)
    image.load()
    if edit == Edit():
        # Compressed once more it would lose a little for nothing.
        return _photo(image, jpeg, image.size)
    turn = _QUARTERS[edit.quarters]
    image = image.transpose(turn) if turn is not None else image
    if edit.frame:
        image = image.crop(edit.frame.box(*image.size, SHORTEST_SIDE))
    return _photo(image, *_encoded(image, MAX_JPEG_BYTES, JPEG_QUALITIES))


def _photo(image: Image.Image, jpeg: bytes, size: tuple[int, int], texts: tuple[str, ...] | None = None) -> Photo:
    small = image.resize(_fitted(image.size, THUMBNAIL_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    thumbnail, _ = _encoded(small, MAX_THUMBNAIL_BYTES, THUMBNAIL_QUALITIES)
    return Photo(jpeg, thumbnail, *size, measured(image), texts=texts)


def _texts(image: Image.Image) -> tuple[str, ...]:
    """What the cards on it say. A photo is good whatever happens to whoever reads it."""
    with contextlib.suppress(MemoryError, RuntimeError, ValueError):
        return tuple(cardreader.read(image)[:MAX_TEXTS])
    return ()


def _decode(data: bytes, needed: int) -> _Decoded:
    """Decode with at least `needed` pixels on the longest side, if there are so many."""
    kind = kind_of(data)
    if kind is None:
        raise PhotoRefused(Reason.NOT_A_PHOTO)
    if kind is Kind.HEIC:
        return _decode_heic(data)
    return _decode_raster(_OPENERS[kind](io.BytesIO(data)), kind, needed)


def _decode_raster(image: Image.Image, kind: Kind, needed: int) -> _Decoded:
    progressive = kind is Kind.JPEG and "progressive" in image.info
    target = _target(image.size, MAX_PIXELS_PROGRESSIVE if progressive else MAX_PIXELS[kind])
    # Only JPEG heeds this: it decodes straight to a half, quarter or eighth, if asked for a size in the very same
    # proportions; a square one of 1600 would be missed by the shorter side and do nothing.
    factor = _factor(image.size, _fitted(image.size, needed))
    image.draft("RGB", (image.width // factor, image.height // factor))
    image.load()
    return _Decoded(
        size=image.size,
        band=lambda top, bottom: image.crop((0, top, image.width, bottom)),
        target=target,
        turn=_turn(image),
        icc=image.info.get("icc_profile"),
    )


def _decode_heic(data: bytes) -> _Decoded:
    """Decode without Pillow's own copy of the pixels, which would double the memory.

    The decoder obeys the file's rotation (irot, imir). The EXIF orientation only repeats it and must not be obeyed
    again.
    """
    file = pi_heif.open_heif(data, convert_hdr_to_8bit=True)
    image = file[file.primary_index]
    _target(image.size, MAX_PIXELS[Kind.HEIC])
    image.load()

    def band(top: int, bottom: int) -> Image.Image:
        # The pixels live only as long as `image`, which their memoryview does not keep alive: never hold just that.
        rows = image.data[top * image.stride : bottom * image.stride]
        return Image.frombytes(image.mode, (image.size[0], bottom - top), rows, "raw", image.mode, image.stride)

    return _Decoded(
        size=image.size,
        band=band,
        # The header may have lied: what counts is the size after decoding.
        target=_target(image.size, MAX_PIXELS[Kind.HEIC]),
        turn=None,
        icc=image.info.get("icc_profile"),
    )


def _target(size: tuple[int, int], most_pixels: int) -> tuple[int, int]:
    """Return the size that the result will have; raise PhotoRefused for pictures too large or too small."""
    if size[0] * size[1] > most_pixels:
        raise PhotoRefused(Reason.TOO_MANY_PIXELS)
    target = _fitted(size, LONGEST_SIDE)
    if min(target) < SHORTEST_SIDE:
        raise PhotoRefused(Reason.TOO_SMALL)
    return target


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION_TAG))
    except Exception:  # Bad EXIF raises anything; the pixels may be good all the same.
        return None


def _shrunk(decoded: _Decoded) -> Image.Image:
    """Return the picture in its target size: averaged over whole pixels first, then resampled the rest of the way."""
    return _reduced(decoded, decoded.target, _opaque).resize(decoded.target, Image.Resampling.LANCZOS)


def _grey(decoded: _Decoded) -> Image.Image:
    """Return the picture as the reader of cards wants it: in grey, and not much larger than it can use."""
    target = _fitted(decoded.size, card.LONGEST_SIDE)
    return _reduced(decoded, target, lambda band: _opaque(band).convert("L"))


def _reduced(decoded: _Decoded, target: tuple[int, int], changed: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Return the picture, changed and averaged over whole pixels, at least as large as `target`."""
    height = decoded.size[1]
    factor = _factor(decoded.size, target)
    step = factor * _BAND_ROWS
    canvas = None
    for top in range(0, height, step):
        band = changed(decoded.band(top, min(top + step, height))).reduce(factor)
        if canvas is None:
            canvas = Image.new(band.mode, (band.width, math.ceil(height / factor)))
        canvas.paste(band, (0, top // factor))
    return canvas


def _opaque(image: Image.Image) -> Image.Image:
    """Return the picture as grey, RGB or CMYK, on white where it was transparent."""
    if image.mode.startswith("I"):
        image = _eight_bits(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image)
        return paper
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return a picture of 16-bit grey as 8-bit grey: Pillow's own conversion would clip instead of scaling."""
    image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    # A transparent grey is given in 16 bits and means nothing any more.
    image.info.pop("transparency", None)
    return image


def _srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Return the picture in sRGB: phones store Display P3, and without its profile colours would turn pale."""
    if icc and len(icc) <= MAX_ICC_BYTES:
        # A profile that is damaged or made for another kind of picture is as good as none.
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            return ImageCms.profileToProfile(image, profile, _SRGB, outputMode="RGB")
    return image.convert("RGB")


def _encoded(image: Image.Image, most_bytes: int, qualities: tuple[int, ...]) -> tuple[bytes, tuple[int, int]]:
    """Return the picture as a JPEG of at most so many bytes, and its size: lower quality first, then fewer pixels."""
    while True:
        for quality in qualities:
            jpeg = _jpeg(image, quality)
            if len(jpeg) <= most_bytes:
                return jpeg, image.size
        # Bytes go with the area, a little slower; a tenth more makes the next round the last one nearly always.
        longest = int(max(image.size) * math.sqrt(most_bytes / len(jpeg)) * 0.9)
        image = image.resize(_fitted(image.size, longest), Image.Resampling.LANCZOS)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, comment=b"")
    return file.getvalue()


def _fitted(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return `size` scaled down, if need be, so that its longest side is `longest`."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _factor(size: tuple[int, int], target: tuple[int, int]) -> int:
    """Return the largest whole number by which `size` can be divided without falling below `target`."""
    return max(1, max(size) // max(target))
