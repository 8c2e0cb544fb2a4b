"""The codes that HR reads out."""

from flask import abort, g, redirect, render_template, url_for

from desk import dossiers as desk
from services import codes, tries
from services.sms import meter


def add_to(bp) -> None:
    """Register the view of pending codes."""
    bp.get("/codes", endpoint="codes")(index)
    bp.post("/codes/<int:number>/unlock", endpoint="unlock")(unlock)


def index():
    """List the codes that can still be entered."""
    return render_template(
        "staff/codes.html", codes=codes.pending(desk.live_codes(g.staff)), is_spent=meter.read().is_spent
    )


def unlock(number):
    """Let the phone of this code be tried again."""
    code = desk.live_code(g.staff, number) or abort(404)
    tries.forget(code.phone_hash, code.purpose)
    return redirect(url_for("staff.codes"), 303)
