"""The accounts of the staff, as an administrator keeps them. One active administrator always remains."""

from models import Staff, Unit, database, take_turns
from services import accounts, audit


class LastAdministrator(Exception):
    """Nobody could set the desk up any more."""


def everybody() -> list[Staff]:
    """All accounts with their units, the active ones first, then by name."""
    return list(Staff.select(Staff, Unit).left_outer_join(Unit).order_by(Staff.active.desc(), Staff.username))


def find(person_id: int) -> Staff | None:
    """The account with this number."""
    return Staff.get_or_none(Staff.id == person_id) if person_id < 2**31 else None


def add(username: str, role: str, unit_name: str | None) -> tuple[Staff, str]:
    """Make an account; give it and the temporary password to hand over. Raises `accounts.NameTaken`."""
    password = accounts.new_password()
    return accounts.add(username, password, role, unit_name, is_temporary=True), password


def reset(person: Staff) -> str:
    """Let somebody back in who has lost password or phone; give the temporary password to hand over."""
    password = accounts.new_password()
    accounts.reset(person, password)
    return password


def change(person: Staff, role: str, unit_name: str | None) -> None:
    """Give the account another role or unit. Raises `LastAdministrator`."""
    with database.atomic():
        _hold()
        if role != "admin":
            _keep_an_administrator(person)
        unit = Unit.get(Unit.name == unit_name) if role == "unit" else None
        Staff.update(role=role, unit=unit).where(Staff.id == person.id).execute()
        audit.note("change_person", f"staff:{person.id}")


def disable(person: Staff) -> None:
    """Let the account in no more; its sessions end at their next request. Raises `LastAdministrator`."""
    with database.atomic():
        _hold()
        _keep_an_administrator(person)
        # Otherwise enabling it would give life to its old cookies too.
        accounts.end_sessions(person)
        Staff.update(active=False).where(Staff.id == person.id).execute()
        audit.note("disable_person", f"staff:{person.id}")


def enable(person: Staff) -> None:
    """Let the account in again."""
    with database.atomic():
        Staff.update(active=True).where(Staff.id == person.id).execute()
        audit.note("enable_person", f"staff:{person.id}")


def _hold() -> None:
    take_turns(accounts.TURN)


def _keep_an_administrator(person: Staff) -> None:
    others = (Staff.role == "admin") & Staff.active & (Staff.id != person.id)
    if not Staff.select().where(others).exists():
        raise LastAdministrator
