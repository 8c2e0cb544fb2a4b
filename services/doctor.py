"""Is everything well? Looked at one by one, each with what to do where it is not. Nothing is changed."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from peewee import DatabaseError

from models import Audit, Dossier, Photo, Staff, damages, now, pending
from services import audit, form01, official, photos, submissions, typesetting, vault
from services.days import local

LEAST_FREE = 500_000_000
LITTLE_FREE = 2_000_000_000
# Nothing of ours was made before.
EARLIEST = 1_767_225_600  # 2026-01-01
SLACK = 5 * 60
# Every letter with every tone, as far as a sentence can; the rest as they stand in the alphabet.
PANGRAM = (
    "Đừng để ý những gã quỷ dữ; hãy nghĩ kỹ, giữ chữ ký ở chỗ ấy, mỗi thuở mỗi khác. "
    "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
)

WELL, WARNING, FAILURE = "ok", "warning", "FAILURE"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it stands (`WELL`, `WARNING`, `FAILURE`), and what was seen or is to be done."""

    what: str
    state: str
    words: str


Verdict = tuple[str, str]


def examine(data: Path) -> Iterator[Finding]:
    """Look at everything; `data` is the folder of this installation."""
    checks: tuple[tuple[str, Callable[[], Verdict]], ...] = (
        ("database", _database),
        ("schema", _schema),
        ("data key", _key),
        ("audit log", _audit),
        ("disk", lambda: _disk(data)),
        ("key files", lambda: _files(data)),
        ("clock", _clock),
        ("Form 01", _form01),
        ("official form", _official),
        ("photos", _photos),
        ("administrators", _administrators),
    )
    for what, check in checks:
        try:
            state, words = check()
        except DatabaseError as problem:
            state, words = FAILURE, f"the database does not answer ({str(problem).partition(chr(10))[0]})."
        yield Finding(what, state, words)


def _database() -> Verdict:
    found = damages()
    if found:
        return FAILURE, f"the file is damaged ({'; '.join(found[:3])}). Stop the desk and restore the newest backup."
    return WELL, "whole."


def _schema() -> Verdict:
    missing, unknown = pending()
    if missing:
        return FAILURE, f"not up to date ({', '.join(missing)}). Start the desk once; it brings the schema up to date."
    if unknown:
        return FAILURE, f"made by a newer version ({', '.join(unknown)}). Install that version again."
    return WELL, "up to date."


def _key() -> Verdict:
    try:
        vault.check_key()
        newest = Dossier.select().order_by(Dossier.id.desc()).first()
        if newest:
            submissions.open_dossier(newest)
    except vault.WrongDataKey as problem:
        return FAILURE, str(problem)
    except vault.Unreadable:
        return (
            FAILURE,
            f"dossier {newest.reference} does not open. Put back the data.key that belongs to this database.",
        )
    return WELL, "fits the database."


def _audit() -> Verdict:
    fault = audit.first_fault()
    if fault:
        return FAILURE, (
            f"row {fault.seq} {fault.what}. Somebody changed the database by another way: keep a copy of it as "
            "evidence, and compare with the backups to see since when."
        )
    if not Audit.is_guarded():
        return FAILURE, "the triggers that guard it are gone: somebody removed them. Restore the newest backup."
    last = Audit.newest()
    if last is None:
        return WELL, "empty."
    return WELL, f"unbroken up to row {last.seq}; its hash is {last.hash}. Note it down outside this machine."


def _disk(data: Path) -> Verdict:
    free = shutil.disk_usage(data).free
    words = f"{free / 1e9:.1f} GB free in {data}."
    if free < LEAST_FREE:
        return FAILURE, f"{words} Make room now: registrations will soon be refused."
    return (WARNING, f"{words} Make room soon.") if free < LITTLE_FREE else (WELL, words)


def _files(data: Path) -> Verdict:
    open_to_others = [
        path.name
        for path in sorted(data.glob("*.key"))
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    if open_to_others:
        return FAILURE, f"others can read {', '.join(open_to_others)} in {data}. Run chmod 600 on it."
    return WELL, "for their owner only."


def _clock() -> Verdict:
    newest = [row.at for row in [Audit.newest()] if row]
    newest += [row.submitted_at for row in Dossier.select().order_by(Dossier.id.desc()).limit(1)]
    at = now()
    if at < EARLIEST or at + SLACK < max(newest, default=0):
        return FAILURE, "this machine's clock is behind. Set it (time server): codes, limits and deadlines hang on it."
    return WELL, "not behind anything that was recorded."


def _form01() -> Verdict:
    lacking = "".join(letter for letter in PANGRAM if typesetting.printable(letter) == typesetting.MISSING)
    if lacking:
        return FAILURE, f"the fonts in data/fonts lack {lacking}. Put the original files back."
    try:
        form01.render(form01.Form01(full_name=PANGRAM))
    except Exception as problem:  # The typesetter raises a dozen kinds; whichever, there is no form.
        return FAILURE, f"cannot be made ({type(problem).__name__}). Put data/fonts and templates/form01.typ back."
    return WELL, "can be made, with every Vietnamese letter."


def _official() -> Verdict:
    newest, row = official.newest_try(), official.kept(official.PORTAL)
    kept = f"the one of {local(row.seen_at):%Y-%m-%d} is kept." if row else "none is kept; ours is given out."
    if newest is None or newest.ended_at is None:
        return WELL, f"not fetched yet; {kept}"
    if newest.outcome in {official.TAKEN, official.SAME}:
        return WELL, kept
    return WARNING, f"the last fetch failed ({newest.outcome} {newest.detail}".rstrip() + f"); {kept}"


def _photos() -> Verdict:
    newest = Photo.select().order_by(Photo.id.desc()).first()
    if newest is None:
        return WELL, "there is none yet."
    try:
        jpeg = vault.unseal(newest.envelope, f"photo.{newest.kind}", newest.image)
        photos.marked(jpeg, "doctor")
    except vault.Unreadable:
        return FAILURE, "the newest photo does not open. Put back the data.key that belongs to this database."
    except photos.WorkerDoesNotStart as problem:
        return FAILURE, str(problem)
    except photos.PhotoRefused as problem:
        return FAILURE, f"the newest photo cannot be decoded ({problem.reason.value})."
    return WELL, "the newest one opens."


def _administrators() -> Verdict:
    active = list(Staff.select().where((Staff.role == "admin") & Staff.active))
    if not active:
        return WARNING, "there is none. Start the desk for its one-time address, or run: staff add NAME --role admin"
    without = [row.username for row in active if row.totp is None]
    if without:
        return WARNING, f"without second factor: {', '.join(without)}. It is turned on under /staff/account."
    return WELL, "all with a second factor."
