"""The roster from a file: uploaded, looked at, confirmed."""

from flask import Response, abort, g, redirect, render_template, url_for

from forms.headings import WrongHeadings
from forms.roster import BY_NAME, COLUMNS, HALVES, REFUSALS, UploadForm, sample, understand
from services import roster, spreadsheets
from views.staff.session import shows_nobody

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAY_IMPORT = {"admin", "department"}


def add_to(bp) -> None:
    """Register the views about bringing the roster in."""
    bp.get("/roster/import", endpoint="import_roster")(ask)
    bp.post("/roster/import", endpoint="upload_roster")(upload)
    bp.get("/roster/import/<key>", endpoint="roster_upload")(show)
    bp.post("/roster/import/<key>/confirm", endpoint="confirm_roster")(confirm)
    bp.post("/roster/import/<key>/discard", endpoint="discard_roster")(discard)
    bp.get("/roster/sample.xlsx", endpoint="roster_sample")(give_sample)


@shows_nobody
def ask():
    """Ask for the file."""
    only_for_the_department()
    return _page(UploadForm())


def upload():
    """Read the file and show what it would do; nothing of the roster changes."""
    only_for_the_department()
    form = UploadForm()
    if not form.validate():
        return _page(form, 422)
    try:
        table = understand(spreadsheets.read(form.file.data.read()))
        columns = [f"{written} → {BY_NAME[name].label}" for name, written in table.understood.items()]
        key = roster.stage(g.staff, table.rows, columns, table.ignored)
    except spreadsheets.Refused as refused:
        form.file.errors = [REFUSALS[refused.why.value]]
    except WrongHeadings as wrong:
        form.file.errors = [wrong.sentence]
    else:
        return redirect(url_for("staff.roster_upload", key=key), 303)
    return _page(form, 422)


def show(key):
    """Show what the upload would do or, once it is confirmed, what it has done."""
    only_for_the_department()
    waiting, report = _uploaded(key)
    return render_template("staff/roster_upload.html", upload=waiting, report=report)


def confirm(key):
    """Write it."""
    only_for_the_department()
    try:
        roster.confirm(g.staff, key)
    except roster.UploadGone:
        return _gone()
    return redirect(url_for("staff.roster_upload", key=key), 303)


def discard(key):
    """Forget it."""
    only_for_the_department()
    roster.discard(g.staff, key)
    return redirect(url_for("staff.import_roster"), 303)


@shows_nobody
def give_sample():
    """Give a list to fill in, with two people who do not exist."""
    only_for_the_department()
    return xlsx("danh-sach-mau.xlsx", *sample())


def xlsx(name: str, title: str, headings: list[tuple[str, int]], rows) -> Response:
    """An answer that is a spreadsheet; `headings` come with the width of their column."""
    data = spreadsheets.write(title, [spreadsheets.Column(*heading) for heading in headings], rows)
    return Response(data, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _page(form: UploadForm, status: int = 200, gone: bool = False):
    return render_template(
        "staff/roster_import.html", form=form, columns=[each for each in COLUMNS if each.name not in HALVES], gone=gone
    ), status


def _uploaded(key: str):
    try:
        return roster.uploaded(g.staff, key)
    except roster.UploadGone:
        abort(404)


def _gone():
    return _page(UploadForm(formdata=None), 409, gone=True)


def only_for_the_department() -> None:
    """Stop whoever answers for one unit alone."""
    if g.staff.role not in MAY_IMPORT:
        abort(403)
