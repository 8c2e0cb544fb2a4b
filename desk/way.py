"""The way of a dossier after its submission: every state and every move, each declared once.

A move is made in one transaction with its event, by somebody who may make it, from the state that they saw. Of two
people who move the same dossier the second is told what the first has done; nothing is ever moved twice.
"""

from dataclasses import dataclass

from desk import lines
from desk.dossiers import visible_to
from desk.lines import FILEABLE, FILED
from desk.waiting import FILE
from models import Dossier, Staff, database, locked
from services import audit, history, news, submissions
from services.history import APPLICANT, STAFF, Entry, Note

UNIT, DEPARTMENT, ADMIN = "unit", "department", "admin"
EVERYBODY_OF_HR = frozenset({UNIT, DEPARTMENT, ADMIN})
DEPARTMENT_AND_ADMIN = frozenset({DEPARTMENT, ADMIN})

STATES = ("submitted", "printed", "signed", "forwarded", "filed", "issued", "returned", "withdrawn")
# Of these the agency has nothing yet.
UNFILED = ("submitted", "printed", "signed", "forwarded", "returned")
OPEN = ("submitted", "printed", "signed", "forwarded", "filed", "returned")


@dataclass(frozen=True, slots=True)
class Move:
    """An edge of the graph: from any of `sources` to `target`, for these roles; an empty source is no dossier yet."""

    name: str
    sources: tuple[str, ...]
    target: str
    roles: frozenset[str]
    # Whether HR is asked for a reason.
    asks: bool = False


MOVES = {
    move.name: move
    for move in (
        Move(history.SUBMIT, ("",), "submitted", frozenset({APPLICANT})),
        Move(history.RESUBMIT, submissions.CORRECTABLE, "submitted", frozenset({APPLICANT})),
        Move("print", ("submitted",), "printed", EVERYBODY_OF_HR),
        # A returned dossier may only have lacked its signature.
        Move("sign", ("submitted", "printed", "returned"), "signed", EVERYBODY_OF_HR),
        Move("forward", ("signed",), "forwarded", EVERYBODY_OF_HR),
        Move(FILE, FILEABLE, FILED, DEPARTMENT_AND_ADMIN),
        Move("issue", ("filed",), "issued", DEPARTMENT_AND_ADMIN),
        # The applicant knows first, and may have the account by another way.
        Move("confirm", OPEN, "issued", frozenset({APPLICANT})),
        Move("return", ("submitted", "printed", "signed", "forwarded"), "returned", EVERYBODY_OF_HR, asks=True),
        Move("reject", ("filed",), "returned", DEPARTMENT_AND_ADMIN, asks=True),
        # A mark that was set by mistake.
        Move("reset", ("printed", "signed", "forwarded", "filed", "issued"), "submitted", DEPARTMENT_AND_ADMIN),
        Move("withdraw", OPEN, "withdrawn", frozenset({APPLICANT, DEPARTMENT, ADMIN}), asks=True),
    )
}


class NotAllowed(Exception):
    """This role does not make this move, or does not see this dossier."""


class MovedOn(Exception):
    """The dossier is not where the mover saw it, or the move does not lead on from there.

    `status` is where it stands, `last` the event that brought it there.
    """

    def __init__(self, status: str, last: Entry):
        super().__init__(status)
        self.status = status
        self.last = last


def role_of(mover: Staff | str) -> str:
    """Of an account its role; the applicant is a role of their own."""
    return mover.role if isinstance(mover, Staff) else mover


def moves_for(mover: Staff | str, status: str) -> list[Move]:
    """The moves that lead on from this state for an account (or for `APPLICANT`), in the order of the graph."""
    return [move for move in MOVES.values() if status in move.sources and role_of(mover) in move.roles]


def move(
    mover: Staff | str, dossier: Dossier, name: str, expected: str, note: Note | None = None, seq: int | None = None
) -> Dossier:
    """Make the move `name` on a dossier that was seen in the state `expected`; give the dossier as it is then.

    `seq` is the number of the last event that the mover saw, where they saw the history: the state alone may have been
    left and reached again. Raises `NotAllowed`, and `MovedOn` when nothing was moved.
    """
    chosen = MOVES[name]
    with database.atomic():
        row = _hold(mover, dossier)
        if role_of(mover) not in chosen.roles:
            raise NotAllowed(name)
        is_as_seen = row.status == expected and seq in (None, history.last_seq(row))
        if not is_as_seen or row.status not in chosen.sources:
            raise MovedOn(row.status, history.entries(row)[-1])
        staff = mover if isinstance(mover, Staff) else None
        history.write(row, name, STAFF if staff else mover, staff, note)
        seq, before = history.last_seq(row), row.status
        row.status = chosen.target
        row.save(only=[Dossier.status])
        lines.follow(row, seq)
        news.tell(row, name, before, seq)
        audit.note("move", row.reference)
    return row


def reason(entries: list[Entry]) -> Entry | None:
    """The event that returned the dossier last; None where it never was."""
    return next((entry for entry in reversed(entries) if MOVES[entry.move].target == "returned"), None)


def count_unfiled(agency_code: str) -> int:
    """How many dossiers are still to be filed at this agency."""
    return Dossier.select().where(Dossier.status.in_(UNFILED) & (Dossier.agency_code == agency_code)).count()


def _hold(mover: Staff | str, dossier: Dossier) -> Dossier:
    seen = visible_to(mover) if isinstance(mover, Staff) else Dossier.select()
    row = locked(seen.where(Dossier.id == dossier.id)).first()
    if row is None:
        raise NotAllowed(dossier.reference)
    return row
