"""Form 01 by mail, and how the owner of a dossier is told what becomes of it."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _

import tokens
from forms.messages import reason
from forms.news import MAIL, SMS, FormByMailForm, NewsForm
from models import Dossier, Message
from services import attempts, news, outbox, submissions
from services.news import Choice
from views.words import lasting, phone
from wizard.flows import AGENCY

bp = Blueprint("news", __name__, url_prefix="/receipt/news")


@bp.get("")
def show():
    """Ask where Form 01 is to go, and how its owner is told."""
    dossier = submissions.submitted(tokens.check_receipt(request.args.get("t", "")))
    return _page(dossier, _form(dossier))


@bp.post("")
def choose():
    """Keep how its owner is told from now on."""
    dossier = _dossier()
    form = _form(dossier, NewsForm, request.form)
    if not form.validate():
        return _page(dossier, form), 422
    to = {MAIL: lambda: form.email.data, SMS: lambda: submissions.open_dossier(dossier).phone}.get(form.news.data)
    news.choose(dossier, Choice(form.news.data, to()) if to else Choice())
    return redirect(url_for("receipt.show", t=tokens.sign_receipt(_ticket_of(dossier))), 303)


@bp.post("/form01")
def send_form():
    """Send Form 01 to an address."""
    dossier = _dossier()
    if not outbox.sends(outbox.MAIL):
        abort(404)
    form = _form(dossier, FormByMailForm, request.form)
    if not form.validate():
        return _page(dossier, form), 422
    try:
        news.send_form(dossier, form.email.data)
    except attempts.TooMany as refused:
        wait = lasting(refused.retry_after)
        form.email.errors = [_("Tờ khai đã được gửi nhiều lần. Hãy thử lại sau %(time)s, hoặc tải về máy.", time=wait)]
        return _page(dossier, form), 429, {"Retry-After": str(refused.retry_after)}
    return redirect(url_for(".show", t=tokens.sign_receipt(_ticket_of(dossier))), 303)


def means() -> tuple[str, ...]:
    """How an applicant can be told here."""
    return tuple(each for each in (outbox.MAIL, outbox.SMS) if outbox.sends(each))


def last_form(dossier: Dossier) -> tuple[Message, str, str] | None:
    """The message by which Form 01 went out last, to whom, and why it did not arrive; None where it never did."""
    rows = [row for row in outbox.about(dossier.envelope_id) if row.purpose == news.FORM01]
    if not rows:
        return None
    why, _detail = reason(rows[-1].means, rows[-1].answer) if rows[-1].answer else ("", "")
    return rows[-1], outbox.recipient_of(rows[-1]), why


def _dossier() -> Dossier:
    return submissions.submitted(tokens.check_step(request.form.get("step_token", ""), "receipt"))


def _ticket_of(dossier: Dossier) -> tokens.Ticket:
    return submissions.open_dossier(dossier).ticket()


def _form(dossier: Dossier, kind=NewsForm, formdata=None) -> NewsForm:
    opened, choice = submissions.open_dossier(dossier), news.choice_of(dossier)
    declared = opened.answers.get(AGENCY.name, {}).get("email", "")
    email = choice.to if choice.means == outbox.MAIL else declared
    answer = {"email": email, "news": choice.means or "none"}
    return kind(formdata, means(), phone(opened.phone), answer=answer)


def _page(dossier: Dossier, form: NewsForm):
    ticket = _ticket_of(dossier)
    return render_template(
        "news.html",
        dossier=dossier,
        form=form,
        last=last_form(dossier),
        page_token=tokens.sign_receipt(ticket),
        step_token=tokens.sign_step(ticket),
    )
