"""How long the agency has had a dossier: 2 to 5 days, counted from filing; nobody promises working days."""

from collections.abc import Iterable

from desk.lines import FILED
from models import Dossier, Event, now
from services.history import Entry

FILE = "file"
FIRST_DAY, LAST_DAY = 2, 5
DAY = 24 * 60 * 60


def filed_at(entries: list[Entry]) -> int | None:
    """The second at which the dossier was filed last; None where it never was."""
    return next((entry.at for entry in reversed(entries) if entry.move == FILE), None)


def is_overdue(row: Dossier, entries: list[Entry]) -> bool:
    """Whether the agency has had the dossier for more than `LAST_DAY` days without an answer."""
    return row.status == FILED and filed_at(entries) < _limit()


def overdue(query):
    """The query of dossiers, narrowed to those that are overdue."""
    # The few that were filed lately, rather than when each of all was filed last.
    lately = Event.select(Event.dossier).where((Event.move == FILE) & (Event.at >= _limit()))
    return query.where((Dossier.status == FILED) & Dossier.id.not_in(lately))


def overdue_among(rows: Iterable[Dossier]) -> set[int]:
    """The ids of those of the dossiers that are overdue."""
    filed = [row.id for row in rows if row.status == FILED]
    return {row.id for row in overdue(Dossier.select(Dossier.id).where(Dossier.id.in_(filed)))} if filed else set()


def _limit() -> int:
    return now() - LAST_DAY * DAY
