"""Accounts of the staff: made, signed in, and limited. Passwords are kept as werkzeug's scrypt hashes."""

import hmac
import secrets

from peewee import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

from models import Attempt, Setting, Staff, Unit, database, now, take_turns
from services import vault

ROLES = ("admin", "department", "unit")
SHORTEST_PASSWORD = 10
TRIES = 5
WINDOW = 15 * 60
TURN = "accounts"

_FIRST = "first_administrator"
# Compared against when there is no such account, so that a wrong name takes as long as a wrong password.
_NOBODY = generate_password_hash(secrets.token_hex())


class SignInRefused(Exception):
    """Wrong name or password; `retry_after` is more than 0 when there were too many tries."""

    def __init__(self, retry_after: int = 0):
        super().__init__("refused")
        self.retry_after = retry_after


class NameTaken(Exception):
    """There is such an account already."""


class NotFirst(Exception):
    """The one-time address is not the right one, or was used."""


def add(username: str, password: str, role: str, unit_name: str | None = None) -> Staff:
    """Make an account; a unit that does not exist yet is made too. Raises `NameTaken`."""
    if role not in ROLES or (role == "unit") != bool(unit_name):
        raise ValueError("the role is one of admin, department, unit; and only a unit's account has a unit")
    unit = Unit.get_or_create(name=unit_name)[0] if unit_name else None
    try:
        with database.atomic():
            return Staff.create(
                username=username.lower(),
                password_hash=generate_password_hash(password),
                role=role,
                unit=unit,
                session=secrets.token_hex(16),
            )
    except IntegrityError as problem:
        raise NameTaken(username) from problem


def sign_in(username: str, password: str) -> Staff:
    """The account, if the password is right. Raises `SignInRefused`; past `TRIES` no password is even compared."""
    subject = vault.keyed_hash("sign-in", username.lower())
    with database.atomic():
        take_turns(TURN)
        if Attempt.count_since("sign-in", subject, now() - WINDOW) >= TRIES:
            raise SignInRefused(retry_after=WINDOW)
        Attempt.create(purpose="sign-in", subject=subject)
    staff = Staff.get_or_none((Staff.username == username.lower()) & Staff.active)
    if not check_password_hash(staff.password_hash if staff else _NOBODY, password) or staff is None:
        raise SignInRefused
    Attempt.delete().where((Attempt.purpose == "sign-in") & (Attempt.subject == subject)).execute()
    Staff.update(signed_in_at=now()).where(Staff.id == staff.id).execute()
    return staff


def current(staff_id: int, session: str) -> Staff | None:
    """The active account of a signed-in browser; None once it is disabled or signed out everywhere."""
    return Staff.get_or_none((Staff.id == staff_id) & (Staff.session == session) & Staff.active)


def sign_out(staff: Staff) -> None:
    """End every session of this account: a cookie that somebody has copied must not outlive it."""
    Staff.update(session=secrets.token_hex(16)).where(Staff.id == staff.id).execute()


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
    """Make the first administrator; the address is used up. Raises `NotFirst`."""
    with database.atomic():
        take_turns(TURN)
        if not is_first_token(token):
            raise NotFirst
        Setting.delete().where(Setting.name == _FIRST).execute()
        return add(username, password, "admin")
