"""From the PC to the phone: a QR on the photos page leads to a page that can send these photos and nothing else.

The phone signs in nowhere and needs no internet, only the company's network. Its token is good for fifteen minutes from
the moment the QR was shown, however many photos are sent meanwhile.
"""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

import tokens
from forms.photos import PhotosForm
from models import now
from services import drafts, qr
from services.drafts import Conflict, OpenDraft
from tokens import Ticket
from views.wizard.pages import (
    change_of,
    form_of,
    go_to,
    journey_of,
    photo_alone,
    photos_step,
    place_of,
    sent_form,
    step_page,
)
from views.wizard.pages import draft_to_show as draft_of_page

bp = Blueprint("handoff", __name__)

MINUTES = 15


@bp.get("/register/<flow_name>/photos/phone")
def show(flow_name):
    """Show the photos step with a QR for the phone."""
    draft = draft_of_page(flow_name)
    if not current_app.config["SETTINGS"].is_known_to_others:
        return step_page(draft, photos_step(draft), _form(draft), phone={"qr": None})
    return _with_qr(draft, now() + MINUTES * 60)


@bp.get("/register/<flow_name>/photos/arrivals")
def arrivals(flow_name):
    """Answer with the photos that arrived since the page was made; with nothing (204) when there are none."""
    draft = draft_of_page(flow_name)
    until = min(request.args.get("until", 0, type=int), now() + MINUTES * 60)
    if now() >= until:
        return step_page(draft, photos_step(draft), _form(draft))
    if draft.revision == tokens.check_page(request.args["t"]).revision:
        return "", 204
    return _with_qr(draft, until)


@bp.get("/phone")
def phone():
    """Let the phone take the pictures."""
    ticket = tokens.check_handoff(request.args.get("t", ""))
    draft = drafts.open_draft(ticket)
    return _phone_page(draft, ticket, _form(draft))


@bp.post("/phone")
def send():
    """Keep the pictures that the phone sent."""
    try:
        ticket = tokens.check_handoff(request.form.get("step_token", ""))
    except RequestEntityTooLarge:
        return _too_large_page()
    draft = drafts.open_draft(ticket)
    step = photos_step(draft)
    form = sent_form(step, draft)
    is_good = form.validate()
    try:
        if form.changed:
            draft = drafts.save(ticket, draft.flow, change_of(form, is_good=is_good))
    except Conflict as conflict:
        sentence = _("Ảnh này vừa được thay từ máy khác nên ảnh bạn gửi chưa được nhận. Xem lại rồi gửi nếu cần.")
        return _phone_page(conflict.draft, ticket, _form(conflict.draft), 409, [sentence])
    if not is_good:
        return _phone_page(draft, ticket, form, 422)
    t = tokens.sign_handoff(draft.ticket(step.name, ticket.until))
    return redirect(url_for("handoff.phone", t=t, **place_of(form)), 303)


def _with_qr(draft: OpenDraft, until: int):
    journey = journey_of(draft)
    if not journey.can_visit(photos_step(draft)):
        return go_to(draft, journey.next)
    t = tokens.sign_handoff(draft.ticket(photos_step(draft).name, until))
    address = current_app.config["SETTINGS"].public_url + url_for("handoff.phone", t=t)
    phone = {"qr": qr.svg(address), "until": until, "minutes": MINUTES}
    return step_page(draft, photos_step(draft), _form(draft), phone=phone)


def _phone_page(draft: OpenDraft, ticket: Ticket, form: PhotosForm, status: int = 200, refused=()):
    signed = tokens.sign_handoff(draft.ticket(ticket.step, ticket.until))
    context = {"draft": draft, "form": form, "signed": signed, "until": ticket.until, "refused": refused}
    return render_template("phone.html", **context, alone=photo_alone(form, status)), status


def _too_large_page():
    ticket = tokens.check_handoff(request.args.get("t", ""))
    draft = drafts.open_draft(ticket)
    sentence = _("Những tệp vừa gửi quá lớn nên chưa được nhận. Mỗi ảnh tối đa 8 MB; hãy gửi từng ảnh một.")
    return _phone_page(draft, ticket, _form(draft), 413, [sentence])


def _form(draft: OpenDraft) -> PhotosForm:
    return form_of(photos_step(draft), draft)
