"""The audit log as an administrator reads it: newest first, narrowed, page by page."""

from dataclasses import dataclass

from models import Audit, Staff, Unit

PAGE_SIZE = 100
LARGEST_KEY = 2**62


@dataclass(frozen=True, slots=True)
class Filter:
    """What the log is narrowed by; empty values narrow nothing. `since` and `until` are seconds, `until` excluded."""

    actor: str = ""
    action: str = ""
    about: str = ""
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row, with the username of whoever acted, and the name of the account or unit that it is about."""

    row: Audit
    actor_name: str
    about_name: str


@dataclass(frozen=True, slots=True)
class Page:
    """At most `PAGE_SIZE` lines, newest first; `older` is the key of the next page, None on the last one."""

    lines: list[Line]
    older: int | None


def page(chosen: Filter, before: int | None = None) -> Page:
    """The lines that fit, older than the key `before`."""
    query = Audit.select().order_by(Audit.seq.desc())
    wanted = ((Audit.actor, chosen.actor), (Audit.action, chosen.action), (Audit.object, chosen.about))
    for column, value in wanted:
        if value:
            query = query.where(column == value)
    if chosen.since is not None:
        query = query.where(Audit.at >= chosen.since)
    if chosen.until is not None:
        query = query.where(Audit.at < chosen.until)
    if before is not None:
        query = query.where(Audit.seq < max(0, min(before, LARGEST_KEY)))
    rows = list(query.limit(PAGE_SIZE + 1))
    older = rows[PAGE_SIZE - 1].seq if len(rows) > PAGE_SIZE else None
    people = dict(Staff.select(Staff.id, Staff.username).tuples())
    named = {f"staff:{number}": name for number, name in people.items()}
    named |= {f"unit:{number}": name for number, name in Unit.select(Unit.id, Unit.name).tuples()}
    actors = {str(number): name for number, name in people.items()}
    lines = [Line(row, actors.get(row.actor, ""), named.get(row.object, "")) for row in rows[:PAGE_SIZE]]
    return Page(lines, older)
