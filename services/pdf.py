"""Whole PDFs put together; the only importer of pikepdf. For files that we have made: no stranger's is opened here."""

import io
from collections.abc import Iterable

import pikepdf
from pikepdf import Dictionary, Name


def merged(pdfs: Iterable[bytes]) -> bytes:
    """All pages in one PDF; a printer that turns paper by itself is asked not to, as each sheet is somebody else's."""
    sources = []
    with pikepdf.new() as whole:
        for data in pdfs:
            # Open until the whole is saved, for only then is a page copied.
            sources.append(pikepdf.open(io.BytesIO(data)))
            for page in sources[-1].pages:
                # It points into the tags of the whole document, which stay behind.
                if "/StructParents" in page:
                    del page.StructParents
                whole.pages.append(page)
        whole.Root.ViewerPreferences = Dictionary(Duplex=Name.Simplex, PrintScaling=Name("/None"))
        file = io.BytesIO()
        whole.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    for source in sources:
        source.close()
    return file.getvalue()
