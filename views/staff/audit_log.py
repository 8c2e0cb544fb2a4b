"""The audit log, to read."""

from flask import render_template, request

from desk import audit as desk
from desk import people
from forms.audit import ACTIONS, ACTORS, RESULTS, AuditFilterForm
from views.staff.session import for_role


def add_to(bp) -> None:
    """Register the view of the audit log."""
    bp.get("/audit", endpoint="audit")(index)


@for_role("admin")
def index():
    """List who did or saw what, newest first; what it is narrowed by stands in the address."""
    usernames = {str(person.id): person.username for person in people.everybody()}
    form = AuditFilterForm(request.args, usernames)
    form.validate()
    since, until = form.seconds()
    chosen = desk.Filter(form.chosen(form.actor), form.chosen(form.action), form.about, since, until)
    page = desk.page(chosen, before=request.args.get("before", type=int))
    kept = {name: value for name, value in request.args.items() if name in form and value}
    words = {"actions": ACTIONS, "actors": ACTORS, "results": RESULTS}
    return render_template("staff/audit.html", form=form, page=page, kept=kept, **words)
