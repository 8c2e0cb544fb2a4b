"""A dossier as its applicant sees it: the receipt, where it is now, what to do next."""

from contextlib import suppress

from flask import Blueprint, redirect, render_template, request, url_for

import tokens
from desk import waiting, way
from desk.way import MovedOn
from forms.way import REASONS
from services import agencies, corrections, history, official, submissions
from services.drafts import OpenDraft
from services.history import APPLICANT
from services.printing import form01_of
from views import states
from views.form01 import pdf
from views.wizard.pages import form_of, go_to, journey_of
from wizard.flows import FLOWS

bp = Blueprint("receipt", __name__, url_prefix="/receipt")


@bp.get("")
def show():
    """Show the receipt, and what has happened since."""
    dossier = submissions.submitted(tokens.check_receipt(request.args.get("t", "")))
    ticket = submissions.open_dossier(dossier).ticket()
    entries = history.entries(dossier)
    filed = waiting.filed_at(entries)
    return render_template(
        "receipt.html",
        dossier=dossier,
        agency=agencies.find(dossier.agency_code),
        entries=entries,
        headings=states.HEADINGS,
        told=states.TOLD,
        due=states.answer_due(filed) if filed else (),
        late=waiting.is_overdue(dossier, entries),
        returned=way.reason(entries) if dossier.status == "returned" else None,
        reasons=REASONS,
        steps={step.name: step.title for step in FLOWS[dossier.flow]},
        moves={move.name for move in way.moves_for(APPLICANT, dossier.status)},
        official=official.offered(),
        correction=corrections.under_way(dossier),
        page_token=tokens.sign_receipt(ticket),
        rights_token=tokens.sign_rights(ticket),
        step_token=tokens.sign_step(ticket),
    )


@bp.get("/form01.pdf")
def form01():
    """Give the filled form."""
    dossier = submissions.submitted(tokens.check_receipt(request.args.get("t", "")))
    return pdf(form01_of(dossier), f"to-khai-mau-01-{dossier.reference}.pdf", as_attachment=True)


@bp.post("/account")
def account():
    """Note that the account has arrived."""
    ticket = _ticket()
    dossier = submissions.submitted(ticket)
    # Pressed twice, or moved by HR at this very moment: the page shows how it stands.
    with suppress(MovedOn):
        way.move(APPLICANT, dossier, "confirm", dossier.status)
    return redirect(url_for(".show", t=tokens.sign_receipt(ticket)), 303)


@bp.post("/correct")
def correct():
    """Open the steps again, first those that HR has marked."""
    ticket = _ticket()
    marked = way.reason(history.entries(submissions.submitted(ticket)))
    draft = corrections.begin(ticket)
    draft = corrections.ask_again(draft, _typed(draft, marked))
    return go_to(draft, journey_of(draft).next)


def _ticket() -> tokens.Ticket:
    return tokens.check_step(request.form.get("step_token", ""), "receipt")


def _typed(draft: OpenDraft, marked) -> dict[str, dict]:
    """What the forms of the marked steps show, of those steps that were not answered anew since they were marked."""
    journey = journey_of(draft)
    steps = [journey.find(name) for name in marked.note.steps] if marked else []
    kept = [step for step in steps if step and step.name in draft.answers]
    stale = [step for step in kept if draft.changed[step.name][1] <= marked.at]
    return {step.name: form_of(step, draft).typed() for step in stale}
