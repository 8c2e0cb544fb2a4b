"""The paper round: forms printed many at a time, signed sheets scanned or read from files, and who is missing."""

from flask import abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from desk import piles, sheets
from desk import printing as desk
from forms.paper import OUTCOMES, PileForm, PrintForm, ScanForm, UnsignedForm
from services import official
from services.printing import forms_of
from views.form01 import pdf
from views.staff.dossiers import flags
from views.staff.official import failure_of
from views.staff.session import shows_nobody

SHOWN_MISSING = 50


def add_to(bp) -> None:
    """Register the views about paper."""
    bp.get("/paper", endpoint="paper")(index)
    bp.post("/paper/scan", endpoint="scan")(scan)
    bp.post("/paper/piles", endpoint="read_pile")(read_pile)
    bp.get("/paper/piles/<pile>", endpoint="pile")(pile)
    bp.get("/paper/piles/<pile>/progress", endpoint="pile_progress")(progress)
    bp.get("/paper/unsigned", endpoint="unsigned")(unsigned)
    bp.post("/paper/printings", endpoint="begin_printing")(begin_printing)
    bp.get("/paper/printings/<int:printing>", endpoint="printing")(printing)
    bp.get("/paper/printings/<int:printing>/forms.pdf", endpoint="printing_pdf")(printing_pdf)
    bp.post("/paper/printings/<int:printing>/printed", endpoint="mark_printed")(mark_printed)


def index():
    """Show the scanner's box with what came last, the files to read, and how many sheets are missing."""
    return _page(ScanForm(None), PileForm(None))


def scan():
    """Take what the scanner wrote."""
    form = ScanForm()
    if not form.validate():
        return _page(form, PileForm(None)), 422
    sheets.scan(g.staff, form.code.data)
    return redirect(url_for("staff.paper"), 303)


def read_pile():
    """Read the files, and take every sheet on every page; a pile that takes long is read on after the answer."""
    form = PileForm()
    if not form.validate():
        return _page(ScanForm(None), form), 422
    pile, files = sheets.new_pile(), [file.read() for file in form.chosen()]
    refused = piles.read(g.staff, pile, files)
    if refused is None:
        return redirect(url_for("staff.pile_progress", pile=pile), 303)
    if len(refused) == len(files):
        sheets.forget(pile)
        return _page(ScanForm(None), form, _refusals(refused)), 422
    return redirect(url_for("staff.pile", pile=pile), 303)


@shows_nobody
def progress(pile):
    """Tell how far the reading of a pile is; when there is no more to wait for, what was read."""
    reading = piles.under_way(g.staff, pile)
    if reading and not piles.is_interrupted(reading):
        return render_template("staff/pile_progress.html", reading=reading)
    if not reading and not sheets.pile(g.staff, pile):
        abort(404)
    address = url_for("staff.pile", pile=pile)
    # The page that asks again and again swaps a line of itself; from there on it is another page.
    if request.headers.get("HX-Target") == "progress":
        return "", {"HX-Redirect": address}
    return redirect(address, 303)


def pile(pile):
    """Tell what was read, what was not, and who of the same units is still missing."""
    lines, reading = sheets.pile(g.staff, pile), piles.under_way(g.staff, pile)
    if not lines and not reading:
        abort(404)
    taken = [line for line in lines if line.outcome in sheets.TAKEN]
    units = {line.dossier.unit_id or desk.NO_UNIT for line in taken if line.dossier}
    missing = [row for unit in sorted(units) for row in desk.unsigned(g.staff, unit=unit).limit(SHOWN_MISSING + 1)]
    return render_template(
        "staff/pile.html",
        taken=taken,
        count=len({line.dossier_id for line in taken}),
        refused=[line for line in lines if line.outcome not in sheets.TAKEN],
        several=max((line.file for line in lines), default=1) > 1,
        reading=reading,
        is_interrupted=reading is not None and piles.is_interrupted(reading),
        missing=missing[:SHOWN_MISSING],
        has_more=len(missing) > SHOWN_MISSING,
        outcomes=OUTCOMES,
    )


def unsigned():
    """List whose signed sheet is missing, to print them or to go and ask."""
    return _unsigned_page(PrintForm(None))


def begin_printing():
    """Put the chosen forms together."""
    form = PrintForm()
    wanted = _unsigned(request.args) if "all" in request.form else desk.chosen(g.staff, form.reference.data)
    if "all" not in request.form and not form.validate():
        return _unsigned_page(form), 422
    try:
        number = desk.begin(g.staff, wanted.limit(desk.MOST))
    except desk.NothingToPrint:
        return _unsigned_page(form, [_("Các hồ sơ này vừa có bản ký, hoặc phải dừng lại. Xem lại danh sách.")]), 422
    return redirect(url_for("staff.printing", printing=number), 303)


def printing(printing):
    """Show what was put together: the PDF, and who is still missing."""
    lines = _sheets(printing)
    stopped = flags([line.dossier for line in lines])
    good = [line for line in lines if not _is_outdated(line) and line.dossier_id not in stopped]
    return render_template(
        "staff/printing.html",
        number=printing,
        lines=lines,
        good=good,
        unmarked=[line for line in good if line.dossier.status == "submitted"],
        missing=[line for line in lines if line.dossier.status in desk.UNSIGNED],
        is_outdated=_is_outdated,
        flags=stopped,
    )


def printing_pdf(printing):
    """Give the forms as one PDF; those that have to be left alone since are left out."""
    rows = [line.dossier for line in _sheets(printing) if not _is_outdated(line)]
    stopped = flags(rows)
    rows = [row for row in rows if row.id not in stopped] or abort(404)
    return pdf(forms_of(rows), f"to-khai-mau-01-in-{printing}.pdf", as_attachment=False)


def mark_printed(printing):
    """Mark what lies in the printer."""
    _sheets(printing)
    desk.mark_printed(g.staff, printing)
    return redirect(url_for("staff.printing", printing=printing), 303)


def _page(scan_form: ScanForm, pile_form: PileForm, refused=()):
    return render_template(
        "staff/paper.html",
        scan_form=scan_form,
        pile_form=pile_form,
        refused=refused,
        last=sheets.last_scanned(g.staff),
        taken=sheets.TAKEN,
        missing=desk.missing_by_unit(g.staff),
        outcomes=OUTCOMES,
        official=official.offered(),
        official_failure=failure_of(official.newest_try()),
    )


def _unsigned_page(form: PrintForm, refused=()):
    units = [(str(key), name or _l("Không thuộc đơn vị nào")) for key, name, _count in desk.missing_by_unit(g.staff)]
    query = _unsigned(request.args)
    rows = list(query.limit(desk.MOST))
    return render_template(
        "staff/unsigned.html",
        filters=UnsignedForm(request.args, units),
        form=form,
        refused=refused,
        rows=rows,
        count=query.count() if len(rows) == desk.MOST else len(rows),
        flags=flags(rows),
    )


def _unsigned(args):
    """What the address narrows the list to."""
    return desk.unsigned(g.staff, args.get("status", ""), args.get("unit", type=int))


def _refusals(refused: dict) -> list[str]:
    return [
        _("Tệp %(number)d: %(what)s. %(todo)s", number=number, what=OUTCOMES[why.value][0], todo=OUTCOMES[why.value][1])
        for number, why in refused.items()
    ]


def _sheets(number: int):
    return desk.sheets(g.staff, number) or abort(404)


def _is_outdated(line) -> bool:
    return line.revision != line.dossier.revision
