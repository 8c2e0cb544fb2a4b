"""Text messages: one small interface, one file per way of sending. Nothing set means that HR reads codes out."""

from collections.abc import Callable
from urllib.parse import urlsplit

from services.sms import folder
from services.sms.failure import SendFailed
from services.vietnamese import fold

__all__ = ["SendFailed", "code_text", "invitation_text", "is_set", "send", "use"]

WAYS = {"file": folder.sender}

_send: Callable[[str, str], None] | None = None
_company = ""


def use(url: str, company: str) -> None:
    """Send by the gateway at `url`, in the name of `company`; an empty address sends nothing."""
    global _send, _company
    _send = WAYS[urlsplit(url).scheme](url) if url else None
    _company = fold(company).title()[:40]


def is_set() -> bool:
    """Whether messages can be sent at all."""
    return _send is not None


def send(phone: str, text: str) -> None:
    """Hand `text` to the gateway for `phone` (0…, ten digits). Raises `SendFailed`."""
    _send(phone, text)


def code_text(code: str, minutes: int) -> str:
    """The words around a code: no accents, so that they fit one message of 160 characters, and no link."""
    sender = f"Quay VssID {_company}".strip()
    return f"{sender}: ma xac nhan cua ban la {code}, dung trong {minutes} phut. Khong dua ma nay cho nguoi khac."


def invitation_text(address: str, until: str) -> str:
    """The words around a personal link that is good until the day `until`: no accents, as in `code_text`."""
    sender = f"Quay VssID {_company}".strip()
    return f"{sender}: moi ban dang ky VssID tai {address} (rieng cho ban, den {until}). Khong dua cho nguoi khac."
