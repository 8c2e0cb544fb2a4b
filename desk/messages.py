"""What the desk sends: what waits, went out or failed, and what HR does about it.

What an account may see is part of the fetch, so that no view can forget it.
"""

from dataclasses import dataclass

from peewee import fn

from desk.outside import TEST
from models import Code, Message, Staff, database, now
from services import codes, outbox
from services.sms import meter

SHOWN = 50
LARGEST_KEY = 2**31 - 1
DAY = 24 * 60 * 60


class NotAnyMore(Exception):
    """Meanwhile the message went out, its code can no longer be entered, or the month's messages are spent."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A message unsealed for the list. `code` is the code in it while that can still be entered."""

    row: Message
    to: str
    code: Code | None

    @property
    def can_be_sent_again(self) -> bool:
        """Whether another try is of use: it waits for its next one, or failed and its code is still good."""
        is_of_use = self.code is not None or (self.row.purpose == TEST and self.row.until > now())
        has_failed = bool(self.row.answer) and self.row.state in {Message.WAITING, Message.FAILED}
        return is_of_use and has_failed and outbox.sends(self.row.means)

    @property
    def can_be_read_out(self) -> bool:
        """Whether HR may read the code out instead."""
        return self.code is not None and self.code.delivery == codes.SMS


@dataclass(frozen=True, slots=True)
class Overview:
    """The messages that wait, that failed, that went out; the latest first, at most `SHOWN` of each."""

    waiting: list[Listed]
    failed: list[Listed]
    sent: list[Listed]


def overview(staff: Staff) -> Overview:
    """All that this account may see."""
    return Overview(*(_list(staff, state) for state in (Message.WAITING, Message.FAILED, Message.SENT)))


def count_failed(staff: Staff) -> int:
    """How many of the last day did not go out; not those in whose place another was sent or HR reads the code out."""
    failed = (Message.state == Message.FAILED) | ((Message.state == Message.WAITING) & (Message.answer != ""))
    its_code = Code.select().where((Code.message == Message.id) & (Code.delivery == codes.SMS))
    matters = (Message.purpose == "invitation") | fn.EXISTS(its_code)
    return _visible_to(staff).where(failed & matters & (Message.created_at > now() - DAY)).count()


def find(staff: Staff, message_id: int) -> Listed | None:
    """The message with this id, if the account may see it."""
    row = _visible_to(staff).where(Message.id == message_id).first() if message_id <= LARGEST_KEY else None
    return _listed(row) if row else None


def send_again(message: Listed) -> None:
    """Try a waiting message now, or send a failed one anew. Raises `NotAnyMore`."""
    if not message.can_be_sent_again:
        raise NotAnyMore
    if message.row.state == Message.WAITING:
        outbox.hurry(message.row.id)
        outbox.send_out(message.row)
    elif meter.read().is_spent:
        raise NotAnyMore
    elif message.code:
        _send_code_again(message.code)
    else:
        outbox.send_out(outbox.again(message.row))


def read_out(message: Listed) -> None:
    """Leave its code to HR's reading out. Raises `NotAnyMore`."""
    if not message.can_be_read_out:
        raise NotAnyMore
    with database.atomic():
        outbox.withdraw(message.row.id)
        Code.update(delivery=codes.DESK).where(Code.id == message.code.id).execute()


def _send_code_again(code: Code) -> None:
    """In a message of its own; pressed twice, it is sent once."""
    with database.atomic() as transaction:
        fresh = outbox.again(code.message)
        is_still_so = (Code.id == code.id) & (Code.message == code.message_id)
        if not Code.update(message=fresh.id, delivery=codes.SMS).where(is_still_so).execute():
            transaction.rollback()
            return
    outbox.send_out(fresh)


def _visible_to(staff: Staff):
    query = Message.select()
    return query.where(Message.unit == staff.unit_id) if staff.role == "unit" else query


def _list(staff: Staff, state: str) -> list[Listed]:
    query = _visible_to(staff).where(Message.state == state).order_by(Message.id.desc()).limit(SHOWN)
    return [_listed(row) for row in query]


def _listed(row: Message) -> Listed:
    return Listed(row, outbox.recipient_of(row), Code.live(now()).where(Code.message == row.id).first())
