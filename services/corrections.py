"""Correcting a dossier: a draft with an envelope of its own, which takes the dossier's place when it is submitted.

Until then the dossier stays as it was submitted, and a correction that nobody finishes lapses like any other draft.
"""

from models import Dossier, Draft, Envelope, Photo, database, locked
from services import drafts, submissions
from services.drafts import Change, Conflict, DraftGone, OpenDraft
from services.submissions import NotCorrectable
from tokens import Ticket


def begin(ticket: Ticket) -> OpenDraft:
    """The correction of the receipt's dossier: the one that was begun, else a new one that holds all of the dossier.

    Raises `DraftGone` and `NotCorrectable`.
    """
    with database.atomic():
        dossier = locked(submissions.named_by(ticket)).first()
        if dossier is None:
            raise DraftGone
        if dossier.status not in submissions.CORRECTABLE:
            raise NotCorrectable
        begun = under_way(dossier)
        return drafts.unsealed(begun) if begun else _copy(dossier)


def under_way(dossier: Dossier) -> Draft | None:
    """The correction that was begun and is not submitted yet."""
    return Draft.select().join(Envelope).where(Envelope.corrects == dossier.envelope_id).first()


def corrected_by(draft: OpenDraft) -> Dossier:
    """The dossier whose place the draft may take."""
    return Dossier.get(Dossier.envelope == draft.corrects)


def ask_again(draft: OpenDraft, typed: dict[str, dict]) -> OpenDraft:
    """Take these steps' answers for no more than typed, so that they are asked; `typed` is what their forms show.

    A step that another device is answering at this moment is left to it. Raises `DraftGone`.
    """
    for step, shown in typed.items():
        try:
            draft = drafts.save(draft.ticket(step), draft.flow, Change(typed=shown or None))
        except Conflict as conflict:
            draft = conflict.draft
    return draft


def _copy(dossier: Dossier) -> OpenDraft:
    opened = submissions.open_dossier(dossier)
    draft = drafts.begin(dossier.flow)
    kinds = {row.kind for row in Photo.select(Photo.kind).where(Photo.envelope == dossier.envelope_id)}
    draft.answers = {step: answer for step, answer in opened.answers.items() if _is_whole(answer, kinds)}
    draft.changed, draft.cards = opened.changed, opened.cards
    # What is kept must be newer than no page: a page of revision 0 is that of a draft which is not kept yet.
    draft.revision = max(revision for revision, _at in opened.changed.values())
    draft.corrects = dossier.envelope_id
    drafts.keep_whole(draft, dossier.envelope)
    return draft


def _is_whole(answer: dict, kinds: set[str]) -> bool:
    """Whether the photos that answer a step, if it is one of photos, are still there: they go before the dossier."""
    is_of_photos = all(value is True for value in answer.values())
    return not is_of_photos or answer.keys() <= kinds
