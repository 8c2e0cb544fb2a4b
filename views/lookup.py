"""Coming back with a phone and a code, when the page is gone, the token too old, or the device another one."""

from flask import Blueprint, redirect, render_template, request, url_for

import tokens
from forms.confirm import CodeForm
from forms.lookup import LookupForm
from models import Dossier
from services import codes, lookup, submissions
from services.drafts import DraftGone, OpenDraft
from tokens import Ticket
from views import states

bp = Blueprint("lookup", __name__, url_prefix="/lookup")

ASK = Ticket("", "", "lookup")


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
    return redirect(url_for(".ask", t=tokens.sign_lookup(Ticket(hashed, "", "code"))), 303)


@bp.get("/code")
def ask():
    """Ask for the code."""
    return _code_page(_ticket("code"), CodeForm())


@bp.post("/code")
def enter():
    """Show what belongs to the phone, if the code is right."""
    ticket = tokens.check_step(request.form.get("step_token", ""), "lookup-code")
    form = CodeForm(request.form)
    if not form.validate():
        return _code_page(ticket, form), 422
    try:
        code_id = lookup.enter_code(ticket.id, form.code.data)
    except codes.CodeRefused as refused:
        status = 429 if refused.retry_after else 422
        return _code_page(ticket, form, refused), status, _retry_after(refused)
    return redirect(url_for(".found", t=tokens.sign_lookup(Ticket(ticket.id, str(code_id), "found"))), 303)


@bp.get("/found")
def found():
    """List the phone's own drafts and dossiers."""
    ticket = _ticket("found")
    if not codes.proved(int(ticket.session), ticket.id):
        raise DraftGone
    own = lookup.of_phone(ticket.id)
    return render_template(
        "lookup/found.html",
        drafts=[(draft, tokens.sign_page(draft.ticket())) for draft in own.drafts],
        dossiers=[
            (dossier, tokens.sign_receipt(submissions.open_dossier(dossier).ticket())) for dossier in own.dossiers
        ],
        rights=_rights_token,
        headings=states.HEADINGS,
        step_token=tokens.sign_step(ticket),
    )


@bp.post("/finish")
def finish():
    """Make this browser forget what was looked up."""
    ticket = tokens.check_step(request.form.get("step_token", ""), "found")
    codes.close(int(ticket.session))
    return redirect(url_for("wizard.finished", flow_name="adult"), 303)


def _rights_token(own: OpenDraft | Dossier) -> str:
    """What opens "Dữ liệu của bạn" of one draft or dossier."""
    ticket = own.ticket() if isinstance(own, OpenDraft) else submissions.open_dossier(own).ticket()
    return tokens.sign_rights(ticket)


def _ticket(step: str) -> Ticket:
    ticket = tokens.check_lookup(request.args.get("t", ""))
    if ticket.step != step:
        raise tokens.BadToken("made for another page")
    return ticket


def _phone_page(form, refused=None):
    return render_template("lookup/phone.html", form=form, refused=refused, step_token=tokens.sign_step(ASK))


def _code_page(ticket: Ticket, form, refused=None):
    return render_template(
        "lookup/code.html",
        form=form,
        refused=refused,
        page_token=tokens.sign_lookup(Ticket(ticket.id, "", "code")),
        step_token=tokens.sign_step(Ticket(ticket.id, "", "lookup-code")),
    )


def _retry_after(refused) -> dict[str, str]:
    return {"Retry-After": str(refused.retry_after)} if refused.retry_after else {}
