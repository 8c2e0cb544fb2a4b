"""The paper round: 1,000 forms in one PDF, and 200 signed sheets that come back as a bad scan.

The pile is made like those of the tests, by other chances: upside down, sideways, askew, pale, dirty, blurred, coarse,
in grey at 150 dpi; between the sheets lie foreign codes, and ten people's sheets are missing. It goes the whole way, to
dossiers that are signed and hold their scan; none may be signed whose sheet was not there. Times are the processor's.
"""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from random import Random

import app
import config
from benchmarks.harness import row
from desk import piles, sheets
from models import Dossier, ScannedSheet, database
from services import accounts
from services.printing import forms_of
from services.sheets import is_kept
from services.typesetting import ROOT
from tests.dossiers import file_one
from tests.paper import as_pdf, pictures, with_code, worn

FORMS, MOST_SECONDS, MOST_GROWTH = 1000, 10, 100
SHEETS, MISSING, FOREIGN, PART = 200, 10, 8, 52
SEED = 740_701
# However busy the machine is.
piles.PATIENCE = 60 * 60
# In a process of its own each, for memory is never given back. Tells bytes, seconds and the most memory that was used.
PRINTED = """
import random, resource, sys, time
from benchmarks.form01 import form
from services.form01 import render_all
numbers = random.Random(7407)
began_at = time.process_time()
size = len(render_all(form(numbers) for _ in range(int(sys.argv[1]))))
print(size, time.process_time() - began_at, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measure() -> Iterator[str]:
    """Printing, then reading."""
    (size, seconds, most), (_size, _seconds, tenth) = _printed(FORMS), _printed(FORMS // 10)
    words = f"{seconds:.1f} s of {MOST_SECONDS}, {_verdict(seconds, MOST_SECONDS)}; {size / FORMS:,.0f} bytes a form"
    yield row(f"{FORMS:,} forms in one PDF", f"{seconds / MOST_SECONDS:.2f}", words)
    growth = (most - tenth) / 1024
    words = f"{growth:.0f} MiB more than for {FORMS // 10}, of {MOST_GROWTH}, {_verdict(growth, MOST_GROWTH)}"
    yield row("  memory", f"{growth / MOST_GROWTH:.2f}", words)
    with tempfile.TemporaryDirectory(prefix="quay-benchmark-") as folder:
        settings = {"QUAY_DATA": folder, "QUAY_CODES_PER_DAY": str(2 * SHEETS)}
        app.create_app(config.read(settings))
        with database.connection_context():
            yield from _read()


def _printed(count: int) -> tuple[float, ...]:
    command = [sys.executable, "-c", PRINTED, str(count)]
    return tuple(map(float, subprocess.check_output(command, cwd=ROOT, text=True).split()))


def _read() -> Iterator[str]:
    numbers = Random(SEED)
    staff = accounts.add("do.luong", "một câu dễ nhớ", "department")
    rows = [file_one(f"09{number:08}", full_name=f"Người {number}") for number in range(SHEETS + MISSING)]
    there = rows[:SHEETS]
    pages = [worn(picture, numbers) for picture in pictures(forms_of(there))]
    pages += [with_code(f"https://example.com/{number}") for number in range(FOREIGN)]
    numbers.shuffle(pages)
    files = [as_pdf(pages[first : first + PART]) for first in range(0, len(pages), PART)]
    began_at = _processor_seconds()
    piles.read(staff, "measured", files)
    seconds = (_processor_seconds() - began_at) / len(pages)
    signed = {row.id for row in Dossier.select().where(Dossier.status == "signed")}
    right = signed & {row.id for row in there}
    filed = sum(is_kept(row) for row in there)
    refused = ScannedSheet.select().where(ScannedSheet.outcome.not_in(sheets.TAKEN)).count()
    words = f"{len(right)} of {SHEETS} signed, {filed} scans filed, {refused} pages refused"
    yield row("200 sheets of a bad scan", f"{len(right) / SHEETS:.2f}", words)
    yield row("  wrong dossiers signed", str(len(signed - right)), _verdict(len(signed - right), 0))
    yield row("  time a page", f"{seconds / 0.25:.2f}", f"{seconds * 1000:.0f} ms of 250, {_verdict(seconds, 0.25)}")


def _processor_seconds() -> float:
    """Of this process and the workers that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _verdict(figure: float, most: float) -> str:
    return "met" if figure <= most else "MISSED"
