"""A batch of 1,000 dossiers as one ZIP: the first byte within a second, and no more memory for 1,000 than for 100.

Forms are typeset and photos (three of 60 kB each) unsealed one after the other while the ZIP is sent, by the view that
HR's browser asks. Memory is what the process holds resident; the baseline is the most of it during the first hundred.
"""

import os
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from flask import Flask

from benchmarks.harness import row
from benchmarks.installation import in_process
from desk import batches
from models import Dossier, Photo, Staff, database
from services import accounts, code_limits, vault
from tests import dossiers
from tests.answers import KINDS
from tests.browser import Browser

COUNT = 1000
FIRST = 100
PHOTO = 60_000
FIRST_BYTE_SECONDS = 1.0
PASSWORD = "một câu dễ nhớ"


def measure() -> Iterator[str]:
    """The wait for the first byte, the whole time, and memory."""
    with in_process() as (app, _folder):
        with database.connection_context():
            batch = _batch()
        desk = _signed_in(app)
        before = _resident()
        waited, taken, held, size, names = _download(desk, f"/staff/batches/{batch.id}/files.zip")
        verdict = "met" if waited <= FIRST_BYTE_SECONDS else "MISSED"
        yield row("first byte of the ZIP", f"{waited / FIRST_BYTE_SECONDS:.2f}", f"{waited:.2f} s of 1 s, {verdict}")
        yield row("  the whole of it", f"{taken:.0f} s", f"{names} files, {size / 1e6:.0f} MB")
        early, late = max(held[: len(held) * FIRST // COUNT]), max(held)
        yield row(
            "  memory, against the first hundred", f"{late / early:.2f}", f"{late:.0f} MB; {before:.0f} MB before"
        )


def _batch():
    """A batch of `COUNT` signed dossiers, each with its own envelope."""
    accounts.add("phong", PASSWORD, "department")
    code_limits.use(2 * COUNT)
    for number in range(COUNT):
        row = dossiers.file_one(f"09{number:08}", full_name=f"Nguyễn Thị Hồng {number}")
        for kind in KINDS["adult"]:
            sealed = vault.seal(row.envelope, f"photo.{kind}", os.urandom(PHOTO))
            Photo.update(image=sealed).where((Photo.envelope == row.envelope_id) & (Photo.kind == kind)).execute()
    Dossier.update(status="signed").execute()
    return batches.gather(Staff.get(), batches.ready(Staff.get())).batches[0]


def _signed_in(app: Flask):
    desk = Browser(app).open("/staff/sign-in").submit({"username": "phong", "password": PASSWORD})
    return desk.client


def _download(client, path: str) -> tuple[float, float, list[float], int, int]:
    """Seconds until the first byte and the last, memory at each piece, bytes, and the number of files."""
    began_at = time.monotonic()
    answer = client.get(path, buffered=False)
    waited, size, held, tail = 0.0, 0, [], b""
    for piece in answer.iter_encoded():
        waited = waited or time.monotonic() - began_at
        size += len(piece)
        held.append(_resident())
        # The directory of a ZIP stands at its end.
        tail = (tail + piece)[-1_000_000:]
    with zipfile.ZipFile(BytesIO(tail)) as whole:
        names = len(whole.namelist())
    return waited, time.monotonic() - began_at, held, size, names


def _resident() -> float:
    """Megabytes that this process holds in memory."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
