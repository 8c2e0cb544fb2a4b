"""Where on a photo the QR code of a card may stand, and how to make a bad picture of it readable.

Like everything here that touches pixels this belongs in the worker process. The figures were found by trial on photos
that `tests/cards.py` makes, other ones than the tests read; `benchmarks/cards.py` measures what they bring.
"""

from collections.abc import Iterator

from PIL import Image, ImageChops, ImageFilter

# More pixels than this bring time, not readings.
LONGEST_SIDE = 2400

# A card that fills the photo has its code on an eighth to a fifth of the width. The part that is looked at more closely
# is larger, since the code is rarely in the middle of it, and is brought to one size, so that a module of the code has
# about four pixels.
_PART = 0.32
_PART_SIDE = 512
_PARTS = 2

# The search for busy places works on a picture this small, and on squares of this part of its longest side.
_SEARCH_SIDE = 800
_BUSY = 0.1
_CELL = 4
_LEAST_BUSY = 3


def grey(image: Image.Image) -> Image.Image:
    """The picture in grey, and not too large."""
    image = image.convert("L")
    scale = LONGEST_SIDE / max(image.size)
    if scale < 1:
        image = image.resize([max(1, round(side * scale)) for side in image.size], Image.Resampling.BOX)
    return image


def views(image: Image.Image) -> Iterator[Image.Image]:
    """Ever more costly ways to look at a grey picture in which no code was found as it is."""
    parts = list(_busy_parts(image))
    for part in parts:
        yield part
        # Grain is blurred away; what the lens or a moving hand smeared is taken back; and one after the other.
        yield part.filter(ImageFilter.GaussianBlur(0.8))
        yield part.filter(ImageFilter.UnsharpMask(2, 200, 0))
        yield part.filter(ImageFilter.GaussianBlur(1.3)).filter(ImageFilter.UnsharpMask(2, 200, 0))
    for part in parts[:1]:
        yield _unblurred(part, 2)
        # The card was far away, or more than a module is smeared: more pixels for each module.
        yield _enlarged(part, 2)
        yield _enlarged(part, 3).filter(ImageFilter.UnsharpMask(6, 600, 0))
    # The code fills the picture, or nothing was found in it.
    yield image.filter(ImageFilter.UnsharpMask(3, 300, 0))


def _busy_parts(image: Image.Image) -> Iterator[Image.Image]:
    """The squares with the most light and dark side by side, the busiest first: no print is as dense as a code."""
    factor = max(1, max(image.size) // _SEARCH_SIDE)
    small = image.reduce(factor)
    fine, coarse = small.filter(ImageFilter.BoxBlur(1)), small.filter(ImageFilter.BoxBlur(5))
    busy = ImageChops.difference(fine, coarse).reduce(_CELL)
    reach = max(1, round(_BUSY * max(busy.size) / 2))
    busy = busy.filter(ImageFilter.BoxBlur(reach))
    for _ in range(_PARTS):
        most = busy.getextrema()[1]
        if most < _LEAST_BUSY:
            return
        box = busy.point(lambda value, most=most: 255 if value == most else 0).getbbox()
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        yield _square(image, x * _CELL * factor, y * _CELL * factor)
        busy.paste(0, tuple(round(value) for value in (x - 2 * reach, y - 2 * reach, x + 2 * reach, y + 2 * reach)))


def _square(image: Image.Image, x: float, y: float) -> Image.Image:
    half = _PART * max(image.size) / 2
    part = image.crop(
        (
            max(0, round(x - half)),
            max(0, round(y - half)),
            min(image.width, round(x + half)),
            min(image.height, round(y + half)),
        )
    )
    scale = _PART_SIDE / (2 * half)
    return part.resize([max(1, round(side * scale)) for side in part.size], Image.Resampling.LANCZOS)


def _enlarged(image: Image.Image, times: int) -> Image.Image:
    return image.resize((image.width * times, image.height * times), Image.Resampling.BICUBIC)


def _unblurred(image: Image.Image, radius: float) -> Image.Image:
    """The picture that would look like this one if it were blurred, nearly: what is amiss is added, a few times."""
    guess = image
    for _ in range(4):
        amiss = ImageChops.subtract(image, guess.filter(ImageFilter.GaussianBlur(radius)), 1, 128)
        guess = ImageChops.add(guess, amiss, 1, -128)
    return guess
