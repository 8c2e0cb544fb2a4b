"""After submission: the reference, Form 01, and what happens next."""

from flask import Blueprint, render_template, request

import tokens
from services import agencies, submissions
from services.printing import form01_of
from views.form01 import pdf

bp = Blueprint("receipt", __name__, url_prefix="/receipt")


@bp.get("")
def show():
    """Show the receipt."""
    dossier = submissions.submitted(tokens.check_receipt(request.args.get("t", "")))
    ticket = submissions.open_dossier(dossier).ticket()
    return render_template(
        "receipt.html",
        dossier=dossier,
        agency=agencies.find(dossier.agency_code),
        page_token=tokens.sign_receipt(ticket),
        rights_token=tokens.sign_rights(ticket),
        step_token=tokens.sign_step(ticket),
    )


@bp.get("/form01.pdf")
def form01():
    """Give the filled form."""
    dossier = submissions.submitted(tokens.check_receipt(request.args.get("t", "")))
    return pdf(form01_of(dossier), f"to-khai-mau-01-{dossier.reference}.pdf", as_attachment=True)
