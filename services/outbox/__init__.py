"""The outbox: every message is a row written in the transaction that causes it, and sent by a worker.

So a message goes out if and only if what it speaks of was kept, and no page ever waits for a gateway. A worker claims
rows for a while (a lease); one that dies leaves them to the next. Sent at least once: twice only where the gateway took
a message and its answer was lost, and not even then where it knows the message's key.
"""

from services.outbox.letters import (
    MAIL,
    SMS,
    Letter,
    again,
    forget,
    hurry,
    letter_of,
    post,
    purge,
    recipient_of,
    sent_this_month,
    withdraw,
)
from services.outbox.reports import hear, note, secret
from services.outbox.sender import REASONS, Report, Sender, SendFailed
from services.outbox.sending import senders, sends, use
from services.outbox.worker import Worker, send_out

__all__ = [
    "MAIL",
    "REASONS",
    "SMS",
    "Letter",
    "Report",
    "SendFailed",
    "Sender",
    "Worker",
    "again",
    "forget",
    "hear",
    "hurry",
    "letter_of",
    "note",
    "post",
    "purge",
    "recipient_of",
    "secret",
    "send_out",
    "senders",
    "sends",
    "sent_this_month",
    "use",
    "withdraw",
]
