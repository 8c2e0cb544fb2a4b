"""Show a step, or keep its answer and go on: the same few lines for every step of every flow."""

from flask import abort, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

import tokens
from services import drafts
from services.drafts import Conflict, DraftGone, OpenDraft
from tokens import BadToken, Ticket
from views.wizard.pages import (
    change_of,
    draft_to_show,
    draft_to_write,
    form_of,
    go_to,
    has_lapsed,
    journey_of,
    place_of,
    sent_form,
    step_page,
)
from wizard.flows import FLOWS, Step


def add_to(bp) -> None:
    """Register the views of the steps."""
    bp.get("/<flow_name>", endpoint="begin")(begin)
    bp.get("/<flow_name>/<step_name>", endpoint="step")(show)
    bp.post("/<flow_name>/<step_name>", endpoint="keep")(keep)


def begin(flow_name):
    """Show the first step; nothing is kept before it is answered."""
    flow = FLOWS.get(flow_name) or abort(404)
    draft = drafts.begin(flow_name)
    return step_page(draft, flow[0], form_of(flow[0], draft))


def show(flow_name, step_name):
    """Show a step of the draft, or lead to the one that comes first."""
    _must_be_a_step(flow_name, step_name)
    is_first = step_name == FLOWS[flow_name][0].name
    if is_first and "t" not in request.args:
        return begin(flow_name)
    try:
        draft = draft_to_show(flow_name)
    except DraftGone:
        # The address of a draft that was only just begun; where nothing was kept of it, another is as good.
        if is_first and not tokens.check_page(request.args["t"]).revision:
            return begin(flow_name)
        raise
    journey = journey_of(draft)
    step = journey.find(step_name)
    if step is None or not journey.can_visit(step):
        return go_to(draft, journey.next)
    form = form_of(step, draft)
    if has_lapsed(step, draft):
        # Whoever was led here is told why.
        form.validate()
    return step_page(draft, step, form)


def keep(flow_name, step_name):
    """Keep the step's answer and go on; with mistakes, show the same form again."""
    _must_be_a_step(flow_name, step_name)
    try:
        ticket = tokens.check_step(request.form.get("step_token", ""), step_name)
    except RequestEntityTooLarge as problem:
        return _too_large_page(flow_name, step_name, problem)
    draft = draft_to_write(flow_name, ticket)
    journey = journey_of(draft)
    step = journey.find(step_name)
    if step is None or not journey.can_visit(step):
        return go_to(draft, journey.next)
    if request.form.get("action") == "back":
        before = journey.before(step)
        draft = keep_typed(draft, step, ticket)
        return go_to(draft, before) if before else redirect(url_for("guide.show"), 303)
    if request.form.get("action") == "card" and step.form.reads_card:
        draft = keep_typed(draft, step, ticket)
        t = tokens.sign_page(draft.ticket())
        return redirect(url_for("wizard.card", flow_name=flow_name, t=t), 303)
    if request.form.get("action") == "look":
        # As it was sent, and kept nowhere: another question may depend on what was just answered.
        return step_page(draft, step, sent_form(step, draft))
    return _keep_answer(draft, step, ticket)


def keep_typed(draft: OpenDraft, step: Step, ticket: Ticket) -> OpenDraft:
    """Keep what was typed, right or not, without taking it for an answer; what another tab has kept stays."""
    form = sent_form(step, draft)
    is_good = form.validate()
    change = change_of(form, is_good=is_good and step.name in draft.answers)
    is_same = (change.answer, change.typed) == (draft.answers.get(step.name), draft.typed.get(step.name))
    if not ticket.revision or (not form.photos and (form.is_blank() or is_same)):
        return draft
    try:
        return drafts.save(ticket, draft.flow, change)
    except Conflict as conflict:
        return conflict.draft


def _keep_answer(draft: OpenDraft, step: Step, ticket: Ticket):
    form = sent_form(step, draft)
    form.act()
    is_good = form.validate()
    try:
        if is_good or form.photos or form.accepted:
            draft = drafts.save(ticket, draft.flow, change_of(form, is_good=is_good))
    except Conflict as conflict:
        return conflict_page(conflict.draft, step, form)
    if not is_good and form.retry_after:
        return *step_page(draft, step, form, 429), {"Retry-After": str(form.retry_after)}
    if not is_good:
        return step_page(draft, step, form, 422)
    if form.stays:
        return go_to(draft, step, **place_of(form))
    return go_to(draft, journey_of(draft).next)


def conflict_page(draft: OpenDraft, step: Step, form):
    """Show both values; sending the form again then chooses what it shows."""
    kept = step.form(answer=draft.answers.get(step.name), sources=form.sources)
    return step_page(draft, step, form, 409, kept={row.field: row for row in kept.rows()})


def _too_large_page(flow_name: str, step_name: str, problem: RequestEntityTooLarge):
    """The step as it is kept; a body that is too large is not read, so the address must tell which draft."""
    try:
        draft = draft_to_show(flow_name)
    except BadToken:
        raise problem from None
    step = journey_of(draft).find(step_name) or abort(404)
    sentence = _("Những tệp vừa gửi quá lớn nên chưa được nhận. Mỗi ảnh tối đa 8 MB; hãy gửi từng ảnh một.")
    return step_page(draft, step, form_of(step, draft), 413, refused=[sentence])


def _must_be_a_step(flow_name: str, step_name: str) -> None:
    if not any(step.name == step_name for step in FLOWS.get(flow_name, ())):
        abort(404)
