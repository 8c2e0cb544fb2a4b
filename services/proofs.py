"""What a code that was entered rightly proves afterwards: that a phone was at hand, for what, and for how long."""

from models import Code, now
from services import tries
from services.code_limits import CLOSED, GUARDIAN, LOOKUP, SUBMIT

FRESH = 30 * 60


def give_back(code_id: int) -> None:
    """Let a right code be entered again, for it led to nothing; the try that it took stays spent."""
    row = Code.get_by_id(code_id)
    tries.count_wrong(row.phone_hash, row.purpose)
    Code.update(used_at=None).where(Code.id == code_id).execute()


def spend(code_id: int) -> None:
    """Take a try off a code that proved a phone a short while ago, for it led to nothing.

    It proves nothing any more where none is left, or where the phone is closed by this.
    """
    row = Code.get_by_id(code_id)
    tries.count_wrong(row.phone_hash, row.purpose)
    left = Code.update(tries_left=Code.tries_left - 1).where((Code.id == code_id) & (Code.tries_left > 0))
    if not left.execute() or tries.closed_for(row.phone_hash, row.purpose):
        Code.update(used_at=now() - FRESH).where(Code.id == code_id).execute()


def fresh(hashed: str, subject: str, code_id: int = 0) -> int:
    """Which code proved this phone less than `FRESH` seconds ago, for the registration `subject` or as `code_id`; or 0.

    What was proved for looking up does not count: who may read need not be who may submit.
    """
    rows = Code.select(Code.id).where(
        (Code.phone_hash == hashed)
        & Code.purpose.in_((SUBMIT, GUARDIAN))
        & (Code.used_at > now() - FRESH)
        & ((Code.subject == subject) | (Code.id == code_id))
    )
    newest = rows.order_by(Code.used_at.desc()).first()
    return newest.id if newest else 0


def proved(code_id: int, hashed: str) -> bool:
    """Whether this code was entered rightly, for looking up this phone, and was not closed since."""
    return (
        Code.select()
        .where(
            (Code.id == code_id) & (Code.purpose == LOOKUP) & (Code.phone_hash == hashed) & Code.used_at.is_null(False)
        )
        .exists()
    )


def close(hashed: str) -> None:
    """Forget that codes have proved this phone for looking up."""
    used = (Code.phone_hash == hashed) & Code.used_at.is_null(False)
    Code.update(purpose=CLOSED).where(used & (Code.purpose == LOOKUP)).execute()
