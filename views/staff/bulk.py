"""Many dossiers at once: moved, or put into a batch, by ticking them in a list."""

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from desk import batches, bulk
from desk.lines import FILEABLE
from forms.batches import LEFT
from views.staff.batches import batch_of, page_of
from views.staff.dossiers import flags
from views.staff.listing import list_page
from views.staff.ticks import BATCH, choices, ticked


def add_to(bp) -> None:
    """Register the views of moves in bulk."""
    bp.post("/bulk", endpoint="bulk")(move)
    bp.get("/bulk/<move_name>", endpoint="outcome")(outcome)


def move():
    """Do with every ticked dossier what was chosen."""
    name, chosen = request.form.get("do", ""), ticked()
    if name not in dict(choices()):
        abort(404)
    # Ticked in the list of a batch, not in that of all dossiers.
    batch_id = request.form.get("batch", type=int)
    if not chosen:
        told = _("Đánh dấu ít nhất một hồ sơ rồi bấm lại.")
        return (list_page(told, name), 422) if batch_id is None else page_of(batch_of(batch_id), [told], 422)
    references = [each.reference for each in chosen]
    if name == BATCH:
        gathered = batches.gather(g.staff, bulk.rows_of(g.staff, references))
        if len(gathered.batches) == 1 and not gathered.left:
            return redirect(url_for("staff.batch", batch_id=gathered.batches[0].id), 303)
    else:
        bulk.move(g.staff, name, chosen)
    if batch_id is not None:
        return redirect(url_for("staff.batch", batch_id=batch_of(batch_id).row.id), 303)
    return redirect(url_for("staff.outcome", move_name=name, d=".".join(references)), 303)


def outcome(move_name):
    """Say of each dossier what became of it."""
    if move_name not in dict(choices()):
        abort(404)
    references = request.args.get("d", "").split(".")
    if move_name == BATCH:
        return _gathered(references)
    found = bulk.outcomes(g.staff, move_name, references)
    return render_template(
        "staff/outcome.html",
        move=move_name,
        outcomes=found,
        made=sum(each.is_made for each in found),
        flags=flags([each.row for each in found if not each.is_made]),
    )


def _gathered(references: list[str]):
    rows = bulk.rows_of(g.staff, references)
    holding, stopped = batches.holding(rows), flags(rows)
    left = {
        row.id: LEFT[batches.NOT_READY] if row.status not in FILEABLE else LEFT[batches.STOPPED]
        for row in rows
        if row.id not in holding and (row.status not in FILEABLE or row.id in stopped)
    }
    return render_template("staff/gathered.html", rows=rows, holding=holding, left=left)
