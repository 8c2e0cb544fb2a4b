"""The list of dossiers, one of them, its photos and its Form 01."""

from flask import Response, abort, g, render_template, request

from desk import dossiers as desk
from desk import requests
from forms.photos import remark
from forms.requests import WORDING
from forms.staff import SearchForm
from services import holdings, submissions
from services.printing import form01_of
from services.requests import of_dossier
from views.answers import photo_labels, sections
from views.form01 import pdf


def add_to(bp) -> None:
    """Register the views about dossiers."""
    bp.get("/", endpoint="home")(index)
    bp.get("/dossiers/<reference>", endpoint="dossier")(show)
    bp.get("/dossiers/<reference>/form01.pdf", endpoint="form01")(form01)
    bp.get("/dossiers/<reference>/consents", endpoint="consents")(consents)
    bp.get("/dossiers/<reference>/photos/<kind>", endpoint="photo")(photo)


def index():
    """List the dossiers, newest first."""
    form = SearchForm(request.args)
    text = form.q.data or ""
    page = desk.page(g.staff, text, before=request.args.get("before", type=int))
    return render_template("staff/dossiers.html", form=form, text=text, page=page, flags=flags(page.rows))


def show(reference):
    """Show one dossier in full."""
    row = _dossier(reference)
    dossier = submissions.open_dossier(row)
    labels, opinions = photo_labels(row.flow), submissions.opinions(row)
    kinds = sorted(opinions, key=lambda kind: [*labels, kind].index(kind))
    return render_template(
        "staff/dossier.html",
        row=row,
        sections=sections(row.flow, dossier.answers, row.unit.name if row.unit else ""),
        photos=[(kind, labels.get(kind, kind), remark(opinions[kind])) for kind in kinds],
        consents=holdings.consents_of(dossier.answers, dossier.changed),
        withdrawn=requests.withdrawn(of_dossier(row)),
        flags=flags([row]),
    )


def form01(reference):
    """Give the dossier's Form 01."""
    row = _dossier(reference)
    return pdf(form01_of(row), f"to-khai-mau-01-{row.reference}.pdf", as_attachment=False)


def photo(reference, kind):
    """Give one photo."""
    jpeg = submissions.photo(_dossier(reference), kind) or abort(404)
    headers = {
        "Content-Disposition": f'inline; filename="{reference}-{kind}.jpg"',
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    }
    return Response(jpeg, mimetype="image/jpeg", headers=headers)


def consents(reference):
    """The record of the consents, to print."""
    row = _dossier(reference)
    dossier = submissions.open_dossier(row)
    return render_template(
        "staff/consents.html",
        row=row,
        phone=dossier.phone,
        consents=holdings.consents_of(dossier.answers, dossier.changed),
        withdrawn=requests.withdrawn(of_dossier(row)),
    )


def flags(rows) -> dict[int, list[str]]:
    """By dossier: in short, the rights by which work on it has to stop."""
    stopped = requests.stopped(rows)
    return {row_id: [WORDING[right].flag for right in rights] for row_id, rights in stopped.items()}


def _dossier(reference: str):
    return desk.find(g.staff, reference) or abort(404)
