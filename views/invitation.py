"""Coming in by a personal link: first only initials are shown; pressing begins a declaration that is filled in."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for

import tokens
from desk.roster import is_registered
from services import drafts, employees, invitations
from services.drafts import Change
from tokens import BadToken, ExpiredToken, Ticket
from views.wizard.pages import go_to, journey_of
from wizard.flows import AGENCY, DECLARATION

bp = Blueprint("invitation", __name__, url_prefix="/i")

FLOW = "adult"


@bp.get("/<link>")
def show(link):
    """Say whom the link is for, as far as only they understand it."""
    employee = invitations.find(link)
    if employee is None:
        return render_template("invitation_gone.html"), 404
    if is_registered(employee):
        return render_template("invitation_used.html")
    token = tokens.sign_step(_ticket(link))
    initials = invitations.initials(employee.full_name)
    return render_template("invitation.html", link=link, initials=initials, step_token=token)


@bp.post("/<link>")
def begin(link):
    """Begin a registration whose declaration is typed already, for the person to check; nothing counts as answered."""
    try:
        ticket = tokens.check_step(request.form.get("step_token", ""), "invitation")
    except ExpiredToken:
        return redirect(url_for(".show", link=link), 303)
    if ticket.id != invitations.link_hash(link):
        raise BadToken("made for another link")
    employee = invitations.find(link)
    if employee is None or is_registered(employee):
        return redirect(url_for(".show", link=link), 303)
    draft = drafts.begin(FLOW)
    for step, typed in _typed(employee):
        draft = drafts.save(draft.ticket(step.name), FLOW, Change(typed=typed))
    return go_to(draft, journey_of(draft).next)


def _typed(employee):
    """By step: what the roster knows of the person."""
    yield DECLARATION, employees.declaration(employee)
    if email := employees.details(employee).get("email"):
        yield AGENCY, {"agency": current_app.config["SETTINGS"].default_agency, "email": email}


def _ticket(link: str) -> Ticket:
    return Ticket(invitations.link_hash(link), "", "invitation")
