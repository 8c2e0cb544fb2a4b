"""Form 01 as a PDF."""

from flask import Blueprint, Response

from services import form01

bp = Blueprint("form01", __name__)


@bp.get("/form01.pdf")
def blank():
    """Give the blank form, to fill in by hand."""
    return pdf(form01.render(), "to-khai-mau-01.pdf", as_attachment=False)


def pdf(data: bytes, name: str, *, as_attachment: bool) -> Response:
    """An answer that is a PDF; the file's name says nothing about a person."""
    disposition = "attachment" if as_attachment else "inline"
    return Response(
        data, mimetype="application/pdf", headers={"Content-Disposition": f'{disposition}; filename="{name}"'}
    )
