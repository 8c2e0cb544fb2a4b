"""Registrations that somebody of HR fills in for a person at the desk.

The person still confirms by a code. Who helped stands beside the registration's key, goes with it, and is written into
the history at submission; so is that the same account saw the code, which would else prove little.
"""

from models import Assistance, Code, Staff, database, now
from services import drafts
from services.drafts import OpenDraft


def begin(staff: Staff, flow: str, typed: dict[str, dict]) -> OpenDraft:
    """A draft that this account fills in for somebody; `typed` is what stands in its steps beforehand."""
    draft = drafts.begin(flow)
    draft.typed = typed
    # What is kept must be newer than no page: a page of revision 0 is that of a draft which is not kept yet.
    draft.revision = 1
    with database.atomic():
        drafts.keep_new(draft)
        Assistance.create(envelope=draft.id, staff=staff)
    return draft


def of(identity: str) -> Assistance | None:
    """Who helps with the registration of this envelope, with the account; None where nobody does."""
    rows = Assistance.select(Assistance, Staff).left_outer_join(Staff)
    return rows.where(Assistance.envelope == identity).first()


def hides(staff: Staff, rows: list[Code]) -> set[int]:
    """The ids of those codes that this account would read out for a registration which it fills in itself.

    They are shown when it says so, and that is kept.
    """
    rows = {row.id: row.subject for row in rows}
    hidden = {row.envelope_id for row in Assistance.select().where(_unseen(staff, list(rows.values())))}
    return {number for number, subject in rows.items() if subject in hidden}


def read_out(staff: Staff, row: Code) -> None:
    """Keep that the account which fills in a registration has seen its code; a second time changes nothing."""
    Assistance.update(read_out_at=now()).where(_unseen(staff, [row.subject])).execute()


def _unseen(staff: Staff, identities: list[str]):
    return (Assistance.staff == staff) & Assistance.read_out_at.is_null() & Assistance.envelope.in_(identities)
