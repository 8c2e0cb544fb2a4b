"""A draft goes on to another device: a QR on demand, and there one button that takes it over.

The draft is open in one place at a time. Taking it over gives it a new session, which ends the first device's and uses
the QR up; opening the address alone changes nothing.
"""

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for

import tokens
from models import now
from services import drafts, qr
from services.drafts import OpenDraft
from views.wizard.pages import draft_to_show, draft_to_write, go_to, journey_of, page
from views.wizard.steps import keep_typed
from wizard.flows import FLOWS

bp = Blueprint("transfer", __name__)

MINUTES = 10


@bp.post("/register/<flow_name>/continue")
def begin(flow_name):
    """Keep what was typed, then show the QR."""
    if flow_name not in FLOWS:
        abort(404)
    ticket = tokens.check_step(request.form.get("step_token", ""))
    draft = draft_to_write(flow_name, ticket)
    step = journey_of(draft).find(ticket.step)
    if step and journey_of(draft).can_visit(step):
        draft = keep_typed(draft, step, ticket)
    return redirect(url_for(".show", flow_name=flow_name, t=tokens.sign_page(draft.ticket(ticket.step))), 303)


@bp.get("/register/<flow_name>/continue")
def show(flow_name):
    """Show the QR of this draft."""
    draft = draft_to_show(flow_name)
    step_name = tokens.check_page(request.args["t"]).step
    settings = current_app.config["SETTINGS"]
    phone = None
    if settings.is_known_to_others:
        t = tokens.sign_transfer(draft.ticket(step_name, now() + MINUTES * 60))
        phone = {"qr": qr.svg(settings.public_url + url_for(".offer", t=t)), "minutes": MINUTES}
    return page("wizard/transfer.html", draft, phone=phone, back=_step(draft, step_name))


@bp.get("/continue")
def offer():
    """Ask whether this device shall take the draft over."""
    ticket = tokens.check_transfer(request.args.get("t", ""))
    drafts.open_draft(ticket)
    return render_template("transfer.html", token=tokens.sign_transfer(ticket))


@bp.post("/continue")
def take():
    """Take the draft over, and go to the step at which the other device stood."""
    ticket = tokens.check_transfer(request.form.get("step_token", ""))
    draft = drafts.take_over(ticket)
    return go_to(draft, _step(draft, ticket.step))


def _step(draft: OpenDraft, name: str):
    """The step of this name; that which comes next (None: the review) where there is none, or not yet."""
    journey = journey_of(draft)
    step = journey.find(name)
    return step if step and journey.can_visit(step) else journey.next
