"""What the desk sends, and how the gateway does."""

from flask import abort, g, redirect, render_template, url_for
from flask_babel import gettext as _

from desk import messages as desk
from forms.messages import PURPOSES, REASONS, TestMessageForm


def add_to(bp) -> None:
    """Register the views about messages."""
    bp.get("/messages", endpoint="messages")(index)
    bp.post("/messages/<int:message_id>/again", endpoint="send_again")(send_again)
    bp.post("/messages/<int:message_id>/read-out", endpoint="read_out")(read_out)
    bp.post("/messages/test", endpoint="send_test")(send_test)


def index():
    """List what waits, failed and went out."""
    return _page(TestMessageForm(None))


def send_again(message_id):
    """Try the message once more, now."""
    return _act(message_id, desk.send_again)


def read_out(message_id):
    """Have the code read out instead."""
    return _act(message_id, desk.read_out, "staff.codes")


def send_test():
    """Send a message to see whether it arrives."""
    form = TestMessageForm()
    if not form.validate():
        return _page(form), 422
    try:
        desk.send_test(g.staff, form.phone.data)
    except desk.TooManyTests:
        refusal = _("Lúc này không gửi được tin thử: mỗi giờ 5 tin, trong số tin của tháng, và cần có cổng nhắn tin.")
        return _page(form, [refusal]), 422
    return redirect(url_for("staff.messages"), 303)


def _act(message_id: int, action, then: str = "staff.messages"):
    message = desk.find(g.staff, message_id) or abort(404)
    try:
        action(message)
    except desk.NotAnyMore:
        refusal = _(
            "Tin này vừa được gửi đi, mã trong tin không còn dùng được, hoặc đã hết số tin của tháng. Xem lại bên dưới."
        )
        return _page(TestMessageForm(None), [refusal]), 409
    return redirect(url_for(then), 303)


def _page(form: TestMessageForm, refused=()):
    return render_template(
        "staff/messages.html",
        form=form,
        refused=refused,
        messages=desk.overview(g.staff),
        outside=desk.outside(),
        purposes=PURPOSES,
        why=_why,
    )


def _why(answer: str) -> tuple[str, str]:
    """The words for a failure, and what the gateway itself said."""
    reason, _space, detail = answer.partition(" ")
    return REASONS.get(reason, REASONS["stumbled"]), detail
