"""Form 01 as a PDF: our own blank, the official one where there is one, and which is which."""

from flask import Blueprint, Response, abort, render_template

from services import form01, official, preferences

bp = Blueprint("form01", __name__)


@bp.get("/form01")
def show():
    """Show which forms there are."""
    return render_template(
        "form01.html", official=official.offered(), is_awaited=bool(preferences.current().form01_url)
    )


@bp.get("/form01.pdf")
def blank():
    """Give our blank form, to fill in by hand; it is made here and so is always there."""
    return pdf(form01.render(), "to-khai-mau-01.pdf", as_attachment=False)


@bp.get("/form01/official.pdf")
def official_blank():
    """Give the official blank: a file that was made elsewhere, so never shown inside a page of ours."""
    row = official.offered() or abort(404)
    answer = pdf(official.pdf_of(row) or abort(404), "mau-so-01-chinh-thuc.pdf", as_attachment=True)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return answer


def pdf(data: bytes, name: str, *, as_attachment: bool) -> Response:
    """An answer that is a PDF; the file's name says nothing about a person."""
    disposition = "attachment" if as_attachment else "inline"
    return Response(
        data, mimetype="application/pdf", headers={"Content-Disposition": f'{disposition}; filename="{name}"'}
    )
