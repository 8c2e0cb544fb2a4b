"""Many dossiers moved by one press: each for itself, so that one that cannot be moved holds up no other."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from desk import requests, way
from desk.dossiers import visible_to
from desk.waiting import FILE
from desk.way import MOVES, Move, MovedOn, NotAllowed
from models import Dossier, Staff, database, locked
from services import audit, history
from services.history import Entry

LARGEST = 1000
# On the page of one dossier its warning is read; among many it is not, so these leave out whoever said stop.
ONWARD = ("print", "sign", "forward", FILE)


@dataclass(frozen=True, slots=True)
class Seen:
    """A dossier as it was ticked: its reference, the state that the page showed, and the number of its last event."""

    reference: str
    status: str
    seq: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a dossier stands after a press; `is_made` when the last thing that happened to it is that very move."""

    row: Dossier
    last: Entry
    is_made: bool


def moves_for(staff: Staff) -> list[Move]:
    """The moves that this account may make of many dossiers at once: those without a reason, which is one person's."""
    return [move for move in MOVES.values() if way.role_of(staff) in move.roles and not move.asks]


def move(staff: Staff, name: str, ticked: Iterable[Seen]) -> None:
    """Make the move on each of the dossiers that still is as it was seen, unless its owner has said stop.

    Raises `NotAllowed` for the move itself.
    """
    if MOVES[name] not in moves_for(staff):
        raise NotAllowed(name)
    seen = {each.reference: each for each in ticked}
    # One commit for all. Held in the order of their ids before the first is moved: others wait at the audit log.
    with database.atomic():
        rows = list(locked(_named(staff, seen)))
        stopped = requests.stopped(rows) if name in ONWARD else {}
        for row in (each for each in rows if each.id not in stopped):
            known = seen[row.reference]
            with suppress(MovedOn):
                way.move(staff, row, name, known.status, seq=known.seq)
        audit.note("bulk")


def outcomes(staff: Staff, name: str, references: Iterable[str]) -> list[Outcome]:
    """Where each of these dossiers stands after the move `name` by this account was tried; first those not moved."""
    found = []
    for row in rows_of(staff, references):
        last = history.entries(row)[-1]
        found.append(Outcome(row, last, (last.move, last.staff) == (name, staff.username)))
    return sorted(found, key=lambda outcome: outcome.is_made)


def rows_of(staff: Staff, references: Iterable[str]) -> list[Dossier]:
    """The dossiers with these references that the account may see, at most `LARGEST`, in the order of their ids."""
    return list(_named(staff, references))


def _named(staff: Staff, references: Iterable[str]):
    chosen = list(references)[:LARGEST]
    return visible_to(staff).where(Dossier.reference.in_(chosen)).order_by(Dossier.id)
