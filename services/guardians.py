"""Parents: a phone that is proved for a child's draft, what is known of its owner, and the next child.

Nothing that is known is given before the phone is proved.
"""

from dataclasses import dataclass

from models import Dossier, database, take_turns
from services import codes, drafts, lookup, proofs, submissions
from services.codes import CodeRefused, TooManyCodes
from services.drafts import Change, OpenDraft

STEP = "guardian"
# What a declaration tells of somebody who is now a parent.
OWN = {
    "guardian_full_name": "full_name",
    "guardian_social_insurance_code": "social_insurance_code",
    "guardian_id_number": "id_number",
}
SHARED = ("address", "commune", "commune_code", "unit", "employee_code")


@dataclass(frozen=True, slots=True)
class PhoneDesk:
    """What the guardian's step of one draft asks: `proved_by` is the code that came with the draft, 0 for none."""

    draft_id: str
    proved_by: int = 0

    def proof(self, phone: str) -> int:
        """The code that proved this phone for this draft a short while ago, or 0."""
        return proofs.fresh(drafts.phone_hash(phone), self.draft_id, self.proved_by)

    def sent(self, phone: str) -> codes.Sent | None:
        """What is known of the code that can be entered now; None when there is none."""
        return codes.sent(drafts.phone_hash(phone), codes.GUARDIAN, self.draft_id)

    def send(self, phone: str) -> TooManyCodes | None:
        """Send a code; gives why not. Whoever asks learns nothing of the phone, nor by time; HR sees whose it is."""
        try:
            codes.send_and_find(phone, codes.GUARDIAN, self.draft_id, _asker)
        except TooManyCodes as refused:
            return refused
        return None

    def enter(self, phone: str, code: str) -> CodeRefused | None:
        """Prove the phone by a code; gives why not."""
        with database.atomic():
            return codes.enter(drafts.phone_hash(phone), codes.GUARDIAN, self.draft_id, code).refusal

    def known(self, phone: str) -> dict | None:
        """What the phone's newest dossier tells of its owner, and `usual_agency`; None unless the phone is proved."""
        dossiers = submissions.of_phone(drafts.phone_hash(phone)) if self.proof(phone) else []
        return next((_owner(row) for row in dossiers), None)


def begin_another(dossier: Dossier) -> OpenDraft:
    """A draft for the next child of the same parent, with all that is known of the parent.

    The guardian's step is answered if the phone was proved a short while ago; otherwise it asks for a code again. A
    draft that was begun so and holds nothing more is given once more, so that a double click makes one.
    """
    given = submissions.open_dossier(dossier).answers[STEP]
    hashed = drafts.phone_hash(given["phone"])
    proof = proofs.fresh(hashed, dossier.envelope_id, given["proved_by"])
    with database.atomic():
        take_turns(f"next child {hashed}")
        begun = next((draft for draft in drafts.of_phone(hashed) if _is_only_begun(draft)), None)
        if proof and begun:
            return begun
        draft = drafts.begin("child")
        answer = {**given, "proved_by": proof, "usual_agency": dossier.agency_code}
        change = Change(answer) if proof else Change(typed={"phone": given["phone"]})
        return drafts.save(draft.ticket(STEP), draft.flow, change)


def _asker(phone: str) -> codes.Asker:
    owner = lookup.of_phone(drafts.phone_hash(phone))
    return codes.Asker(phone, owner.name, owner.unit_id)


def _is_only_begun(draft: OpenDraft) -> bool:
    return draft.answers.keys() == {STEP} and not draft.typed and bool(submissions.proof_of(draft))


def _owner(row: Dossier) -> dict:
    answers = submissions.open_dossier(row).answers
    given = answers.get(STEP) or answers["declaration"]
    named = {name: given.get(name) or given.get(own, "") for name, own in OWN.items()}
    return {**named, **{name: given[name] for name in SHARED if name in given}, "usual_agency": row.agency_code}
