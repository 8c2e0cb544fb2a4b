"""The codes that HR reads out."""

from flask import abort, g, redirect, render_template, url_for

from desk import dossiers as desk
from services import assistance, codes


def add_to(bp) -> None:
    """Register the views of pending codes."""
    bp.get("/codes", endpoint="codes")(index)
    bp.post("/codes/<int:code_id>/show", endpoint="show_code")(show)


def index():
    """List the codes that can still be entered; not yet those for what this account fills in itself."""
    rows = list(desk.live_codes(g.staff))
    hidden = assistance.hides(g.staff, rows)
    return render_template("staff/codes.html", codes=codes.pending(rows), hidden=hidden)


def show(code_id):
    """Show the code for a registration that this account fills in; the history will say so."""
    row = next((row for row in desk.live_codes(g.staff) if row.id == code_id), None) or abort(404)
    assistance.read_out(g.staff, row)
    return redirect(url_for("staff.codes"), 303)
