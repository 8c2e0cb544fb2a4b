"""The list of dossiers, one of them, its photos and its Form 01."""

from flask import Response, abort, g, render_template, request

from desk import dossiers as desk
from forms.base import Sources
from forms.staff import SearchForm
from services import agencies, submissions
from services.printing import form01_of
from views.form01 import pdf
from wizard.flows import FLOWS


def add_to(bp) -> None:
    """Register the views about dossiers."""
    bp.get("/", endpoint="home")(index)
    bp.get("/dossiers/<reference>", endpoint="dossier")(show)
    bp.get("/dossiers/<reference>/form01.pdf", endpoint="form01")(form01)
    bp.get("/dossiers/<reference>/photos/<kind>", endpoint="photo")(photo)


def index():
    """List the dossiers, newest first."""
    form = SearchForm(request.args)
    text = form.q.data or ""
    page = desk.page(g.staff, text, before=request.args.get("before", type=int))
    return render_template("staff/dossiers.html", form=form, text=text, page=page)


def show(reference):
    """Show one dossier in full."""
    row = _dossier(reference)
    dossier = submissions.open_dossier(row)
    sources = Sources(agencies=agencies.by_province(), units=[row.unit.name] if row.unit else [])
    sections = [
        (step, step.form(answer=dossier.answers[step.name], sources=sources).rows())
        for step in FLOWS[row.flow]
        if step.name in dossier.answers
    ]
    kinds = {field.name: field.label.text for step in FLOWS[row.flow] for field in getattr(step.form(), "kinds", ())}
    photos = [(kind, kinds.get(kind, kind)) for kind in submissions.photo_kinds(row)]
    return render_template("staff/dossier.html", row=row, dossier=dossier, sections=sections, photos=photos)


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


def _dossier(reference: str):
    return desk.find(g.staff, reference) or abort(404)
