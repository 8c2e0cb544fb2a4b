"""All that is held about one registration: gathered, given away, destroyed (Law 91/2025/QH15 arts. 4, 9, 14)."""

import json
from base64 import b64encode
from dataclasses import asdict, dataclass

from models import Code, Dossier, Draft, Envelope, Message, Photo, database, forget_changes
from services import album, assistance, codes, drafts, news, outbox, requests, submissions, vault
from services.days import local
from services.drafts import DraftGone
from services.requests import Asked
from tokens import Ticket


@dataclass(frozen=True, slots=True)
class Consent:
    """What was agreed to: its name, its words and their version, and the second at which it was given."""

    name: str
    text: str
    version: str
    given_at: int


@dataclass(frozen=True, slots=True)
class HeldPhoto:
    """One picture, with the small one that pages show; `original` is what it was cut or turned from."""

    kind: str
    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int
    saved_at: int
    original: bytes | None
    opinion: album.Opinion


@dataclass(frozen=True, slots=True)
class Holding:
    """All that is held about one draft or dossier, unsealed; `row` is the one or the other."""

    row: Draft | Dossier
    answers: dict[str, dict]
    typed: dict[str, dict]
    changed: dict[str, list[int]]
    cards: dict[str, dict]
    photos: list[HeldPhoto]
    codes: list[Code]
    messages: list[Message]
    requests: list[Asked]

    @property
    def dossier(self) -> Dossier | None:
        """The dossier; None of a draft."""
        return self.row if isinstance(self.row, Dossier) else None

    @property
    def name(self) -> str:
        """Whom the registration is for; empty while nobody was named."""
        return next((answer["full_name"] for answer in self.answers.values() if "full_name" in answer), "")

    @property
    def phone(self) -> str:
        """The phone number that was declared; empty while none was."""
        return next((answer["phone"] for answer in self.answers.values() if answer.get("phone")), "")

    @property
    def consents(self) -> list[Consent]:
        """The consents that were given, in whichever step."""
        return consents_of(self.answers, self.changed)

    def ticket(self, step: str) -> Ticket:
        """What a token about this registration has to say."""
        return Ticket(self.row.envelope_id, self.row.session, step, self.row.revision)


def hold(ticket: Ticket) -> Holding:
    """Gather what is held about the draft or dossier that a checked token speaks of. Raises `DraftGone`."""
    try:
        row = submissions.submitted(ticket)
    except DraftGone:
        return _of_draft(ticket)
    opened = submissions.open_dossier(row)
    return _gathered(row, opened.answers, {}, opened.changed, opened.cards)


def consents_of(answers: dict[str, dict], changed: dict[str, list[int]]) -> list[Consent]:
    """The consents among these answers: whatever was kept with its text and its version."""
    return [
        Consent(name, value["text"], value["version"], changed[step][1])
        for step, answer in answers.items()
        for name, value in answer.items()
        if isinstance(value, dict) and {"text", "version"} <= value.keys()
    ]


def as_json(holding: Holding) -> str:
    """Everything as JSON, photos and all; moments as ISO 8601 in Vietnamese time."""
    return json.dumps(_plain(holding), ensure_ascii=False, indent=2)


def delete_draft(ticket: Ticket) -> None:
    """Destroy the draft that a checked token speaks of, at once; a second time changes nothing.

    Raises `DraftGone` when it was closed or has become a dossier, which is never touched.
    """
    with database.atomic():
        row = Draft.hold(ticket.id)
        if row is None and not Envelope.select().where(Envelope.id == ticket.id).exists():
            return
        if row is None or row.session != ticket.session:
            raise DraftGone
        destroy(row)
    forget_changes()


def destroy(row: Draft | Dossier) -> None:
    """Delete the registration's key, and with it answers, photos and history; requests stay without their words.

    Call it inside a transaction, and `forget_changes` after it.
    """
    if isinstance(row, Dossier):
        requests.forget(row)
    if row.phone_hash:
        codes.forget(row.phone_hash, row.envelope_id)
    outbox.bury(row.envelope_id)
    Envelope.delete_by_id(row.envelope_id)


def _of_draft(ticket: Ticket) -> Holding:
    draft = drafts.open_draft(ticket)
    return _gathered(Draft.get_by_id(draft.id), draft.answers, draft.typed, draft.changed, draft.cards)


def _gathered(row: Draft | Dossier, answers: dict, typed: dict, changed: dict, cards: dict) -> Holding:
    sent = codes.sent_for(row.phone_hash, row.envelope_id) if row.phone_hash else []
    asked = requests.of_dossier(row) if isinstance(row, Dossier) else []
    return Holding(row, answers, typed, changed, cards, _photos(row), sent, outbox.about(row.envelope_id), asked)


def _photos(row: Draft | Dossier) -> list[HeldPhoto]:
    opinions = album.opinions(row.envelope_id)
    return [
        HeldPhoto(
            photo.kind,
            vault.unseal(row.envelope, f"photo.{photo.kind}", photo.image),
            vault.unseal(row.envelope, f"thumbnail.{photo.kind}", photo.thumbnail),
            photo.width,
            photo.height,
            photo.saved_at,
            vault.unseal(row.envelope, f"original.{photo.kind}", photo.original) if photo.original else None,
            opinions[photo.kind],
        )
        for photo in Photo.select().where(Photo.envelope == row.envelope_id).order_by(Photo.id)
    ]


def _plain(holding: Holding) -> dict:
    return {
        "registration": _about(holding.row),
        "answers": holding.answers,
        "typed_but_not_answered": holding.typed,
        "read_from_cards": holding.cards,
        "answered_at": {step: _moment(at) for step, (_revision, at) in holding.changed.items()},
        "consents": [
            {"name": each.name, "text": each.text, "version": each.version, "given_at": _moment(each.given_at)}
            for each in holding.consents
        ],
        "photos": [
            {
                "kind": each.kind,
                "width": each.width,
                "height": each.height,
                "bytes": len(each.jpeg),
                "saved_at": _moment(each.saved_at),
                "jpeg_base64": b64encode(each.jpeg).decode(),
                "before_it_was_edited_base64": b64encode(each.original).decode() if each.original else None,
                "checks": each.opinion.checks,
                "accepted_at": _moment(each.opinion.accepted_at) if each.opinion.accepted_at else None,
            }
            for each in holding.photos
        ],
        "codes_sent": [
            {"purpose": each.purpose, "sent_at": _moment(each.sent_at), "entered_at": _moment(each.used_at)}
            for each in holding.codes
        ],
        "messages": [
            {
                "means": each.means,
                "purpose": each.purpose,
                "to": outbox.recipient_of(each),
                "written_at": _moment(each.created_at),
                "sent_at": _moment(each.sent_at),
            }
            for each in holding.messages
        ],
        "requests": [_request(each) for each in holding.requests],
    }


def _about(row: Draft | Dossier) -> dict:
    helped = assistance.of(row.envelope_id)
    helper = {"filled_in_by": helped.staff.username if helped.staff else "staff"} if helped else {}
    if isinstance(row, Draft):
        times = {"created_at": _moment(row.created_at), "updated_at": _moment(row.updated_at)}
        return {"kind": "draft", "flow": row.flow, **times, **helper}
    return {
        "kind": "dossier",
        "reference": row.reference,
        "flow": row.flow,
        "status": row.status,
        "revision": row.revision,
        "name_in_the_list": row.full_name,
        "unit": row.unit.name if row.unit else None,
        "agency_code": row.agency_code,
        "submitted_at": _moment(row.submitted_at),
        "confirmed_by": row.confirmed_by,
        "told_by": asdict(news.choice_of(row)),
        **helper,
    }


def _request(each: Asked) -> dict:
    times = ("asked_at", "acknowledge_by", "due_at", "acknowledged_at", "closed_at")
    told = {name: _moment(getattr(each.row, name)) for name in times}
    return {"right": each.row.right, "state": each.row.state, "words": each.words, "answer": each.answer, **told}


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else local(seconds).isoformat()
