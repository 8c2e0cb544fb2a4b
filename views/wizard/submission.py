"""Check everything once more, ask for the code, submit."""

from flask import abort, redirect, request, url_for

import tokens
from forms.confirm import CodeForm
from models import Unit
from services import assistance, codes, drafts, submissions
from services.drafts import Conflict, DraftGone, OpenDraft
from services.submissions import AlreadyHere
from views.wizard.pages import draft_to_show, form_of, go_to, journey_of, of_flow, page, to_answer
from wizard.flows import FLOWS


def add_to(bp) -> None:
    """Register the views between the last step and the receipt."""
    bp.get("/<flow_name>/review", endpoint="review")(review)
    bp.post("/<flow_name>/send-code", endpoint="send_code")(send_code)
    bp.get("/<flow_name>/confirm", endpoint="confirm")(confirm)
    bp.post("/<flow_name>/confirm", endpoint="submit")(submit)


def review(flow_name):
    """Show every answer, with a way to change each line."""
    draft = draft_to_show(flow_name)
    if step := to_answer(draft):
        return go_to(draft, step)
    sections = [(step, form_of(step, draft).rows()) for step in journey_of(draft).steps]
    is_proved = bool(submissions.proof_of(draft))
    return page("wizard/review.html", draft, sections=sections, is_proved=is_proved, helped=assistance.of(draft.id))


def send_code(flow_name):
    """Send a code to the declared phone and ask for it."""
    draft = of_flow(flow_name, drafts.open_draft(_ticket(flow_name, "send-code")))
    if step := to_answer(draft):
        return go_to(draft, step)
    try:
        codes.send(_asker(draft), codes.SUBMIT, draft.id)
    except codes.TooManyCodes as refused:
        return _confirm_page(draft, CodeForm(), refused)
    return redirect(url_for("wizard.confirm", flow_name=flow_name, t=tokens.sign_page(draft.ticket())), 303)


def confirm(flow_name):
    """Ask for the code."""
    draft = draft_to_show(flow_name)
    step = to_answer(draft)
    return go_to(draft, step) if step else _confirm_page(draft, CodeForm())


def submit(flow_name):
    """Submit what was reviewed, if the code is right or the phone was just proved; twice gives the same receipt."""
    ticket = _ticket(flow_name, "confirm")
    try:
        draft = of_flow(flow_name, drafts.open_draft(ticket))
    except DraftGone:
        return _receipt(of_flow(flow_name, submissions.submitted(ticket)))
    if step := to_answer(draft):
        return go_to(draft, step)
    form = CodeForm(request.form)
    if not submissions.proof_of(draft) and not form.validate():
        return _confirm_page(draft, form)
    try:
        return _receipt(submissions.submit(ticket, journey_of(draft).route, form.code.data or ""))
    except codes.CodeRefused as refused:
        return _confirm_page(draft, form, refused)
    except AlreadyHere as here:
        return _already_here_page(draft, here)
    except Conflict as conflict:
        # Something was changed after the review: what is submitted must be what was seen.
        return go_to(conflict.draft, None)


def _ticket(flow_name: str, purpose: str):
    if flow_name not in FLOWS:
        abort(404)
    return tokens.check_step(request.form.get("step_token", ""), purpose)


def _confirm_page(draft: OpenDraft, form: CodeForm, refused=None):
    sent = codes.sent(drafts.phone_hash(draft.phone), codes.SUBMIT, draft.id)
    wait = refused.retry_after if refused else 0
    status = 429 if wait else 422 if refused or form.errors else 200
    answer, status = page("wizard/confirm.html", draft, status, form=form, refused=refused, sent=sent)
    headers = {"Retry-After": str(wait)} if wait else {}
    if refused:
        # The address of `send_code` can only be posted to; htmx would leave it in the address bar.
        t = tokens.sign_page(draft.ticket())
        headers["HX-Push-Url"] = url_for("wizard.confirm", flow_name=draft.flow, t=t)
    return answer, status, headers


def _already_here_page(draft: OpenDraft, here: AlreadyHere):
    """Say what is in the way and how to go on; the draft stays as it is."""
    receipt = _receipt_address(here.dossier) if here.dossier else None
    asking = {field: step.name for step in journey_of(draft).steps for field in draft.answers[step.name]}
    return page("wizard/already_here.html", draft, 422, here=here, receipt=receipt, asking=asking)


def _receipt(dossier):
    return redirect(_receipt_address(dossier), 303)


def _receipt_address(dossier) -> str:
    return url_for("receipt.show", t=tokens.sign_receipt(submissions.open_dossier(dossier).ticket()))


def _asker(draft: OpenDraft) -> codes.Asker:
    unit = Unit.called(draft.given.get("unit") or "")
    # A parent's own name: it is to them that HR reads the code out.
    name = draft.given.get("guardian_full_name", draft.given["full_name"])
    return codes.Asker(draft.phone, name, unit.id if unit else None)
