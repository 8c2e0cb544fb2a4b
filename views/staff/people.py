"""The accounts of the staff, for administrators."""

from flask import abort, redirect, render_template, url_for
from flask_babel import gettext as _

from desk import people, units
from forms.people import SHORT_ROLES, PersonForm, RoleForm
from services import accounts, secondfactor
from views.staff.session import for_role, keep_once, shows_nobody, take_once

for_admins = for_role("admin")


def add_to(bp) -> None:
    """Register the views about accounts."""
    bp.get("/people", endpoint="people")(index)
    bp.route("/people/add", methods=["GET", "POST"], endpoint="add_person")(add)
    bp.get("/people/<int:person_id>", endpoint="person")(show)
    bp.post("/people/<int:person_id>", endpoint="change_person")(change)
    bp.post("/people/<int:person_id>/disable", endpoint="disable_person")(disable)
    bp.post("/people/<int:person_id>/enable", endpoint="enable_person")(enable)
    bp.post("/people/<int:person_id>/reset", endpoint="reset_person")(reset)


@for_admins
@shows_nobody
def index():
    """List the accounts."""
    return render_template("staff/people.html", people=people.everybody(), roles=SHORT_ROLES)


@for_admins
@shows_nobody
def add():
    """Make an account; its temporary password is shown on the next page, once."""
    form = PersonForm(units.names())
    if form.is_submitted() and form.validate():
        try:
            person, password = people.add(form.username.data, form.role.data, form.unit_name)
        except accounts.NameTaken:
            form.username.errors = [_("Đã có người dùng tên này. Chọn tên khác.")]
        else:
            return _hand_over(person, password)
    return render_template("staff/add_person.html", form=form), 422 if form.errors else 200


@for_admins
@shows_nobody
def show(person_id):
    """Show one account and what can be done about it."""
    return _page(_person(person_id))


@for_admins
def change(person_id):
    """Give the account another role or unit."""
    person = _person(person_id)
    form = RoleForm(units.names())
    if not form.validate():
        return _page(person, form), 422
    try:
        people.change(person, form.role.data, form.unit_name)
    except people.LastAdministrator:
        return _page(person, form, _last()), 422
    return redirect(url_for("staff.person", person_id=person.id), 303)


@for_admins
def disable(person_id):
    """Put somebody out."""
    person = _person(person_id)
    try:
        people.disable(person)
    except people.LastAdministrator:
        return _page(person, problem=_last()), 422
    return redirect(url_for("staff.person", person_id=person.id), 303)


@for_admins
def enable(person_id):
    """Let somebody in again."""
    person = _person(person_id)
    people.enable(person)
    return redirect(url_for("staff.person", person_id=person.id), 303)


@for_admins
def reset(person_id):
    """Give somebody a temporary password and no second factor."""
    person = _person(person_id)
    return _hand_over(person, people.reset(person))


def _person(person_id: int):
    return people.find(person_id) or abort(404)


def _hand_over(person, password: str):
    keep_once(f"password of {person.id}", [password])
    return redirect(url_for("staff.person", person_id=person.id), 303)


def _last() -> str:
    return _("Đây là người quản trị cuối cùng còn hoạt động. Hãy cho một người khác làm quản trị trước.")


def _page(person, form=None, problem: str = ""):
    unit = person.unit.name if person.unit else ""
    return render_template(
        "staff/person.html",
        person=person,
        form=form or RoleForm(units.names(), role=person.role, unit=unit, formdata=None),
        problem=problem,
        role=SHORT_ROLES[person.role],
        is_on=secondfactor.is_on(person),
        passwords=take_once(f"password of {person.id}"),
        days=accounts.TEMPORARY_DAYS,
    )
