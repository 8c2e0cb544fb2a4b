"""One-time codes: proof that a phone is at hand, not of who holds it.

All limits are counted in the database, in the transaction that spends them, so that they survive a restart and a race:
a try is taken off before the code is compared. Nobody is told of limits that another draft, or another purpose, has
used up: whether somebody else declared the same phone must not show. The figures follow OWASP ASVS 5 (6.5.4, 6.5.5: six
digits, at most ten minutes) and NIST SP 800-63B (a bounded number of tries).
"""

import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from models import Code, Message, database, now, take_turns
from services import code_limits, later, outbox, sms, tries, vault
from services.code_limits import DAY, DESK, FAILED, HELD, NOBODY, PAUSE, SMS
from services.code_limits import GUARDIAN as GUARDIAN
from services.code_limits import LOOKUP as LOOKUP
from services.code_limits import SUBMIT as SUBMIT
from services.code_limits import TooManyCodes as TooManyCodes
from services.drafts import phone_hash
from services.sms import meter

DIGITS = 6
LIFETIME = 5 * 60
TRIES = 5
TURN = "codes"

SENDING = "sending"


class CodeRefused(Exception):
    """The code does not prove the phone; `reason` is `wrong`, `none` (expired, spent or never sent) or `locked`."""

    def __init__(self, reason: str, tries_left: int = 0, retry_after: int = 0):
        super().__init__(reason)
        self.reason = reason
        self.tries_left = tries_left
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Try:
    """How a try ended: `code_id` names the code that was right, otherwise `refusal` says why not."""

    code_id: int = 0
    refusal: CodeRefused | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants a code, for HR to know whom they read it out to."""

    phone: str
    name: str = ""
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The code that can be entered now: how it is on its way, for how many seconds it is good, in how many seconds
    another one can be sent.
    """

    delivery: str
    good_for: int
    next_in: int


@dataclass(frozen=True, slots=True)
class Pending:
    """A code that HR can read out; `id` is its row's."""

    id: int
    code: str
    phone: str
    name: str
    delivery: str
    expires_at: int
    locked_for: int


def send(asker: Asker, purpose: str, subject: str) -> str:
    """Make a code for `subject` (a draft's id, or the hash of a phone) and send it; give the way it went.

    A code that was made less than `PAUSE` seconds ago for the same subject is still the one to enter: nothing is sent
    again, and it is no error. Raises `TooManyCodes`.
    """
    with database.atomic():
        take_turns(TURN)
        hashed = phone_hash(asker.phone)
        fresh = _newest(hashed, purpose, subject)
        if fresh and fresh.sent_at > now() - PAUSE:
            return _delivery(fresh)
        code_limits.check(hashed, purpose, subject)
        code_limits.check_cap()
        row, _code = _make(asker, hashed, purpose, subject, _way(hashed))
    if row.message is None:
        return row.delivery
    # Only after the commit: a message that is out cannot be taken back, a code that is unknown cannot be entered.
    outbox.send_out(row.message)
    return _delivery(Code.get_by_id(row.id))


def send_to_whom_it_finds(phone: str, purpose: str, subject: str, find: Callable[[str], Asker | None]) -> None:
    """Make a code for `subject` and send it if `find` knows whose phone it is: all of that after the answer.

    The work until this returns is the same for every phone, and so is what it raises: `TooManyCodes`.
    """
    with database.atomic():
        take_turns(TURN)
        hashed = phone_hash(phone)
        fresh = _newest(hashed, purpose, subject)
        if fresh and fresh.sent_at > now() - PAUSE:
            return
        code_limits.check(hashed, purpose, subject)
        row, code = _make(Asker(phone), hashed, purpose, subject, NOBODY)
    later.do(_find_and_deliver, row, code, phone, find)


def send_and_find(phone: str, purpose: str, subject: str, find: Callable[[str], Asker]) -> str:
    """`send` to this phone, whoever has it; `find` tells HR who that is, after the answer.

    The work until this returns is the same for every phone, and so is what it raises: `TooManyCodes`.
    """
    way = send(Asker(phone), purpose, subject)
    later.do(_tell_whose, phone, purpose, subject, find)
    return way


def enter(hashed: str, purpose: str, subject: str, code: str) -> Try:
    """Spend one try on `code` for the phone with this hash.

    Call it inside a transaction that is committed whatever the outcome: a wrong try must count.
    """
    take_turns(f"phone {hashed}")
    if wait := tries.closed_for(hashed, purpose):
        return Try(refusal=CodeRefused("locked", retry_after=wait))
    row = _newest(hashed, purpose, subject)
    if row is None or not _take_try(row):
        return Try(refusal=CodeRefused("none"))
    if not hmac.compare_digest(row.code_hash, _hash(hashed, purpose, subject, code)):
        tries.count_wrong(hashed, purpose)
        if row.tries_left == 1:
            _call_off(row)
        return Try(refusal=CodeRefused("wrong", tries_left=row.tries_left - 1))
    _call_off(row)
    Code.update(used_at=now()).where(Code.id == row.id).execute()
    return Try(code_id=row.id)


def sent(hashed: str, purpose: str, subject: str) -> Sent | None:
    """What is known of the code that can be entered now; None when there is none."""
    row = _newest(hashed, purpose, subject)
    if row is None:
        return None
    at = now()
    return Sent(_delivery(row), row.expires_at - at, max(0, row.sent_at + PAUSE - at))


def pending(rows) -> list[Pending]:
    """The codes in `rows` that HR may read out, unsealed."""
    return [
        Pending(
            id=row.id,
            delivery=_delivery(row),
            expires_at=row.expires_at,
            locked_for=tries.closed_for(row.phone_hash, row.purpose),
            **json.loads(_unseal(row)),
        )
        for row in rows
        if row.delivery != NOBODY
    ]


def sent_for(hashed: str, subject: str) -> list[Code]:
    """The codes of the last 24 hours for this subject, or for looking up the phone with this hash; oldest first."""
    is_about = (Code.subject == subject) | (Code.subject == hashed)
    return list(Code.select().where((Code.phone_hash == hashed) & is_about).order_by(Code.id))


def forget(hashed: str, subject: str) -> None:
    """Let no name and number remain of the codes for `subject` and their messages, nor of any code that is over.

    The rows stay for their day: whoever deletes a registration must not be sent more codes than others.
    """
    is_over = Code.used_at.is_null(False) | (Code.expires_at <= now()) | (Code.subject == subject)
    rows = Code.select(Code.message).where((Code.phone_hash == hashed) & is_over & Code.message.is_null(False))
    outbox.forget([row.message_id for row in rows])
    Code.update(secret=b"", expires_at=now()).where((Code.phone_hash == hashed) & is_over).execute()


def purge() -> int:
    """Delete the codes that no limit counts any more; give how many."""
    return Code.delete().where(Code.sent_at < now() - DAY).execute()


def _newest(hashed: str, purpose: str, subject: str) -> Code | None:
    return (
        Code.live(now())
        .where((Code.phone_hash == hashed) & (Code.purpose == purpose) & (Code.subject == subject))
        .first()
    )


def _way(hashed: str) -> str:
    """How a code for this phone goes out now."""
    if not outbox.sends(SMS) or meter.read().is_spent:
        return DESK
    return HELD if code_limits.is_rung_enough(hashed) else SMS


def _make(asker: Asker, hashed: str, purpose: str, subject: str, delivery: str) -> tuple[Code, str]:
    at = now()
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    _end_older(hashed, purpose, subject, at)
    row = Code.create(
        phone_hash=hashed,
        purpose=purpose,
        subject=subject,
        unit=asker.unit_id,
        code_hash=_hash(hashed, purpose, subject, code),
        secret=_sealed(asker, hashed, subject, code),
        delivery=delivery,
        message=_message(asker, code, at + LIFETIME) if delivery == SMS else None,
        tries_left=TRIES,
        sent_at=at,
        expires_at=at + LIFETIME,
    )
    return row, code


def _sealed(asker: Asker, hashed: str, subject: str, code: str) -> bytes:
    secret = json.dumps({"code": code, "phone": asker.phone, "name": asker.name}).encode()
    return vault.seal_for_desk(f"code|{hashed}|{subject}", secret)


def _find_and_deliver(row: Code, code: str, phone: str, find: Callable[[str], Asker | None]) -> None:
    asker = find(phone)
    if asker is None:
        return
    with database.atomic():
        take_turns(TURN)
        row.delivery = HELD if code_limits.is_cap_reached() else _way(row.phone_hash)
        row.message = _message(asker, code, row.expires_at) if row.delivery == SMS else None
        Code.update(
            unit=asker.unit_id,
            secret=_sealed(asker, row.phone_hash, row.subject, code),
            delivery=row.delivery,
            message=row.message,
        ).where(Code.id == row.id).execute()
    if row.message:
        outbox.send_out(row.message)


def _tell_whose(phone: str, purpose: str, subject: str, find: Callable[[str], Asker]) -> None:
    asker = find(phone)
    with database.atomic():
        take_turns(TURN)
        row = _newest(phone_hash(phone), purpose, subject)
        if row is None:
            return
        code = json.loads(_unseal(row))["code"]
        secret = _sealed(asker, row.phone_hash, subject, code)
        Code.update(unit=asker.unit_id, secret=secret).where(Code.id == row.id).execute()
        Message.update(unit=asker.unit_id).where(Message.id == row.message_id).execute()


def _message(asker: Asker, code: str, until: int) -> Message:
    letter = sms.code_letter(asker.phone, code, LIFETIME // 60)
    return outbox.post(SMS, "code", letter, unit_id=asker.unit_id, until=until)


def _end_older(hashed: str, purpose: str, subject: str, at: int) -> None:
    """One code at a time: an older one that arrives late would only spend tries."""
    same = (Code.phone_hash == hashed) & (Code.purpose == purpose) & (Code.subject == subject)
    older = same & Code.used_at.is_null() & (Code.expires_at > at)
    for row in Code.select(Code.message).where(older):
        _call_off(row)
    Code.update(expires_at=at).where(older).execute()


def _call_off(row: Code) -> None:
    """Its message would come too late; one that still waits is not sent."""
    if row.message_id:
        outbox.withdraw(row.message_id)


def _delivery(row: Code) -> str:
    """How the code is on its way; one whose message no gateway took so far is better asked for at the desk."""
    if row.delivery != SMS or row.message is None:
        return row.delivery
    if row.message.state == Message.SENT:
        return SMS
    return SENDING if row.message.state == Message.WAITING and not row.message.answer else FAILED


def _take_try(row: Code) -> bool:
    spent = Code.update(tries_left=Code.tries_left - 1).where(
        (Code.id == row.id) & (Code.tries_left > 0) & Code.used_at.is_null() & (Code.expires_at > now())
    )
    return spent.execute() == 1


def _hash(hashed: str, purpose: str, subject: str, code: str) -> str:
    return vault.keyed_hash("code", f"{purpose}|{subject}|{hashed}|{code}")


def _unseal(row: Code) -> bytes:
    return vault.unseal_for_desk(f"code|{row.phone_hash}|{row.subject}", row.secret)
