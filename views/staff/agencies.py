"""The list of agencies, for administrators: looked through, brought in from a file, closed and opened."""

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _

from desk import way
from forms.agencies import AgenciesFileForm, AgencySearchForm, understand
from forms.headings import WrongHeadings
from forms.roster import REFUSALS
from services import agencies, agency_list, communes, spreadsheets
from services.agency_list import UploadGone
from views.staff.session import for_role, shows_nobody

for_admins = for_role("admin")


def add_to(bp) -> None:
    """Register the views about agencies."""
    bp.get("/settings/agencies", endpoint="agencies")(index)
    bp.get("/settings/agencies/<code>", endpoint="agency")(show)
    bp.post("/settings/agencies/<code>/close", endpoint="close_agency")(close)
    bp.post("/settings/agencies/<code>/open", endpoint="open_agency")(open_again)
    bp.get("/settings/agencies/import", endpoint="agencies_file")(ask)
    bp.post("/settings/agencies/import", endpoint="upload_agencies")(upload)
    bp.get("/settings/agencies/import/<file_key>", endpoint="agencies_upload")(preview)
    bp.post("/settings/agencies/import/<file_key>/confirm", endpoint="import_agencies")(confirm)
    bp.post("/settings/agencies/import/<file_key>/discard", endpoint="discard_agencies")(discard)


@for_admins
@shows_nobody
def index():
    """List the agencies, or those that fit what was typed."""
    form = AgencySearchForm(request.args)
    text = form.q.data or ""
    return render_template("staff/settings/agencies.html", form=form, text=text, agencies=agencies.search(text))


@for_admins
@shows_nobody
def show(code):
    """Show one agency."""
    return _page(_agency(code))


@for_admins
def close(code):
    """Let the agency take no registrations any more."""
    agency = _agency(code)
    try:
        agency_list.set_open("close_agency", agency, is_open=False)
    except agency_list.IsDefault:
        problem = _("Đây là cơ quan mặc định. Chọn cơ quan mặc định khác trong Thiết lập, rồi hãy đóng cơ quan này.")
        return _page(agency, problem), 422
    return redirect(url_for("staff.agency", code=code), 303)


@for_admins
def open_again(code):
    """Let the agency take registrations again."""
    agency_list.set_open("open_agency", _agency(code), is_open=True)
    return redirect(url_for("staff.agency", code=code), 303)


@for_admins
@shows_nobody
def ask():
    """Ask for the file."""
    return _file_page(AgenciesFileForm(formdata=None))


@for_admins
def upload():
    """Read the file and show what it would do; the list does not change."""
    form = AgenciesFileForm()
    if not form.validate():
        return _file_page(form, 422)
    try:
        read = understand(spreadsheets.read(form.file.data.read()), agencies.provinces())
    except spreadsheets.Refused as refused:
        form.file.errors = [REFUSALS[refused.why.value]]
    except WrongHeadings as wrong:
        form.file.errors = [wrong.sentence]
    else:
        key = agency_list.stage(read.rows, read.errors).key
        return redirect(url_for("staff.agencies_upload", file_key=key), 303)
    return _file_page(form, 422)


@for_admins
@shows_nobody
def preview(file_key):
    """Show what the file would do."""
    try:
        return render_template("staff/settings/agencies_upload.html", upload=agency_list.uploaded(file_key))
    except UploadGone:
        return redirect(url_for("staff.agencies"), 303)


@for_admins
def confirm(file_key):
    """Write it."""
    try:
        agency_list.confirm("import_agencies", file_key)
    except UploadGone:
        return _file_page(AgenciesFileForm(formdata=None), 409, gone=True)
    return redirect(url_for("staff.agencies"), 303)


@for_admins
def discard(file_key):
    """Forget it."""
    agency_list.discard(file_key)
    return redirect(url_for("staff.agencies_file"), 303)


def _agency(code: str):
    return agencies.find(code) or abort(404)


def _page(agency, problem: str = ""):
    named = [(code, communes.find(code)) for code in agency.communes]
    unfiled = way.count_unfiled(agency.code)
    return render_template(
        "staff/settings/agency.html", agency=agency, communes=named, problem=problem, unfiled=unfiled
    )


def _file_page(form, status: int = 200, gone: bool = False):
    return render_template("staff/settings/agencies_file.html", form=form, gone=gone), status
