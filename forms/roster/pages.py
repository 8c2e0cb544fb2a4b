"""The forms of the desk about the roster."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField, SearchField, SelectField
from wtforms.validators import ValidationError

from forms.base import tidy

# By `services.spreadsheets.Why`: why a file gives no rows, and what to do.
REFUSALS = {
    "empty": _l("Tệp này không có dòng nào. Mở tệp, kiểm tra rằng danh sách nằm ở trang tính đầu tiên, rồi lưu lại."),
    "too_large": _l("Tệp này quá lớn. Chỉ giữ lại các cột cần thiết, bỏ hình ảnh, rồi lưu lại; tối đa 16 MB."),
    "locked": _l("Tệp này có mật khẩu. Mở bằng Excel, bỏ mật khẩu, lưu lại rồi tải lên."),
    "old": _l("Đây là tệp Excel đời cũ (.xls). Mở bằng Excel, chọn Lưu thành “Excel Workbook (.xlsx)” rồi tải lên."),
    "not_a_table": _l("Tệp này không phải bảng tính. Dùng tệp .xlsx, hoặc .csv lưu từ Excel."),
    "broken": _l("Tệp này bị hỏng hoặc chưa lưu xong. Mở bằng Excel, lưu thành tệp .xlsx mới rồi tải lên."),
    "too_many_rows": _l("Tệp này có hơn 50.000 dòng. Chia thành nhiều tệp rồi tải lên lần lượt."),
}

STATES = {
    "missing": _l("Chưa đăng ký"),
    "under_way": _l("Đang làm"),
    "registered": _l("Đã gửi hồ sơ"),
}


class UploadForm(FlaskForm):
    """The file with the list."""

    file = FileField(
        _l("Tệp danh sách (XLSX hoặc CSV)"),
        description=_l("Tối đa 16 MB và 50.000 người. Macro không được chạy, công thức không được tính."),
        render_kw={"accept": ".xlsx,.xlsm,.csv,.txt"},
    )

    def validate_file(self, field):
        """Some file must have been chosen."""
        if not getattr(field.data, "filename", ""):
            raise ValidationError(_l("Chọn tệp danh sách nhân viên."))


class PeopleForm(FlaskForm):
    """What the list of people is narrowed by; it changes nothing and needs no guard."""

    class Meta:
        csrf = False

    q = SearchField(_l("Tìm theo họ tên hoặc mã nhân viên"), filters=[tidy])
    unit = SelectField(_l("Đơn vị"), choices=(), validate_choice=False)
    state = SelectField(_l("Tình trạng"), choices=(), validate_choice=False)

    def __init__(self, formdata, units):
        super().__init__(formdata)
        named = [(str(unit.id), unit.name) if unit else ("0", _l("Không thuộc đơn vị nào")) for unit in units]
        self.unit.choices = [("", _l("Tất cả đơn vị")), *named]
        self.state.choices = [("", _l("Tất cả")), *STATES.items()]

    @property
    def unit_id(self) -> int | None:
        """The unit that was chosen, 0 for no unit; None for all, and for what is not among the choices."""
        return int(self.unit.data) if self.unit.data and self.unit.data in dict(self.unit.choices) else None

    @property
    def chosen_state(self) -> str:
        """The state that was chosen; empty for all."""
        return self.state.data if self.state.data in STATES else ""

    def told(self) -> dict:
        """What was chosen, for an address; without the name that was looked for, which is personal."""
        unit = {} if self.unit_id is None else {"unit": self.unit_id}
        return {**unit, **({"state": self.chosen_state} if self.chosen_state else {})}
