"""Make this browser forget a registration."""

from contextlib import suppress

from flask import abort, redirect, render_template, request, url_for

import tokens
from services import drafts, lookup, submissions
from services.drafts import DraftGone
from views.wizard.late import return_ticket
from views.wizard.pages import draft_to_write, journey_of, of_flow
from views.wizard.steps import keep_typed
from wizard.flows import FLOWS


def add_to(bp) -> None:
    """Register the page and the action."""
    bp.get("/<flow_name>/finish", endpoint="finished")(show)
    bp.post("/<flow_name>/finish", endpoint="finish")(finish)


def show(flow_name):
    """Say that it is done."""
    _must_be_a_flow(flow_name)
    return render_template("wizard/finished.html")


def finish(flow_name):
    """Keep what was typed last, then make every token of this draft or dossier useless, and all that led to it."""
    _must_be_a_flow(flow_name)
    ticket = tokens.check_step(request.form.get("step_token", ""))
    try:
        draft = draft_to_write(flow_name, ticket)
    except DraftGone:
        hashed = _close_dossier(flow_name, ticket)
    else:
        journey = journey_of(draft)
        step = journey.find(ticket.step)
        if step and journey.can_visit(step):
            keep_typed(draft, step, ticket)
        hashed = drafts.close(ticket)
    if hashed:
        lookup.close(hashed)
    if "away" in request.form and hashed:
        # Nobody pressed the button: the page's time was over.
        return redirect(url_for("lookup.show", r=return_ticket(ticket, ticket.step)), 303)
    return redirect(url_for("wizard.finished", flow_name=flow_name), 303)


def _close_dossier(flow_name: str, ticket) -> str | None:
    with suppress(DraftGone):
        of_flow(flow_name, submissions.submitted(ticket))
    return submissions.close(ticket)


def _must_be_a_flow(flow_name: str) -> None:
    if flow_name not in FLOWS:
        abort(404)
