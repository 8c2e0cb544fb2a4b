"""Text messages: one small interface, one file per way of sending. Nothing set means that HR reads codes out."""

from collections.abc import Callable
from urllib.parse import urlsplit

from services.sms import folder
from services.sms.failure import SendFailed
from services.sms.texts import code_text, invitation_text

__all__ = ["SendFailed", "code_text", "invitation_text", "is_set", "send", "use"]

WAYS = {"file": folder.sender}

_send: Callable[[str, str], None] | None = None


def use(url: str) -> None:
    """Send by the gateway at `url`; an empty address sends nothing."""
    global _send
    _send = WAYS[urlsplit(url).scheme](url) if url else None


def is_set() -> bool:
    """Whether messages can be sent at all."""
    return _send is not None


def send(phone: str, text: str) -> None:
    """Hand `text` to the gateway for `phone` (0…, ten digits). Raises `SendFailed`."""
    _send(phone, text)
