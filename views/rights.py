"""Dữ liệu của bạn: whoever proved the phone sees all that is held, takes it along, and asks for what the law allows."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

import tokens
from desk import requests as desk
from desk.requests import RIGHTS, Right
from forms.requests import WORDING, AskForm
from services import holdings, retention
from services.drafts import DraftGone
from services.holdings import Holding
from views.answers import photo_labels, sections

bp = Blueprint("rights", __name__, url_prefix="/rights")

DELETE_DRAFT = "delete-draft"


@bp.get("")
def show():
    """Say what can be seen, taken along and asked for, and how earlier requests stand."""
    holding = _held()
    return _page(
        "rights/show.html",
        holding,
        rights=RIGHTS.values(),
        draft_token=tokens.sign_page(holding.ticket("")),
        receipt_token=tokens.sign_receipt(holding.ticket("receipt")),
        step_token=tokens.sign_step(holding.ticket("rights")),
    )


@bp.get("/data")
def data():
    """Show all that is held, to read or to print."""
    holding = _held()
    unit = holding.dossier.unit.name if holding.dossier and holding.dossier.unit else ""
    return _page(
        "rights/data.html",
        holding,
        sections=sections(holding.row.flow, holding.answers, unit),
        photo_labels=photo_labels(holding.row.flow),
    )


@bp.get("/data.json")
def data_json():
    """Give all that is held, photos and all, to take along."""
    holding = _held()
    name = holding.dossier.reference if holding.dossier else "ban-nhap"
    headers = {"Content-Disposition": f'attachment; filename="du-lieu-{name}.json"'}
    return Response(holdings.as_json(holding), mimetype="application/json", headers=headers)


@bp.get("/consents")
def consents():
    """The record of the consents, to print."""
    return _page("rights/consents.html", _held())


@bp.get("/ask/<right_name>")
def explain(right_name):
    """Say what follows and until when, and let it be asked for."""
    right = _right(right_name)
    holding = _held_dossier(tokens.check_rights(request.args.get("t", "")))
    standing = desk.standing(holding.requests, right)
    return _ask_page(holding, right, AskForm(WORDING[right.name], words=standing.words if standing else ""))


@bp.post("/ask/<right_name>")
def ask(right_name):
    """Put the request on the desk."""
    right = _right(right_name)
    holding = _held_dossier(tokens.check_step(request.form.get("step_token", ""), f"rights-{right.name}"))
    form = AskForm(WORDING[right.name], request.form)
    if not form.validate():
        return _ask_page(holding, right, form), 422
    desk.ask(holding.dossier, right, form.words.data)
    return redirect(url_for(".show", t=tokens.sign_rights(holding.ticket("rights")), _anchor=right.name), 303)


@bp.get("/delete-draft")
def about_deleting():
    """Say what is lost with a draft, and let it be deleted."""
    holding = _held()
    if holding.dossier:
        raise DraftGone
    return _page("rights/delete_draft.html", holding, step_token=tokens.sign_step(holding.ticket(DELETE_DRAFT)))


@bp.post("/delete-draft")
def delete_draft():
    """Delete a draft at once."""
    holdings.delete_draft(tokens.check_step(request.form.get("step_token", ""), DELETE_DRAFT))
    return redirect(url_for(".deleted"), 303)


@bp.get("/deleted")
def deleted():
    """Say that a draft is gone; nothing is known of it any more."""
    return render_template("rights/deleted.html")


def _held() -> Holding:
    return holdings.hold(tokens.check_rights(request.args.get("t", "")))


def _held_dossier(ticket) -> Holding:
    holding = holdings.hold(ticket)
    if holding.dossier is None:
        # A draft needs no desk: it is corrected by going on with it, and deleted by its owner.
        raise DraftGone
    return holding


def _right(name: str) -> Right:
    return RIGHTS.get(name) or abort(404)


def _ask_page(holding: Holding, right: Right, form: AskForm):
    return _page(
        "rights/ask.html",
        holding,
        right=right,
        form=form,
        standing=desk.standing(holding.requests, right),
        step_token=tokens.sign_step(holding.ticket(f"rights-{right.name}")),
        done_token=tokens.sign_step(holding.ticket("rights")),
    )


def _page(template: str, holding: Holding, **more):
    return render_template(
        template,
        holding=holding,
        dossier=holding.dossier,
        until=retention.until(holding.dossier) if holding.dossier else None,
        withdrawn=desk.withdrawn(holding.requests),
        wording=WORDING,
        t=tokens.sign_rights(holding.ticket("rights")),
        **more,
    )
