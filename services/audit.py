"""The audit log: who did or saw what, in rows that are only ever added and hang together.

Each row holds the SHA-256 of itself and of the row before, so whatever is changed, removed or slipped in between shows.
That the end was cut off, or the whole log written anew, shows by a keyed hash of the newest row, which nobody can make
without the data key. The log never holds a personal value: what it is about is named by a reference, a number or a
keyed hash, and `note` refuses anything else.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from models import Audit, Setting, database, now, take_turns
from services import vault

APPLICANT, SYSTEM, UNKNOWN = "applicant", "system", "unknown"
OK, REFUSED, WRONG, LOCKED = "ok", "refused", "wrong", "locked"

FIRST = "0" * 64
ACTOR = re.compile(rf"[0-9]{{1,15}}|{APPLICANT}|{SYSTEM}|{UNKNOWN}")
ACTION = re.compile(r"[a-z0-9_.-]{1,48}")
# A dossier's reference, whose digits are never all of a date's; a row of a table, such as staff:3; a keyed hash.
OBJECT = re.compile(r"|(?!\d*[01258]\d*$)[0-9A-Z]{1,8}|[a-z]{1,16}:[0-9]{1,9}|[0-9a-f]{32,64}")

_HEAD = "audit_head"

_actor: ContextVar[str] = ContextVar("actor", default=SYSTEM)
_noted: ContextVar[bool] = ContextVar("noted", default=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row (by number) at which the log is not what was written, and what is wrong there."""

    seq: int
    what: str


def begin(actor: str) -> None:
    """Say who acts from now on in this thread; nothing is noted of them yet."""
    _actor.set(actor)
    _noted.set(False)


def is_noted() -> bool:
    """Whether anything was noted since `begin`."""
    return _noted.get()


def note(action: str, about: str = "", result: str = OK, actor: str | None = None) -> None:
    """Add a row. `about` is a dossier's reference, `staff:3` and the like, or a keyed hash (see `hidden`).

    Call it last in the transaction of the change that it tells of: all who write wait for one another here until their
    transaction ends. Without a transaction it makes its own. Raises `ValueError` for what could be a personal value.
    """
    actor = _actor.get() if actor is None else actor
    if not (ACTOR.fullmatch(actor) and ACTION.fullmatch(action) and OBJECT.fullmatch(about)):
        raise ValueError("an entry of the audit log names things by reference, number or keyed hash")
    with database.atomic():
        take_turns("audit")
        last = Audit.newest()
        row = Audit(
            seq=last.seq + 1 if last else 1,
            at=now(),
            actor=actor,
            action=action,
            object=about,
            result=result,
            previous=last.hash if last else FIRST,
        )
        row.hash = _hash(row)
        row.save(force_insert=True)
        Setting.keep(_HEAD, _head(row))
    _noted.set(True)


def note_wrong(action: str, about: str, *, is_last: bool) -> None:
    """Add a row about a wrong password or code; `is_last` when no other may be tried for a while."""
    note(action, about, LOCKED if is_last else WRONG)


def hidden(text: str) -> str:
    """What stands in the log for a text that must not: equal texts look alike, and none can be read."""
    return vault.keyed_hash("audit", text)[:32]


def first_fault() -> Fault | None:
    """Read the whole log; give the first row that is not as it was written, None when all are."""
    previous, seq, last = FIRST, 0, None
    for row in _rows():
        seq += 1
        if row.seq != seq:
            return Fault(seq, "is missing")
        if row.previous != previous:
            return Fault(seq, "does not continue the row before it")
        if not hmac.compare_digest(row.hash, _hash(row)):
            return Fault(seq, "was changed")
        previous, last = row.hash, row
    kept = Setting.get_or_none(Setting.name == _HEAD)
    if (kept.value if kept else "") != (_head(last) if last else ""):
        return Fault(seq + 1, "is missing, or the log was written anew")
    return None


def _rows() -> Iterator[Audit]:
    """Every row in order, a thousand at a time."""
    after = -(2**62)
    while batch := list(Audit.select().where(Audit.seq > after).order_by(Audit.seq).limit(1000)):
        yield from batch
        after = batch[-1].seq


def _hash(row: Audit) -> str:
    told = [row.seq, row.at, row.actor, row.action, row.object, row.result, row.previous]
    return hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()


def _head(row: Audit) -> str:
    return f"{row.seq}:{vault.keyed_hash('audit head', f'{row.seq}|{row.hash}')}"
