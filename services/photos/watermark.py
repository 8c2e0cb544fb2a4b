"""A name across a photo, so that a picture taken of the screen tells whose screen it was. Runs in the worker process.

The worker opens no files, so the font is read when this is imported.
"""

import io
import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, JpegImagePlugin

_FONT_FILE = Path(__file__).resolve().parents[2] / "data" / "fonts" / "Tinos-Regular.ttf"
# Raqm, Pillow's other way of setting words, would look for libraries of its own at the first one.
_FONT = ImageFont.truetype(io.BytesIO(_FONT_FILE.read_bytes()), 24, layout_engine=ImageFont.Layout.BASIC)

# In proportion to the longer side: readable on the screen, and no smaller than that on a picture of it.
_LETTERS = 1 / 36
_SMALLEST = 12
_GAP = 1 / 10
_LINES_APART = 4
_SLOPE = 30
# Of 255. White with a dark edge shows on any ground, and the print beneath stays readable.
_WHITE, _BLACK = 90, 70


def marked(jpeg: bytes, text: str) -> bytes:
    """The picture with `text` across it, again and again, as a JPEG of high quality. Raises what a decoder raises."""
    image = JpegImagePlugin.jpeg_factory(io.BytesIO(jpeg)).convert("RGB")
    words = _words(image.size, text)
    edge = Image.new("L", image.size)
    edge.paste(words.point(lambda value: value * _BLACK // 255), (2, 2))
    image.paste((0, 0, 0), mask=edge)
    image.paste((255, 255, 255), mask=words.point(lambda value: value * _WHITE // 255))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, comment=b"")
    return out.getvalue()


def _words(size: tuple[int, int], text: str) -> Image.Image:
    """A sheet of this size, black, with the text in white, sloping and in every part of it."""
    longest = max(size)
    font = _FONT.font_variant(size=max(_SMALLEST, round(longest * _LETTERS)))
    wide = math.ceil(font.getlength(text) + longest * _GAP)
    high = sum(font.getmetrics()) * _LINES_APART
    # Square and as long as the diagonal, so that it covers the picture however it is turned.
    side = math.ceil(math.hypot(*size))
    sheet = Image.new("L", (side, side))
    draw = ImageDraw.Draw(sheet)
    for number, y in enumerate(range(0, side, high)):
        for x in range(-(number % 2) * wide // 2, side, wide):
            draw.text((x, y), text, fill=255, font=font)
    left, above = (side - size[0]) // 2, (side - size[1]) // 2
    return sheet.rotate(_SLOPE, Image.Resampling.BILINEAR).crop((left, above, left + size[0], above + size[1]))
