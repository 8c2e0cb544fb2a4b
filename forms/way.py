"""Sending a dossier back: why, and which steps are to be corrected."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from forms.base import tidy
from forms.validators import Most

# What agencies really send dossiers back for, and what the portal refuses. The names stand in histories: a reason may
# be put in other words, but not be taken away.
REASONS = {
    "mismatch": _l("Họ tên, ngày sinh hoặc số giấy tờ không khớp với dữ liệu của cơ quan BHXH hay giấy tờ"),
    "photo": _l("Ảnh mờ, lóa hoặc không thấy đủ bốn góc"),
    "id_unknown": _l("Số CCCD chưa có trong cơ sở dữ liệu quốc gia về dân cư: cần bổ sung ảnh CCCD"),
    "code_wrong": _l("Mã số BHXH sai"),
    "code_taken": _l("Mã số BHXH này đã đăng ký tài khoản"),
    "phone_taken": _l("Số điện thoại đã dùng cho một mã số BHXH khác"),
    "agency": _l("Chọn chưa đúng cơ quan BHXH"),
    "unsigned": _l("Thiếu tờ khai, thiếu chữ ký hoặc chưa ghi rõ họ tên"),
}
UNKNOWN = _l("Chọn trong danh sách dưới đây.")


class Ticks(SelectMultipleField):
    """Any number of choices, each with a box of its own."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ReasonForm(FlaskForm):
    """Why a dossier does not go on. `expected` and `seq` name the state and the event that the page showed."""

    expected = HiddenField()
    seq = HiddenField()
    text = TextAreaField(
        _l("Ghi thêm (người đăng ký đọc được)"),
        description=_l("Viết điều cần làm, ví dụ: chụp lại CCCD mặt sau, để thẻ trên nền tối."),
        filters=[tidy],
        validators=[Most(500)],
        render_kw={"rows": 3},
    )

    def validate_text(self, field):
        """Something must be said."""
        if not field.data:
            field.errors.append(_l("Ghi lý do để người đăng ký biết."))


class ReturnForm(ReasonForm):
    """The usual reasons, and the steps that are asked again."""

    reasons = Ticks(_l("Lý do"), choices=(), invalid_choice_message=UNKNOWN)
    steps = Ticks(_l("Các bước cần sửa (tên như người đăng ký thấy)"), choices=(), invalid_choice_message=UNKNOWN)

    def __init__(self, steps, **more):
        super().__init__(**more)
        self.reasons.choices = list(REASONS.items())
        self.steps.choices = steps

    def validate_text(self, field):
        """Something must be said, by a tick or in words."""
        if not field.data and not self.reasons.data:
            field.errors.append(_l("Đánh dấu ít nhất một lý do, hoặc ghi lý do vào ô này."))
