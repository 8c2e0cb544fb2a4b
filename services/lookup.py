"""Coming back: a phone that was proved by a code finds its own drafts and dossiers, and nobody else's."""

from dataclasses import dataclass

from models import Dossier, database
from services import codes, drafts, submissions
from services.drafts import OpenDraft


@dataclass(frozen=True, slots=True)
class Found:
    """What belongs to one phone, newest first."""

    drafts: list[OpenDraft]
    dossiers: list[Dossier]

    @property
    def name(self) -> str:
        """Whose phone it is, as was declared last: a parent's rather than the child's; empty when it never was."""
        names = [dossier.full_name for dossier in self.dossiers if dossier.flow == "adult"]
        for name in ("guardian_full_name", "full_name"):
            names += [answer[name] for draft in self.drafts for answer in draft.answers.values() if name in answer]
        return next(iter(names + [dossier.full_name for dossier in self.dossiers]), "")

    @property
    def unit_id(self) -> int | None:
        """The unit of the newest dossier."""
        return self.dossiers[0].unit_id if self.dossiers else None


def of_phone(hashed: str) -> Found:
    """Everything that declares the phone with this keyed hash."""
    return Found(drafts.of_phone(hashed), submissions.of_phone(hashed))


def send_code(phone: str) -> str:
    """Make a code for this phone. For a phone that nobody declared a code is counted but reaches nobody.

    Raises `codes.TooManyCodes`.
    """
    hashed = drafts.phone_hash(phone)
    found = of_phone(hashed)
    asker = codes.Asker(phone, found.name, found.unit_id, known=bool(found.drafts or found.dossiers))
    codes.send(asker, codes.LOOKUP, hashed)
    return hashed


def enter_code(hashed: str, code: str) -> int:
    """The id of the code that proved the phone. Raises `codes.CodeRefused`."""
    with database.atomic():
        tried = codes.enter(hashed, codes.LOOKUP, hashed, code)
    if tried.refusal:
        raise tried.refusal
    return tried.code_id
