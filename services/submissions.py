"""From draft to dossier, in one transaction, exactly once; and a dossier read again."""

import hmac
import json
import re
import secrets
from dataclasses import dataclass

from models import Dossier, Draft, Envelope, Photo, Unit, database, forget_changes, locked, now, take_turns
from services import album, assistance, audit, codes, finding, history, proofs, readings, requests, vault
from services.drafts import Conflict, DraftGone, OpenDraft, employee_hash, new_session, phone_hash, unsealed
from services.history import RESUBMIT, SUBMIT
from services.vietnamese import fold
from tokens import Ticket

# Without vowels no words form; without 0 O 1 I 2 Z 5 S 8 B nobody reads one character for another.
REFERENCE_ALPHABET = "34679CDFGHJKLMNPRTVWXY"
REFERENCE_LENGTH = 8
# What `sheet_code` makes.
SHEET_CODE = re.compile(
    rf"QUAY1:(?P<reference>[{REFERENCE_ALPHABET}]{{{REFERENCE_LENGTH}}}):(?P<revision>[1-9][0-9]{{0,8}}):(?P<proof>[0-9A-F]{{10}})"
)

# The states that let the content be replaced.
CORRECTABLE = ("submitted", "printed", "returned")

# The flow in which one phone serves one person; a parent's phone serves many children.
ADULT = "adult"


class NotCorrectable(Exception):
    """The dossier has gone on since its correction was begun; its content stays as it was signed."""


class AlreadyHere(Exception):
    """One person has one dossier, and one phone serves one adult.

    `reason` is `own` when this very person sent one from this phone (then `dossier` is it), `person` when somebody sent
    one with this social insurance code from another phone, `phone` when this phone already serves another adult.
    """

    def __init__(self, reason: str, dossier: Dossier | None = None):
        super().__init__(reason)
        self.reason = reason
        self.dossier = dossier


@dataclass(frozen=True, slots=True)
class OpenDossier:
    """A dossier with its answers unsealed, by step; `changed` tells when each step was answered.

    `cards` is what was read from cards, as `services.readings` keeps it.
    """

    row: Dossier
    answers: dict[str, dict]
    changed: dict[str, list[int]]
    cards: dict[str, dict]

    @property
    def given(self) -> dict:
        """The values by field, of whichever step."""
        return {name: value for answer in self.answers.values() for name, value in answer.items()}

    @property
    def phone(self) -> str:
        """The phone number that was proved by a code at submission."""
        return next(answer["phone"] for answer in self.answers.values() if answer.get("phone"))

    def ticket(self) -> Ticket:
        """What a token about this dossier has to say."""
        return Ticket(self.row.envelope_id, self.row.session, "receipt", self.row.revision)


def submit(ticket: Ticket, route: list[str], code: str) -> Dossier:
    """Make a dossier of the draft as it was reviewed, if `code` proves its phone; a repeated call gives the same one.

    No code is asked where a parent proved the phone just before.

    A draft that corrects a dossier takes its place: reference and history stay. Only the answers of the steps on
    `route` are taken. Raises `DraftGone`, `Conflict` when the draft has changed since it was reviewed,
    `NotCorrectable`, `codes.CodeRefused`, and `AlreadyHere`, which only somebody who has proved the phone gets to know.
    It costs a try, so that nobody tries one social insurance code after another.
    """
    with database.atomic():
        row = Draft.hold(ticket.id)
        if row is None:
            return submitted(ticket)
        if row.session != ticket.session:
            raise DraftGone
        draft = unsealed(row)
        if draft.revision != ticket.revision:
            raise Conflict(draft)
        # A wrong try must count, so it is not undone with the transaction: the refusal is raised after it.
        proved = proof_of(draft)
        tried = codes.Try(proved) if proved else codes.enter(phone_hash(draft.phone), codes.SUBMIT, draft.id, code)
        refusal = tried.refusal or already_here(draft)
        dossier = None if refusal else _file(draft, route)
        if isinstance(refusal, AlreadyHere):
            (proofs.spend if proved else proofs.give_back)(tried.code_id)
    if refusal:
        raise refusal
    if draft.corrects:
        forget_changes()
    return dossier


def proof_of(draft: OpenDraft) -> int:
    """The code by which the guardian's step proved the draft's phone, while that is fresh; 0 where there is none."""
    guardian = draft.answers.get("guardian") if draft.flow == "child" else None
    return proofs.fresh(phone_hash(guardian["phone"]), draft.id, guardian["proved_by"]) if guardian else 0


def submitted(ticket: Ticket) -> Dossier:
    """The dossier that the ticket's draft has become. Raises `DraftGone` when there is none."""
    dossier = named_by(ticket).first()
    if dossier is None:
        raise DraftGone
    return dossier


def named_by(ticket: Ticket):
    """The query of the dossier that a checked ticket speaks of."""
    return Dossier.select().where((Dossier.envelope == ticket.id) & (Dossier.session == ticket.session))


def open_dossier(row: Dossier) -> OpenDossier:
    """Unseal the dossier's answers."""
    state = json.loads(vault.unseal(row.envelope, "dossier.answers", row.answers))
    return OpenDossier(row, state["answers"], state["changed"], state.get("cards", {}))


def delete_photos(row: Dossier) -> int:
    """Delete the photos of a dossier that is held, and what was read from cards on them; give how many there were."""
    count = Photo.delete().where(Photo.envelope == row.envelope_id).execute()
    if count:
        state = json.loads(vault.unseal(row.envelope, "dossier.answers", row.answers))
        answers = vault.seal(row.envelope, "dossier.answers", json.dumps({**state, "cards": {}}).encode())
        Dossier.update(answers=answers).where(Dossier.id == row.id).execute()
    return count


def photo(row: Dossier, kind: str) -> bytes | None:
    """One photo of the dossier as JPEG, or None when there is none of this kind."""
    found = Photo.get_or_none((Photo.envelope == row.envelope_id) & (Photo.kind == kind))
    return vault.unseal(row.envelope, f"photo.{kind}", found.image) if found else None


def opinions(row: Dossier) -> dict[str, album.Opinion]:
    """What we think of each of the dossier's photos, by kind."""
    return album.opinions(row.envelope_id)


def close(ticket: Ticket) -> str | None:
    """Make every token of this dossier's receipt useless; give the hash of the phone that brings it back."""
    is_open = (Dossier.envelope == ticket.id) & (Dossier.session == ticket.session)
    row = Dossier.get_or_none(is_open)
    if row is None or not Dossier.update(session=new_session()).where(is_open).execute():
        return None
    return row.phone_hash


def of_phone(hashed: str) -> list[Dossier]:
    """The dossiers that declare this phone, newest first."""
    return list(Dossier.select().where(Dossier.phone_hash == hashed).order_by(Dossier.id.desc()))


def sheet_code(row: Dossier) -> str:
    """The text of the QR on the printed form: reference, revision, and a short proof that we printed it."""
    return f"QUAY1:{row.reference}:{row.revision}:{_proof(row.reference, row.revision)}"


def sheet_of(text: str) -> tuple[str, int] | None:
    """Reference and revision of the sheet whose QR says `text`; None unless it is one that we printed."""
    found = SHEET_CODE.fullmatch(text)
    if found is None:
        return None
    reference, revision, proof = found["reference"], int(found["revision"]), found["proof"]
    is_ours = hmac.compare_digest(_proof(reference, revision), proof)
    return (reference, revision) if is_ours else None


def _proof(reference: str, revision: int) -> str:
    return vault.keyed_hash("sheet", f"{reference}|{revision}")[:10].upper()


def already_here(draft: OpenDraft) -> AlreadyHere | None:
    """Why this draft may not become a dossier beside those that are here."""
    person = person_hash(draft.given["social_insurance_code"])
    phone = phone_hash(draft.phone)
    # Of two that are submitted together, the second waits here and finds the first. Always in this order.
    for about in (f"person {person}", f"serves {phone}"):
        take_turns(about)
    # A correction takes the place of its dossier, so that one is not in its way.
    others = Dossier.standing().where(Dossier.envelope != draft.corrects)
    same = others.where(Dossier.social_insurance_hash == person).first()
    if same:
        is_own = same.phone_hash == phone
        return AlreadyHere("own", same) if is_own else AlreadyHere("person")
    if draft.flow == ADULT and others.where(Dossier.phone_hash == phone, Dossier.flow == ADULT).exists():
        return AlreadyHere("phone")
    return None


def person_hash(social_insurance_code: str) -> str:
    """How a person is found among the dossiers."""
    return vault.keyed_hash("social insurance", social_insurance_code)


def _file(draft: OpenDraft, route: list[str]) -> Dossier:
    answers = {name: draft.answers[name] for name in route}
    given = {name: value for answer in answers.values() for name, value in answer.items()}
    state = {
        "answers": answers,
        "changed": {name: draft.changed[name] for name in route},
        "cards": readings.submitted(draft.cards, given),
    }
    envelope = Envelope.get_by_id(draft.id)
    content = {
        "envelope": envelope,
        "session": draft.session,
        "full_name": given["full_name"],
        "search_name": fold(given["full_name"])[:200],
        "phone_hash": phone_hash(draft.phone),
        "social_insurance_hash": person_hash(given["social_insurance_code"]),
        "employee_hash": employee_hash(given.get("employee_code", "")),
        "social_insurance_tail": finding.tail_hash(given["social_insurance_code"]),
        "agency_code": given["agency"],
        "unit": Unit.called(given.get("unit") or ""),
        "answers": vault.seal(envelope, "dossier.answers", json.dumps(state).encode()),
    }
    dossier = _replaced(draft, content) if draft.corrects else _made(draft, content)
    _note_submission(dossier, RESUBMIT if draft.corrects else SUBMIT)
    finding.keep_name(dossier)
    # A photo that was asked for before another answer was changed is not submitted either.
    Photo.delete().where((Photo.envelope == draft.id) & Photo.kind.not_in(list(given))).execute()
    album.forget_originals(draft.id)
    Draft.delete_by_id(draft.id)
    audit.note("submit", dossier.reference)
    return dossier


def _made(draft: OpenDraft, content: dict) -> Dossier:
    return Dossier.create(reference=_free_reference(), flow=draft.flow, **content)


def _note_submission(dossier: Dossier, move: str) -> None:
    """Write who submitted: the applicant, alone or with somebody of HR who filled it in and may have read the code."""
    helped = assistance.of(dossier.envelope_id)
    if helped is None:
        history.write(dossier, move, history.APPLICANT)
    else:
        note = history.Note(read_out=helped.read_out_at is not None)
        history.write(dossier, move, history.ASSISTED, helped.staff, note)


def _replaced(draft: OpenDraft, content: dict) -> Dossier:
    """The dossier that the draft corrects, with its new content; the key of what it held before is destroyed."""
    dossier = locked(Dossier.select().where(Dossier.envelope == draft.corrects)).get()
    if dossier.status not in CORRECTABLE:
        raise NotCorrectable
    old, new = dossier.envelope, content["envelope"]
    Dossier.update(status="submitted", revision=Dossier.revision + 1, submitted_at=now(), **content).where(
        Dossier.id == dossier.id
    ).execute()
    for kept in (history, requests):
        kept.seal_anew(dossier, old, new)
    # Before the old one goes, or the new one would go with it.
    Envelope.update(corrects=None).where(Envelope.id == new.id).execute()
    old.delete_instance()
    return Dossier.get_by_id(dossier.id)


def _free_reference() -> str:
    while True:
        reference = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))
        if not Dossier.select().where(Dossier.reference == reference).exists():
            return reference
