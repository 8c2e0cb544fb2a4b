"""Filling in a registration for somebody who stands at the desk."""

from flask import abort, g, request

from services import assistance
from views.wizard.pages import go_to
from wizard.flows import FLOWS


def add_to(bp) -> None:
    """Register the beginning."""
    bp.post("/assist", endpoint="assist")(begin)


def begin():
    """Make the draft and open its first step, as the person would see it: the desk's session does not go there."""
    flow = request.form.get("flow", "")
    if flow not in FLOWS:
        abort(404)
    # Of a unit's HR the unit is chosen beforehand; whoever registers may choose another.
    unit = {"unit": g.staff.unit.name} if g.staff.unit else {}
    typed = {step.name: unit for step in FLOWS[flow] if unit and hasattr(step.form, "unit")}
    draft = assistance.begin(g.staff, flow, typed)
    return go_to(draft, FLOWS[flow][0])
