"""HR's side: signed in by a cookie, guarded against forged forms, never shown in a frame.

Whatever a view forgets to say is answered strictly. Every route of this blueprint needs a signed-in account unless its
view says `@open_to_all`; it leaves a line in the audit log, under its endpoint's name, unless something was noted while
it ran or its view says `@shows_nobody`; pages of one role say `@for_role`.
"""

from flask import Blueprint, abort, current_app, g, redirect, request, url_for

from desk.requests import count_waiting
from forms.way import REASONS
from models import Dossier
from services import accounts, audit
from views import states
from views.staff import (
    account,
    agencies,
    assist,
    audit_log,
    batch_files,
    batches,
    bulk,
    codes,
    dossiers,
    front,
    listing,
    messages,
    moves,
    names,
    official,
    outside,
    paper,
    people,
    requests,
    roster,
    roster_import,
    session,
    settings,
    units,
)

bp = Blueprint("staff", __name__, url_prefix="/staff")

for room in (
    session,
    front,
    listing,
    dossiers,
    assist,
    codes,
    messages,
    outside,
    account,
    people,
    units,
    audit_log,
    moves,
    requests,
    roster,
    roster_import,
    bulk,
    batches,
    batch_files,
    settings,
    agencies,
    paper,
    official,
):
    room.add_to(bp)

# Rows that an address names by number, and what the log calls them.
NUMBERED = (
    *(("person_id", "staff"), ("unit_id", "unit"), ("number", "request")),
    *(("batch_id", "batch"), ("printing", "printing"), ("code_id", "code"), ("message_id", "message")),
)


@bp.before_request
def guard():
    """Check the form's token, then who is asking and whether their role may."""
    audit.begin(audit.UNKNOWN)
    if request.method != "GET":
        current_app.extensions["csrf"].protect()
    view = current_app.view_functions[request.endpoint]
    g.staff = session.signed_in()
    g.is_let_in = False
    if g.staff is None:
        return None if getattr(view, "is_open_to_all", False) else redirect(url_for("staff.sign_in"), 303)
    audit.begin(str(g.staff.id))
    if g.staff.role not in getattr(view, "roles", accounts.ROLES):
        abort(403)
    if g.staff.temporary_until and not getattr(view, "is_open_to_newcomers", False):
        return redirect(url_for("staff.password"), 303)
    g.is_let_in = True
    return None


@bp.after_request
def leave_a_line(response):
    """Note what was seen or done, or refused; where that fails the answer is not given either."""
    view = current_app.view_functions[request.endpoint]
    if g.get("staff") is None or getattr(view, "is_open_to_all", False) or audit.is_noted():
        return response
    is_look = request.method in {"GET", "HEAD"}
    tells = request.method != "OPTIONS" and not (is_look and getattr(view, "shows_nobody", False))
    if response.status_code in {403, 404}:
        _note(audit.REFUSED)
    elif g.is_let_in and tells and response.status_code < (300 if is_look else 400):
        _note(audit.OK)
    return response


@bp.context_processor
def for_templates():
    """What every page of the desk shows: who is signed in, how many requests wait, and how moves are called."""
    staff = g.get("staff")
    about = {"agency_name": names.agency_name, "is_closed": names.is_closed, "has_lost_agency": names.has_lost_agency}
    words = {"buttons": states.BUTTONS, "done": states.DONE, "who": states.WHO, "reasons": REASONS}
    return {"staff": staff, "requests_waiting": count_waiting(staff) if staff else 0, **about, **words}


def _note(result: str) -> None:
    audit.note(request.endpoint.removeprefix("staff."), _object(), result)


def _object() -> str:
    """What the address is about, if there is such a thing; what was merely typed there is not told."""
    given = request.view_args or {}
    reference = str(given.get("reference", "")).upper()
    if reference:
        return reference if Dossier.select().where(Dossier.reference == reference).exists() else ""
    named = (f"{kind}:{given[name]}" for name, kind in NUMBERED if name in given)
    about = next(named, "")
    return about if audit.OBJECT.fullmatch(about) else ""
