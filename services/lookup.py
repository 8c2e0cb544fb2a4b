"""Coming back: a phone that was proved by a code finds its own drafts and dossiers, and nobody else's."""

from dataclasses import dataclass

from models import Dossier, database
from services import audit, codes, drafts, submissions
from services.drafts import OpenDraft


@dataclass(frozen=True, slots=True)
class Found:
    """What belongs to one phone, newest first."""

    drafts: list[OpenDraft]
    dossiers: list[Dossier]

    @property
    def name(self) -> str:
        """Under which name the phone was declared last; empty when it never was."""
        names = [dossier.full_name for dossier in self.dossiers]
        typed = [
            answer["full_name"] for draft in self.drafts for answer in draft.answers.values() if "full_name" in answer
        ]
        return next(iter(names + typed), "")


def of_phone(hashed: str) -> Found:
    """Everything that declares the phone with this keyed hash."""
    return Found(drafts.of_phone(hashed), submissions.of_phone(hashed))


def send_code(phone: str) -> str:
    """Make a code for this phone. For a phone that nobody declared a code is counted but reaches nobody.

    Raises `codes.TooManyCodes`.
    """
    hashed = drafts.phone_hash(phone)
    found = of_phone(hashed)
    unit_id = found.dossiers[0].unit_id if found.dossiers else None
    asker = codes.Asker(phone, found.name, unit_id, known=bool(found.drafts or found.dossiers))
    codes.send(asker, codes.LOOKUP, hashed)
    return hashed


def enter_code(hashed: str, code: str) -> int:
    """The id of the code that proved the phone. Raises `codes.CodeRefused`."""
    with database.atomic():
        tried = codes.enter(hashed, codes.LOOKUP, hashed, code)
        audit.note("look_up", audit.hidden(hashed), audit.WRONG if tried.refusal else audit.OK)
    if tried.refusal:
        raise tried.refusal
    return tried.code_id
