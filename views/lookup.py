"""Coming back with a phone and a code, when the page is gone, the token too old, or the device another one.

`?r=` goes along all the way: it names the step at which somebody was stopped, and opens nothing by itself.
"""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for

import tokens
from forms.confirm import CodeForm
from forms.lookup import LookupForm
from models import Dossier
from services import codes, lookup, proofs, submissions
from services.drafts import DraftGone, OpenDraft
from tokens import BadToken, Ticket
from views import states
from views.wizard.late import RECEIPT
from views.wizard.pages import go_to, journey_of
from wizard.flows import Step

bp = Blueprint("lookup", __name__, url_prefix="/lookup")

ASK = Ticket("", "", "lookup")


@dataclass(frozen=True, slots=True)
class Standing:
    """A draft as its owner tells it from others: which step comes next (None: the review), and a token to go on."""

    draft: OpenDraft
    next: Step | None
    token: str


@bp.get("")
def show():
    """Ask for the phone."""
    return _phone_page(LookupForm())


@bp.post("")
def send_code():
    """Send a code to the phone; the answer is the same whether anybody declared it or not."""
    tokens.check_step(request.form.get("step_token", ""), "lookup")
    form = LookupForm(request.form)
    if not form.validate():
        return _phone_page(form), 422
    try:
        hashed = lookup.send_code(form.phone.data)
    except codes.TooManyCodes as refused:
        return _phone_page(form, refused), 429, {"Retry-After": str(refused.retry_after)}
    return redirect(url_for(".ask", t=tokens.sign_lookup(Ticket(hashed, "", "code")), r=_r()), 303)


@bp.get("/code")
def ask():
    """Ask for the code."""
    return _code_page(_ticket("code"), CodeForm())


@bp.post("/code")
def enter():
    """Show what belongs to the phone, if the code is right; or the step at which its owner was stopped."""
    ticket = tokens.check_step(request.form.get("step_token", ""), "lookup-code")
    form = CodeForm(request.form)
    if not form.validate():
        return _code_page(ticket, form), 422
    try:
        code_id = lookup.enter_code(ticket.id, form.code.data)
    except codes.CodeRefused as refused:
        status = 429 if refused.retry_after else 422
        return _code_page(ticket, form, refused), status, _retry_after(refused)
    return _stopped_at(ticket.id) or redirect(
        url_for(".found", t=tokens.sign_lookup(Ticket(ticket.id, str(code_id), "found"))), 303
    )


@bp.get("/found")
def found():
    """List the phone's own drafts and dossiers."""
    ticket = _ticket("found")
    if not proofs.proved(int(ticket.session), ticket.id):
        raise DraftGone
    own = lookup.of_phone(ticket.id)
    return render_template(
        "lookup/found.html",
        drafts=[Standing(draft, journey_of(draft).next, tokens.sign_page(draft.ticket())) for draft in own.drafts],
        dossiers=[
            (dossier, tokens.sign_receipt(submissions.open_dossier(dossier).ticket())) for dossier in own.dossiers
        ],
        rights=_rights_token,
        headings=states.HEADINGS,
        step_token=tokens.sign_step(ticket),
    )


@bp.post("/finish")
def finish():
    """Make this browser forget what was looked up, and all that it led to."""
    ticket = tokens.check_step(request.form.get("step_token", ""), "found")
    if proofs.proved(int(ticket.session), ticket.id):
        lookup.close(ticket.id)
    if "away" in request.form:
        return redirect(url_for(".show"), 303)
    return redirect(url_for("wizard.finished", flow_name="adult"), 303)


def _rights_token(own: OpenDraft | Dossier) -> str:
    """What opens "Dữ liệu của bạn" of one draft or dossier."""
    ticket = own.ticket() if isinstance(own, OpenDraft) else submissions.open_dossier(own).ticket()
    return tokens.sign_rights(ticket)


def _stopped_at(hashed: str):
    """The way back to the very step, if the return ticket speaks of what belongs to this phone; else None."""
    back = _return_ticket()
    own = lookup.of_phone(hashed) if back else None
    if not own:
        return None
    if back.step == RECEIPT:
        dossier = next((each for each in own.dossiers if each.envelope_id == back.id), None)
        t = tokens.sign_receipt(submissions.open_dossier(dossier).ticket()) if dossier else None
        return redirect(url_for("receipt.show", t=t), 303) if dossier else None
    draft = next((each for each in own.drafts if each.id == back.id), None)
    if not draft:
        return None
    journey = journey_of(draft)
    step = journey.find(back.step)
    return go_to(draft, step if step and journey.can_visit(step) else journey.next)


def _return_ticket() -> Ticket | None:
    try:
        return tokens.check_return(request.args.get("r", ""))
    except BadToken:
        return None


def _r() -> str | None:
    """The return ticket, signed anew so that it lasts until the code has come."""
    ticket = _return_ticket()
    return tokens.sign_return(ticket) if ticket else None


def _ticket(step: str) -> Ticket:
    ticket = tokens.check_lookup(request.args.get("t", ""))
    if ticket.step != step:
        raise BadToken("made for another page")
    return ticket


def _phone_page(form, refused=None):
    token = tokens.sign_step(ASK)
    return render_template("lookup/phone.html", form=form, refused=refused, step_token=token, r=_r())


def _code_page(ticket: Ticket, form, refused=None):
    return render_template(
        "lookup/code.html",
        form=form,
        refused=refused,
        page_token=tokens.sign_lookup(Ticket(ticket.id, "", "code")),
        r=_r(),
        step_token=tokens.sign_step(Ticket(ticket.id, "", "lookup-code")),
    )


def _retry_after(refused) -> dict[str, str]:
    return {"Retry-After": str(refused.retry_after)} if refused.retry_after else {}
