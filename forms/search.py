"""What the list of dossiers is narrowed by."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SearchField, SelectField
from wtforms.validators import Optional

from forms.audit import Day, midnight
from forms.base import tidy


class DossierFilterForm(FlaskForm):
    """Name, reference or code, state, unit, agency, from which day to which; a GET, so it needs no guard."""

    class Meta:
        csrf = False

    q = SearchField(
        _l("Tìm hồ sơ"),
        description=_l("Họ tên (không cần dấu, gõ đầu mỗi từ cũng được), mã hồ sơ, 4 số cuối hoặc cả mã số BHXH."),
        filters=[tidy],
        render_kw={"maxlength": 100, "autocomplete": "off"},
    )
    status = SelectField(_l("Trạng thái"), choices=(), validate_choice=False, filters=[tidy])
    unit = SelectField(_l("Đơn vị"), choices=(), validate_choice=False, filters=[tidy])
    agency = SelectField(_l("Cơ quan BHXH"), choices=(), validate_choice=False, filters=[tidy])
    since = DateField(_l("Gửi từ ngày"), validators=[Optional(), Day()])
    until = DateField(_l("Đến hết ngày"), validators=[Optional(), Day()])

    def __init__(self, formdata, states, units, agencies):
        super().__init__(formdata)
        # A choice between one and the same is none.
        lists = ((self.status, states, 0), (self.unit, units, 0), (self.agency, agencies, 1))
        for field, choices, least in lists:
            field.choices = [("", _l("Tất cả")), *choices]
            if len(choices) <= least:
                del self[field.name]

    def chosen(self, name: str) -> str:
        """What was chosen in the field; where it is none of the choices, it is chosen all the same and fits nothing."""
        return (self[name].data or "") if name in self else ""

    def seconds(self) -> tuple[int | None, int | None]:
        """The first second of the first day and the first one after the last day, in Vietnam; None where not given."""
        return midnight(self.since.data, 0), midnight(self.until.data, 1)
