"""The desk's figures: how far registrations have come, what moved this week, what waits. Counted anew each time.

What an account may see is part of each count.
"""

from dataclasses import dataclass

from peewee import SQL, fn

from desk import waiting
from desk.dossiers import visible_to
from desk.way import STATES
from models import Dossier, Draft, Envelope, Event, Staff, now

DAY = waiting.DAY
WEEK = 7 * DAY

# Each state with how far it shows a dossier to have come; one that was sent back has its way before it again.
STAGES = ("started", "photos", "submitted", "signed", "filed", "issued")
REACHED = {
    "submitted": "submitted",
    "printed": "submitted",
    "returned": "submitted",
    "signed": "signed",
    "forwarded": "signed",
    "filed": "filed",
    "issued": "issued",
}
NOT_ISSUED = tuple(state for state in STATES if state != "issued")
# What is told of a week: the moves that come to the same for the desk.
TOLD = {
    "submitted": ("submit", "resubmit"),
    "signed": ("sign",),
    "filed": ("file",),
    "issued": ("issue", "confirm"),
    "returned": ("return", "reject"),
}
# In which states a dossier waits for the role; its next move is theirs.
WAITS = {
    "unit": ("submitted", "printed", "signed"),
    "department": ("signed", "forwarded"),
    "admin": ("signed", "forwarded"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """How often dossiers came to a state in the last seven days, and in the seven before."""

    state: str
    lately: int
    before: int


def by_state(staff: Staff) -> dict[str, int]:
    """How many dossiers stand in each state in which there are any."""
    seen = visible_to(staff)
    # Nearly all have their account in the end. What is left over of all is counted sooner than those themselves.
    moving = seen.select(Dossier.status, fn.COUNT(Dossier.id)).where(Dossier.status.in_(NOT_ISSUED))
    counted = dict(moving.group_by(Dossier.status).tuples())
    issued = max(0, seen.select(fn.COUNT(SQL("*"))).scalar() - sum(counted.values()))
    return counted | ({"issued": issued} if issued else {})


def funnel(staff: Staff, counted: dict[str, int]) -> dict[str, int]:
    """How many registrations have come at least as far as each stage; `counted` are the dossiers by state.

    What was withdrawn is left out. A correction is no registration of its own.
    """
    drafts = _drafts(staff)
    only = {"started": drafts.get(False, 0), "photos": drafts.get(True, 0)}
    for state, stage in REACHED.items():
        only[stage] = only.get(stage, 0) + counted.get(state, 0)
    return {stage: sum(only[later] for later in STAGES[place:]) for place, stage in enumerate(STAGES)}


def week(staff: Staff) -> list[Change]:
    """What was done in the last seven days and in the seven before, in the order of the way."""
    at = now()
    lately, before = _moves(staff, at - WEEK, at + 1), _moves(staff, at - 2 * WEEK, at - WEEK)
    return [
        Change(state, *(sum(made.get(move, 0) for move in moves) for made in (lately, before)))
        for state, moves in TOLD.items()
    ]


def overdue(staff: Staff) -> int:
    """How many dossiers the agency has had for too long."""
    return waiting.overdue(visible_to(staff)).count()


def _drafts(staff: Staff) -> dict[bool, int]:
    """How many drafts have their photos, and how many have not."""
    corrections = Envelope.select(Envelope.id).where(Envelope.corrects.is_null(False))
    rows = Draft.select(Draft.has_photos, fn.COUNT(Draft.envelope)).where(Draft.envelope.not_in(corrections))
    if staff.role == "unit":
        rows = rows.where(Draft.unit == staff.unit_id)
    return dict(rows.group_by(Draft.has_photos).tuples())


def _moves(staff: Staff, since: int, until: int) -> dict[str, int]:
    told = [move for moves in TOLD.values() for move in moves]
    rows = Event.select(Event.move, fn.COUNT(Event.id)).where(
        Event.move.in_(told) & (Event.at >= since) & (Event.at < until)
    )
    if staff.role == "unit":
        rows = rows.join(Dossier).where(Dossier.unit == staff.unit_id)
    return dict(rows.group_by(Event.move).tuples())
