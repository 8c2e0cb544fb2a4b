"""Drafts: opened, saved and closed; the only code that reads or writes a draft's sealed answers.

Every write names the revision that the page had read. When the same step, or the same photo, was changed since, nothing
is written and `Conflict` carries what is kept now, so that both values can be shown; unless both are the same, which is
a double click or a repeated request and simply succeeds.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from models import Draft, Envelope, Unit, database, now
from services import album, readings, vault
from services.album import Preview
from services.photos import Photo as Picture
from services.readings import Reading
from tokens import Ticket


class DraftGone(Exception):
    """There is no such draft any more, or this browser was told to forget it."""


class Conflict(Exception):
    """The step was changed elsewhere since the page was shown; `draft` is how it stands now."""

    def __init__(self, draft: "OpenDraft"):
        super().__init__("changed elsewhere")
        self.draft = draft


@dataclass(slots=True)
class OpenDraft:
    """A draft, unsealed. `answers` and `typed` go by step: what was accepted, and what is not valid yet but typed.

    `corrects` is the id of the dossier's envelope where the draft is the correction of a dossier.
    `cards` is what was read from cards, as `services.readings` keeps it.
    """

    id: str
    flow: str
    session: str
    revision: int = 0
    answers: dict[str, dict] = field(default_factory=dict)
    typed: dict[str, dict] = field(default_factory=dict)
    changed: dict[str, list[int]] = field(default_factory=dict)
    photos: dict[str, Preview] = field(default_factory=dict)
    corrects: str | None = None
    cards: dict[str, dict] = field(default_factory=dict)

    @property
    def phone(self) -> str | None:
        """The phone number that was declared, in whichever step asks for it."""
        return next((answer["phone"] for answer in self.answers.values() if answer.get("phone")), None)

    @property
    def given(self) -> dict:
        """Everything that was answered, by field."""
        return {name: value for answer in self.answers.values() for name, value in answer.items()}

    @property
    def full_name(self) -> str:
        """The name as answered, or as typed so far; empty when there is none."""
        return self._said("full_name")

    @property
    def unit(self) -> str:
        """The name of the unit as answered, or as typed so far; empty when there is none."""
        return self._said("unit")

    @property
    def employee_code(self) -> str:
        """The employee code as answered, or as typed so far; empty where there is none."""
        said = [*self.answers.values(), *self.typed.values()]
        return next((step["employee_code"] for step in said if step.get("employee_code")), "")

    @property
    def touched_at(self) -> int:
        """The second at which any step was last changed."""
        return max((at for _revision, at in self.changed.values()), default=now())

    def ticket(self, step: str = "", until: int = 0) -> Ticket:
        """What a token about this draft has to say."""
        return Ticket(self.id, self.session, step, self.revision, until)

    def _said(self, field_name: str) -> str:
        said = [*self.answers.values(), *self.typed.values()]
        return next((step[field_name] for step in said if step.get(field_name)), "")


@dataclass(frozen=True, slots=True)
class Change:
    """How one step shall stand: its answer or what was typed; `photos` go by kind, None removes one.

    `accepted` are the kinds of those that shall be used as they are, whatever we think of them. A step that is made of
    photos is answered once all of `required` are there, whichever page or device sent them. `found_by` is a phone that
    was typed but answers nothing yet: it brings the draft back while none is declared.
    """

    answer: dict | None = None
    typed: dict | None = None
    photos: Mapping[str, Picture | None] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    found_by: str | None = None

    def parts(self, step: str) -> list[str]:
        """What this change touches: single photos, so that two devices may send different ones, or the whole step."""
        return [f"{step}.{kind}" for kind in (*self.photos, *self.accepted)] or [step]


def begin(flow: str) -> OpenDraft:
    """A new draft with a random id; nothing is kept before its first step is saved."""
    identity = secrets.token_urlsafe(16)
    return OpenDraft(identity, flow, first_session(identity, flow))


def first_session(identity: str, flow: str) -> str:
    """The session of a draft that is just beginning: with a token for one flow no draft of another can be begun."""
    return vault.keyed_hash("begin", f"{flow}|{identity}")[:8]


def new_session() -> str:
    """A random mark; giving a draft a new one makes every earlier token useless."""
    return secrets.token_urlsafe(6)


def open_draft(ticket: Ticket) -> OpenDraft:
    """The draft that a checked token speaks of. Raises `DraftGone`."""
    row = Draft.get_or_none(Draft.envelope == ticket.id)
    if row is None or row.session != ticket.session:
        raise DraftGone
    return unsealed(row)


def save(ticket: Ticket, flow: str, change: Change) -> OpenDraft:
    """Keep what the ticket's step answered, in one transaction; make the draft at its first step.

    What is read on a photo goes with it; where nobody looked (it was only turned, say), what was read before stays.
    Raises `DraftGone` or `Conflict`.
    """
    read = {kind: _reading(picture) for kind, picture in change.photos.items() if _was_looked_at(picture)}
    with database.atomic():
        row = Draft.hold(ticket.id)
        if row is None:
            draft = _made(ticket, flow)
        elif row.session != ticket.session:
            raise DraftGone
        else:
            draft = unsealed(row)
        if any(draft.changed.get(part, [0])[0] > ticket.revision for part in change.parts(ticket.step)):
            if _is_repeated(draft, ticket.step, change):
                return draft
            raise Conflict(draft)
        _apply(draft, ticket.step, change)
        for kind, reading in read.items():
            readings.put(draft.cards, kind, reading)
        _store(draft, change.found_by)
    return draft


def keep_reading(ticket: Ticket, source: str, reading: Reading) -> OpenDraft:
    """Keep what a card says without its photo, or what was decided about it. Raises `DraftGone`."""
    with database.atomic():
        row = Draft.hold(ticket.id)
        if row is None or row.session != ticket.session:
            raise DraftGone
        draft = unsealed(row)
        draft.revision += 1
        draft.changed[f"cards.{source}"] = [draft.revision, now()]
        readings.put(draft.cards, source, reading)
        _store(draft, None)
    return draft


def keep_new(draft: OpenDraft) -> None:
    """Keep a draft of which nothing was answered yet; in a transaction."""
    _make_row(draft)
    _store(draft, None)


def keep_whole(draft: OpenDraft, photos_of: Envelope) -> None:
    """Keep a draft that was not filled in step by step, with the photos of another registration; in a transaction."""
    envelope = _make_row(draft)
    album.copy(photos_of, envelope)
    draft.photos = album.previews(envelope)
    _store(draft, None)


def can_be_found(ticket: Ticket) -> bool:
    """Whether a phone brings the ticket's draft back. Raises `DraftGone`."""
    row = Draft.get_or_none((Draft.envelope == ticket.id) & (Draft.session == ticket.session))
    if row is None:
        raise DraftGone
    return row.phone_hash is not None


def take_over(ticket: Ticket) -> OpenDraft:
    """Give the draft a new session, so that it is open in one place only: where this is called from.

    The ticket is used up by it, for it names the old session. Raises `DraftGone`.
    """
    with database.atomic():
        row = Draft.hold(ticket.id)
        if row is None or row.session != ticket.session:
            raise DraftGone
        row.session = new_session()
        Draft.update(session=row.session).where(Draft.envelope == ticket.id).execute()
        return unsealed(row)


def close(ticket: Ticket) -> str | None:
    """Make every token of this draft useless; give the hash of the phone that brings it back.

    A draft that no phone can bring back is deleted.
    """
    with database.atomic():
        row = Draft.hold(ticket.id)
        if row is None or row.session != ticket.session:
            return None
        if row.phone_hash is None:
            Envelope.delete_by_id(ticket.id)
        else:
            Draft.update(session=new_session()).where(Draft.envelope == ticket.id).execute()
        return row.phone_hash


def of_phone(phone_hash: str) -> list[OpenDraft]:
    """The drafts that declare this phone, newest first."""
    rows = Draft.select().where(Draft.phone_hash == phone_hash).order_by(Draft.updated_at.desc())
    return [unsealed(row) for row in rows]


def phone_hash(phone: str) -> str:
    """How a phone number is kept and found."""
    return vault.keyed_hash("phone", phone)


def employee_hash(code: str) -> str | None:
    """How an employee code is kept and found, however it was written; None where there is none."""
    code = "".join(code.split()).upper()
    return vault.keyed_hash("employee", code) if code else None


def _was_looked_at(picture: Picture | None) -> bool:
    return picture is None or picture.texts is not None


def _reading(picture: Picture | None) -> Reading | None:
    return readings.of_texts(picture.texts) if picture else None


def _made(ticket: Ticket, flow: str) -> OpenDraft:
    # Revision 0 is only ever signed for a draft that does not exist yet; an envelope without a draft holds a dossier.
    if ticket.revision != 0 or Envelope.get_or_none(Envelope.id == ticket.id):
        raise DraftGone
    if ticket.session != first_session(ticket.id, flow):
        raise DraftGone
    draft = OpenDraft(ticket.id, flow, ticket.session)
    _make_row(draft)
    return draft


def _make_row(draft: OpenDraft) -> Envelope:
    envelope = vault.new_envelope(draft.id, draft.corrects)
    Draft.create(envelope=envelope, flow=draft.flow, session=draft.session, revision=0, answers=b"")
    return envelope


def _is_repeated(draft: OpenDraft, step: str, change: Change) -> bool:
    if change.photos or change.accepted:
        are_stored = all(album.holds(draft.id, kind, picture) for kind, picture in change.photos.items())
        return are_stored and all(kind in draft.photos and draft.photos[kind].accepted_at for kind in change.accepted)
    return (change.answer, change.typed) == (draft.answers.get(step), draft.typed.get(step))


def _apply(draft: OpenDraft, step: str, change: Change) -> None:
    draft.revision += 1
    for part in {step, *change.parts(step)}:
        draft.changed[part] = [draft.revision, now()]
    for kind, picture in change.photos.items():
        album.keep(draft.id, kind, picture)
    album.accept(draft.id, change.accepted)
    if change.photos or change.accepted:
        draft.photos = album.previews(Envelope.get_by_id(draft.id))
    answer = change.answer
    if change.required:
        answer = dict.fromkeys(change.required, True) if draft.photos.keys() >= set(change.required) else None
    for kept, value in ((draft.answers, answer), (draft.typed, change.typed)):
        kept.pop(step, None)
        if value is not None:
            kept[step] = value


def _store(draft: OpenDraft, found_by: str | None) -> None:
    state = {"answers": draft.answers, "typed": draft.typed, "changed": draft.changed, "cards": draft.cards}
    envelope = Envelope.get_by_id(draft.id)
    phone = draft.phone or found_by
    # A phone that was declared still brings the draft back while that step is half typed anew.
    found = {"phone_hash": phone_hash(phone)} if phone else {}
    Draft.update(
        **found,
        employee_hash=employee_hash(draft.employee_code),
        revision=draft.revision,
        unit=Unit.called(draft.unit),
        has_photos="photos" in draft.answers,
        answers=vault.seal(envelope, "draft.answers", json.dumps(state).encode()),
        updated_at=now(),
    ).where(Draft.envelope == draft.id).execute()


def unsealed(row: Draft) -> OpenDraft:
    """The row with its answers and previews in the clear."""
    envelope = row.envelope
    state = json.loads(vault.unseal(envelope, "draft.answers", row.answers))
    return OpenDraft(
        row.envelope_id,
        row.flow,
        row.session,
        row.revision,
        photos=album.previews(envelope),
        corrects=envelope.corrects_id,
        **state,
    )
