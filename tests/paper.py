"""Sheets of paper: forms as a scanner or a phone sees them after they were signed, the worse the harder."""

import io
from collections.abc import Iterable, Iterator
from random import Random

import pypdfium2
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from tests.cards import qr

DPI = 150


def pictures(pdf: bytes, dpi: int = DPI) -> Iterator[Image.Image]:
    """Each page of a PDF in grey."""
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            yield page.render(scale=dpi / 72).to_pil().convert("L")


def signed(image: Image.Image) -> Image.Image:
    """With a signature that also runs through the code, as hasty people's do."""
    image = image.copy()
    width, height = image.size
    line = [(width * x, height * y) for x, y in ((0.6, 0.72), (0.66, 0.69), (0.68, 0.74), (0.75, 0.7), (0.82, 0.73))]
    ImageDraw.Draw(image).line(line, fill=60, width=3)
    return image


def worn(image: Image.Image, numbers: Random) -> Image.Image:
    """One of the ways in which scans are bad, by chance but the same each time."""
    image = signed(image)
    wear = numbers.choice(("plain", "upside down", "sideways", "askew", "pale", "dirty", "blurred", "coarse"))
    if wear in {"upside down", "sideways"}:
        return image.rotate({"upside down": 180, "sideways": numbers.choice((90, 270))}[wear], expand=True)
    if wear == "askew":
        return image.rotate(numbers.uniform(-8, 8), Image.Resampling.BILINEAR, expand=True, fillcolor=230)
    if wear == "pale":
        return ImageEnhance.Contrast(image).enhance(0.35)
    if wear == "dirty":
        return _dirty(image, numbers)
    if wear == "blurred":
        return image.filter(ImageFilter.GaussianBlur(numbers.uniform(0.8, 2.2)))
    if wear == "coarse":
        half = image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX)
        return half.resize(image.size, Image.Resampling.BICUBIC)
    return image


def as_pdf(images: Iterable[Image.Image], dpi: int = DPI, quality: int = 60) -> bytes:
    """A PDF as office scanners make them: one JPEG on each page."""
    first, *others = images
    file = io.BytesIO()
    first.save(file, "PDF", save_all=True, append_images=others, resolution=dpi, quality=quality)
    return file.getvalue()


def as_jpeg(image: Image.Image, quality: int = 80) -> bytes:
    """A photo."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def with_code(text: str) -> Image.Image:
    """A sheet of somebody else's, with a QR code of theirs."""
    page = Image.new("L", (1240, 1754), 255)
    page.paste(qr(text).resize((300, 300)), (200, 1300))
    return page


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    """Two sheets in one picture."""
    both = Image.new("L", (left.width + right.width, max(left.height, right.height)), 255)
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return both


def _dirty(image: Image.Image, numbers: Random) -> Image.Image:
    noise = Image.frombytes("L", image.size, numbers.randbytes(image.width * image.height))
    return Image.blend(image, noise, 0.25)
