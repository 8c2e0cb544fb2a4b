"""Codes for a phone of which the request must not know whose it is (docs/decisions/0036).

The code is made for every phone with the same work; whose it is, is found out after the answer.
"""

from collections.abc import Callable

from models import Code, Message, database, now, take_turns
from services import code_limits, codes, later, outbox
from services.code_limits import FINDING, NOBODY, PAUSE
from services.codes import LIFETIME, Asker
from services.drafts import phone_hash
from services.sms import meter

# Seconds after which nobody is at work any more on finding out whose phone it is.
LEFT_AFTER = 5


def send_to_whom_it_finds(phone: str, purpose: str, subject: str, find: Callable[[str], Asker | None]) -> None:
    """Make a code for `subject` and send it if `find` knows whose phone it is: all of that after the answer.

    The work until this returns is the same for every phone, and so is what it raises: `TooManyCodes`. Should the
    process end before it has found out, `take_up` does.
    """
    with database.atomic():
        take_turns(meter.TURN)
        hashed = phone_hash(phone)
        fresh = codes.newest(hashed, purpose, subject)
        if fresh and fresh.sent_at > now() - PAUSE:
            return
        code_limits.check(hashed, purpose, subject)
        row = codes.make(Asker(phone), hashed, purpose, subject, FINDING)
    later.do(_find_and_deliver, row.id, find)


def take_up(find: Callable[[str], Asker | None]) -> bool:
    """Send a code whose process ended before it was found out whose phone it is; give whether there was one."""
    at = now()
    is_left = (Code.delivery == FINDING) & Code.sent_at.between(at - LIFETIME, at - LEFT_AFTER)
    row = Code.live(at).where(is_left).first()
    if row:
        _find_and_deliver(row.id, find)
    return row is not None


def send_and_find(phone: str, purpose: str, subject: str, find: Callable[[str], Asker]) -> str:
    """`codes.send` to this phone, whoever has it; `find` tells HR who that is, after the answer.

    The work until this returns is the same for every phone, and so is what it raises: `TooManyCodes`.
    """
    way = codes.send(Asker(phone), purpose, subject)
    later.do(_tell_whose, phone, purpose, subject, find)
    return way


def _find_and_deliver(code_id: int, find: Callable[[str], Asker | None]) -> None:
    known = codes.unsealed(Code.get_by_id(code_id))
    asker = find(known["phone"])
    with database.atomic():
        take_turns(meter.TURN)
        row = Code.get_by_id(code_id)
        if row.delivery != FINDING or not row.secret:
            return
        if asker:
            codes.deliver(row, asker, known["code"])
        else:
            Code.update(delivery=NOBODY).where(Code.id == code_id).execute()
    if row.message:
        outbox.send_out(row.message)


def _tell_whose(phone: str, purpose: str, subject: str, find: Callable[[str], Asker]) -> None:
    asker = find(phone)
    with database.atomic():
        take_turns(meter.TURN)
        row = codes.newest(phone_hash(phone), purpose, subject)
        if row is None:
            return
        code = codes.unsealed(row)["code"]
        secret = codes.sealed(asker, row.phone_hash, subject, code)
        Code.update(unit=asker.unit_id, secret=secret).where(Code.id == row.id).execute()
        Message.update(unit=asker.unit_id).where(Message.id == row.message_id).execute()
