"""Accounts and units, as an administrator sets them up."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, ValidationError

from forms.base import tidy
from forms.staff import GoodUsername, username_field
from forms.validators import HasLetters, Most, Required

ROLES = {
    "unit": _l("Nhân sự đơn vị: thấy và làm hồ sơ của đơn vị mình"),
    "department": _l("Phòng Nhân sự: thấy và làm mọi hồ sơ"),
    "admin": _l("Quản trị: như Phòng Nhân sự, và thiết lập quầy"),
}
SHORT_ROLES = {"unit": _l("Nhân sự đơn vị"), "department": _l("Phòng Nhân sự"), "admin": _l("Quản trị")}


class PersonForm(FlaskForm):
    """A new account: its name, what it may do, and for which unit."""

    username = username_field(
        _l("Chữ thường không dấu, chữ số, dấu chấm. Ví dụ: lan.nguyen. Sau này không đổi được."), "off"
    )
    role = RadioField(_l("Vai trò"), choices=(), validate_choice=False)
    unit = SelectField(_l("Đơn vị"), choices=(), validate_choice=False, description=_l("Chỉ dành cho Nhân sự đơn vị."))

    def __init__(self, units: list[str], **given):
        super().__init__(**given)
        self.role.choices = list(ROLES.items())
        self.unit.choices = [("", _l("Chọn đơn vị")), *((name, name) for name in units)]

    @property
    def unit_name(self) -> str | None:
        """The chosen unit, where the role has one."""
        return self.unit.data if self.role.data == "unit" else None

    def validate_username(self, field):
        """A name that can be typed on any keyboard."""
        GoodUsername()(self, field)

    def validate_role(self, field):
        """One of the three."""
        if field.data not in ROLES:
            raise ValidationError(_l("Chọn vai trò."))

    def validate_unit(self, field):
        """A unit's HR has a unit that exists."""
        if self.role.data == "unit" and (not field.data or field.data not in dict(field.choices)):
            raise ValidationError(_l("Chọn đơn vị của người này. Chưa có trong danh sách thì thêm đơn vị trước."))


class RoleForm(PersonForm):
    """Another role or unit for an account that there is."""

    def __init__(self, units: list[str], **given):
        super().__init__(units, **given)
        del self.username


class UnitForm(FlaskForm):
    """The name of a unit."""

    name = StringField(
        _l("Tên đơn vị"),
        filters=[tidy],
        validators=[Required(_l("Nhập tên đơn vị.")), Most(200), HasLetters()],
        render_kw={"autocomplete": "off"},
    )
