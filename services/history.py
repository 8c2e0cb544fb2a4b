"""What has happened to a dossier: its events, numbered, written once and never changed.

Which event may follow which state is for `desk.way` to say; what is written here is kept in the transaction that also
changes the dossier's status. A note is sealed with the dossier's envelope and dies with it.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from peewee import fn

from models import Dossier, Envelope, Event, Staff
from services import vault

# The two moves that an applicant makes with the content of a dossier.
SUBMIT = "submit"
RESUBMIT = "resubmit"

STAFF = "staff"
APPLICANT = "applicant"
# The applicant, for whom somebody of HR filled it in.
ASSISTED = "assisted"
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Note:
    """What whoever moved the dossier had to say: words, the names of reasons, and of the steps to correct.

    `read_out` of a submission: whoever filled it in for the applicant has seen the code that confirmed it.
    """

    text: str = ""
    reasons: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    read_out: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, its note unsealed; `staff` is empty unless somebody of HR did it or helped."""

    seq: int
    at: int
    who: str
    staff: str
    move: str
    note: Note


def write(dossier: Dossier, move: str, who: str, staff: Staff | None = None, note: Note | None = None) -> None:
    """Add an event to a dossier that is held by the caller's transaction."""
    Event.create(
        dossier=dossier,
        seq=last_seq(dossier) + 1,
        who=who,
        staff=staff,
        move=move,
        note=_sealed(dossier.envelope, note) if note and note != Note() else None,
    )


def last_seq(dossier: Dossier) -> int:
    """The number of the newest event; 0 where there is none."""
    return Event.select(fn.MAX(Event.seq)).where(Event.dossier == dossier).scalar() or 0


def last_seqs(dossiers: Iterable[Dossier]) -> dict[int, int]:
    """`last_seq` of each of the dossiers, by its id."""
    chosen = Event.dossier.in_([dossier.id for dossier in dossiers])
    rows = Event.select(Event.dossier, fn.MAX(Event.seq).alias("last")).where(chosen).group_by(Event.dossier)
    return {row.dossier_id: row.last for row in rows}


def entries(dossier: Dossier) -> list[Entry]:
    """All events of the dossier, oldest first."""
    rows = Event.select(Event, Staff).left_outer_join(Staff).where(Event.dossier == dossier).order_by(Event.seq)
    envelope = dossier.envelope
    return [
        Entry(row.seq, row.at, row.who, row.staff.username if row.staff else "", row.move, _note(envelope, row))
        for row in rows
    ]


def assisted(entries: list[Entry]) -> Entry | None:
    """The event by which what the dossier now holds was submitted, if somebody of HR had filled it in."""
    last = next((entry for entry in reversed(entries) if entry.move in (SUBMIT, RESUBMIT)), None)
    return last if last and last.who == ASSISTED else None


def seal_anew(dossier: Dossier, old: Envelope, new: Envelope) -> None:
    """Move the notes of a dossier from one envelope to another."""
    for row in Event.select().where((Event.dossier == dossier) & Event.note.is_null(False)):
        Event.update(note=_sealed(new, _note(old, row))).where(Event.id == row.id).execute()


def _sealed(envelope: Envelope, note: Note) -> bytes:
    return vault.seal(envelope, "event.note", json.dumps(asdict(note)).encode())


def _note(envelope: Envelope, row: Event) -> Note:
    if row.note is None:
        return Note()
    kept = json.loads(vault.unseal(envelope, "event.note", row.note))
    return Note(kept["text"], tuple(kept["reasons"]), tuple(kept["steps"]), kept.get("read_out", False))
