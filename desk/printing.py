"""Forms printed many at a time, and whose signed sheet is still missing.

A printing remembers which revision of which dossier it holds, so that only what lies in the printer is marked printed.
"""

from collections.abc import Iterable

from peewee import JOIN, fn

from desk import requests, way
from desk.dossiers import LARGEST_KEY, visible_to
from models import Dossier, PrintedSheet, Printing, Staff, Unit, database, locked

# Before somebody's signature is in; a returned dossier waits for its owner.
UNSIGNED = ("submitted", "printed")
# The most forms in one file: a ream of paper twice over.
MOST = 1000
AT_ONCE = 50
# In place of a unit's key: those who belong to none.
NO_UNIT = 0


class NothingToPrint(Exception):
    """None of the dossiers is there any more, or all of them have to be left alone."""


def unsigned(staff: Staff, status: str = "", unit: int | None = None):
    """The query of dossiers whose signed sheet is missing, each with its unit, oldest first.

    `status` is one of `UNSIGNED`, empty for both; `unit` the key of one, or `NO_UNIT`; None for all.
    """
    query = _with_units(visible_to(staff)).where(Dossier.status.in_([status] if status in UNSIGNED else UNSIGNED))
    if unit is not None:
        # Not every number that an address can hold fits into the database.
        key = max(0, min(unit, LARGEST_KEY - 1))
        query = query.where(Dossier.unit == key if key != NO_UNIT else Dossier.unit.is_null())
    return query.order_by(Dossier.id)


def missing_by_unit(staff: Staff) -> list[tuple[int, str, int]]:
    """Of each unit in which signed sheets are missing: its key (or `NO_UNIT`), its name, and how many."""
    query = unsigned(staff).select(Unit.id, Unit.name, fn.COUNT(Dossier.id)).order_by(Unit.name)
    return [(key or NO_UNIT, name or "", count) for key, name, count in query.group_by(Unit.id, Unit.name).tuples()]


def begin(staff: Staff, rows: Iterable[Dossier]) -> int:
    """Put the forms of these dossiers together; gives the number of the printing.

    Those with which nothing more is to be done are left out. Raises `NothingToPrint`.
    """
    rows = list(rows)[:MOST]
    stopped = requests.stopped(rows)
    with database.atomic():
        printing = Printing.create(staff=staff)
        lines = [
            {"printing": printing, "dossier": row, "revision": row.revision} for row in rows if row.id not in stopped
        ]
        if not lines:
            raise NothingToPrint
        PrintedSheet.insert_many(lines).execute()
    return printing.id


def chosen(staff: Staff, references: Iterable[str]):
    """The query of those of the unsigned dossiers that are named."""
    return unsigned(staff).where(Dossier.reference.in_(list(references)[:MOST]))


def sheets(staff: Staff, number: int) -> list[PrintedSheet]:
    """The sheets of a printing whose dossiers this account may see, each with its dossier, as they lie in the pile.

    Ordered by unit, then by name. Empty where there is no such printing.
    """
    query = PrintedSheet.select(PrintedSheet, Dossier, Unit).join(Dossier).join(Unit, JOIN.LEFT_OUTER)
    is_seen = Dossier.id.in_(visible_to(staff).select(Dossier.id))
    query = query.where(is_seen & (PrintedSheet.printing == min(number, LARGEST_KEY - 1)))
    return list(query.order_by(fn.COALESCE(Unit.name, ""), Dossier.search_name, Dossier.id))


def mark_printed(staff: Staff, number: int) -> None:
    """Move every dossier of the printing on that still waits for its print, was not sent anew and is to go on."""
    lines = sorted(sheets(staff, number), key=lambda line: line.dossier_id)
    # Some at a time: not a disk's wait for each, and nobody else kept waiting for all.
    for some in (lines[first : first + AT_ONCE] for first in range(0, len(lines), AT_ONCE)):
        revisions = {line.dossier_id: line.revision for line in some}
        with database.atomic():
            rows = list(locked(Dossier.select().where(Dossier.id.in_(list(revisions))).order_by(Dossier.id)))
            stopped = requests.stopped(rows)
            for row in rows:
                if row.status == "submitted" and row.revision == revisions[row.id] and row.id not in stopped:
                    way.move(staff, row, "print", row.status)


def _with_units(query):
    return query.select(Dossier, Unit).join(Unit, JOIN.LEFT_OUTER, on=(Dossier.unit == Unit.id))
