"""One-time codes: proof that a phone is at hand, not of who holds it.

All limits are counted in the database, in the transaction that spends them, so that they survive a restart and a race:
a try is taken off before the code is compared. Nobody is told of limits that another draft, or another purpose, has
used up: whether somebody else declared the same phone must not show. The figures follow OWASP ASVS 5 (6.5.4, 6.5.5: six
digits, at most ten minutes) and NIST SP 800-63B (a bounded number of tries).
"""

import hmac
import json
import secrets
from dataclasses import dataclass

from models import Code, Message, database, now, take_turns
from services import code_limits, code_ways, outbox, tries, vault
from services.code_limits import DAY, FOR_NOBODY, HELD, MAIL, PAUSE
from services.code_limits import DESK as DESK
from services.code_limits import GUARDIAN as GUARDIAN
from services.code_limits import LOOKUP as LOOKUP
from services.code_limits import SMS as SMS
from services.code_limits import SUBMIT as SUBMIT
from services.code_limits import TooManyCodes as TooManyCodes
from services.drafts import phone_hash
from services.sms import meter

DIGITS = 6
LIFETIME = 5 * 60
TRIES = 5


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
    another one can be sent, and whether it goes by mail.
    """

    delivery: str
    good_for: int
    next_in: int
    is_mail: bool


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


def send(asker: Asker, purpose: str, subject: str, address: str = "") -> str:
    """Make a code for `subject` (a draft's id, or the hash of a phone) and send it; give the way it went.

    With an `address` it goes there by mail, and then it proves that address and not the phone. A code that was made
    less than `PAUSE` seconds ago for the same subject, and went the same way, is still the one to enter: nothing is
    sent again, and it is no error. Raises `TooManyCodes`.
    """
    with database.atomic():
        take_turns(meter.TURN)
        hashed = phone_hash(asker.phone)
        fresh = newest(hashed, purpose, subject)
        if fresh and fresh.sent_at > now() - PAUSE and (fresh.delivery == MAIL) == bool(address):
            return code_ways.delivery_of(fresh)
        code_limits.check(hashed, purpose, subject)
        code_limits.check_cap()
        if address:
            code_ways.check_address(address)
        row = make(asker, hashed, purpose, subject, MAIL if address else code_ways.to_phone(hashed), address)
    if row.message is None:
        return row.delivery
    # Only after the commit: a message that is out cannot be taken back, a code that is unknown cannot be entered.
    outbox.send_out(row.message)
    return code_ways.delivery_of(Code.get_by_id(row.id))


def enter(hashed: str, purpose: str, subject: str, code: str) -> Try:
    """Spend one try on `code` for the phone with this hash.

    Call it inside a transaction that is committed whatever the outcome: a wrong try must count.
    """
    take_turns(f"phone {hashed}")
    if wait := tries.closed_for(hashed, purpose):
        return Try(refusal=CodeRefused("locked", retry_after=wait))
    row = newest(hashed, purpose, subject)
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
    row = newest(hashed, purpose, subject)
    if row is None:
        return None
    at = now()
    return Sent(code_ways.delivery_of(row), row.expires_at - at, max(0, row.sent_at + PAUSE - at), row.delivery == MAIL)


def pending(rows) -> list[Pending]:
    """The codes in `rows` that HR may read out, unsealed."""
    return [
        Pending(
            id=row.id,
            delivery=code_ways.delivery_of(row),
            expires_at=row.expires_at,
            locked_for=tries.closed_for(row.phone_hash, row.purpose),
            **unsealed(row),
        )
        for row in rows
        if row.delivery not in FOR_NOBODY
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


def newest(hashed: str, purpose: str, subject: str) -> Code | None:
    """The code that can be entered now, if there is one."""
    return (
        Code.live(now())
        .where((Code.phone_hash == hashed) & (Code.purpose == purpose) & (Code.subject == subject))
        .first()
    )


def make(asker: Asker, hashed: str, purpose: str, subject: str, delivery: str, address: str = "") -> Code:
    """Make a code that goes out this way, inside the transaction of whoever asks; its message is still to be sent."""
    at = now()
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    _end_older(hashed, purpose, subject, at)
    return Code.create(
        phone_hash=hashed,
        purpose=purpose,
        subject=subject,
        unit=asker.unit_id,
        code_hash=_hash(hashed, purpose, subject, code),
        secret=sealed(asker, hashed, subject, code),
        delivery=delivery,
        message=_message(asker, delivery, address, code, at + LIFETIME),
        tries_left=TRIES,
        sent_at=at,
        expires_at=at + LIFETIME,
    )


def sealed(asker: Asker, hashed: str, subject: str, code: str) -> bytes:
    """What HR needs to read the code out, sealed; `unsealed` opens it."""
    secret = json.dumps({"code": code, "phone": asker.phone, "name": asker.name}).encode()
    return vault.seal_for_desk(f"code|{hashed}|{subject}", secret)


def deliver(row: Code, asker: Asker, code: str) -> None:
    """Let a code go to whoever has been found; `row.message`, if any, is still to be sent."""
    row.delivery = HELD if code_limits.is_cap_reached() else code_ways.to_phone(row.phone_hash)
    row.message = _message(asker, row.delivery, "", code, row.expires_at)
    Code.update(
        unit=asker.unit_id,
        secret=sealed(asker, row.phone_hash, row.subject, code),
        delivery=row.delivery,
        message=row.message,
    ).where(Code.id == row.id).execute()


def _message(asker: Asker, delivery: str, address: str, code: str, until: int) -> Message | None:
    to = address or asker.phone
    return code_ways.post(delivery, to, code, LIFETIME // 60, unit_id=asker.unit_id, until=until)


def _end_older(hashed: str, purpose: str, subject: str, at: int) -> None:
    """One code at a time: an older one that arrives late would only spend tries."""
    same = (Code.phone_hash == hashed) & (Code.purpose == purpose) & (Code.subject == subject)
    older = same & Code.used_at.is_null() & (Code.expires_at > at)
    for row in Code.select(Code.message).where(older):
        _call_off(row)
    Code.update(expires_at=at).where(older).execute()


def _call_off(row: Code) -> None:
    """Its message would come too late; one that still waits is not sent."""
    # Also where there is none: the work must be the same for a phone that nobody knows.
    outbox.withdraw(row.message_id or 0)


def _take_try(row: Code) -> bool:
    spent = Code.update(tries_left=Code.tries_left - 1).where(
        (Code.id == row.id) & (Code.tries_left > 0) & Code.used_at.is_null() & (Code.expires_at > now())
    )
    return spent.execute() == 1


def _hash(hashed: str, purpose: str, subject: str, code: str) -> str:
    return vault.keyed_hash("code", f"{purpose}|{subject}|{hashed}|{code}")


def unsealed(row: Code) -> dict[str, str]:
    """What HR needs to read the code out: `code`, `phone`, `name`."""
    return json.loads(vault.unseal_for_desk(f"code|{row.phone_hash}|{row.subject}", row.secret))
