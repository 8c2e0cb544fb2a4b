"""One dossier, its photos and its Form 01."""

from flask import Response, abort, g, render_template

from desk import dossiers as desk
from desk import requests, waiting, way
from forms.messages import PURPOSES, reason
from forms.photos import remark
from forms.requests import WORDING
from models import Message, now
from services import corrections, history, holdings, outbox, retention, submissions
from services.photos import PhotoRefused, marked
from services.printing import form01_of
from services.requests import of_dossier
from views.answers import photo_labels, sections
from views.form01 import pdf
from views.states import CONFIRMED
from views.words import moment
from wizard.flows import FLOWS


def add_to(bp) -> None:
    """Register the views about dossiers."""
    bp.get("/dossiers/<reference>", endpoint="dossier")(show)
    bp.get("/dossiers/<reference>/form01.pdf", endpoint="form01")(form01)
    bp.get("/dossiers/<reference>/consents", endpoint="consents")(consents)
    bp.get("/dossiers/<reference>/photos/<kind>", endpoint="photo")(photo)


def show(reference):
    """Show one dossier in full."""
    return page_of(dossier_of(reference))


def page_of(row, status: int = 200, moved=None):
    """The page of one dossier; `moved` is what somebody did to it since it was last shown."""
    dossier = submissions.open_dossier(row)
    labels, opinions = photo_labels(row.flow), submissions.opinions(row)
    kinds = sorted(opinions, key=lambda kind: [*labels, kind].index(kind))
    entries = history.entries(row)
    answer = render_template(
        "staff/dossier.html",
        row=row,
        guardian=dossier.answers.get("guardian"),
        sections=sections(row.flow, dossier.answers, row.unit.name if row.unit else "", dossier.cards),
        photos=[(kind, labels.get(kind, kind), remark(opinions[kind])) for kind in kinds],
        consents=holdings.consents_of(dossier.answers, dossier.changed),
        withdrawn=requests.withdrawn(of_dossier(row)),
        messages=[_told(each) for each in outbox.about(row.envelope_id)],
        confirmed=CONFIRMED,
        flags=flags([row]),
        entries=entries,
        helped=history.assisted(entries),
        moves=way.moves_for(g.staff, row.status),
        moved=moved,
        late=waiting.is_overdue(row, entries),
        filed=waiting.filed_at(entries),
        until=retention.until(row),
        correction=corrections.under_way(row) if row.status in submissions.CORRECTABLE else None,
        steps={step.name: step.title for step in FLOWS[row.flow]},
    )
    return answer, status


def form01(reference):
    """Give the dossier's Form 01."""
    row = dossier_of(reference)
    return pdf(form01_of(row), f"to-khai-mau-01-{row.reference}.pdf", as_attachment=False)


def photo(reference, kind):
    """Give one photo, with the name of whoever looks at it across it."""
    jpeg = submissions.photo(dossier_of(reference), kind) or abort(404)
    try:
        jpeg = marked(jpeg, f"{g.staff.username} · {moment(now())}")
    except PhotoRefused:
        # Without the name it is not shown at all; most likely every worker is busy.
        abort(503)
    headers = {
        "Content-Disposition": f'inline; filename="{reference}-{kind}.jpg"',
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    }
    return Response(jpeg, mimetype="image/jpeg", headers=headers)


def consents(reference):
    """The record of the consents, to print."""
    row = dossier_of(reference)
    dossier = submissions.open_dossier(row)
    return render_template(
        "staff/consents.html",
        row=row,
        phone=dossier.phone,
        consents=holdings.consents_of(dossier.answers, dossier.changed),
        withdrawn=requests.withdrawn(of_dossier(row)),
    )


def _told(row: Message) -> dict:
    """A message about the dossier: what it is, to whom it went, and why it did not arrive."""
    why, _detail = reason(row.means, row.answer) if row.answer else ("", "")
    return {"row": row, "what": PURPOSES[row.purpose], "to": outbox.recipient_of(row), "why": why}


def flags(rows) -> dict[int, list[str]]:
    """By dossier: in short, the rights by which work on it has to stop."""
    stopped = requests.stopped(rows)
    return {row_id: [WORDING[right].flag for right in rights] for row_id, rights in stopped.items()}


def dossier_of(reference: str):
    """The dossier, if this account may see it; else a page that says there is none."""
    return desk.find(g.staff, reference) or abort(404)
