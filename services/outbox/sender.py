"""What a way of sending is, and how it can fail."""

import re
from dataclasses import dataclass

from services.outbox.letters import Letter

# Why a message was not taken, or did not arrive; `forms/messages.py` has the words for each.
REASONS = (
    "folder",
    "unreachable",
    "certificate",
    "silent",
    "dropped",
    "status",
    "garbled",
    "credentials",
    "balance",
    "refused",
    "lost",
    "expired",
    "stumbled",
    "unreadable",
)
# A gateway may quote the number that it was given; nothing that is kept or logged may.
_NUMBERS = re.compile(r"\+?\d[\d .-]{3,}\d")


class SendFailed(Exception):
    """The gateway did not take the message. `reason` is one of `REASONS`, `detail` what it said; `is_final`: no try
    will help.
    """

    def __init__(self, reason: str, detail: str = "", *, is_final: bool = False):
        super().__init__(answer_of(reason, detail))
        self.reason = reason
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Report:
    """What a gateway says of a message that it took. `reason` is empty, or why it did not arrive.

    One that is neither delivered nor lost was passed on, and nothing more will ever be known of it.
    """

    is_delivered: bool = False
    reason: str = ""
    detail: str = ""


class Sender:
    """A way of sending."""

    # It never waits, so that the one who wrote the message may send it.
    is_at_once = False
    # It can be asked what became of a message.
    tells = False
    # It can call back, for all its messages, at one address that an administrator registers with it.
    calls_back = False
    # What HR knows it by; no password stands in it.
    place = ""

    def send(self, letter: Letter, key: str) -> str:
        """Hand over the message; give the gateway's own name for it, if any. Raises `SendFailed`."""
        raise NotImplementedError

    def look(self, key: str, gateway_id: str) -> Report | None:
        """What became of a message that was taken; None while nothing is known. Raises `SendFailed`."""
        raise NotImplementedError

    def heard(self, said: dict) -> tuple[str, Report] | None:
        """What a call back tells, and of which message, by the gateway's own name for it; None if nothing is told."""
        raise NotImplementedError


def answer_of(reason: str, detail: str = "") -> str:
    """The reason as it is kept with the message: its name, then the gateway's words without any number."""
    return f"{reason} {_NUMBERS.sub('…', ' '.join(detail.split()))}".strip()[:200]
