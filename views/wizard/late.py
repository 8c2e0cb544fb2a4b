"""A page that was open too long: what was typed is kept, and a phone and a code lead back to the very step.

The token is good by its signature but old, so it may no longer answer anything. It still says which draft its holder
was writing, and what the holder sends may be kept there as half typed, under the same rules as any other write.
"""

from flask import render_template, request, url_for

import tokens
from services import drafts, submissions
from services.drafts import Conflict, DraftGone, OpenDraft
from tokens import BadToken, ExpiredToken, Ticket
from views.wizard.pages import draft_to_write, half_typed, journey_of, sent_form
from wizard.flows import Step

# How long after its end a page still leads on to a draft that no phone can find.
SAME_DEVICE = 2 * 60 * 60
# These take what a step's form sends.
STEP_FORMS = {"wizard.keep", "wizard.finish", "wizard.settle_card", "transfer.begin"}
RECEIPT = "receipt"


def show(late: ExpiredToken):
    """The page for a token that is too old; what a step's form sent is kept if that can be done."""
    flow_name, step_name = (request.view_args or {}).get("flow_name"), (request.view_args or {}).get("step_name")
    is_sent = late.purpose == "step" and request.endpoint in STEP_FORMS and step_name in {None, late.ticket.step}
    kept = is_sent and _keep(flow_name, late.ticket)
    # Whoever sends a step's form has before them all that a draft without a phone can hold; an old address proves less.
    may_go_on = is_sent and late.age < tokens.LIFETIME + SAME_DEVICE
    way_on = _way_on(late.ticket, late.ticket.step or step_name or "review", may_go_on=may_go_on)
    return render_template("errors/late.html", kept=kept, typed=[] if kept else typed_now(), **way_on), 409


def return_ticket(ticket: Ticket, step_name: str) -> str:
    """What leads back to this step of the draft once its phone is proved."""
    return tokens.sign_return(Ticket(ticket.id, "", step_name))


def typed_now() -> list[str]:
    """What this very request sends, to be copied where it cannot be kept; it goes back to whoever sent it."""
    secret = {"code", "password", "new_password", "repeated", "totp", "secret"}
    buttons = {"action", "away", "remove", "accept", "edit", "frame", "card", "choice"}
    hidden = {"step_token", "csrf_token"} | secret | buttons
    return [value for name, value in request.form.items() if name not in hidden and value.strip() and value != "y"]


def _keep(flow_name: str, ticket: Ticket) -> bool:
    """Whether all that the form sent is safe: kept as half typed, or no news."""
    try:
        draft = draft_to_write(flow_name, ticket)
    except (DraftGone, BadToken):
        return False
    journey = journey_of(draft)
    step = journey.find(ticket.step)
    if step is None or not journey.can_visit(step) or not ticket.revision:
        return False
    form = sent_form(step, draft)
    change = half_typed(form)
    # Of pictures the bad ones are not there when the step opens again.
    is_whole = {name for name, file in request.files.items() if file.filename} <= form.photos.keys()
    if not form.photos and (form.is_blank() or form.typed() == _shown(draft, step, form)):
        return is_whole
    try:
        drafts.save(ticket, flow_name, change)
    except Conflict:
        return False
    return is_whole


def _shown(draft: OpenDraft, step: Step, form) -> dict | None:
    """What the step's page showed when nothing was typed: its fields as half typed before, or as answered."""
    if step.name in draft.typed or step.name not in draft.answers:
        return draft.typed.get(step.name)
    return step.form(answer=draft.answers[step.name], sources=form.sources).typed()


def _way_on(ticket: Ticket, step_name: str, *, may_go_on: bool) -> dict:
    """Where the page leads: to phone and code, or straight on for a draft that no phone can find."""
    try:
        if drafts.can_be_found(ticket):
            return {"back": return_ticket(ticket, step_name), "straight": None}
    except DraftGone:
        return {"back": return_ticket(ticket, RECEIPT) if _is_submitted(ticket) else None, "straight": None}
    if not may_go_on:
        return {"back": None, "straight": None}
    draft = drafts.open_draft(ticket)
    t = tokens.sign_page(draft.ticket())
    return {"back": None, "straight": url_for("wizard.step", flow_name=draft.flow, step_name=step_name, t=t)}


def _is_submitted(ticket: Ticket) -> bool:
    try:
        submissions.submitted(ticket)
    except DraftGone:
        return False
    return True
