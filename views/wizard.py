"""The registration: one view for every step of every flow, and the few actions that answer no step.

The token in the form is the whole session. A page is fetched with `?t=`, which may only look; a form writes with
`step_token`, which names the step and the revision that the page showed.
"""

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

import tokens
from forms.base import Sources
from forms.confirm import CodeForm
from models import Unit
from services import agencies, codes, communes, drafts, photos, submissions
from services.drafts import Change, Conflict, DraftGone, OpenDraft
from wizard.flows import FLOWS, Step
from wizard.journey import Journey

bp = Blueprint("wizard", __name__, url_prefix="/register")

COMING = {"child"}


@bp.get("/<flow_name>")
def begin(flow_name):
    """Show the first step; nothing is kept before it is answered."""
    if flow_name in COMING:
        return render_template("wizard/coming.html")
    flow = FLOWS.get(flow_name) or abort(404)
    draft = drafts.begin(flow_name)
    return _page(Journey(flow, {}), flow[0], draft, _form(flow[0], draft))


@bp.route("/<flow_name>/<step_name>", methods=["GET", "POST"])
def step(flow_name, step_name):
    """Show a step, or keep its answer and go on."""
    flow = FLOWS.get(flow_name) or abort(404)
    if not any(step_name == each.name for each in flow):
        abort(404)
    if request.method == "POST":
        return _keep(flow_name, step_name)
    draft = _draft_to_show(flow_name, first=flow[0].name == step_name)
    journey = Journey(flow, draft.answers)
    asked = journey.find(step_name)
    if asked is None or not journey.can_visit(asked):
        return _go_to(journey.next, draft)
    return _page(journey, asked, draft, _form(asked, draft))


@bp.get("/<flow_name>/review")
def review(flow_name):
    """Show everything once more, with a way to change each line."""
    draft = _draft_to_show(flow_name)
    journey = Journey(FLOWS[flow_name], draft.answers)
    if journey.next:
        return _go_to(journey.next, draft)
    sections = [(each, _form(each, draft).rows()) for each in journey.steps]
    return _render("wizard/review.html", draft, journey, sections=sections)


@bp.post("/<flow_name>/send-code")
def send_code(flow_name):
    """Send a code to the declared phone and ask for it."""
    draft = drafts.open_draft(tokens.check_step(_step_token(), "send-code"))
    journey = Journey(FLOWS.get(flow_name) or abort(404), draft.answers)
    if journey.next:
        return _go_to(journey.next, draft)
    asker = codes.Asker(draft.phone, _given(draft, "full_name"), _unit_id(draft))
    try:
        codes.send(asker, codes.SUBMIT, draft.id)
    except codes.TooManyCodes as refused:
        return _confirm_page(draft, journey, CodeForm(), refused=refused)
    return redirect(url_for(".confirm", flow_name=flow_name, t=tokens.sign_page(draft.ticket())), 303)


@bp.get("/<flow_name>/confirm")
def confirm(flow_name):
    """Ask for the code."""
    draft = _draft_to_show(flow_name)
    journey = Journey(FLOWS[flow_name], draft.answers)
    if journey.next:
        return _go_to(journey.next, draft)
    return _confirm_page(draft, journey, CodeForm())


@bp.post("/<flow_name>/confirm")
def submit(flow_name):
    """Submit what was reviewed, if the code is right; the same request twice gives the same receipt."""
    ticket = tokens.check_step(_step_token(), "confirm")
    try:
        draft = drafts.open_draft(ticket)
    except DraftGone:
        return _receipt(submissions.submitted(ticket))
    journey = Journey(FLOWS.get(flow_name) or abort(404), draft.answers)
    form = CodeForm(request.form)
    if journey.next:
        return _go_to(journey.next, draft)
    if not form.validate():
        return _confirm_page(draft, journey, form)
    try:
        return _receipt(submissions.submit(ticket, journey.route, form.code.data))
    except codes.CodeRefused as refused:
        return _confirm_page(draft, journey, form, refused=refused)
    except Conflict:
        return redirect(url_for(".review", flow_name=flow_name, t=tokens.sign_page(draft.ticket())), 303)


@bp.route("/<flow_name>/finish", methods=["GET", "POST"])
def finish(flow_name):
    """Make this browser forget the registration; what was typed last is kept in the draft first."""
    if flow_name not in {*FLOWS, *COMING}:
        abort(404)
    if request.method == "GET":
        return render_template("wizard/finished.html")
    ticket = tokens.check_step(_step_token())
    _keep_typed(flow_name, ticket)
    drafts.close(ticket)
    submissions.close(ticket)
    return redirect(url_for(".finish", flow_name=flow_name), 303)


def _keep(flow_name: str, step_name: str):
    ticket = tokens.check_step(_step_token(), step_name)
    draft = _draft_to_write(flow_name, ticket)
    journey = Journey(FLOWS[flow_name], draft.answers)
    asked = journey.find(step_name)
    if asked is None or not journey.can_visit(asked):
        return _go_to(journey.next, draft)
    form = _form(asked, draft, CombinedMultiDict([request.files, request.form]))
    is_good = form.validate()
    if request.form.get("action") == "back":
        return _back(journey, asked, ticket, form, is_good)
    try:
        if is_good or form.photos:
            draft = drafts.save(ticket, flow_name, _change(draft, asked, form, is_good))
    except Conflict as conflict:
        return _conflict_page(journey, asked, conflict.draft, form)
    if not is_good:
        form.sources = _sources(draft)
        return _page(journey, asked, draft, form, 422)
    if form.stays:
        return _go_to(asked, draft, saved=next(iter(form.photos), None))
    return _go_to(Journey(FLOWS[flow_name], draft.answers).next, draft)


def _back(journey: Journey, asked: Step, ticket, form, is_good: bool):
    """Keep what was typed, even if it is not right yet, and go one step back."""
    draft = _saved_typed(journey, asked, ticket, form, is_good)
    before = journey.before(asked)
    return _go_to(before, draft) if before else redirect(url_for("guide.show"), 303)


def _saved_typed(journey: Journey, asked: Step, ticket, form, is_good: bool) -> OpenDraft:
    draft = _draft_to_write(request.view_args["flow_name"], ticket)
    change = _change(draft, asked, form, is_good)
    if form.is_blank() and not form.photos:
        return draft
    if draft.answers.get(asked.name) == change.answer and draft.typed.get(asked.name) == change.typed:
        return draft
    try:
        return drafts.save(ticket, draft.flow, change)
    except Conflict as conflict:
        # On the way back nothing is overwritten: what another tab has kept stays.
        return conflict.draft


def _keep_typed(flow_name: str, ticket) -> None:
    try:
        draft = _draft_to_write(flow_name, ticket)
    except DraftGone:
        return
    journey = Journey(FLOWS[flow_name], draft.answers)
    asked = journey.find(ticket.step)
    if asked and journey.can_visit(asked):
        form = _form(asked, draft, CombinedMultiDict([request.files, request.form]))
        _saved_typed(journey, asked, ticket, form, form.validate())


def _change(draft: OpenDraft, asked: Step, form, is_good: bool) -> Change:
    answer = form.answer() if is_good else None
    if form.photos and answer is None:
        return Change(answer=None, photos=form.photos)
    typed = None if is_good else form.typed()
    return Change(answer, typed or None, form.photos)


def _draft_to_show(flow_name: str, *, first: bool = False) -> OpenDraft:
    """The draft that `?t=` speaks of; the first step may be shown without one."""
    if flow_name not in FLOWS:
        abort(404)
    token = request.args.get("t", "")
    if first and not token:
        return drafts.begin(flow_name)
    draft = drafts.open_draft(tokens.check_page(token))
    if draft.flow != flow_name:
        raise DraftGone
    return draft


def _draft_to_write(flow_name: str, ticket) -> OpenDraft:
    try:
        draft = drafts.open_draft(ticket)
    except DraftGone:
        if ticket.revision or ticket.step != FLOWS[flow_name][0].name:
            raise
        return OpenDraft(ticket.id, flow_name, ticket.session)
    if draft.flow != flow_name:
        raise DraftGone
    return draft


def _step_token() -> str:
    try:
        return request.form.get("step_token", "")
    except RequestEntityTooLarge:
        raise
    except ValueError:
        abort(400)


def _form(asked: Step, draft: OpenDraft, formdata=None):
    typed = draft.typed.get(asked.name)
    if formdata is None and typed:
        formdata = MultiDict({name: value for name, value in typed.items() if value is not False})
    return asked.form(formdata, answer=draft.answers.get(asked.name), sources=_sources(draft))


def _sources(draft: OpenDraft) -> Sources:
    return Sources(
        resolve_commune=communes.resolve,
        search_commune=communes.search,
        agencies=agencies.by_province(),
        default_agency=current_app.config["SETTINGS"].default_agency,
        units=[unit.name for unit in Unit.select().order_by(Unit.name)],
        photos=draft.photos,
        prepare_photo=photos.prepare,
    )


def _go_to(asked: Step | None, draft: OpenDraft, **more):
    t = tokens.sign_page(draft.ticket())
    if asked is None:
        return redirect(url_for(".review", flow_name=draft.flow, t=t), 303)
    return redirect(url_for(".step", flow_name=draft.flow, step_name=asked.name, t=t, **more), 303)


def _page(journey: Journey, asked: Step, draft: OpenDraft, form, status: int = 200, **more):
    before = journey.before(asked)
    notes = _form(before, draft).notes() if before and status == 200 and before.name in draft.answers else {}
    names = [f"wizard/{asked.name}.html", "wizard/step.html"]
    return _render(names, draft, journey, status, step=asked, form=form, notes=notes, **more)


def _conflict_page(journey: Journey, asked: Step, draft: OpenDraft, form):
    """Show both values; sending the form again then chooses what it shows."""
    form.sources = _sources(draft)
    kept = asked.form(answer=draft.answers.get(asked.name), sources=form.sources)
    return _page(journey, asked, draft, form, 409, kept={row.field: row for row in kept.rows()})


def _confirm_page(draft: OpenDraft, journey: Journey, form, refused=None):
    delivery = codes.delivery_of(drafts.phone_hash(draft.phone), codes.SUBMIT, draft.id)
    status = 422 if form.errors or isinstance(refused, codes.CodeRefused) else 200
    wait = getattr(refused, "retry_after", 0)
    if wait:
        status = 429
    page, status = _render("wizard/confirm.html", draft, journey, status, form=form, refused=refused, delivery=delivery)
    return page, status, {"Retry-After": str(wait)} if wait else {}


def _render(template, draft: OpenDraft, journey: Journey, status: int = 200, **more):
    def sign(step_name):
        return tokens.sign_step(draft.ticket(step_name))

    def address(step_name, **values):
        endpoint = ".review" if step_name == "review" else ".step"
        names = {} if step_name == "review" else {"step_name": step_name}
        return url_for(endpoint, flow_name=draft.flow, t=page_token, **names, **values)

    page_token = tokens.sign_page(draft.ticket())
    page = render_template(
        template, draft=draft, journey=journey, sign=sign, address=address, page_token=page_token, **more
    )
    return page, status


def _receipt(dossier):
    ticket = submissions.open_dossier(dossier).ticket()
    return redirect(url_for("receipt.show", t=tokens.sign_receipt(ticket)), 303)


def _given(draft: OpenDraft, name: str) -> str:
    return next((answer[name] for answer in draft.answers.values() if name in answer), "")


def _unit_id(draft: OpenDraft) -> int | None:
    unit = Unit.get_or_none(Unit.name == _given(draft, "unit"))
    return unit.id if unit else None
