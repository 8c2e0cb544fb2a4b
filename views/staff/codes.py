"""The codes that HR reads out."""

from flask import abort, g, redirect, render_template, url_for

from desk import dossiers as desk
from services import assistance, codes, tries
from services.sms import meter


def add_to(bp) -> None:
    """Register the views of pending codes."""
    bp.get("/codes", endpoint="codes")(index)
    bp.post("/codes/<int:code_id>/show", endpoint="show_code")(show)
    bp.post("/codes/<int:code_id>/unlock", endpoint="unlock")(unlock)


def index():
    """List the codes that can still be entered; not yet those for what this account fills in itself."""
    rows = list(desk.live_codes(g.staff))
    hidden = assistance.hides(g.staff, rows)
    return render_template("staff/codes.html", codes=codes.pending(rows), hidden=hidden, is_spent=meter.read().is_spent)


def show(code_id):
    """Show the code for a registration that this account fills in; the history will say so."""
    row = desk.live_code(g.staff, code_id) or abort(404)
    assistance.read_out(g.staff, row)
    return redirect(url_for("staff.codes"), 303)


def unlock(code_id):
    """Let the phone of this code be tried again."""
    row = desk.live_code(g.staff, code_id) or abort(404)
    tries.forget(row.phone_hash, row.purpose)
    return redirect(url_for("staff.codes"), 303)
