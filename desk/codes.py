"""One-time codes as the desk sees them: those that can be read out, and those whose phone is closed.

What an account may see is part of the fetch, so that no view can forget it.
"""

from models import Code, Staff, now
from services import tries
from services.code_limits import NOBODY

LARGEST_KEY = 2**31 - 1


def live(staff: Staff):
    """The codes that this account may read out, newest first."""
    return _visible_to(staff, Code.live(now()))


def find_live(staff: Staff, code_id: int) -> Code | None:
    """The code with this id, if the account may read it out."""
    return live(staff).where(Code.id == code_id).first() if code_id <= LARGEST_KEY else None


def locked(staff: Staff) -> list[Code]:
    """The newest code of each phone that is closed after wrong codes, where none can be read out; latest first."""
    rows = (_newest(staff, hashed, purpose) for hashed, purpose in tries.closed())
    dead = [row for row in rows if row and not (row.tries_left and row.used_at is None and row.expires_at > now())]
    return sorted(dead, key=lambda row: row.id, reverse=True)


def unlock(staff: Staff, code_id: int) -> bool:
    """Let the phone of this code be tried again at once; give whether the account may see the code."""
    row = _visible_to(staff, Code.select()).where(Code.id == code_id).first() if code_id <= LARGEST_KEY else None
    if row:
        tries.forget(row.phone_hash, row.purpose)
    return row is not None


def _newest(staff: Staff, hashed: str, purpose: str) -> Code | None:
    same = (Code.phone_hash == hashed) & (Code.purpose == purpose)
    return _visible_to(staff, Code.select()).where(same).order_by(Code.id.desc()).first()


def _visible_to(staff: Staff, query):
    # A code for a phone that nobody knows is nobody's; of one that was forgotten nothing can be read.
    query = query.where((Code.delivery != NOBODY) & (Code.secret != b""))
    return query.where(Code.unit == staff.unit_id) if staff.role == "unit" else query
