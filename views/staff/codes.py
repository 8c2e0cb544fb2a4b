"""The codes that HR reads out."""

from flask import abort, g, redirect, render_template, url_for

from desk import codes as desk
from services import assistance, codes
from services.sms import meter


def add_to(bp) -> None:
    """Register the views of pending codes."""
    bp.get("/codes", endpoint="codes")(index)
    bp.post("/codes/<int:code_id>/show", endpoint="show_code")(show)
    bp.post("/codes/<int:code_id>/unlock", endpoint="unlock")(unlock)


def index():
    """List the codes that can be entered, not yet those for what this account fills in itself, and locked phones."""
    rows = list(desk.live(g.staff))
    return render_template(
        "staff/codes.html",
        codes=codes.pending(rows),
        hidden=assistance.hides(g.staff, rows),
        locked=codes.pending(desk.locked(g.staff)),
        is_spent=meter.read().is_spent,
    )


def show(code_id):
    """Show the code for a registration that this account fills in; the history will say so."""
    row = desk.find_live(g.staff, code_id) or abort(404)
    assistance.read_out(g.staff, row)
    return redirect(url_for("staff.codes"), 303)


def unlock(code_id):
    """Let the phone of this code be tried again."""
    if not desk.unlock(g.staff, code_id):
        abort(404)
    return redirect(url_for("staff.codes"), 303)
