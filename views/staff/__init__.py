"""HR's side: signed in by a cookie, guarded against forged forms, never shown in a frame.

Every route of this blueprint needs a signed-in account unless its view says `@open_to_all`; so a route that is added
tomorrow is closed until somebody opens it on purpose.
"""

from flask import Blueprint, current_app, g, redirect, request, url_for

from desk.requests import count_waiting
from forms.way import REASONS
from views import states
from views.staff import codes, dossiers, moves, requests, session

bp = Blueprint("staff", __name__, url_prefix="/staff")

session.add_to(bp)
dossiers.add_to(bp)
moves.add_to(bp)
codes.add_to(bp)
requests.add_to(bp)


@bp.before_request
def guard():
    """Check the form's token, then who is asking."""
    if request.method != "GET":
        current_app.extensions["csrf"].protect()
    view = current_app.view_functions[request.endpoint]
    g.staff = session.signed_in()
    if g.staff is None and not getattr(view, "is_open_to_all", False):
        return redirect(url_for("staff.sign_in"), 303)
    return None


@bp.context_processor
def for_templates():
    """What every page of the desk shows: who is signed in, how many requests wait, and how moves are called."""
    staff = g.get("staff")
    words = {"buttons": states.BUTTONS, "done": states.DONE, "who": states.WHO, "reasons": REASONS}
    return {"staff": staff, "requests_waiting": count_waiting(staff) if staff else 0, **words}
