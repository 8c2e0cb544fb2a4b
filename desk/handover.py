"""What goes to the agency with a batch: the cover list, the forms on paper, the files with their checksums."""

import csv
import hashlib
import io
from collections.abc import Iterator

from desk import batches
from models import Batch, BatchLine, Dossier, Photo, now
from services import agencies, coverlist, submissions
from services.coverlist import CoverList, Line
from services.days import local
from services.pdf import merged
from services.printing import form01_of, forms_of
from services.spreadsheets import harmless

MANIFEST_NAME = "manifest.csv"


def cover(batch: Batch, company: str, results: dict[str, str]) -> CoverList:
    """The cover list of the batch; `results` are the words for what came of a line."""
    agency = agencies.find(batch.agency_code)
    return CoverList(
        number=batch.number,
        company=company,
        agency=agency.name if agency else batch.agency_code,
        place=agency.province_name if agency else "",
        day=local(batch.filed_at or now()).date(),
        lines=tuple(_line(line, results) for line in batches.lines(batch) if line.dossier),
    )


def to_print(batch: Batch, listed: CoverList) -> bytes:
    """The cover list and every Form 01 as one PDF, in the order of the list."""
    rows = [line.dossier for line in batches.lines(batch) if line.dossier]
    return merged([coverlist.render(listed), forms_of(rows)])


def files(batch: Batch, headings: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file, opened one at a time; at the end `manifest.csv`.

    No name of a file says who it is about. The manifest has a line for each file: number on the list, reference, name,
    file, bytes, SHA-256; `headings` are its first line.
    """
    manifest = io.StringIO()
    table = csv.writer(manifest)
    table.writerow(headings)
    held = BatchLine.select(BatchLine.dossier).where((BatchLine.batch == batch) & BatchLine.dossier.is_null(False))
    for number, key in enumerate([line.dossier_id for line in held.order_by(BatchLine.id)], 1):
        # Read only now: the batch may take minutes to send, and somebody may be deleted meanwhile.
        row = Dossier.get_or_none(Dossier.id == key)
        for name, data in _files(row) if row else ():
            digest = hashlib.sha256(data).hexdigest()
            table.writerow([number, row.reference, harmless(row.full_name), name, len(data), digest])
            yield name, data
    # With the mark by which spreadsheet programs know UTF-8.
    yield MANIFEST_NAME, manifest.getvalue().encode("utf-8-sig")


def _files(row: Dossier) -> Iterator[tuple[str, bytes]]:
    yield f"{row.reference}-form01.pdf", form01_of(row)
    kinds = Photo.select(Photo.kind).where(Photo.envelope == row.envelope_id).order_by(Photo.id)
    for kind in [photo.kind for photo in kinds]:
        if picture := submissions.photo(row, kind):
            yield f"{row.reference}-{kind}.jpg", picture


def _line(line: BatchLine, results: dict[str, str]) -> Line:
    row = line.dossier
    given = {name: value for answer in submissions.open_dossier(row).answers.values() for name, value in answer.items()}
    return Line(
        reference=row.reference,
        full_name=row.full_name,
        social_insurance_code=given.get("social_insurance_code", ""),
        id_number=given.get("id_number", ""),
        phone=given.get("phone", ""),
        result=results.get(line.result, "") if line.result else "",
    )
