"""Spreadsheets: what others filled in is read as plain words, what the desk hands out can be opened without harm.

`read` takes XLSX or CSV, judged by content, and gives rows of text; a formula is never worked out, only pointed out.
`write` gives XLSX in which no cell can begin a formula. Both work in memory alone: a list of people must not lie in a
temporary file. The only importer of openpyxl and XlsxWriter.
"""

from services.spreadsheets.reading import Refused, Row, Why, read
from services.spreadsheets.writing import Column, harmless, write

__all__ = ["Column", "Refused", "Row", "Why", "harmless", "read", "write"]
