"""The list of dossiers, narrowed by what stands in the address, and the same as a spreadsheet."""

from datetime import date

from flask import Response, g, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from desk import dossiers as desk
from desk import waiting
from desk.dossiers import Filters, TooMany
from forms.search import DossierFilterForm
from services import spreadsheets
from services.spreadsheets import Column
from views.staff.dossiers import flags
from views.staff.names import agency_name, has_lost_agency
from views.staff.ticks import choices, ticks
from views.states import STATES
from views.words import moment

LATE = _l("Quá 5 ngày chưa có tài khoản")
CHILD = _l("Trẻ em")
NO_AGENCY = _l("Cơ quan này đã ngừng nhận hồ sơ")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add_to(bp) -> None:
    """Register the list and its export."""
    bp.get("/dossiers", endpoint="dossiers")(index)
    bp.get("/dossiers.xlsx", endpoint="export")(export)


def index():
    """List the dossiers, newest first."""
    return list_page()


def list_page(refused: str = "", do: str = ""):
    """The list as the address narrows it; `refused` says why nothing was done, `do` what had been chosen."""
    return _page(*_asked(), refused=[refused] if refused else [], do=do)


def export():
    """Give all dossiers that the list would show, page after page, as XLSX."""
    form, filters = _asked()
    if form.errors:
        return _page(form, filters), 422
    try:
        rows = desk.export(g.staff, filters)
    except TooMany:
        return _page(form, filters, too_many=True), 422
    late, stopped = waiting.overdue_among(rows), flags(rows)
    columns = [
        Column(_("Mã hồ sơ"), 12),
        Column(_("Họ tên"), 32),
        Column(_("Đơn vị"), 24),
        Column(_("Cơ quan BHXH"), 32),
        Column(_("Gửi lúc"), 18),
        Column(_("Trạng thái"), 26),
        Column(_("Lưu ý"), 32),
    ]
    book = spreadsheets.write(_("Hồ sơ"), columns, (_cells(row, late, stopped) for row in rows))
    headers = {"Content-Disposition": f'attachment; filename="ho-so-{date.today().isoformat()}.xlsx"'}
    return Response(book, mimetype=XLSX, headers=headers)


def table_of(rows, boxes: dict[int, str] | None = None) -> dict:
    """What the table of these dossiers shows beside their own values; `boxes` where they can be ticked."""
    late = waiting.overdue_among(rows)
    return {"rows": rows, "late": late, "flags": flags(rows), "ticks": boxes or {}}


def _asked() -> tuple[DossierFilterForm, Filters]:
    form = DossierFilterForm(
        request.args,
        [*STATES.items(), (desk.OVERDUE, LATE)],
        [(str(unit.id), unit.name) for unit in desk.units_of(g.staff)],
        [(code, agency_name(code)) for code in desk.agency_codes()],
    )
    form.validate()
    unit = form.chosen("unit")
    filters = Filters(
        form.q.data or "",
        form.chosen("status"),
        # What is no unit's number is nobody's.
        (int(unit) if unit.isdecimal() and unit.isascii() else 0) if unit else None,
        form.chosen("agency"),
        *form.seconds(),
    )
    return form, filters


def _page(form: DossierFilterForm, filters: Filters, *, too_many: bool = False, refused=(), do: str = ""):
    before = request.args.get("before", type=int)
    page = desk.page(g.staff, filters, before)
    return render_template(
        "staff/dossiers.html",
        form=form,
        filters=filters,
        # The address as it is narrowed, for the next page and for the export.
        kept={name: value for name, value in request.args.items() if name in form and value},
        before=before,
        older=page.older,
        refused=refused,
        do=do,
        choices=choices(),
        all_ticked="all" in request.args,
        most=desk.EXPORT_SIZE if too_many else None,
        **table_of(page.rows, ticks(page.rows)),
    )


def _cells(row, late: set[int], stopped: dict[int, list[str]]) -> list[str]:
    remarks = [str(CHILD)] * (row.flow == "child") + [str(LATE)] * (row.id in late) + stopped.get(row.id, [])
    remarks += [str(NO_AGENCY)] * has_lost_agency(row)
    return [
        row.reference,
        row.full_name,
        row.unit.name if row.unit else "",
        agency_name(row.agency_code),
        moment(row.submitted_at),
        str(STATES[row.status]),
        ". ".join(map(str, remarks)),
    ]
