"""Everything that is signed, and the only importer of itsdangerous.

The public pages keep no cookie: the token in the form is the session, the guard against forged requests and the lock
against lost updates, all at once. It holds a version, the draft's random id, the draft's session, the step and the
revision that the page showed; nothing personal, for a signed text can be read by anybody.

One sign/check pair per purpose, each with its own salt, so that a token made for one purpose is refused by all others.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, base64_encode

LIFETIME = 30 * 60
SKEW = 5 * 60
VERSION = 1
# What hands a draft from one device to another ends when it says, however long somebody stays.
RENEWABLE = ("step", "page", "receipt", "rights", "lookup")

_keys: tuple[str, ...] = ()


class BadToken(Exception):
    """A token that is not ours, not for this purpose or not for this step."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a token says: which draft or dossier, in which session, for which step, as of which revision.

    `until` is a second since 1970 after which it is no longer good, however often it was signed anew; 0 for none.
    """

    id: str
    session: str
    step: str = ""
    revision: int = 0
    until: int = 0


class ExpiredToken(BadToken):
    """Ours, and once good, but too old: what it said, for which purpose, and how many seconds ago it was made."""

    def __init__(self, purpose: str, ticket: Ticket, age: float):
        super().__init__("too old")
        self.purpose = purpose
        self.ticket = ticket
        self.age = age


def use(keys: tuple[str, ...]) -> None:
    """Sign with the first of `keys`, accept all of them (newest first, so that a key can be changed while in use)."""
    global _keys
    _keys = tuple(keys)


def sign_step(ticket: Ticket) -> str:
    """The hidden field of a form: good for one step of one draft at one revision."""
    return _sign("step", ticket)


def check_step(token: str, step: str | None = None) -> Ticket:
    """Raise `BadToken` unless we issued `token` for `step` (for any step when it is None)."""
    ticket = _check("step", token)
    if step is not None and ticket.step != step:
        raise BadToken("made for another step")
    return ticket


def sign_page(ticket: Ticket) -> str:
    """`?t=` of an address: lets a page of this draft be shown; it can write nothing."""
    return _sign("page", ticket)


def check_page(token: str) -> Ticket:
    """Raise `BadToken` unless we issued `token` for looking at a draft."""
    return _check("page", token)


def sign_receipt(ticket: Ticket) -> str:
    """`?t=` of the receipt and its Form 01."""
    return _sign("receipt", ticket)


def check_receipt(token: str) -> Ticket:
    """Raise `BadToken` unless we issued `token` for a receipt."""
    return _check("receipt", token)


def sign_handoff(ticket: Ticket) -> str:
    """The address and the form of the phone's page: good for the photos of one draft, until the ticket's time."""
    return _sign("handoff", ticket)


def check_handoff(token: str) -> Ticket:
    """Raise `BadToken` unless we issued `token` for sending photos from another device."""
    return _check("handoff", token)


def sign_lookup(ticket: Ticket) -> str:
    """Says that the phone whose keyed hash is the ticket's id was proved by a code."""
    return _sign("lookup", ticket)


def check_lookup(token: str) -> Ticket:
    """Raise `BadToken` unless we issued `token` after a phone was proved."""
    return _check("lookup", token)


def sign_rights(ticket: Ticket) -> str:
    """`?t=` of "Dữ liệu của bạn": lets whoever proved the phone see all that is held about one draft or dossier."""
    return _sign("rights", ticket)


def check_rights(token: str) -> Ticket:
    """Raise `BadToken` unless we issued `token` for the person's rights."""
    return _check("rights", token)


def sign_transfer(ticket: Ticket) -> str:
    """The address behind the QR by which another device takes the draft over; good until the ticket's time."""
    return _sign("transfer", ticket)


def check_transfer(token: str) -> Ticket:
    """Raise `BadToken` unless we issued `token` for taking a draft over."""
    return _check("transfer", token)


def sign_return(ticket: Ticket) -> str:
    """Says which step to come back to; it opens nothing, for that the phone must be proved."""
    return _sign("return", ticket)


def check_return(token: str) -> Ticket:
    """Raise `BadToken` unless we issued `token` for coming back to a step."""
    return _check("return", token)


def renew(token: str) -> str:
    """The same ticket signed anew, for the purpose of a page on which somebody is still at work. Raises `BadToken`."""
    for purpose in RENEWABLE[:-1]:
        try:
            return _sign(purpose, _check(purpose, token))
        except ExpiredToken:
            raise
        except BadToken:
            continue
    return _sign(RENEWABLE[-1], _check(RENEWABLE[-1], token))


def _sign(purpose: str, ticket: Ticket) -> str:
    # The nonce makes every page's token different, so that a compressed page gives nothing away by its length.
    said = [ticket.id, ticket.session, ticket.step, ticket.revision, ticket.until]
    return _serializer(purpose).dumps([VERSION, *said, secrets.token_urlsafe(3)])


def _check(purpose: str, token: str) -> Ticket:
    if not _is_canonical(token):
        raise BadToken("not a token")
    try:
        payload, signed_at = _serializer(purpose).loads(token, return_timestamp=True)
        version, *said, _nonce = payload
        ticket = Ticket(*said)
    except (BadData, ValueError, TypeError) as problem:
        raise BadToken("not our signature") from problem
    if version != VERSION:
        raise BadToken("another version")
    age = time.time() - signed_at.timestamp()
    if age < -SKEW:
        raise BadToken("from the future")
    if age > LIFETIME or (ticket.until and time.time() > ticket.until):
        raise ExpiredToken(purpose, ticket, age)
    return ticket


def _is_canonical(token: str) -> bool:
    # The last character of a base64 signature has spare bits: without this check several texts would be one token.
    if not token or not token.isascii() or "." not in token:
        return False
    signature = token.rsplit(".", 1)[1]
    try:
        return base64_encode(base64_decode(signature)).decode() == signature
    except BadData:
        return False


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        # itsdangerous signs with the last key of its list; ours is written newest first.
        list(reversed(_keys)),
        salt=f"quay.{purpose}.v{VERSION}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
