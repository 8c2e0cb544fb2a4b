"""What is in the outbox: written, withdrawn, read again, and forgotten when its time is over."""

import json
import secrets
from dataclasses import dataclass

from models import Message, now
from services import days, vault

SMS = "sms"
MAIL = "mail"

# A whole month can be counted; to whom a message went, and what it said, is of no use after a week.
KEPT_DAYS = 35
READABLE_DAYS = 7
DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Letter:
    """A message unsealed: to whom, and what is said, in whatever parts its means has."""

    to: str
    said: dict


def post(means: str, purpose: str, letter: Letter, *, envelope=None, unit_id: int | None = None, until: int = 0):
    """Put a message into the outbox, inside the transaction that causes it; give its row.

    `envelope` is that of the registration it speaks of: with it the message is destroyed. After the second `until` it
    is not sent any more (0: whenever it can be).
    """
    at = now()
    key = secrets.token_hex(16)
    content = json.dumps([letter.to, letter.said]).encode()
    return Message.create(
        key=key,
        means=means,
        purpose=purpose,
        envelope=envelope,
        unit=unit_id,
        content=vault.seal(envelope, _field(key), content) if envelope else vault.seal_for_desk(_field(key), content),
        until=until,
        created_at=at,
        due_at=at,
    )


def again(row: Message) -> Message:
    """The same message as a new one: its gateway must not take it for the one that failed."""
    return post(row.means, row.purpose, letter_of(row), envelope=row.envelope, unit_id=row.unit_id, until=row.until)


def letter_of(row: Message) -> Letter:
    """What the row says. Raises `vault.Unreadable`."""
    if row.envelope_id:
        content = vault.unseal(row.envelope, _field(row.key), row.content)
    else:
        content = vault.unseal_for_desk(_field(row.key), row.content)
    return Letter(*json.loads(content))


def recipient_of(row: Message) -> str:
    """To whom it goes; empty where that can no longer be read."""
    try:
        return letter_of(row).to
    except vault.Unreadable:
        return ""


def withdraw(message_id: int) -> None:
    """Do not send this message any more, unless it is out already."""
    Message.update(state=Message.DROPPED).where(
        (Message.id == message_id) & (Message.state == Message.WAITING)
    ).execute()


def hurry(message_id: int) -> None:
    """Try this message now, if it still waits, whenever it was to be tried next."""
    Message.update(due_at=now()).where((Message.id == message_id) & (Message.state == Message.WAITING)).execute()


def sent_this_month(means: str) -> int:
    """How many messages of this means went out in this calendar month, Vietnamese time, or wait to go."""
    since = days.month_began(now())
    counts = (Message.sent_at >= since) | ((Message.state == Message.WAITING) & (Message.created_at >= since))
    return Message.select().where((Message.means == means) & counts).count()


def forget(message_ids: list[int]) -> None:
    """Let nothing remain of whom these messages went to and what they said; those that wait are not sent."""
    for message_id in message_ids:
        withdraw(message_id)
    Message.update(content=b"").where(Message.id.in_(message_ids)).execute()


def purge() -> int:
    """Delete the messages whose time is over, and the words of those that are older than a week; give how many went."""
    at, is_over = now(), Message.state != Message.WAITING
    # Nobody else ends these where there is no gateway any more.
    is_late = (Message.until > 0) & (Message.until < at) & (Message.leased_until < at)
    Message.update(state=Message.FAILED, answer="expired").where((Message.state == Message.WAITING) & is_late).execute()
    old = Message.created_at < at - READABLE_DAYS * DAY
    Message.update(content=b"").where(is_over & old & (Message.content != b"")).execute()
    return Message.delete().where(is_over & (Message.created_at < at - KEPT_DAYS * DAY)).execute()


def _field(key: str) -> str:
    return f"message.{key}"
