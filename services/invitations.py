"""Personal links: who comes in by one finds the declaration filled in beforehand.

A link is 128 bits of chance. The database finds it by a keyed hash, and holds it sealed so that the same slip can be
printed again.
"""

import secrets
from collections.abc import Iterable

from models import Employee, Invitation, database, now, take_turns
from services import codes, employees, outbox, sms, vault
from services.days import after_days
from services.sms import meter

DAYS = 60
LINK_BYTES = 16


def prepare(people: Iterable[Employee]) -> None:
    """See to it that each of these has a link that is good for `DAYS` from today; one that is good stays the same."""
    until = after_days(now(), DAYS)
    with database.atomic():
        for employee in people:
            link = secrets.token_urlsafe(LINK_BYTES)
            expired = (Invitation.employee == employee) & (Invitation.expires_at <= now())
            Invitation.delete().where(expired).execute()
            Invitation.insert(
                employee=employee,
                link_hash=link_hash(link),
                link=vault.seal_for_desk(_field(employee.id), link.encode()),
                expires_at=until,
            ).on_conflict(conflict_target=[Invitation.employee], update={Invitation.expires_at: until}).execute()


def link_hash(link: str) -> str:
    """How a link is kept and found."""
    return vault.keyed_hash("invitation", link)


def link_of(row: Invitation) -> str:
    """The link, unsealed."""
    return vault.unseal_for_desk(_field(row.employee_id), row.link).decode()


def find(link: str) -> Employee | None:
    """Whom this link belongs to, while it is good."""
    is_good = (Invitation.link_hash == link_hash(link)) & (Invitation.expires_at > now())
    return Employee.select().join(Invitation).where(is_good).first()


def of(people: Iterable[Employee]) -> dict[int, Invitation]:
    """The links that are good now, by the employee's id."""
    ids = [employee.id for employee in people]
    rows = Invitation.select().where(Invitation.employee.in_(ids) & (Invitation.expires_at > now()))
    return {row.employee_id: row for row in rows}


def send(people: Iterable[Employee], told: dict[int, tuple[str, str]]) -> int:
    """Send each of these their link, if their phone is known and the month's messages are not spent; give to how many.

    `told` holds by the employee's id the whole address and the day on which it ends, as it is written.
    """
    rows = []
    with database.atomic():
        # The same turn as for codes: all are counted against the month.
        take_turns(codes.TURN)
        for employee in people:
            phone = employees.details(employee).get("phone")
            if phone is None or employee.id not in told:
                continue
            if meter.read().is_spent:
                break
            letter = sms.invitation_letter(phone, *told[employee.id])
            rows.append(outbox.post(outbox.SMS, "invitation", letter, unit_id=employee.unit_id))
            Invitation.update(sent_at=now()).where(Invitation.employee == employee).execute()
    for row in rows:
        outbox.send_out(row)
    return len(rows)


def revoke(people: Iterable[Employee]) -> int:
    """Make the links of these useless, from this moment; give how many there were."""
    ids = [employee.id for employee in people]
    return Invitation.delete().where(Invitation.employee.in_(ids)).execute()


def purge() -> int:
    """Delete the links that nobody can use any more; give how many."""
    return Invitation.delete().where(Invitation.expires_at <= now()).execute()


def initials(name: str) -> str:
    """`N. T. H. Nhung`'s first letters alone: enough to see that a slip is one's own, too little to learn a name."""
    return " ".join(f"{word[0].upper()}." for word in name.split())


def _field(employee_id: int) -> str:
    return f"invitation.{employee_id}"
