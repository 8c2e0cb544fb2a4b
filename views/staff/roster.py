"""How far each unit is, the people of the roster, and what is done with those who are picked: slips, messages."""

from flask import abort, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from desk import roster as desk
from desk.roster import Filter
from forms.roster import STATES, PeopleForm
from services import audit, invitations, outbox, preferences, slips
from services.days import local
from services.outbox import MAIL, SMS
from views.form01 import pdf
from views.staff.roster_import import MAY_IMPORT, only_for_the_department, xlsx
from views.staff.session import shows_nobody
from views.words import day

DONE = {SMS: "sent", MAIL: "mailed"}

# What one press does: so many slips fill 63 sheets, so many messages are sent within seconds.
MOST_SLIPS = 500
MOST_MESSAGES = 50
# Mail servers mind many at once less, and a worker sends them one after the other.
MOST_MAILS = MOST_SLIPS


def add_to(bp) -> None:
    """Register the views about the people of the roster."""
    bp.get("/roster", endpoint="roster")(index)
    bp.get("/roster/people", endpoint="roster_people")(people)
    bp.get("/roster/people.xlsx", endpoint="roster_export")(export)
    bp.get("/roster/slips.pdf", endpoint="slips")(show_slips)
    bp.post("/roster/slips", endpoint="make_slips")(make_slips)
    bp.post("/roster/messages", endpoint="invite")(send_messages)
    bp.post("/roster/mails", endpoint="invite_by_mail")(send_mails)
    bp.post("/roster/revoke", endpoint="revoke_links")(revoke)
    bp.get("/roster/remove", endpoint="ask_to_remove")(ask_to_remove)
    bp.post("/roster/remove", endpoint="remove_people")(remove)


@shows_nobody
def index():
    """Show unit by unit who has registered, who is under way and who is missing."""
    return render_template(
        "staff/roster.html",
        units=desk.all_together(desk.by_unit(g.staff)),
        states=STATES,
        may_import=g.staff.role in MAY_IMPORT,
    )


def people():
    """List the people of a unit or a state."""
    return _list(PeopleForm(request.args, desk.units(g.staff)))


def export():
    """Give the list as a spreadsheet."""
    form = PeopleForm(request.args, desk.units(g.staff))
    headings = [
        (_("Mã nhân viên"), 16),
        (_("Họ và tên"), 32),
        (_("Đơn vị"), 24),
        (_("Tình trạng"), 18),
        (_("Mã hồ sơ"), 14),
    ]
    rows = (
        [
            each.row.code,
            each.row.full_name,
            each.row.unit.name if each.row.unit else "",
            str(STATES[each.state]),
            each.dossier.reference if each.dossier else "",
        ]
        for each in desk.everyone(g.staff, _wanted(form))
    )
    return xlsx("nhan-vien.xlsx", _("Nhân viên"), headings, rows)


def make_slips():
    """Make the links of those who are picked, and lead to their slips."""
    return _with_picked(MOST_SLIPS, _prepare_slips)


def show_slips():
    """Give the slips of those who are picked and have a link, as sheets to print and cut."""
    rows = _picked(request.args) if "person" in request.args else _filtered(request.args)
    found = [each for each in desk.people(rows[:MOST_SLIPS]) if each.invitation]
    if not found:
        abort(404)
    sheet = [
        slips.Slip(
            each.row.full_name,
            each.row.code,
            each.row.unit.name if each.row.unit else "",
            _address(each.invitation),
            local(each.invitation.expires_at).date(),
        )
        for each in found
    ]
    return pdf(slips.render(sheet, preferences.current().company_name), "the-moi.pdf", as_attachment=False)


def send_messages():
    """Send their link to those who are picked and whose phone is known."""
    if not outbox.sends(SMS):
        abort(404)
    return _with_picked(MOST_MESSAGES, lambda rows, form: _send(rows, form, SMS))


def send_mails():
    """Send their link to those who are picked and whose address is known."""
    if not outbox.sends(MAIL):
        abort(404)
    return _with_picked(MOST_MAILS, lambda rows, form: _send(rows, form, MAIL))


def revoke():
    """Make the links of those who are picked useless."""
    return _with_picked(MOST_SLIPS, lambda rows, form: _done(form, "revoked", invitations.revoke(rows)))


def ask_to_remove():
    """Ask once more before people are taken off the roster."""
    only_for_the_department()
    rows = _picked(request.args) or abort(404)
    form = PeopleForm(request.args, desk.units(g.staff))
    return render_template("staff/roster_remove.html", rows=rows, form=form)


def remove():
    """Take those who are picked off the roster."""
    only_for_the_department()
    if not request.form.get("sure"):
        # Nobody is removed yet.
        audit.note("ask_to_remove")
        return _with_picked(
            MOST_SLIPS, lambda rows, form: redirect(url_for("staff.ask_to_remove", **_told(rows, form)), 303)
        )
    return _with_picked(MOST_SLIPS, lambda rows, form: _done(form, "removed", desk.remove(rows)))


def _with_picked(most: int, act):
    """Do something with those who are picked; without any, or with too many, show the list again."""
    form = PeopleForm(request.form, desk.units(g.staff))
    rows = _filtered(request.form) if request.form.get("everyone") else _picked(request.form)
    if not rows:
        return _list(form, [_("Đánh dấu ít nhất một người trong danh sách.")]), 422
    if len(rows) > most:
        return _list(form, [_("Mỗi lần tối đa %(most)d người. Lọc theo đơn vị rồi làm từng phần.", most=most)]), 422
    return act(rows, form)


def _prepare_slips(rows, form):
    invitations.prepare(rows)
    return redirect(url_for("staff.slips", **_told(rows, form)), 303)


def _send(rows, form, means: str):
    invitations.prepare(rows)
    links = invitations.of(rows)
    told = {number: (_address(link), day(link.expires_at)) for number, link in links.items()}
    done = invitations.send(rows, told, means, again=bool(request.form.get("again")))
    return _done(form, DONE[means], done.sent, before=done.before, unknown=done.unknown)


def _list(form: PeopleForm, refused=()):
    wanted = _wanted(form)
    return render_template(
        "staff/roster_people.html",
        form=form,
        page=desk.page(g.staff, wanted, after=request.args.get("after", 0, type=int)),
        states=STATES,
        refused=refused,
        picked=set(request.form.getlist("person")),
        may_send=outbox.sends(SMS),
        may_mail=outbox.sends(MAIL),
        may_import=g.staff.role in MAY_IMPORT,
        is_local=not current_app.config["SETTINGS"].is_known_to_others,
        base=_base(),
        most=MOST_SLIPS,
        done=request.args.get("done", ""),
        **{name: request.args.get(name, 0, type=int) for name in ("count", "before", "unknown")},
    )


def _wanted(form: PeopleForm) -> Filter:
    return Filter(form.unit_id, form.chosen_state, form.q.data or "")


def _picked(given) -> list:
    """The people with the numbers that were given, as far as the account may see them."""
    ids = [int(each) for each in given.getlist("person") if each.isdecimal() and len(each) < 10]
    return list(desk.picked(g.staff, ids))


def _filtered(given) -> list:
    """All whom unit and state leave; the address of their slips holds no name, so a name narrows nothing here."""
    form = PeopleForm(given, desk.units(g.staff))
    return list(desk.chosen(g.staff, Filter(form.unit_id, form.chosen_state)).limit(MOST_SLIPS + 1))


def _told(rows, form: PeopleForm) -> dict:
    """Who is picked, for the next address: by number, or by the filter where everyone is."""
    return form.told() if request.form.get("everyone") else {**form.told(), "person": [row.id for row in rows]}


def _done(form: PeopleForm, what: str, count: int, **more: int):
    return redirect(url_for("staff.roster_people", **form.told(), done=what, count=count, **more), 303)


def _address(invitation) -> str:
    return f"{_base()}{url_for('invitation.show', link=invitations.link_of(invitation))}"


def _base() -> str:
    return current_app.config["SETTINGS"].public_url or request.host_url.rstrip("/")
