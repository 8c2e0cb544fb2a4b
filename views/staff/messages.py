"""What the desk sends."""

from flask import abort, g, redirect, render_template, url_for
from flask_babel import gettext as _

from desk import messages as desk
from forms.messages import PURPOSES, reason
from services.sms import meter
from views.staff import outside


def add_to(bp) -> None:
    """Register the views about messages."""
    bp.get("/messages", endpoint="messages")(index)
    bp.post("/messages/<int:message_id>/again", endpoint="send_again")(send_again)
    bp.post("/messages/<int:message_id>/read-out", endpoint="read_out")(read_out)


def index():
    """List what waits, failed and went out."""
    return _page()


def send_again(message_id):
    """Try the message once more, now."""
    return _act(message_id, desk.send_again)


def read_out(message_id):
    """Have the code read out instead."""
    return _act(message_id, desk.read_out, "staff.codes")


def _act(message_id: int, action, then: str = "staff.messages"):
    message = desk.find(g.staff, message_id) or abort(404)
    try:
        action(message)
    except desk.NotAnyMore:
        refusal = _(
            "Tin này vừa được gửi đi, mã trong tin không còn dùng được, hoặc đã hết số tin của tháng. Xem lại bên dưới."
        )
        return _page([refusal]), 409
    return redirect(url_for(then), 303)


def _page(refused=()):
    return render_template(
        "staff/messages.html",
        refused=refused,
        messages=desk.overview(g.staff),
        failing=outside.failing(),
        meter=meter.read(),
        purposes=PURPOSES,
        why=reason,
    )
