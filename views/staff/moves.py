"""Moving a dossier on, or back with a reason."""

from flask import abort, g, redirect, render_template, request, url_for

from desk import way
from desk.way import MOVES, MovedOn, NotAllowed
from forms.way import ReasonForm, ReturnForm
from services import history, submissions
from services.history import Note
from views.staff.dossiers import dossier_of, page_of
from wizard.flows import FLOWS

ADDRESS = "/dossiers/<reference>/moves/<name>"
# Nobody corrects for somebody else what they have agreed to.
NEVER_ASKED_AGAIN = {"prepare"}


def add_to(bp) -> None:
    """Register the views of the moves."""
    bp.get(ADDRESS, endpoint="ask")(ask)
    bp.post(ADDRESS, endpoint="move")(move)


def ask(reference, name):
    """Ask why."""
    row = dossier_of(reference)
    if not _move(name).asks:
        abort(404)
    if row.status not in MOVES[name].sources:
        return redirect(url_for("staff.dossier", reference=row.reference), 303)
    return _reason_page(row, name, _form(row, name, expected=row.status, seq=history.last_seq(row)))


def move(reference, name):
    """Make the move, unless the dossier is no longer where the page showed it."""
    row, note = dossier_of(reference), None
    if _move(name).asks:
        form = _form(row, name)
        if not form.validate():
            return _reason_page(row, name, form, 422)
        chosen = {each: tuple(form[each].data) for each in ("reasons", "steps") if each in form}
        note = Note(form.text.data or "", **chosen)
    seen = request.form.get("seq", 0, type=int)
    try:
        way.move(g.staff, row, name, request.form.get("expected", ""), note, seen)
    except NotAllowed:
        abort(404)
    except MovedOn as problem:
        return page_of(dossier_of(reference), 409, problem.last)
    return redirect(url_for("staff.dossier", reference=row.reference), 303)


def _move(name: str):
    if name not in MOVES or g.staff.role not in MOVES[name].roles:
        abort(404)
    return MOVES[name]


def _form(row, name: str, **shown):
    if MOVES[name].target != "returned":
        return ReasonForm(data=shown)
    answered = submissions.open_dossier(row).answers
    steps = [(step.name, step.title) for step in FLOWS[row.flow] if step.name in answered]
    return ReturnForm([step for step in steps if step[0] not in NEVER_ASKED_AGAIN], data=shown)


def _reason_page(row, name: str, form, status: int = 200):
    return render_template("staff/reason.html", row=row, move=name, form=form), status
