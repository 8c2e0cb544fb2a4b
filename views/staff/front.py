"""The desk's front page: what waits, how far registrations have come, what moved this week, what came last."""

from flask import g, render_template

from desk import codes, figures, messages
from desk import dossiers as desk
from desk.dossiers import Filters
from views import channel, states
from views.staff import outside
from views.staff.listing import table_of

RECENT = 10


def add_to(bp) -> None:
    """Register the front page."""
    bp.get("/", endpoint="home")(show)


def show():
    """Count, and show the dossiers that came last."""
    counted = figures.by_state(g.staff)
    stages = figures.funnel(g.staff, counted)
    return render_template(
        "staff/front.html",
        waiting=[(state, counted[state]) for state in figures.WAITS[g.staff.role] if counted.get(state)],
        overdue=figures.overdue(g.staff),
        failed=messages.count_failed(g.staff),
        failing=outside.failing(),
        codes=codes.live(g.staff).count(),
        stages=[(states.STAGES[name], count) for name, count in stages.items()],
        week=[(states.MOVED[change.state], change) for change in figures.week(g.staff)],
        **channel.words(),
        **table_of(desk.page(g.staff, Filters()).rows[:RECENT]),
    )
