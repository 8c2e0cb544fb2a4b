"""A mail as it goes over the line: headers that nobody's name can add to, text, HTML, and at most one PDF."""

import unicodedata
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import idna

from models import now
from services import vault
from services.days import local

# Control characters, formatting characters, halves of characters.
INVISIBLE = ("Cc", "Cf", "Cs")


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says. `sender` is the name beside our address; `file_name` is empty where nothing is attached."""

    sender: str
    subject: str
    text: str
    html: str
    file_name: str = ""
    pdf: bytes = field(default=b"", repr=False)


class Unwritable(Exception):
    """No mail can be addressed so."""


def made(words: Words, sender: str, to: Address, key: str) -> EmailMessage:
    """The whole mail.

    Its Message-ID is the same whenever this message is tried, so that whoever gets it twice can tell; it does not give
    away the key, by which a gateway would be believed.
    """
    domain = sender.rpartition("@")[2]
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(_line(words.sender), addr_spec=sender)
    mail["To"] = to
    mail["Subject"] = _line(words.subject)
    mail["Date"] = format_datetime(local(now()))
    mail["Message-ID"] = f"<{vault.keyed_hash('mail', key)[:32]}@{domain}>"
    # A machine wrote it: no machine is to answer (RFC 3834), least of all from somebody's holiday.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(words.text)
    mail.add_alternative(words.html, subtype="html")
    if words.file_name:
        mail.add_attachment(words.pdf, maintype="application", subtype="pdf", filename=words.file_name)
    return mail


def address(text: str) -> Address:
    """The address with its domain as mail servers write it (RFC 5891). Raises `Unwritable`."""
    local_part, _at, domain = text.rpartition("@")
    try:
        return Address(username=local_part, domain=idna.encode(domain, uts46=True).decode())
    # What the standard library finds wrong with an address is a ValueError mostly.
    except (ValueError, IndexError) as problem:
        raise Unwritable from problem


def _line(text: str) -> str:
    """On one line: whatever a header could end with is gone."""
    visible = (" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in INVISIBLE)
    return " ".join("".join(visible).split())
