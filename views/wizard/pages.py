"""What every page of a registration is made of: the draft, the form, the tokens, and the way on."""

from functools import partial

from flask import abort, redirect, render_template, request, url_for
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import Field

import tokens
from desk import way
from forms.base import Sources, StepForm
from forms.card import SAID, ChoiceForm
from forms.photos import PhotosForm
from forms.way import REASONS
from models import Dossier, Unit
from services import (
    agencies,
    album,
    communes,
    corrections,
    drafts,
    employees,
    history,
    photos,
    preferences,
    readings,
    submissions,
)
from services.drafts import Change, DraftGone, OpenDraft
from services.guardians import PhoneDesk
from tokens import BadToken, Ticket
from views.words import today
from wizard.flows import FLOWS, Step
from wizard.journey import Journey


def journey_of(draft: OpenDraft) -> Journey:
    """Where the draft stands."""
    return Journey(FLOWS[draft.flow], draft.answers)


def to_answer(draft: OpenDraft) -> Step | None:
    """The step to be answered before the draft can be submitted; None when it can.

    It may have been answered well, some days ago.
    """
    journey = journey_of(draft)
    return journey.next or next((step for step in journey.steps if has_lapsed(step, draft)), None)


def has_lapsed(step: Step, draft: OpenDraft) -> bool:
    """Whether the step's answer is not good any more."""
    if not step.form.lapses or step.name not in draft.answers:
        return False
    return not step.form(answer=draft.answers[step.name], sources=sources_of(draft)).validate()


def card_step(draft: OpenDraft) -> Step | None:
    """The step that a card can fill in."""
    return next((step for step in journey_of(draft).steps if step.form.reads_card), None)


def photos_step(draft: OpenDraft) -> Step | None:
    """The step that asks for photos."""
    return next((step for step in journey_of(draft).steps if issubclass(step.form, PhotosForm)), None)


def declared(draft: OpenDraft) -> dict:
    """What was typed, or else answered, in the step that a card can fill in."""
    step = card_step(draft)
    return (draft.typed.get(step.name) or draft.answers.get(step.name) or {}) if step else {}


def draft_to_show(flow_name: str) -> OpenDraft:
    """The draft that `?t=` speaks of. Raises `BadToken` or `DraftGone`."""
    return of_flow(flow_name, drafts.open_draft(tokens.check_page(request.args.get("t", ""))))


def draft_to_write(flow_name: str, ticket: Ticket) -> OpenDraft:
    """The draft that a form's token speaks of; one that is just beginning is made up, but not kept yet."""
    try:
        return of_flow(flow_name, drafts.open_draft(ticket))
    except DraftGone:
        # Revision 0 of the first step is signed only for a draft that does not exist yet.
        if ticket.revision or ticket.step != FLOWS[flow_name][0].name:
            raise
        if ticket.session != drafts.first_session(ticket.id, flow_name):
            raise BadToken("made for another flow") from None
        return OpenDraft(ticket.id, flow_name, ticket.session)


def form_of(step: Step, draft: OpenDraft, formdata: MultiDict | None = None) -> StepForm:
    """The step's form: as sent, else as half typed before, else as answered."""
    typed = draft.typed.get(step.name)
    if formdata is None and typed:
        formdata = MultiDict({name: value for name, value in typed.items() if value is not False})
    return step.form(formdata, answer=draft.answers.get(step.name), sources=sources_of(draft))


def sent_form(step: Step, draft: OpenDraft) -> StepForm:
    """The step's form as this request sent it, files and all."""
    return form_of(step, draft, CombinedMultiDict([request.files, request.form]))


def change_of(form: StepForm, *, is_good: bool) -> Change:
    """What a sent form changes: its answer if it is good, else what was typed; good photos are kept either way."""
    answer = form.answer() if is_good or form.photos else None
    typed = None if is_good and answer is not None else form.typed()
    return Change(answer, typed or None, form.photos, form.required, form.accepted, _phone_typed(form))


def half_typed(form: StepForm) -> Change:
    """What a sent form changes when none of it shall count as an answer."""
    form.validate()
    return Change(None, form.typed() or None, form.photos, found_by=_phone_typed(form))


def place_of(form: StepForm) -> dict[str, str | None]:
    """Where on the step's page one goes on: of photos at the one that the form was about, else at the beginning."""
    if not isinstance(form, PhotosForm):
        return {}
    return {"saved": form.changed, "_anchor": form.changed and f"photo-{form.changed}"}


def step_page(draft: OpenDraft, step: Step, form: StepForm, status: int = 200, **more):
    """The page of one step; `wizard/<step>.html` where it looks different, `wizard/<flow>_<step>.html` in one flow."""
    journey = journey_of(draft)
    before = journey.before(step)
    notes = form_of(before, draft).notes() if before and status == 200 and before.name in draft.answers else {}
    names = [f"wizard/{draft.flow}_{step.name}.html", f"wizard/{step.name}.html", "wizard/step.html"]
    more |= {"step": step, "form": form, "notes": notes, "alone": photo_alone(form, status)}
    return page(names, draft, status, **more)


def photo_alone(form: StepForm, status: int) -> Field | None:
    """The one photo that htmx takes out of the page, if it does: the rest of it would weigh for nothing.

    A page that takes the whole place (see `security`) is always whole.
    """
    target = request.headers.get("HX-Target", "").removeprefix("photo-")
    return form[target] if status in {200, 422} and target in form.required else None


def page(template, draft: OpenDraft, status: int = 200, **more):
    """A page about this draft, with the means to sign its forms and to address its other pages."""
    page_token = tokens.sign_page(draft.ticket())

    def sign(step_name: str) -> str:
        return tokens.sign_step(draft.ticket(step_name))

    def address(step_name: str, **values) -> str:
        if step_name == "review":
            return url_for("wizard.review", flow_name=draft.flow, t=page_token, **values)
        return url_for("wizard.step", flow_name=draft.flow, step_name=step_name, t=page_token, **values)

    context = _correction(draft) if draft.corrects else {}
    context |= {
        "draft": draft,
        "journey": journey_of(draft),
        "sign": sign,
        "address": address,
        "page_token": page_token,
    }
    question = readings.open_question(draft.cards, declared(draft))
    context["question"] = ChoiceForm().offer(*question) if question else None
    context["said"] = SAID.get(request.args.get("card", ""))
    return render_template(template, **context, **more), status


def go_to(draft: OpenDraft, step: Step | None, **values):
    """Send the browser to this step, or to the review when there is none to answer."""
    t = tokens.sign_page(draft.ticket())
    if step is None:
        return redirect(url_for("wizard.review", flow_name=draft.flow, t=t, **values), 303)
    return redirect(url_for("wizard.step", flow_name=draft.flow, step_name=step.name, t=t, **values), 303)


def _correction(draft: OpenDraft) -> dict:
    """The dossier that this draft corrects: why it came back, unless its owner corrects it unasked, and its rights."""
    dossier = corrections.corrected_by(draft)
    returned = way.reason(history.entries(dossier)) if dossier.status == "returned" else None
    rights_token = tokens.sign_rights(submissions.open_dossier(dossier).ticket())
    return {"returned": returned, "reasons": REASONS, "rights_token": rights_token}


def _phone_typed(form: StepForm) -> str | None:
    return form.phone.data if "phone" in form and form.phone.data and not form.phone.errors else None


def of_flow(flow_name: str, kept: OpenDraft | Dossier) -> OpenDraft | Dossier:
    """The draft or dossier, for an address of its own flow. Raises `BadToken` for one of another."""
    if flow_name not in FLOWS:
        abort(404)
    if kept.flow != flow_name:
        raise BadToken("made for another flow")
    return kept


def sources_of(draft: OpenDraft) -> Sources:
    """What the forms of this draft may ask of the world."""
    guardian = draft.answers.get("guardian", {})
    kept = preferences.current()
    usual = not kept.is_agency_locked and guardian.get("usual_agency")
    return Sources(
        resolve_commune=communes.resolve,
        search_commune=communes.search,
        agencies=agencies.by_province(),
        default_agency=usual or kept.default_agency,
        is_agency_locked=kept.is_agency_locked,
        units=[unit.name for unit in Unit.select().order_by(Unit.name)],
        find_unit=employees.unit_of,
        photos=draft.photos,
        prepare_photo=photos.prepare,
        read_card=readings.of_texts,
        compare_with_cards=partial(readings.agreement, draft.cards),
        edit_photo=partial(_edited_photo, draft.id),
        answers=draft.answers,
        today=today,
        guardian=PhoneDesk(draft.id, guardian.get("proved_by", 0)),
    )


def _edited_photo(identity: str, kind: str, quarters: int, frame: list[int] | None) -> photos.Photo | None:
    """The draft's photo, turned by so many quarters; cut unless `frame` is None, in its middle if it is empty."""
    cut = None if frame is None else photos.Frame(*frame) if frame else photos.CENTRE
    return album.edited(identity, kind, photos.Edit(quarters, cut))
