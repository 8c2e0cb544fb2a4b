"""What people and HR wrote about a request: sealed with the dossier's envelope, and gone with it."""

from dataclasses import dataclass

from models import Dossier, Envelope, Request
from services import vault

SEALED = ("words", "answer")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with what the person wrote and what HR answered, unsealed; both are empty once it is deleted."""

    row: Request
    words: str
    answer: str


def of_dossier(dossier: Dossier) -> list[Asked]:
    """What was asked for about this dossier, newest first."""
    return [opened(row) for row in Request.select().where(Request.dossier == dossier).order_by(Request.id.desc())]


def opened(row: Request) -> Asked:
    """The request, unsealed."""
    return Asked(row, *(_unsealed(row, field, row.dossier and row.dossier.envelope) for field in SEALED))


def sealed(row: Request, field: str, text: str) -> bytes | None:
    """`text` for the request's `field`; None of nothing, or where the dossier is gone."""
    return _sealed(field, text, row.dossier.envelope) if text and row.dossier else None


def forget(dossier: Dossier) -> None:
    """Let nothing remain of what was written."""
    Request.update(words=None, answer=None).where(Request.dossier == dossier).execute()


def seal_anew(dossier: Dossier, old: Envelope, new: Envelope) -> None:
    """Move what was written about a dossier from one envelope to another."""
    for row in Request.select().where(Request.dossier == dossier):
        written = {field: _unsealed(row, field, old) for field in SEALED}
        moved = {field: _sealed(field, text, new) if text else None for field, text in written.items()}
        Request.update(moved).where(Request.id == row.id).execute()


def _sealed(field: str, text: str, envelope: Envelope) -> bytes:
    return vault.seal(envelope, f"request.{field}", text.encode())


def _unsealed(row: Request, field: str, envelope: Envelope | None) -> str:
    kept = getattr(row, field)
    return vault.unseal(envelope, f"request.{field}", kept).decode() if kept and envelope else ""
