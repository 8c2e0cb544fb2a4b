"""A stranger's PDF in, what is to be known of it out. Runs in the worker process."""

import contextlib
import io

import pikepdf
import pypdfium2

from services.official.blank import MAX_PAGES, Blank
from services.official.why import NoBlank, Why
from services.photos import picture
from services.photos.limits import LONGEST_SIDE

# In points: a side of a few would be enlarged without end, and an A4 page has 842.
SHORTEST_PAGE = 100
# What a viewer would run, send, play or open when it shows the page or somebody presses on it (ISO 32000-2, 12.6.4);
# a link to a page of the web or of the file is none of them.
_ACTIONS = {
    *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/Movie", "/Sound"),
    *("/RichMediaExecute", "/GoTo3DView"),
}
_ANNOTATIONS = {"/RichMedia", "/Screen", "/Movie", "/Sound", "/3D", "/FileAttachment"}
# Scripts, attached files, and forms of a second kind, which hold scripts of their own.
_KEYS = {"/JS", "/JavaScript", "/EF", "/EmbeddedFiles", "/XFA"}


def looked_at(data: bytes) -> Blank:
    """What this file is. Raises `NoBlank`."""
    pages = _pages(data)
    return Blank(pages, _thumbnail(data))


def _pages(data: bytes) -> int:
    """How many pages there are, of a file that is whole and does nothing by itself."""
    try:
        # A file that first has to be mended is not what the portal made.
        pdf = pikepdf.open(io.BytesIO(data), attempt_recovery=False)
    except pikepdf.PasswordError as problem:
        raise NoBlank(Why.ENCRYPTED) from problem
    except (pikepdf.PdfError, RuntimeError) as problem:
        # Where the worker may open no file, it cannot load what would decrypt.
        raise NoBlank(Why.ENCRYPTED if b"/Encrypt" in data else Why.BROKEN) from problem
    with pdf:
        if pdf.is_encrypted:
            raise NoBlank(Why.ENCRYPTED)
        count = len(pdf.pages)
        if not count:
            raise NoBlank(Why.NO_PAGE)
        if count > MAX_PAGES:
            raise NoBlank(Why.TOO_MANY_PAGES)
        if any(_acts(each) for each in pdf.objects):
            raise NoBlank(Why.ACTIVE)
    return count


def _acts(thing: pikepdf.Object) -> bool:
    """Whether it, or what stands in it, is more than something to be shown."""
    waiting = [thing]
    while waiting:
        each = waiting.pop()
        if isinstance(each, pikepdf.Array):
            waiting += [part for part in each if _stands_here(part)]
        elif isinstance(each, (pikepdf.Dictionary, pikepdf.Stream)):
            if _is_active(each):
                return True
            waiting += [part for _key, part in each.items() if _stands_here(part)]
    return False


def _stands_here(part) -> bool:
    """Whether it is an object that is not listed by itself."""
    return isinstance(part, pikepdf.Object) and not part.is_indirect


def _is_active(each: pikepdf.Object) -> bool:
    return (
        bool(_KEYS.intersection(each.keys()))
        or _name(each, "/S") in _ACTIONS
        or _name(each, "/Subtype") in _ANNOTATIONS
    )


def _name(each: pikepdf.Object, key: str) -> str:
    value = each.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _thumbnail(data: bytes) -> bytes:
    """The first page, small: that it can be drawn is the proof that it opens."""
    with contextlib.closing(pypdfium2.PdfDocument(data)) as pdf, contextlib.closing(pdf[0]) as page:
        scale = (LONGEST_SIDE - 0.5) / max(*page.get_size(), SHORTEST_PAGE)
        with contextlib.closing(page.render(scale=scale)) as bitmap:
            return picture.finished(bitmap.to_pil().convert("RGB")).thumbnail
