"""Whole PDFs put together. For files that we have made: a stranger's is opened in a process of its own only."""

import io
from collections.abc import Iterable
from contextlib import ExitStack

import pikepdf
from pikepdf import Dictionary, Name


def merged(pdfs: Iterable[bytes]) -> bytes:
    """All pages in one PDF; a printer that turns paper by itself is asked not to, as each sheet is somebody else's."""
    file = io.BytesIO()
    # All stay open until the whole is saved, for only then is a page copied.
    with ExitStack() as stack:
        whole = stack.enter_context(pikepdf.new())
        for pdf in pdfs:
            for page in stack.enter_context(pikepdf.open(io.BytesIO(pdf))).pages:
                # It points into the tags of its own document, which stay behind.
                if "/StructParents" in page:
                    del page.StructParents
                whole.pages.append(page)
        whole.Root.ViewerPreferences = Dictionary(Duplex=Name.Simplex, PrintScaling=Name("/None"))
        whole.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return file.getvalue()
