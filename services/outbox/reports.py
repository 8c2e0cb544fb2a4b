"""What became of messages that a gateway took: it is asked, since a desk inside a company can seldom be called.

A gateway that can call back all the same only saves the asking; whatever it says twice counts once.
"""

import hmac
from dataclasses import dataclass

from models import Message, now
from services import vault
from services.outbox.sender import Report, SendFailed, answer_of
from services.outbox.sending import first_of, senders

# Between two looks while a message is as old as the first figure says, in seconds; older ones are let be.
LOOKS = ((60, 5), (10 * 60, 30), (6 * 3600, 15 * 60), (24 * 3600, 3600))


@dataclass(frozen=True, slots=True)
class Look:
    """A message whose gateway is asked now."""

    key: str
    means: str
    gateway_id: str


def claim_look() -> Look | None:
    """The message that was not asked after for the longest; None when none is due."""
    telling = [means for means, sender in senders().items() if sender.tells]
    at = now()
    due = (Message.state == Message.SENT) & Message.delivered_at.is_null() & Message.due_at.between(1, at)
    query = Message.select().where(due & Message.means.in_(telling)).order_by(Message.due_at).limit(1)
    with first_of(query) as row:
        if row is None:
            return None
        Message.update(due_at=_next_look(at - row.sent_at, at)).where(Message.id == row.id).execute()
        return Look(row.key, row.means, row.gateway_id)


def ask_after(look: Look) -> Report | None:
    """Ask the gateway. Needs no database; a gateway that does not answer is asked again later."""
    try:
        return senders()[look.means].look(look.key, look.gateway_id)
    except SendFailed:
        return None


def note(key: str, report: Report) -> bool:
    """Write down what a gateway says of the message with this key; give whether that was news."""
    return _note(Message.key == key, report)


def secret(means: str) -> str:
    """What stands in the address at which the gateway of this means may call back, and only it and we know."""
    return vault.keyed_hash("reports", means)


def hear(means: str, shown: str, said: object) -> bool:
    """Write down what is called back with the secret `shown`; give whether it was the right one.

    Whatever is said, or said twice, the gateway need not say it again.
    """
    sender = senders().get(means)
    if not hmac.compare_digest(shown.encode(), secret(means).encode()) or not sender or not sender.calls_back:
        return False
    told = sender.heard(said) if isinstance(said, dict) else None
    if told:
        gateway_id, report = told
        _note((Message.means == means) & (Message.gateway_id == gateway_id), report)
    return True


def _note(which, report: Report) -> bool:
    taken = which & (Message.state == Message.SENT) & Message.delivered_at.is_null()
    if report.reason:
        changes = {"state": Message.FAILED, "answer": answer_of(report.reason, report.detail)}
    else:
        changes = {"due_at": 0, **({"delivered_at": now()} if report.is_delivered else {})}
    return Message.update(changes).where(taken).execute() == 1


def _next_look(age: int, at: int) -> int:
    return next((at + pause for until, pause in LOOKS if age < until), 0)
