"""What people ask for by right about their registrations: until when the desk must answer, and what it answers.

Decree 356/2025/NĐ-CP art. 5: acknowledged within 2 working days; then, from the day of asking, 10 days to correct, 15
to stop on a withdrawn consent or to restrict, 20 to delete. What an account may see is part of the fetch.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from models import Dossier, Request, Staff, database, forget_changes, locked, now
from services import audit, holdings
from services.days import after_days, after_working_days
from services.drafts import DraftGone
from services.requests import Asked, opened, sealed

ACKNOWLEDGE_DAYS = 2
LARGEST_KEY = 2**31 - 1
CLOSED_SHOWN = 50

OPEN, DONE, REFUSED = "open", "done", "refused"
# The dossier was deleted before this was answered.
GONE = "gone"


@dataclass(frozen=True, slots=True)
class Right:
    """One thing that can be asked for, within `days`.

    `stops`: from the moment it is asked, nothing more is to be done with the dossier. `consent`: which one is taken
    back by it, and then stays so.
    """

    name: str
    days: int
    stops: bool = False
    consent: str = ""


RIGHTS = {
    right.name: right
    for right in (
        Right("correct", 10),
        Right("restrict", 15, stops=True),
        Right("withdraw_forwarding", 15, stops=True, consent="consent_forwarding"),
        Right("withdraw_processing", 15, stops=True, consent="consent_processing"),
        Right("delete", 20, stops=True),
    )
}
STOPPING = [right.name for right in RIGHTS.values() if right.stops]
WITHDRAWING = [right.name for right in RIGHTS.values() if right.consent]


class Closed(Exception):
    """The request was answered before, in another way."""


def ask(dossier: Dossier, right: Right, words: str) -> Request:
    """Put a request about the dossier on the desk; `words` is what the person adds, or nothing.

    Asked again while it stands, it is the same request, which says what was written last. Raises `DraftGone` when the
    dossier was deleted meanwhile.
    """
    with database.atomic():
        # Whatever is asked and answered about one dossier comes one after another, its deletion too.
        dossier = _hold(dossier.id)
        if dossier is None:
            raise DraftGone
        row = _standing(dossier, right) or _new(dossier, right)
        if words:
            _change(row, words=sealed(row, "words", words))
    return row


def standing(asked: Iterable[Asked], right: Right) -> Asked | None:
    """Which of these requests makes another one of the same right needless."""
    return next((each for each in asked if each.row.right == right.name and each.row.state in _states(right)), None)


def withdrawn(asked: Iterable[Asked]) -> dict[str, int]:
    """By consent: the second at which it was first taken back, for which nobody's leave is needed."""
    rows = sorted((each.row for each in asked), key=lambda row: row.id, reverse=True)
    return {RIGHTS[row.right].consent: row.asked_at for row in rows if RIGHTS[row.right].consent}


def visible_to(staff: Staff):
    """The requests that this account may see, each with its dossier if there is one yet."""
    query = Request.select(Request, Dossier).left_outer_join(Dossier)
    return query.where(Request.unit == staff.unit_id) if staff.role == "unit" else query


def waiting(staff: Staff) -> list[Request]:
    """The open requests, the one that is due first at the top."""
    return list(visible_to(staff).where(Request.state == OPEN).order_by(Request.due_at, Request.id))


def closed(staff: Staff) -> list[Request]:
    """The `CLOSED_SHOWN` that were answered last."""
    query = visible_to(staff).where(Request.state != OPEN)
    return list(query.order_by(Request.closed_at.desc(), Request.id.desc()).limit(CLOSED_SHOWN))


def count_waiting(staff: Staff) -> int:
    """How many requests are open."""
    return visible_to(staff).where(Request.state == OPEN).count()


def find(staff: Staff, number: int) -> Asked | None:
    """The request with this number, if the account may see it."""
    row = visible_to(staff).where(Request.id == min(number, LARGEST_KEY)).first()
    return opened(row) if row else None


def is_late(row: Request) -> bool:
    """Whether a time limit has passed: to acknowledge, or to answer."""
    return row.state == OPEN and (row.due_at < now() or (row.acknowledged_at is None and row.acknowledge_by < now()))


def stopped(dossiers: Iterable[Dossier]) -> dict[int, list[str]]:
    """By the id of those dossiers with which nothing more is to be done: the rights that were used, as asked."""
    # A consent that was taken back stays so, even where HR could only answer that it came too late.
    is_standing = (Request.state != REFUSED) | Request.right.in_(WITHDRAWING)
    ids = [dossier.id for dossier in dossiers]
    rows = Request.select(Request.dossier, Request.right).where(
        Request.dossier.in_(ids) & Request.right.in_(STOPPING) & is_standing
    )
    found: dict[int, list[str]] = {}
    for row in rows.order_by(Request.id):
        rights = found.setdefault(row.dossier_id, [])
        rights += [row.right] * (row.right not in rights)
    return found


def acknowledge(staff: Staff, number: int) -> None:
    """Note that the request was received; a second time changes nothing. Raises `Closed` or `Request.DoesNotExist`."""
    with database.atomic():
        row = _held(staff, number)
        if row.state != OPEN:
            raise Closed
        if row.acknowledged_at is None:
            _change(row, acknowledged_at=now(), acknowledged_by=staff.username)
            _note("acknowledge", row)


def carry_out(staff: Staff, number: int) -> None:
    """Do what was asked for, or note that it was done; a deletion destroys the dossier in the same transaction.

    A second time changes nothing. Raises `Closed` or `Request.DoesNotExist`.
    """
    with database.atomic():
        row = _held(staff, number)
        if not _close(row, staff, DONE):
            return
        if row.right == "delete" and row.dossier:
            _close_all(row, staff)
            holdings.destroy(row.dossier)
            audit.note("delete", row.reference)
        _note("carry_out", row)
    if row.right == "delete":
        forget_changes()


def refuse(staff: Staff, number: int, reason: str) -> None:
    """Answer with a reason that the person reads; a second time changes nothing.

    Raises `Closed` or `Request.DoesNotExist`.
    """
    with database.atomic():
        row = _held(staff, number)
        if _close(row, staff, REFUSED):
            _change(row, answer=sealed(row, "answer", reason))
            _note("refuse", row)


def _new(dossier: Dossier, right: Right) -> Request:
    at = now()
    return Request.create(
        dossier=dossier,
        reference=dossier.reference,
        unit=dossier.unit_id,
        right=right.name,
        asked_at=at,
        acknowledge_by=after_working_days(at, ACKNOWLEDGE_DAYS),
        due_at=after_days(at, right.days),
    )


def _states(right: Right) -> tuple[str, ...]:
    return (OPEN, DONE) if right.consent else (OPEN,)


def _standing(dossier: Dossier, right: Right) -> Request | None:
    is_same = (Request.dossier == dossier) & (Request.right == right.name)
    return Request.get_or_none(is_same & Request.state.in_(_states(right)))


def _hold(dossier_id: int | None) -> Dossier | None:
    """The dossier, held for the rest of the transaction; None when it is gone."""
    return locked(Dossier.select().where(Dossier.id == dossier_id)).first()


def _held(staff: Staff, number: int) -> Request:
    query = visible_to(staff).where(Request.id == min(number, LARGEST_KEY))
    _hold(query.get().dossier_id)
    # As it stands now that nobody else can change it.
    return query.get()


def _close(row: Request, staff: Staff, state: str) -> bool:
    """Close an open request; False where it was closed in the same way before."""
    if row.state == state:
        return False
    if row.state != OPEN:
        raise Closed
    at = now()
    if row.acknowledged_at is None:
        _change(row, acknowledged_at=at, acknowledged_by=staff.username)
    _change(row, state=state, closed_at=at, closed_by=staff.username)
    return True


def _close_all(row: Request, staff: Staff) -> None:
    """Nothing else that was asked about a deleted registration stays to be done."""
    others = (Request.dossier == row.dossier) & (Request.state == OPEN)
    Request.update(state=GONE, closed_at=row.closed_at, closed_by=staff.username).where(others).execute()


def _note(action: str, row: Request) -> None:
    audit.note(action, f"request:{row.id}")


def _change(row: Request, **values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    Request.update(**values).where(Request.id == row.id).execute()
