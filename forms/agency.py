"""Which BHXH agency receives the dossier, and whether a copy of Form 01 goes by e-mail."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, SelectField

from forms.base import StepForm
from forms.validators import EmailAddress, Most, Required


class AgencyForm(StepForm):
    """The agency, matched by its code; the company's usual one is preselected."""

    # Agencies are merged and renumbered.
    lapses = True

    agency = SelectField(
        _l("Cơ quan BHXH tiếp nhận"),
        description=_l("Nếu Nhân sự không dặn khác, giữ nguyên cơ quan đã chọn sẵn."),
        choices=(),
        validate_choice=False,
        validators=[Required(_l("Chọn cơ quan BHXH tiếp nhận."))],
    )
    email_copy = BooleanField(_l("Gửi email tờ khai cho tôi"))
    email = EmailField(
        _l("Địa chỉ email (không bắt buộc)"),
        description=_l("Được ghi vào mục 5 của tờ khai."),
        validators=[Most(254)],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )

    def __init__(self, formdata=None, *, answer=None, sources=None):
        super().__init__(formdata, answer=answer, sources=sources)
        groups = {
            province: [(agency.code, agency.label) for agency in agencies if self._is_offered(agency)]
            for province, agencies in self.sources.agencies
        }
        self.agency.choices = {province: choices for province, choices in groups.items() if choices}
        if formdata is None and not self.agency.data:
            self.agency.data = self.sources.default_agency

    @property
    def locked_label(self) -> str:
        """What the one agency for everybody is called; empty where people choose."""
        return self._offered().get(self.sources.default_agency, "") if self.sources.is_agency_locked else ""

    def validate_agency(self, field):
        """Only an agency of the list, by its code."""
        if field.data not in self._offered():
            field.errors.append(_l("Chọn một cơ quan BHXH trong danh sách."))

    def validate_email(self, field):
        """An address is needed where the copy is wanted, and must be one that mail can reach."""
        if not field.data:
            if self.email_copy.data:
                field.errors.append(_l("Nhập địa chỉ email để nhận tờ khai, hoặc bỏ đánh dấu ô gửi email."))
            return
        EmailAddress()(self, field)

    def display(self, each):
        if each is self.agency:
            # An answer may name an agency that was closed since, or is no more.
            known = {agency.code: agency.label for _province, agencies in self.sources.agencies for agency in agencies}
            return str(known.get(each.data, each.data or ""))
        if each is self.email_copy:
            return str(_l("Có") if each.data else _l("Không"))
        return str(each.data or _l("Không có"))

    def notes(self):
        """An agency that was chosen once, and takes no registrations of ours any more."""
        if self.agency.data and self.agency.data not in self._offered():
            return {"agency": _l("Không nộp ở cơ quan này nữa. Mở bước này và chọn lại.")}
        return {}

    def _is_offered(self, agency) -> bool:
        is_chosen_for_all = agency.code == self.sources.default_agency
        return agency.is_open and (is_chosen_for_all or not self.sources.is_agency_locked)

    def _offered(self) -> dict[str, str]:
        return dict(pair for group in self.agency.choices.values() for pair in group)
