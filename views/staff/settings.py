"""The settings, for administrators: the same few lines for each page of them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from flask import redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import CombinedMultiDict

from forms.official import OfficialAddressForm
from forms.settings import (
    CHANNELS,
    NOTICE,
    ChannelForm,
    CompanyForm,
    ContactForm,
    DefaultAgencyForm,
    MessagesForm,
    RetentionForm,
    SettingsForm,
    World,
)
from services import agencies, colours, official, photos, preferences
from services.codes import LIFETIME
from services.preferences import Preferences
from services.sms.texts import code_text
from views.staff.session import for_role, shows_nobody

for_admins = for_role("admin")


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the settings: its name in addresses and in the audit log, its title, form and template."""

    name: str
    title: str
    form: type[SettingsForm]
    summary: Callable[[Preferences], str]
    template: str = "staff/settings/section.html"

    @property
    def action(self) -> str:
        """The endpoint that keeps it, and what the audit log calls it."""
        return f"change_{self.name}"


def _example(text: str) -> str:
    """A message as it is sent."""
    return code_text("123456", LIFETIME // 60, text)


def _agency(kept: Preferences) -> str:
    label = agencies.find(kept.default_agency).label
    return _l("%(agency)s, đã khoá", agency=label) if kept.is_agency_locked else label


def _periods(kept: Preferences) -> str:
    if kept.dossier_days:
        return _l(
            "Bản nháp %(drafts)d ngày, ảnh %(photos)d ngày sau khi nộp, hồ sơ %(dossiers)d ngày sau khi xong",
            drafts=kept.draft_days,
            photos=kept.photo_days,
            dossiers=kept.dossier_days,
        )
    return _l(
        "Bản nháp %(drafts)d ngày, ảnh %(photos)d ngày sau khi nộp, hồ sơ đến khi có yêu cầu xoá",
        drafts=kept.draft_days,
        photos=kept.photo_days,
    )


SECTIONS = (
    Section("company", _l("Công ty"), CompanyForm, lambda kept: kept.company_name, "staff/settings/company.html"),
    Section("contact", _l("Liên hệ Nhân sự"), ContactForm, lambda kept: kept.contact),
    Section("agency", _l("Cơ quan BHXH mặc định"), DefaultAgencyForm, _agency),
    Section(
        "channel", _l("Kênh đăng ký"), ChannelForm, lambda kept: CHANNELS[kept.channel], "staff/settings/channel.html"
    ),
    Section("messages", _l("Lời tin nhắn"), MessagesForm, lambda kept: _example(""), "staff/settings/messages.html"),
    Section(
        "form01",
        _l("Mẫu số 01 chính thức"),
        OfficialAddressForm,
        lambda kept: kept.form01_url,
        "staff/settings/form01.html",
    ),
    Section("retention", _l("Thời gian lưu giữ"), RetentionForm, _periods),
)


def add_to(bp) -> None:
    """Register the list of settings, and a page for each section."""
    bp.get("/settings", endpoint="settings")(index)
    for section in SECTIONS:
        about = {"defaults": {"section": section}}
        bp.get(f"/settings/{section.name}", endpoint=f"settings_{section.name}", **about)(show)
        bp.post(f"/settings/{section.name}", endpoint=section.action, **about)(keep)


@for_admins
@shows_nobody
def index():
    """List the sections with what is set."""
    kept = preferences.current()
    rows = [(section, section.summary(kept)) for section in SECTIONS]
    closed = sum(not agency.is_open for agency in agencies.all_agencies())
    return render_template("staff/settings/index.html", rows=rows, agencies=len(agencies.all_agencies()), closed=closed)


@for_admins
@shows_nobody
def show(section):
    """Show one section."""
    return _page(section, _form(section, None))


@for_admins
def keep(section):
    """Keep one section; with mistakes, show the same form again."""
    form = _form(section, CombinedMultiDict([request.files, request.form]))
    if not form.validate():
        return _page(section, form), 422
    preferences.change(section.action, **form.changes())
    return redirect(url_for("staff.settings"), 303)


def _small(file: bytes) -> bytes:
    return photos.prepare(file).thumbnail


def _is_of_file(url: str) -> bool:
    try:
        official.place_of(url)
    except ValueError:
        return False
    return True


def _form(section: Section, sent) -> SettingsForm:
    world = World(agencies.by_province(), colours.OURS, colours.nearest, _example, _small, _is_of_file)
    return section.form(sent, asdict(preferences.current()), world)


def _page(section: Section, form: SettingsForm):
    return render_template(section.template, section=section, form=form, example=_example(""), notice=NOTICE)
