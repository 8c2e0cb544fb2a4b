"""Scans: a PDF or a photo of signed sheets becomes pages, each with a small JPEG and what its QR codes say.

`read` is the whole of it. A file is opened in a process of its own (`worker`, `pages`), which has little memory, little
time and no files, and which ends with the file; this process opens none. Nothing touches the disk.
"""

from services.scans.page import MAX_PAGES, Page, ScanRefused, Why
from services.scans.reading import read

__all__ = ["MAX_PAGES", "Page", "ScanRefused", "Why", "read"]
