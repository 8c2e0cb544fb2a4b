"""Reads the QR codes of cards in a picture; the product's only importer of zxing-cpp.

It belongs in the photo worker, where pictures that strangers send are decoded, and needs no file once it is imported.
A picture in which nothing is found at once is looked at in other ways (`services.photos.card`) for a bounded time. The
wrong text never comes out for a bad picture: a QR code corrects its errors or is not read, and what no card says is not
given to anyone.
"""

import time
from collections.abc import Iterator

import zxingcpp

from services import idcard
from services.photos import card

# Processor time after which no further view is begun; the costliest takes 80 ms on a slow core. It is counted for this
# thread alone, so that a busy machine does not make photos unreadable.
SECONDS = 0.17

# The smallest QR code has 21 modules.
LEAST_SIDE = 21

# Micro QR codes are found in mere noise, and no card has one.
_FORMAT = zxingcpp.BarcodeFormat.QRCodeModel2
_LOCAL, _GLOBAL = zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram


def read(image) -> list[str]:
    """The texts of the cards in a Pillow image, each of which `idcard.parse` understands; mostly one or none."""
    began = time.thread_time()
    if min(image.size) < LEAST_SIDE:
        return []
    image = card.grey(image)
    found = _cards(zxingcpp.read_barcodes(image, formats=_FORMAT))
    views = card.views(image)
    while not found and time.thread_time() - began < SECONDS and (view := next(views, None)):
        found = _cards(_looked_at(view))
    return found


def _looked_at(view) -> Iterator[zxingcpp.Barcode]:
    for binarizer in (_GLOBAL, _LOCAL):
        yield from zxingcpp.read_barcodes(view, formats=_FORMAT, binarizer=binarizer, try_invert=False)


def _cards(codes) -> list[str]:
    return list(dict.fromkeys(text for text in map(_text, codes) if idcard.parse(text)))


def _text(code: zxingcpp.Barcode) -> str:
    """What the code says. Cards are written in UTF-8 and do not say so; left to guess, readers are at times wrong."""
    try:
        return code.bytes.decode("utf-8")
    except UnicodeDecodeError:
        return code.text
