"""What is taken along to the agency: the cover list to sign, the forms to print, all files in one ZIP."""

from flask import Response, current_app, stream_with_context
from flask_babel import gettext as _

from desk import batches, handover
from forms.batches import COVER, MANIFEST
from models import now
from services import coverlist, spreadsheets
from services.archive import pieces, zipped
from services.days import local
from services.spreadsheets import Column
from views.form01 import pdf
from views.staff.batches import batch_of, page_of
from views.staff.dossiers import flags
from views.states import STATES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add_to(bp) -> None:
    """Register the views about the files of a batch."""
    for name, view in (
        ("cover-list.pdf", cover_pdf),
        ("cover-list.xlsx", cover_xlsx),
        ("print.pdf", to_print),
        ("files.zip", files),
    ):
        endpoint = f"batch_{name.replace('-', '_').replace('.', '_')}"
        bp.get(f"/batches/<int:batch_id>/{name}", endpoint=endpoint)(_unless_stopped(view))


def cover_pdf(batch):
    """The cover list, for signature."""
    return pdf(coverlist.render(_cover(batch)), f"{_name(batch)}.pdf", as_attachment=False)


def cover_xlsx(batch):
    """The cover list as a spreadsheet."""
    columns = [Column(str(heading), width) for heading, width in COVER]
    rows = [
        (
            number,
            line.reference,
            line.full_name,
            line.social_insurance_code,
            line.id_number,
            line.phone,
            line.result,
        )
        for number, line in enumerate(_cover(batch).lines, 1)
    ]
    title = _("Đợt nộp %(number)s", number=batch.number.replace("/", "-"))
    return _download(spreadsheets.write(title, columns, rows), XLSX, f"{_name(batch)}.xlsx")


def to_print(batch):
    """The cover list and every Form 01, to print in one go."""
    answer = pdf(b"", f"{_name(batch)}-in.pdf", as_attachment=False)
    answer.response = pieces(handover.to_print(batch, _cover(batch)))
    return answer


def files(batch):
    """Everything in one ZIP, sent while it is made."""
    sent = zipped(handover.files(batch, MANIFEST), local(now()))
    return _download(stream_with_context(sent), "application/zip", f"{_name(batch)}.zip")


def _unless_stopped(view):
    """The view of a batch; while one of its people has said that work must stop, nothing of it is made to file."""

    def guarded(batch_id):
        counted = batch_of(batch_id)
        if counted.state == batches.OPEN:
            stopped = flags([line.dossier for line in batches.lines(counted.row) if line.dossier])
            if stopped:
                told = _("Người khai đã yêu cầu dừng. Lấy các hồ sơ được đánh dấu ra khỏi đợt rồi tải lại.")
                return page_of(counted, [told], 409)
        return view(counted.row)

    return guarded


def _cover(batch):
    company = current_app.config["SETTINGS"].company_name
    return handover.cover(batch, company, {name: str(words) for name, words in STATES.items()})


def _name(batch) -> str:
    return f"dot-nop-{batch.number.replace('/', '-')}"


def _download(data, mimetype: str, name: str) -> Response:
    return Response(data, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})
