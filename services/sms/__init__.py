"""Text messages: one small interface, one file per way of sending. Nothing set means that HR reads codes out."""

from urllib.parse import urlsplit

from services.outbox import Letter, Sender
from services.sms import apprise, esms, folder, gammu, smsgate, speedsms
from services.sms.texts import LONGEST, code_text, invitation_text, test_text

__all__ = ["WAYS", "code_letter", "invitation_letter", "sender", "test_letter", "use"]

# By the scheme of the gateway's address; everything that Apprise knows comes as `apprise+…`.
WAYS = {
    "file": folder.FolderSender,
    "gammu": gammu.ModemSender,
    "smsgate": smsgate.PhoneSender,
    "esms": esms.EsmsSender,
    "speedsms": speedsms.SpeedSmsSender,
}

_host = ""


def use(public_url: str) -> None:
    """A browser at `public_url` may fill in the code by itself, if it is https."""
    global _host
    address = urlsplit(public_url)
    _host = address.hostname if address.scheme == "https" and address.port is None else ""


def sender(url: str, reports_to: str = "") -> Sender:
    """What sends by the gateway at `url`; a gateway that calls back does so at `reports_to`, an address of ours."""
    scheme = urlsplit(url).scheme
    if scheme.startswith(apprise.PREFIX):
        return apprise.AppriseSender(url)
    if scheme == "esms":
        return esms.EsmsSender(url, reports_to)
    return WAYS[scheme](url)


def code_letter(phone: str, code: str, minutes: int) -> Letter:
    """The message that brings a code.

    Where it fits, the last line binds the code to our host (https://wicg.github.io/sms-one-time-codes/).
    """
    text = code_text(code, minutes)
    bound = f"{text}\n@{_host} #{code}"
    return Letter(phone, {"text": bound if _host and len(bound) <= LONGEST else text, "seconds": minutes * 60})


def invitation_letter(phone: str, address: str, until: str) -> Letter:
    """The message with a personal link that is good until the day `until`."""
    return Letter(phone, {"text": invitation_text(address, until)})


def test_letter(phone: str) -> Letter:
    """A message by which HR sees that messages arrive."""
    return Letter(phone, {"text": test_text()})
