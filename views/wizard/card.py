"""Have the declaration filled in by a card, and ask once where a card says something else than the person."""

from dataclasses import replace

from flask import abort, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

import tokens
from forms.base import StepForm
from forms.card import CardForm, ChoiceForm
from services import drafts, readings
from services.drafts import Change, Conflict, OpenDraft
from services.readings import Reading
from tokens import Ticket
from views.wizard.pages import (
    card_step,
    change_of,
    declared,
    draft_to_show,
    draft_to_write,
    form_of,
    go_to,
    journey_of,
    page,
    photos_step,
    sent_form,
    sources_of,
)
from views.wizard.steps import conflict_page, keep_typed
from wizard.flows import FLOWS, Step


def add_to(bp) -> None:
    """Register the page and its two actions."""
    bp.get("/<flow_name>/card", endpoint="card")(show)
    bp.post("/<flow_name>/card", endpoint="read_card")(read)
    bp.post("/<flow_name>/card/choice", endpoint="settle_card")(settle)


def show(flow_name):
    """Ask for a card."""
    draft = draft_to_show(flow_name)
    journey, step = journey_of(draft), _step(draft)
    if not journey.can_visit(step):
        return go_to(draft, journey.next)
    return _page(draft, CardForm())


def read(flow_name):
    """Read a card, keep its photo if it is one that is asked for, and fill in what is blank."""
    _must_be_a_flow(flow_name)
    try:
        ticket = tokens.check_step(request.form.get("step_token", ""), "card")
    except RequestEntityTooLarge:
        sentence = _("Ảnh vừa gửi quá lớn nên chưa được nhận. Mỗi ảnh tối đa 8 MB; hãy chụp ở cỡ nhỏ hơn.")
        return _page(draft_to_show(flow_name), CardForm(), 413, [sentence])
    draft = draft_to_write(flow_name, ticket)
    journey, step = journey_of(draft), _step(draft)
    if not journey.can_visit(step):
        return go_to(draft, journey.next)
    form = CardForm(CombinedMultiDict([request.files, request.form]), sources=sources_of(draft))
    if not form.validate():
        return _page(draft, form, 422)
    try:
        draft, kept_as = _keep(draft, ticket, form)
        draft = _fill_in(draft, ticket, step, form.reading)
    except Conflict as conflict:
        sentence = _("Hồ sơ này vừa được sửa ở nơi khác nên thẻ chưa được đọc. Xem lại rồi gửi lần nữa nếu cần.")
        return _page(conflict.draft, CardForm(), 409, [sentence])
    return go_to(draft, step, card=kept_as)


def settle(flow_name):
    """Take from a card what was chosen, or nothing, and ask no more about it."""
    _must_be_a_flow(flow_name)
    ticket = tokens.check_step(request.form.get("step_token", ""))
    draft = draft_to_write(flow_name, ticket)
    form = ChoiceForm(request.form)
    reading = draft.cards.get(form.card.data or "")
    if reading is None or _is_newer(draft, form.card.data, ticket):
        # Another card was read since: what was seen is no longer what would be taken.
        return _back(draft, ticket)
    reading, step = Reading(**reading), _step(draft)
    if form.chosen:
        filled = _with(readings.taken_over(reading, form.chosen), draft, step, ticket)
        if ticket.step != step.name:
            draft = _typed_kept(draft, ticket)
        is_good = filled.validate() and step.name in draft.answers
        try:
            draft = drafts.save(replace(ticket, step=step.name), flow_name, change_of(filled, is_good=is_good))
        except Conflict as conflict:
            return _conflict_page(conflict.draft, step, filled)
    else:
        draft = _typed_kept(draft, ticket)
    draft = drafts.keep_reading(draft.ticket(), form.card.data, replace(reading, settled=True))
    return _back(draft, ticket, card="taken" if form.chosen else "mine")


def _with(values: dict[str, str], draft: OpenDraft, step: Step, ticket: Ticket) -> StepForm:
    """The declaration as it is kept, or as this request sent it, with these values."""
    own = sent_form(step, draft).typed() if ticket.step == step.name else declared(draft)
    texts = {name: value for name, value in own.items() if isinstance(value, str)}
    return step.form(MultiDict({**texts, **values}), answer=draft.answers.get(step.name), sources=sources_of(draft))


def _conflict_page(draft: OpenDraft, step: Step, form: StepForm):
    answer, status = conflict_page(draft, step, form)
    t = tokens.sign_page(draft.ticket())
    # The address of `settle` can only be posted to; htmx would leave it in the address bar.
    address = url_for("wizard.step", flow_name=draft.flow, step_name=step.name, t=t)
    return answer, status, {"HX-Push-Url": address}


def _keep(draft: OpenDraft, ticket: Ticket, form: CardForm) -> tuple[OpenDraft, str]:
    """Keep what was read, with its photo where it is one of those that are asked; and say as what."""
    reading, step = form.reading, photos_step(draft)
    asked = form_of(step, draft) if step and form.photo else None
    if asked and reading.side in asked.card_kinds:
        change = Change(photos={reading.side: form.photo}, required=asked.required)
        return drafts.save(replace(ticket, step=step.name), draft.flow, change), reading.side
    draft = drafts.keep_reading(ticket, reading.source, reading)
    return draft, "scanned" if form.photo is None else reading.source


def _fill_in(draft: OpenDraft, ticket: Ticket, step: Step, reading: Reading) -> OpenDraft:
    typed = declared(draft)
    filled = readings.filled(reading, typed, [each.name for each in form_of(step, draft)])
    if filled == typed or step.name in draft.answers:
        return draft
    return drafts.save(replace(ticket, step=step.name), draft.flow, Change(typed=filled))


def _typed_kept(draft: OpenDraft, ticket: Ticket) -> OpenDraft:
    journey = journey_of(draft)
    here = journey.find(ticket.step)
    return keep_typed(draft, here, ticket) if here and journey.can_visit(here) else draft


def _back(draft: OpenDraft, ticket: Ticket, **values):
    journey = journey_of(draft)
    here = journey.find(ticket.step)
    return go_to(draft, here if here and journey.can_visit(here) else journey.next, **values)


def _is_newer(draft: OpenDraft, source: str, ticket: Ticket) -> bool:
    """Whether this card was read after the page was shown."""
    parts = (part for part in draft.changed if part.endswith(f".{source}"))
    return any(draft.changed[part][0] > ticket.revision for part in parts)


def _page(draft: OpenDraft, form: CardForm, status: int = 200, refused=()):
    step = _step(draft)
    return page("wizard/card.html", draft, status, form=form, step=step, refused=refused)


def _step(draft: OpenDraft) -> Step:
    return card_step(draft) or abort(404)


def _must_be_a_flow(flow_name: str) -> None:
    if flow_name not in FLOWS:
        abort(404)
