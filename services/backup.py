"""Backups that a deletion reaches: a file with everything but keys and names, and beside it the keys of today.

Each registration is sealed with a key of its own. Of the keys there is only ever the newest file, `quay.keys`, whatever
number of backups lie beside it: what was deleted at the desk is missing there, so no older backup opens it any more.
Names, which lie readable in the database, are left out and written anew from the sealed answers.

The newest keys may take the place of older ones only where nothing but deletions took keys away. A database that was
put back to an earlier state, or another one, would take away the keys of what it does not know. The audit log shows
which: it is only ever added to, so the database must hold the row that was its newest when the keys were written.
"""

import json
import logging
import os
import shutil
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from models import (
    TABLES,
    Attempt,
    Audit,
    Code,
    Dossier,
    Envelope,
    Message,
    NamePrefix,
    RosterPart,
    RosterUpload,
    Setting,
    copies,
    database,
)
from services import audit, finding, requests, submissions, vault
from services.vietnamese import fold

KEYS = "quay.keys"

log = logging.getLogger(__name__)

# What lives for a day at most, or is worked out anew. A message that waits today was sent long ago when it is restored.
LEFT_OUT = (NamePrefix, Code, Message, Attempt, RosterUpload, RosterPart)
COPIED = tuple(table for table in TABLES if table not in LEFT_OUT)
CHANGES = {
    Envelope: lambda row: {**row, "wrapped_key": b""},
    Dossier: lambda row: {**row, "full_name": "", "search_name": ""},
}


class BackupRefused(Exception):
    """No backup can be made or restored so; the message is a sentence for the administrator."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How many registrations came back, and how many did not: deleted since, or replaced by a correction."""

    kept: int
    gone: int


@dataclass(frozen=True, slots=True)
class _Keys:
    """The wrapped keys by envelope, and the number and hash of the audit log's newest row at that moment."""

    seq: int
    hash: str
    wrapped: dict[str, str]


def make(file: Path) -> int:
    """Write everything into `file` and the keys beside it; give how many registrations there are.

    Raises `BackupRefused`.
    """
    if file.exists():
        raise BackupRefused(f"There is a file {file} already. Choose another name.")
    _check_descent(_read_keys(file.with_name(KEYS)), file.parent)
    audit.note("backup")
    part = file.with_name(f".{file.name}.part")
    _make_private(part)
    try:
        with copies.one_moment():
            newest = Audit.newest()
            rows = Envelope.select(Envelope.id, Envelope.wrapped_key).tuples()
            wrapped = {identity: b64encode(bytes(key)).decode() for identity, key in rows}
            copies.write(part, COPIED, CHANGES)
        # The keys first: those of today open what the older backups may still show, and the new one needs them.
        _write_keys(file.with_name(KEYS), _Keys(newest.seq, newest.hash, wrapped))
        _put(part, file)
    finally:
        part.unlink(missing_ok=True)
    return len(wrapped)


def restore(file: Path) -> Restored:
    """Bring the backup `file` into this database, in which nothing must be yet. Raises `BackupRefused`."""
    keys = _read_keys(file.with_name(KEYS))
    if keys is None:
        raise BackupRefused(f"Put the newest {KEYS} beside {file.name}: without it nothing opens.")
    if not file.exists():
        raise BackupRefused(f"There is no file {file}.")
    copy = file.with_name(f".{file.name}.part")
    _make_private(copy)
    try:
        # An older version's backup is brought up to date, and the backup itself shall stay as it is.
        shutil.copyfile(file, copy)
        return _bring(copy, file, keys)
    except copies.NotADatabase as problem:
        raise BackupRefused(f"{file.name} is no backup, or it is damaged.") from problem
    except vault.WrongDataKey as problem:
        raise BackupRefused(f"{file.name} belongs to another data.key.") from problem
    except copies.OfNewerVersion as problem:
        raise BackupRefused(f"{file.name} was made by a newer version. Install that version first.") from problem
    finally:
        copy.unlink(missing_ok=True)


def _bring(copy: Path, file: Path, keys: _Keys) -> Restored:
    with database.atomic():
        if any(table.select().exists() for table in TABLES if table is not Setting):
            raise BackupRefused("There is something in this database already. Restore into an empty one.")
        Setting.delete().execute()
        copies.read(copy, COPIED)
        vault.check_key()
        newest = Audit.newest()
        if newest is None or newest.seq > keys.seq:
            raise BackupRefused(f"{KEYS} is older than {file.name}: put the newest one beside it.")
        gone = _destroy_those_without_key(keys)
        for row in Dossier.select():
            _write_name(row)
        audit.note("restore")
        return Restored(Envelope.select().count(), gone)


def _destroy_those_without_key(keys: _Keys) -> int:
    gone = 0
    for (identity,) in list(Envelope.select(Envelope.id).tuples()):
        if identity in keys.wrapped:
            key = b64decode(keys.wrapped[identity])
            Envelope.update(wrapped_key=key).where(Envelope.id == identity).execute()
        else:
            for row in Dossier.select().where(Dossier.envelope == identity):
                requests.forget(row)
            gone += Envelope.delete().where(Envelope.id == identity).execute()
    return gone


def _write_name(row: Dossier) -> None:
    try:
        row.full_name = submissions.open_dossier(row).given["full_name"]
    except vault.Unreadable:
        log.warning("dossier %s cannot be opened, so it has no name in the list", row.reference)
        return
    row.search_name = fold(row.full_name)[:200]
    row.save(only=[Dossier.full_name, Dossier.search_name])
    finding.keep_name(row)


def _check_descent(before: _Keys | None, folder: Path) -> None:
    if before is None:
        return
    row = Audit.get_or_none(Audit.seq == before.seq)
    if row is None or row.hash != before.hash:
        raise BackupRefused(
            f"{folder / KEYS} holds keys of registrations that this database does not know: it was put back to an "
            "earlier state, or is another one. Choose a new folder, and keep the old one until it is not needed."
        )


def _read_keys(path: Path) -> _Keys | None:
    """The keys in the file, None where there is none. Raises `BackupRefused` where they are not whole or not ours."""
    try:
        body, _line, proof = path.read_text("ascii").partition("\n")
        told = json.loads(body)
        if proof.strip() != vault.keyed_hash("backup keys", body):
            raise ValueError
        return _Keys(told["seq"], told["hash"], told["keys"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as problem:
        raise BackupRefused(f"{path} is damaged, or belongs to another data.key.") from problem


def _write_keys(path: Path, keys: _Keys) -> None:
    body = json.dumps({"seq": keys.seq, "hash": keys.hash, "keys": keys.wrapped})
    part = path.with_name(f".{path.name}.part")
    _make_private(part)
    try:
        part.write_text(f"{body}\n{vault.keyed_hash('backup keys', body)}\n", "ascii")
        _put(part, path)
    finally:
        part.unlink(missing_ok=True)


def _make_private(path: Path) -> None:
    """An empty file that its owner alone can read, whatever lay there before."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _put(part: Path, path: Path) -> None:
    """Let the finished file have its name, once it is safe on the disk: whole or not at all."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
