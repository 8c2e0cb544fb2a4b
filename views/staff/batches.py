"""Batches for an agency: gathered, filed, and what the agency answered."""

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from desk import batches, results, way
from desk.way import MovedOn
from forms import batches as words
from forms.batches import ResultsForm
from services.history import entries
from views.staff.dossiers import flags
from views.staff.names import agency_name
from views.staff.ticks import ticked, ticks
from views.words import moment


def add_to(bp) -> None:
    """Register the views about batches."""
    bp.get("/batches", endpoint="batches")(index)
    bp.post("/batches", endpoint="make_batch")(make)
    bp.get("/batches/<int:batch_id>", endpoint="batch")(show)
    bp.post("/batches/<int:batch_id>/add", endpoint="add_to_batch")(add)
    bp.post("/batches/<int:batch_id>/take-out", endpoint="take_out")(take_out)
    bp.post("/batches/<int:batch_id>/file", endpoint="file_batch")(file)
    bp.post("/batches/<int:batch_id>/results", endpoint="enter_results")(enter)


def index():
    """List the batches, newest first, and say for which agencies dossiers are ready."""
    _refuse_units()
    rows, older = batches.page(g.staff, request.args.get("before", type=int))
    return render_template(
        "staff/batches.html",
        batches=rows,
        older=older,
        ready=batches.ready_by_agency(g.staff),
        states=words.STATES,
        largest=batches.LARGEST,
    )


def make():
    """Gather what is ready for one agency."""
    _refuse_units()
    ready = batches.ready(g.staff, request.form.get("agency", ""))[: batches.LARGEST]
    made = batches.gather(g.staff, ready).batches
    if not made:
        return redirect(url_for("staff.batches"), 303)
    return redirect(url_for("staff.batch", batch_id=made[0].id), 303)


def show(batch_id):
    """Show a batch and what of it is still out."""
    return page_of(batch_of(batch_id))


def add(batch_id):
    """Put in what has become ready since."""
    row = batch_of(batch_id).row
    return _change(batch_id, lambda: batches.add(g.staff, row, batches.ready(g.staff, row.agency_code)))


def take_out(batch_id):
    """Let go of the ticked dossiers."""
    row = batch_of(batch_id).row
    references = [each.reference for each in ticked()]
    if not references:
        return page_of(batch_of(batch_id), [_("Đánh dấu ít nhất một hồ sơ rồi bấm lại.")], 422)
    return _change(batch_id, lambda: batches.take_out(g.staff, row, references))


def file(batch_id):
    """Note that the agency has it."""
    row = batch_of(batch_id).row
    return _change(batch_id, lambda: batches.file(g.staff, row))


def enter(batch_id):
    """Enter the pasted results; where lines are wrong, nothing, unless it was asked to leave those out."""
    counted, form = batch_of(batch_id), ResultsForm()
    if counted.state == batches.OPEN:
        return page_of(counted, [_("Đợt này chưa ghi là đã nộp, nên chưa nhập kết quả được.")], 409)
    if not form.validate():
        return page_of(counted, status=422, form=form)
    otherwise = results.ISSUE if form.is_issued.data else ""
    checked = results.check(counted.row, results.read(form.results.data, otherwise))
    if checked.faults and "leave_out" not in request.form:
        return page_of(counted, status=422, form=form, checked=checked)
    if late := results.enter(g.staff, checked):
        named = ", ".join(row.reference for row in late)
        told = _("Vừa có người khác ghi kết quả của %(named)s; các dòng còn lại đã ghi xong.", named=named)
        return page_of(batch_of(batch_id), [told], 409, form)
    return redirect(url_for("staff.batch", batch_id=batch_id), 303)


def page_of(counted, refused=(), status: int = 200, form=None, checked=None):
    """The page of one batch; `refused` says why nothing was done, `checked` which lines of a list are wrong."""
    lines = batches.lines(counted.row)
    rows = [line.dossier for line in lines if line.dossier]
    is_open = counted.state == batches.OPEN
    answer = render_template(
        "staff/batch.html",
        batch=counted,
        agency=agency_name(counted.row.agency_code),
        lines=lines,
        flags=flags(rows),
        ticks=ticks(rows),
        notes=_notes(lines),
        ready=len(batches.ready(g.staff, counted.row.agency_code)) if is_open else 0,
        form=form or ResultsForm(None),
        checked=checked,
        refused=refused,
        words=words,
    )
    return answer, status


def batch_of(batch_id: int):
    """The batch, if this account may see it; else a page that says there is none."""
    return batches.find(g.staff, batch_id) or abort(404)


def _change(batch_id: int, action):
    """Do it, or say why it cannot be done any more."""
    try:
        action()
    except batches.AlreadyFiled:
        refused = _("Đợt này vừa được ghi là đã nộp, nên danh sách không đổi được nữa.")
    except batches.NothingToFile:
        refused = _("Đợt này chưa có hồ sơ nào để nộp.")
    except batches.Stopped as problem:
        named = ", ".join(problem.references)
        refused = _("Người khai đã yêu cầu dừng: %(named)s. Lấy các hồ sơ này ra khỏi đợt rồi nộp.", named=named)
    except MovedOn as problem:
        what, who = moment(problem.last.at), problem.last.staff or _("người đăng ký")
        refused = _(
            "Một hồ sơ vừa được %(who)s thao tác lúc %(moment)s. Xem lại rồi bấm nộp lần nữa.", who=who, moment=what
        )
    else:
        return redirect(url_for("staff.batch", batch_id=batch_id), 303)
    return page_of(batch_of(batch_id), [refused], 409)


def _notes(lines) -> dict[int, object]:
    """By the id of each line that came back: what was said of it."""
    back = [line for line in lines if line.dossier and line.result == "returned"]
    return {
        line.id: entry.note for line in back for entry in entries(line.dossier) if entry.seq == line.seq and entry.note
    }


def _refuse_units() -> None:
    if g.staff.role not in way.DEPARTMENT_AND_ADMIN:
        abort(404)
