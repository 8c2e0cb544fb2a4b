"""A stranger's PDF or photo in, pages out; the only importer of pypdfium2. Runs in the worker process."""

import contextlib
import io
from collections.abc import Iterator
from itertools import chain

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp
from PIL import Image

from services.photos import card, picture
from services.photos.kind import kind_of
from services.photos.limits import LONGEST_SIDE
from services.photos.photo import PhotoRefused
from services.scans.page import MAX_CODES, MAX_PAGES, MAX_TEXT_BYTES, OURS, READ_SIDE, Page, ScanRefused, Why

# Readers find the mark of a PDF also behind some bytes that do not belong there.
_HEAD = 1024
# In points.
SHORTEST_PAGE = 100
# Drawing rounds up, and arithmetic is not exact.
KEPT_SIDE = LONGEST_SIDE - 0.5

_FORMAT = zxingcpp.BarcodeFormat.QRCodeModel2
_BINARIZERS = (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram)


class Scan:
    """An opened file: `len` tells its pages, `page` gives one. Raises `ScanRefused`."""

    def __init__(self, data: bytes):
        self._pdf = self._photo = None
        if b"%PDF-" in data[:_HEAD]:
            self._pdf = _opened(data)
        elif kind_of(data):
            self._photo = data
        else:
            raise ScanRefused(Why.UNKNOWN if data else Why.EMPTY)

    def __len__(self) -> int:
        return len(self._pdf) if self._pdf else 1

    def page(self, number: int) -> Page:
        """The page of this number, from 1; without a picture where it is broken."""
        try:
            # A PDF is drawn twice, which takes a third of the time that making the large picture small does.
            large, small = self._rendered(number - 1) if self._pdf else (_flattened(self._photo),) * 2
        except (PhotoRefused, pypdfium2.PdfiumError, OSError, ValueError, SyntaxError):
            return Page(number, None)
        codes = _codes(large)
        texts = [code.text for code in codes if _is_ours(code.text)]
        kept = picture.finished(_upright(small, codes))
        return Page(number, kept, tuple(dict.fromkeys(texts))[:MAX_CODES], len(texts) < len(codes))

    def _rendered(self, index: int) -> tuple[Image.Image, Image.Image]:
        """The page for the reader, and as it is kept."""
        with contextlib.closing(self._pdf[index]) as page:
            # A side of a few points would be enlarged without end; an A4 page has 842.
            longest = max(*page.get_size(), SHORTEST_PAGE)
            return _drawn(page, READ_SIDE / longest), _drawn(page, KEPT_SIDE / longest)


def _drawn(page: pypdfium2.PdfPage, scale: float) -> Image.Image:
    with contextlib.closing(page.render(scale=scale)) as bitmap:
        return bitmap.to_pil().convert("RGB")


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as problem:
        is_locked = problem.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise ScanRefused(Why.ENCRYPTED if is_locked else Why.BROKEN) from problem
    if not 0 < len(pdf) <= MAX_PAGES:
        raise ScanRefused(Why.TOO_MANY_PAGES if len(pdf) else Why.BROKEN)
    return pdf


def _flattened(data: bytes) -> Image.Image:
    """The photo as it will be kept; our QR has room enough in it."""
    return Image.open(io.BytesIO(picture.prepare(data).jpeg), formats=["JPEG"]).convert("RGB")


def _codes(image: Image.Image) -> list[zxingcpp.Barcode]:
    """All QR codes in the first view of the picture that shows one of ours; else those that were seen at all."""
    grey = card.grey(image)
    foreign = []
    for view in chain([grey], _closer(grey)):
        for binarizer in _BINARIZERS:
            found = zxingcpp.read_barcodes(view, formats=_FORMAT, binarizer=binarizer)
            if any(_is_ours(code.text) for code in found):
                return found
            foreign = foreign or found
    return foreign


def _closer(grey: Image.Image) -> Iterator[Image.Image]:
    """A code that is smeared or grainy; as on the photo of a card, but the busiest place of a form is its code."""
    yield grey.reduce(2)
    yield from card.views(grey)


def _is_ours(text: str) -> bool:
    return text.startswith(OURS) and text.isascii() and len(text) <= MAX_TEXT_BYTES


def _upright(image: Image.Image, codes: list[zxingcpp.Barcode]) -> Image.Image:
    """Turned as our code stands, by quarters."""
    turns = [round(code.orientation / 90) % 4 for code in codes if _is_ours(code.text)]
    return image.rotate(90 * turns[0], expand=True) if turns and turns[0] else image
