"""What the desk sends, and how the gateway does."""

from flask import abort, g, redirect, render_template, url_for
from flask_babel import gettext as _

from desk import messages as desk
from forms.messages import PURPOSES, TestMailForm, TestMessageForm, reason
from services.outbox import MAIL, SMS
from services.sms import meter


def add_to(bp) -> None:
    """Register the views about messages."""
    bp.get("/messages", endpoint="messages")(index)
    bp.post("/messages/<int:message_id>/again", endpoint="send_again")(send_again)
    bp.post("/messages/<int:message_id>/read-out", endpoint="read_out")(read_out)
    bp.post("/messages/test", endpoint="send_test")(send_test)
    bp.post("/messages/test-mail", endpoint="send_test_mail")(send_test_mail)


def index():
    """List what waits, failed and went out."""
    return _page()


def send_again(message_id):
    """Try the message once more, now."""
    return _act(message_id, desk.send_again)


def read_out(message_id):
    """Have the code read out instead."""
    return _act(message_id, desk.read_out, "staff.codes")


def send_test():
    """Send a message to see whether it arrives."""
    form = TestMessageForm()
    return _send_test(form, SMS, form.phone)


def send_test_mail():
    """Send a mail to see whether it arrives."""
    form = TestMailForm()
    return _send_test(form, MAIL, form.email)


def _send_test(form, means: str, to):
    shown = {"mail_form" if means == MAIL else "form": form}
    if not form.validate():
        return _page(**shown), 422
    try:
        desk.send_test(g.staff, means, to.data)
    except desk.TooManyTests:
        refusal = _("Lúc này không gửi được tin thử: mỗi giờ 5 tin, trong số tin của tháng, và cần có cổng nhắn tin.")
        if means == MAIL:
            refusal = _("Lúc này không gửi được thư thử: mỗi giờ 5 thư, và cần có máy chủ thư.")
        return _page([refusal], **shown), 422
    return redirect(url_for("staff.messages"), 303)


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


def _page(refused=(), *, form=None, mail_form=None):
    return render_template(
        "staff/messages.html",
        form=form or TestMessageForm(None),
        mail_form=mail_form or TestMailForm(None),
        refused=refused,
        messages=desk.overview(g.staff),
        outside=desk.outside(SMS),
        mail=desk.outside(MAIL),
        meter=meter.read(),
        purposes=PURPOSES,
        why=reason,
    )
