"""The codes that HR reads out."""

from flask import g, render_template

from desk import dossiers as desk
from services import codes


def add_to(bp) -> None:
    """Register the view of pending codes."""
    bp.get("/codes", endpoint="codes")(index)


def index():
    """List the codes that can still be entered."""
    return render_template("staff/codes.html", codes=codes.pending(desk.live_codes(g.staff)))
