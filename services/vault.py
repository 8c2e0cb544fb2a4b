"""Encryption, and the only importer of `cryptography`.

Every registration has an envelope: a random 256-bit key, wrapped by a key-encryption key that is kept outside the data.
What is sealed with it (AES-256-GCM) is bound to its envelope and field, so that a ciphertext moved to another person's
row, or to another column, does not open. Deleting the envelope makes everything sealed with it unreadable, also in the
backups of `services.backup`; a plain copy of the database still holds its own envelopes, and whoever has it and the
key-encryption key can read it.
"""

import hashlib
import hmac
import os
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models import Envelope, Setting

NONCE = 12

_keys: dict[str, bytes] = {}


class Unreadable(Exception):
    """Sealed with another key, for another place, or damaged."""


class WrongDataKey(Exception):
    """The key at hand is not the one that this database was made with; the message is for the administrator."""


def use(key: bytes) -> None:
    """Derive this installation's keys from the 32 bytes of the key-encryption key."""
    for label in ("wrap", "hash", "desk"):
        _keys[label] = HKDF(SHA256(), 32, salt=None, info=f"quay {label} v1".encode()).derive(key)


def check_key() -> None:
    """Raise `WrongDataKey` where the database was made with another key; remember the key of a new database."""
    proof = keyed_hash("proof", "quay")
    kept, _made = Setting.get_or_create(name="key_proof", defaults={"value": proof})
    if not hmac.compare_digest(kept.value, proof):
        raise WrongDataKey(
            "QUAY_DATA_KEY: this is not the key that the database was made with; "
            "put back the file data.key that belongs to it."
        )


def new_envelope(identity: str, corrects: str | None = None) -> Envelope:
    """Make and save an envelope with a fresh key; `corrects` is the id of the one that it may take the place of."""
    wrapped = _encrypt(_keys["wrap"], secrets.token_bytes(32), identity)
    return Envelope.create(id=identity, wrapped_key=wrapped, corrects=corrects)


def seal(envelope: Envelope, field: str, data: bytes) -> bytes:
    """Encrypt `data` for one field of one registration."""
    return _encrypt(_unwrap(envelope), data, f"{envelope.id}|{field}")


def unseal(envelope: Envelope, field: str, sealed: bytes) -> bytes:
    """What `seal` was given for this very envelope and field. Raises `Unreadable`."""
    return _decrypt(_unwrap(envelope), bytes(sealed), f"{envelope.id}|{field}")


def seal_for_desk(field: str, data: bytes) -> bytes:
    """Encrypt what the desk itself must read and no envelope holds, such as a code to read out."""
    return _encrypt(_keys["desk"], data, field)


def unseal_for_desk(field: str, sealed: bytes) -> bytes:
    """What `seal_for_desk` was given for this field. Raises `Unreadable`."""
    return _decrypt(_keys["desk"], bytes(sealed), field)


def keyed_hash(label: str, text: str) -> str:
    """64 hexadecimal digits by which `text` can be found again, but which tell nothing without the key."""
    message = f"{label}|{unicodedata.normalize('NFC', text)}".encode()
    return hmac.new(_keys["hash"], message, hashlib.sha256).hexdigest()


def _unwrap(envelope: Envelope) -> bytes:
    return _decrypt(_keys["wrap"], bytes(envelope.wrapped_key), envelope.id)


def _encrypt(key: bytes, data: bytes, place: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, place.encode())


def _decrypt(key: bytes, sealed: bytes, place: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
    except (InvalidTag, ValueError) as problem:
        raise Unreadable(place.split("|")[-1]) from problem
