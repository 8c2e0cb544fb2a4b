"""Coming back: a phone that was proved by a code finds its own drafts and dossiers, and nobody else's.

Whoever asks for a code has proved nothing yet. So the request itself never looks whether the phone is known: it does
the same for every phone, and only afterwards is the code sent to whoever is found.
"""

from dataclasses import dataclass

from models import Dossier, Draft, database
from services import audit, codes, drafts, proofs, submissions
from services.drafts import OpenDraft, new_session


@dataclass(frozen=True, slots=True)
class Found:
    """What belongs to one phone, newest first."""

    drafts: list[OpenDraft]
    dossiers: list[Dossier]

    @property
    def name(self) -> str:
        """Whose phone it is, as was declared last: a parent's rather than the child's; empty when it never was."""
        names = [dossier.full_name for dossier in self.dossiers if dossier.flow == "adult"]
        names += [draft.given.get("guardian_full_name", "") for draft in self.drafts]
        names += [draft.full_name for draft in self.drafts] + [dossier.full_name for dossier in self.dossiers]
        return next(filter(None, names), "")

    @property
    def unit_id(self) -> int | None:
        """The unit of the newest dossier."""
        return self.dossiers[0].unit_id if self.dossiers else None


def of_phone(hashed: str) -> Found:
    """Everything that declares the phone with this keyed hash."""
    return Found(drafts.of_phone(hashed), submissions.of_phone(hashed))


def send_code(phone: str) -> str:
    """Make a code for this phone, and give the phone's hash; a phone that nobody declared is sent nothing.

    Raises `codes.TooManyCodes`, for what was asked of this phone here, whether it is known or not.
    """
    hashed = drafts.phone_hash(phone)
    codes.send_to_whom_it_finds(phone, codes.LOOKUP, hashed, _asker)
    return hashed


def enter_code(hashed: str, code: str) -> int:
    """The id of the code that proved the phone. Raises `codes.CodeRefused`."""
    with database.atomic():
        tried = codes.enter(hashed, codes.LOOKUP, hashed, code)
        audit.note("look_up", audit.hidden(hashed), audit.WRONG if tried.refusal else audit.OK)
    if tried.refusal:
        raise tried.refusal
    return tried.code_id


def close(hashed: str) -> None:
    """Make useless whatever a browser was given after it had proved this phone."""
    with database.atomic():
        proofs.close(hashed)
        for table in (Draft, Dossier):
            table.update(session=new_session()).where(table.phone_hash == hashed).execute()


def _asker(phone: str) -> codes.Asker | None:
    found = of_phone(drafts.phone_hash(phone))
    if not found.drafts and not found.dossiers:
        return None
    return codes.Asker(phone, found.name, found.unit_id)
