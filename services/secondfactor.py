"""The second factor of an account: codes of an authenticator app (TOTP, RFC 6238), and recovery codes on paper.

The secret is sealed at rest. A code is good once, and one of an earlier step than the last one used is not good any
more; a clock may be one step (30 seconds) off either way. A recovery code is kept as a keyed hash and deleted when it
is used.
"""

import hmac
import re
import secrets

import pyotp

from models import RecoveryCode, Staff, database, now
from services import attempts, audit, vault

STEP = 30
DRIFT = 1
RECOVERY_CODES = 10
# Five guesses of six digits in a quarter of an hour, twenty a day: one chance in some 15,000 for whoever has the
# password already.
LIMITS = ((5, 15 * 60), (20, 24 * 60 * 60))
# Without vowels and without what is mistaken for something else.
ALPHABET = "34679cdfghjkmnpqrtvwxy"

_PURPOSE = "totp"


class WrongCode(Exception):
    """The code is not right, or was used already."""


def new_secret() -> str:
    """A fresh secret, base32."""
    return pyotp.random_base32()


def address(secret: str, username: str, issuer: str) -> str:
    """What the QR holds (`otpauth://…`), for authenticator apps to read."""
    return pyotp.TOTP(secret, name=username, issuer=issuer).provisioning_uri()


def is_on(staff: Staff) -> bool:
    """Whether the account asks for a second factor."""
    return staff.totp is not None


def codes_left(staff: Staff) -> int:
    """How many recovery codes were not used yet."""
    return RecoveryCode.select().where(RecoveryCode.staff == staff.id).count()


def seal(staff: Staff, secret: str) -> str:
    """The secret as a form may carry it until it is confirmed; good for this account only."""
    return vault.seal_for_desk(f"totp setup|{staff.id}", secret.encode()).hex()


def unseal(staff: Staff, sealed: str) -> str | None:
    """What `seal` was given for this account; None for anything else."""
    try:
        return vault.unseal_for_desk(f"totp setup|{staff.id}", bytes.fromhex(sealed)).decode()
    except (ValueError, vault.Unreadable):
        return None


def turn_on(staff: Staff, secret: str, code: str) -> list[str]:
    """Make `secret` the account's second factor if `code` is its code now; give ten recovery codes.

    Raises `WrongCode` and `attempts.TooMany`. Ends every session of the account.
    """
    is_last = attempts.spend(_PURPOSE, str(staff.id), LIMITS)
    step = _step_of(secret, _digits(code))
    if step is None:
        raise _wrong("turn_totp_on", staff, is_last=is_last)
    written = ["".join(secrets.choice(ALPHABET) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    with database.atomic():
        forget(staff)
        Staff.update(
            totp=vault.seal_for_desk(_place(staff), secret.encode()), totp_step=step, session=secrets.token_hex(16)
        ).where(Staff.id == staff.id).execute()
        RecoveryCode.insert_many([{"staff": staff.id, "code_hash": _hash(staff, each)} for each in written]).execute()
        attempts.forget(_PURPOSE, str(staff.id))
        audit.note("turn_totp_on", f"staff:{staff.id}")
    return [f"{each[:4]}-{each[4:8]}-{each[8:]}" for each in written]


def check(staff: Staff, code: str, action: str) -> None:
    """Use up `code`, of the app or a recovery code; a wrong one is noted as a try at `action`.

    Raises `WrongCode` and `attempts.TooMany`.
    """
    is_last = attempts.spend(_PURPOSE, str(staff.id), LIMITS)
    if not (_use_step(staff, _digits(code)) or _use_recovery(staff, code)):
        raise _wrong(action, staff, is_last=is_last)
    attempts.forget(_PURPOSE, str(staff.id))


def turn_off(staff: Staff, code: str) -> None:
    """Do without the second factor, if `code` is right; ends every session. Raises as `check` does."""
    check(staff, code, "turn_totp_off")
    with database.atomic():
        forget(staff)
        Staff.update(session=secrets.token_hex(16)).where(Staff.id == staff.id).execute()
        audit.note("turn_totp_off", f"staff:{staff.id}")


def forget(staff: Staff) -> None:
    """Leave the account without second factor and recovery codes; tries count no more."""
    Staff.update(totp=None, totp_step=None).where(Staff.id == staff.id).execute()
    RecoveryCode.delete().where(RecoveryCode.staff == staff.id).execute()
    attempts.forget(_PURPOSE, str(staff.id))


def _wrong(action: str, staff: Staff, *, is_last: bool) -> WrongCode:
    audit.note_wrong(action, f"staff:{staff.id}", is_last=is_last)
    return WrongCode()


def _use_step(staff: Staff, digits: str) -> bool:
    sealed = Staff.get_by_id(staff.id).totp
    if sealed is None:
        return False
    step = _step_of(vault.unseal_for_desk(_place(staff), sealed).decode(), digits)
    if step is None:
        return False
    # In one statement: of two requests with the same code one finds the step taken.
    fresh = Staff.totp_step.is_null() | (Staff.totp_step < step)
    return Staff.update(totp_step=step).where((Staff.id == staff.id) & fresh).execute() == 1


def _step_of(secret: str, digits: str) -> int | None:
    """The step whose code this is, if it is near enough; every candidate is compared, whichever fits."""
    totp, present = pyotp.TOTP(secret), now() // STEP
    steps = range(max(0, present - DRIFT), present + DRIFT + 1)
    fitting = [step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode())]
    return max(fitting, default=None)


def _use_recovery(staff: Staff, code: str) -> bool:
    return (
        RecoveryCode.delete()
        .where((RecoveryCode.staff == staff.id) & (RecoveryCode.code_hash == _hash(staff, code)))
        .execute()
        == 1
    )


def _digits(code: str) -> str:
    return re.sub(r"[\s-]", "", code)


def _hash(staff: Staff, code: str) -> str:
    return vault.keyed_hash("recovery", f"{staff.id}|{_digits(code).lower()}")


def _place(staff: Staff) -> str:
    return f"totp|{staff.id}"
