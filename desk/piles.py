"""A pile of scanned files, read by a thread of its own: however slow the machine is, every page gets its turn.

Whoever handed it in waits a little, which is enough for most piles, and else looks how far it is; what is read is filed
page by page. A pile whose server was stopped says so, and what is left of it is handed in again.
"""

import logging
import threading
from concurrent.futures import Future

from desk import sheets
from models import Pile, Staff, database, now
from services import audit, scans
from services.scans import ScanRefused, Why

log = logging.getLogger(__name__)

# Seconds that an answer waits. Servers in front of ours wait for a minute.
PATIENCE = 20
# Longer than any page, and any turn, takes.
SILENCE = 3 * 60


def read(staff: Staff, name: str, files: list[bytes]) -> dict[int, Why] | None:
    """Read these files as the pile of this name, and take every sheet on every page.

    Gives, by number from 1, why a file was refused; None when reading goes on after `PATIENCE`. Raises
    `photos.WorkerDoesNotStart`.
    """
    Pile.create(name=name, staff=staff, files=len(files))
    done: Future = Future()
    threading.Thread(target=_work, args=(done, staff, name, files), name="pile", daemon=True).start()
    try:
        return done.result(PATIENCE)
    except TimeoutError:
        return None


def under_way(staff: Staff, name: str) -> Pile | None:
    """How far the reading of this pile is, or where it was interrupted; None when it is done, or not to be seen."""
    row = Pile.get_or_none(Pile.name == name)
    may_see = row and (staff.role != "unit" or row.staff_id == staff.id or sheets.pile(staff, name))
    return row if may_see else None


def is_interrupted(row: Pile) -> bool:
    """Whether nobody reads on: the server was stopped, or something failed."""
    return row.heard_at < now() - SILENCE


def _work(done: Future, staff: Staff, name: str, files: list[bytes]) -> None:
    audit.begin(str(staff.id))
    try:
        with database.connection_context():
            try:
                refused = _read(staff, name, files)
            except Exception:
                _tell(name, heard_at=now() - SILENCE - 1)
                raise
            Pile.delete_by_id(name)
    except Exception as problem:
        # Not in its own words: they may quote what is not for the log.
        log.error("reading a pile failed: %s", type(problem).__name__)
        done.set_exception(problem)
    else:
        done.set_result(refused)


def _read(staff: Staff, name: str, files: list[bytes]) -> dict[int, Why]:
    refused = {}
    for number, data in enumerate(files, start=1):
        _tell(name, file=number, page=0, pages=0)
        try:
            for page in scans.read(data):
                sheets.take_page(staff, name, number, page)
                _tell(name, page=page.number, pages=page.count)
        except ScanRefused as problem:
            refused[number] = problem.why
            sheets.note_refused(staff, name, number, problem.why)
    return refused


def _tell(name: str, **values: int) -> None:
    Pile.update({"heard_at": now(), **values}).where(Pile.name == name).execute()
