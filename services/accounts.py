"""Accounts of the staff: made, signed in, and limited. Passwords are kept as werkzeug's scrypt hashes."""

import hmac
import secrets

from peewee import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

from models import Setting, Staff, Unit, database, now, take_turns
from services import attempts, audit, secondfactor, vault

ROLES = ("admin", "department", "unit")
SHORTEST_PASSWORD = 10
TRIES = 5
WINDOW = 15 * 60
TURN = "accounts"
# How long a password that somebody else has set opens the way to one's own.
TEMPORARY_DAYS = 7
DAY = 24 * 60 * 60

_FIRST = "first_administrator"
_PURPOSE = "sign-in"
# Without vowels no words form; without 0 o 1 l 2 z 5 s 8 b nobody misreads it from paper.
_ALPHABET = "34679cdfghjkmnpqrtvwxy"
# Compared against when there is no such account, so that a wrong name takes as long as a wrong password.
_NOBODY = generate_password_hash(secrets.token_hex())


class SignInRefused(Exception):
    """Wrong name, password or code; `retry_after` is more than 0 when there were too many tries."""

    def __init__(self, retry_after: int = 0, *, is_expired: bool = False):
        super().__init__("refused")
        self.retry_after = retry_after
        self.is_expired = is_expired


class CodeNeeded(Exception):
    """Name and password are right; `staff` has a second factor, whose code is to be asked for."""

    def __init__(self, staff: Staff):
        super().__init__("code needed")
        self.staff = staff


class NameTaken(Exception):
    """There is such an account already."""


class NotFirst(Exception):
    """The one-time address is not the right one, or was used."""


def add(username: str, password: str, role: str, unit_name: str | None = None, *, is_temporary: bool = False) -> Staff:
    """Make an account; a unit that does not exist yet is made too. Raises `NameTaken`."""
    if role not in ROLES or (role == "unit") != bool(unit_name):
        raise ValueError("the role is one of admin, department, unit; and only a unit's account has a unit")
    unit = Unit.get_or_create(name=unit_name)[0] if unit_name else None
    password_hash = generate_password_hash(password)
    with database.atomic():
        try:
            with database.atomic():
                staff = Staff.create(
                    username=username.lower(),
                    password_hash=password_hash,
                    role=role,
                    unit=unit,
                    session=_new_session(),
                    temporary_until=_end_of_temporary() if is_temporary else None,
                )
        except IntegrityError as problem:
            raise NameTaken(username) from problem
        audit.note("add_person", f"staff:{staff.id}")
    return staff


def new_password() -> str:
    """A password to hand over on paper, good until one's own is chosen: 16 letters and digits in groups, 71 bits."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def sign_in(username: str, password: str, code: str = "") -> Staff:
    """The account, if the password is right, and `code` too where a second factor is set.

    Raises `SignInRefused` (past `TRIES` no password is even compared), and `CodeNeeded` where only the code is missing.
    """
    staff = _by_password(username, password)
    if not secondfactor.is_on(staff):
        return _entered(staff)
    if not code:
        raise CodeNeeded(staff)
    return enter_code(staff, code)


def enter_code(staff: Staff, code: str) -> Staff:
    """Sign in an account whose password was right already. Raises `SignInRefused`."""
    try:
        secondfactor.check(staff, code, "sign_in")
    except attempts.TooMany as problem:
        raise SignInRefused(problem.retry_after) from problem
    except secondfactor.WrongCode as problem:
        raise SignInRefused from problem
    return _entered(staff)


def current(staff_id: int, session: str) -> Staff | None:
    """The active account of a signed-in browser; None once it is disabled or signed out everywhere."""
    return Staff.get_or_none((Staff.id == staff_id) & (Staff.session == session) & Staff.active)


def mark_of(staff_id: int) -> str:
    """The mark that the account's cookies must bear now."""
    return Staff.get_by_id(staff_id).session


def sign_out(staff: Staff) -> None:
    """End every session of this account: a cookie that somebody has copied must not outlive it."""
    with database.atomic():
        end_sessions(staff)
        audit.note("sign_out", f"staff:{staff.id}")


def end_sessions(staff: Staff) -> None:
    """Make every cookie of this account useless at its next request."""
    Staff.update(session=_new_session()).where(Staff.id == staff.id).execute()


def is_password(staff: Staff, password: str, action: str) -> bool:
    """Whether this is the account's password; asked again before what is worth it. Raises `attempts.TooMany`.

    A wrong one is noted as a try at `action`.
    """
    is_last = attempts.spend("password", str(staff.id), ((TRIES, WINDOW),))
    if not check_password_hash(staff.password_hash, password):
        audit.note_wrong(action, f"staff:{staff.id}", is_last=is_last)
        return False
    attempts.forget("password", str(staff.id))
    return True


def set_password(staff: Staff, password: str) -> None:
    """Give the account the password that its owner chose, and end its sessions."""
    password_hash = generate_password_hash(password)
    with database.atomic():
        _keep_password(staff, password_hash, None)
        audit.note("change_password", f"staff:{staff.id}")


def reset(staff: Staff, password: str, *, is_temporary: bool = True) -> None:
    """Let somebody back in: a new password, no second factor, no sessions, no tries that count."""
    password_hash = generate_password_hash(password)
    with database.atomic():
        _keep_password(staff, password_hash, _end_of_temporary() if is_temporary else None)
        secondfactor.forget(staff)
        attempts.forget(_PURPOSE, staff.username)
        attempts.forget("password", str(staff.id))
        audit.note("reset_person", f"staff:{staff.id}")


def rescue(username: str, password: str) -> bool:
    """From the machine itself: reset the account and enable it; False when there is none of this name."""
    staff = Staff.get_or_none(Staff.username == username.lower())
    if staff is None:
        return False
    with database.atomic():
        Staff.update(active=True).where(Staff.id == staff.id).execute()
        reset(staff, password, is_temporary=False)
    return True


def first_token() -> str | None:
    """A new secret for the one-time address at which the first administrator is made; None once there is an account."""
    if Staff.select().exists():
        return None
    token = secrets.token_hex(12)
    Setting.keep(_FIRST, vault.keyed_hash(_FIRST, token))
    return token


def is_first_token(token: str) -> bool:
    """Whether `token` opens the one-time address now: until it was used, or an account was made in another way."""
    kept = Setting.get_or_none(Setting.name == _FIRST)
    if kept is None or Staff.select().exists():
        return False
    return hmac.compare_digest(kept.value, vault.keyed_hash(_FIRST, token))


def add_first(token: str, username: str, password: str) -> Staff:
    """Make the first administrator, who is signed in by it; the address is used up. Raises `NotFirst`."""
    with database.atomic():
        take_turns(TURN)
        if not is_first_token(token):
            raise NotFirst
        Setting.delete().where(Setting.name == _FIRST).execute()
        return _entered(add(username, password, "admin"))


def _by_password(username: str, password: str) -> Staff:
    name = username.lower()
    try:
        is_last = attempts.spend(_PURPOSE, name, ((TRIES, WINDOW),))
    except attempts.TooMany as problem:
        # Not noted: the line of the last try says that it is locked, and a flood must not fill the log.
        raise SignInRefused(problem.retry_after) from problem
    staff = Staff.get_or_none((Staff.username == name) & Staff.active)
    is_right = check_password_hash(staff.password_hash if staff else _NOBODY, password) and staff is not None
    is_expired = is_right and staff.temporary_until is not None and staff.temporary_until <= now()
    if not is_right or is_expired:
        about = f"staff:{staff.id}" if staff else audit.hidden(name)
        audit.note_wrong("sign_in", about, is_last=is_last)
        raise SignInRefused(is_expired=is_expired)
    return staff


def _entered(staff: Staff) -> Staff:
    with database.atomic():
        attempts.forget(_PURPOSE, staff.username)
        Staff.update(signed_in_at=now()).where(Staff.id == staff.id).execute()
        audit.note("sign_in", f"staff:{staff.id}", actor=str(staff.id))
    return staff


def _keep_password(staff: Staff, password_hash: str, temporary_until: int | None) -> None:
    Staff.update(password_hash=password_hash, temporary_until=temporary_until, session=_new_session()).where(
        Staff.id == staff.id
    ).execute()


def _end_of_temporary() -> int:
    return now() + TEMPORARY_DAYS * DAY


def _new_session() -> str:
    return secrets.token_hex(16)
