"""What people asked for by right: acknowledged, carried out or refused, each within its time."""

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from desk import requests as desk
from forms.requests import WORDING, RefuseForm


def add_to(bp) -> None:
    """Register the views about requests."""
    bp.get("/requests", endpoint="requests")(index)
    bp.get("/requests/<int:number>", endpoint="request")(show)
    bp.post("/requests/<int:number>/acknowledge", endpoint="acknowledge")(acknowledge)
    bp.post("/requests/<int:number>/carry-out", endpoint="carry_out")(carry_out)
    bp.post("/requests/<int:number>/refuse", endpoint="refuse")(refuse)


def index():
    """List what waits, the one that is due first at the top; below it what was answered."""
    return render_template(
        "staff/requests.html",
        waiting=desk.waiting(g.staff),
        closed=desk.closed(g.staff),
        is_late=desk.is_late,
        wording=WORDING,
    )


def show(number):
    """Show one request and what can be done about it."""
    return _page(number, RefuseForm(None))


def acknowledge(number):
    """Note that it was received."""
    return _act(number, lambda: desk.acknowledge(g.staff, number))


def carry_out(number):
    """Note that it was done; a deletion is done by this very press."""
    return _act(number, lambda: desk.carry_out(g.staff, number))


def refuse(number):
    """Answer with a reason."""
    form = RefuseForm(request.form)
    if not form.validate():
        return _page(number, form), 422
    return _act(number, lambda: desk.refuse(g.staff, number, form.reason.data), form)


def _act(number: int, action, form: RefuseForm | None = None):
    _asked(number)
    try:
        action()
    except desk.Closed:
        return _page(number, form or RefuseForm(None), [_("Yêu cầu này vừa được trả lời. Xem lại bên dưới.")]), 409
    return redirect(url_for("staff.request", number=number), 303)


def _page(number: int, form: RefuseForm, refused=()):
    asked = _asked(number)
    return render_template(
        "staff/request.html",
        asked=asked,
        row=asked.row,
        words=WORDING[asked.row.right],
        form=form,
        refused=refused,
        is_late=desk.is_late(asked.row),
    )


def _asked(number: int):
    return desk.find(g.staff, number) or abort(404)
