"""The company's units, for administrators."""

from flask import abort, redirect, render_template, url_for
from flask_babel import gettext as _

from desk import units
from forms.people import UnitForm
from views.staff.session import for_role, shows_nobody

for_admins = for_role("admin")


def add_to(bp) -> None:
    """Register the views about units."""
    bp.get("/units", endpoint="units")(index)
    bp.post("/units", endpoint="add_unit")(add)
    bp.get("/units/<int:unit_id>", endpoint="unit")(show)
    bp.post("/units/<int:unit_id>", endpoint="rename_unit")(rename)
    bp.post("/units/<int:unit_id>/remove", endpoint="remove_unit")(remove)


@for_admins
@shows_nobody
def index():
    """List the units, with a form for one more."""
    return _list(UnitForm(formdata=None))


@for_admins
def add():
    """Add a unit."""
    form = UnitForm()
    if form.validate() and _is_free(form, lambda: units.add(form.name.data)):
        return redirect(url_for("staff.units"), 303)
    return _list(form), 422


@for_admins
@shows_nobody
def show(unit_id):
    """Show one unit, to rename or remove it."""
    unit = _unit(unit_id)
    return _page(unit, UnitForm(name=unit.name, formdata=None))


@for_admins
def rename(unit_id):
    """Give a unit another name."""
    unit, form = _unit(unit_id), UnitForm()
    if form.validate() and _is_free(form, lambda: units.rename(unit, form.name.data)):
        return redirect(url_for("staff.units"), 303)
    return _page(unit, form), 422


@for_admins
def remove(unit_id):
    """Remove a unit that nothing belongs to."""
    unit = _unit(unit_id)
    try:
        units.remove(unit)
    except units.StillUsed:
        problem = _("Đơn vị này chưa trống, nên chưa xoá được. Bạn có thể đổi tên đơn vị.")
        return _page(unit, UnitForm(name=unit.name, formdata=None), problem), 422
    return redirect(url_for("staff.units"), 303)


def _unit(unit_id: int):
    return units.find(unit_id) or abort(404)


def _is_free(form, write) -> bool:
    try:
        write()
    except units.NameTaken:
        form.name.errors = [_("Đã có đơn vị tên này. Viết tên khác, hoặc dùng đơn vị đã có.")]
        return False
    return True


def _list(form):
    return render_template("staff/units.html", form=form, units=units.all_with_use())


def _page(unit, form, problem: str = ""):
    return render_template("staff/unit.html", unit=unit, form=form, problem=problem, use=units.use(unit))
