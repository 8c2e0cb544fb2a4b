"""The paper round: which forms are printed, what a scanner writes, which files are read, what became of a sheet."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import MultipleFileField, SelectField, SelectMultipleField, StringField

from forms.base import tidy
from forms.validators import Required

MOST_FILES = 50
# Of each outcome of `desk.sheets`: what it is called, and what is to be done.
OUTCOMES = {
    "signed": (_l("Đã nhận bản ký"), ""),
    "added": (_l("Đã lưu bản quét"), _l("Bản ký đã được ghi nhận từ trước.")),
    "again": (_l("Đã nhận từ trước"), _l("Không ghi lại lần nữa.")),
    "unfiled": (
        _l("Đã nhận bản ký, chưa lưu bản quét"),
        _l("Ảnh có nhiều tờ khai của nhiều người. Chụp riêng từng tờ để lưu."),
    ),
    "outdated": (
        _l("Bản in cũ"),
        _l("Hồ sơ đã được sửa sau khi in tờ này. In lại tờ khai và lấy chữ ký mới."),
    ),
    "closed": (_l("Hồ sơ đã rút"), _l("Không cần tờ khai này nữa. Trả lại cho người đăng ký.")),
    "stopped": (
        _l("Phải dừng lại"),
        _l("Người đăng ký đã rút đồng ý hoặc yêu cầu dừng. Mở hồ sơ để xem yêu cầu."),
    ),
    "other_unit": (_l("Của đơn vị khác"), _l("Chuyển tờ này cho Phòng Nhân sự.")),
    "gone": (_l("Hồ sơ đã xoá"), _l("Hồ sơ của tờ này không còn trên quầy. Trả lại cho người đăng ký.")),
    "foreign": (_l("Không phải mã của quầy"), _l("Chỉ nhận tờ khai in từ quầy này: mã QR ở chân tờ.")),
    "keyboard": (
        _l("Bộ gõ tiếng Việt đã đổi chữ trong mã"),
        _l("Tắt bộ gõ (UniKey, EVKey…) trên máy này rồi quét lại."),
    ),
    "typed": (
        _l("Đúng mã hồ sơ, nhưng gõ tay"),
        _l("Mã gõ tay không cho biết tờ in có còn đúng không. Mở hồ sơ, so với tờ giấy rồi bấm “Đã nhận bản ký”."),
    ),
    "unread": (
        _l("Không thấy mã QR"),
        _l("Quét lại trang này cho rõ, hoặc quét mã ở chân tờ bằng máy quét cầm tay. Trang không có mã thì bỏ qua."),
    ),
    "broken": (_l("Không mở được"), _l("Tệp hoặc trang bị hỏng, hay quá nặng. Quét lại.")),
    "empty": (_l("Tệp rỗng"), _l("Chọn lại tệp.")),
    "unknown": (_l("Không phải PDF hay ảnh"), _l("Gửi tệp PDF, hoặc ảnh JPEG, PNG, HEIC, WebP.")),
    "encrypted": (_l("PDF có mật khẩu"), _l("Bỏ mật khẩu rồi gửi lại, hoặc quét lại không đặt mật khẩu.")),
    "too_many_pages": (_l("Quá 200 trang"), _l("Chia tệp thành nhiều phần, mỗi phần tối đa 200 trang.")),
    "busy": (_l("Quầy đang đọc chồng khác"), _l("Chờ vài phút rồi gửi lại tệp này.")),
}


class ScanForm(FlaskForm):
    """What a hand-held scanner writes, like a keyboard."""

    code = StringField(
        _l("Quét mã QR ở chân tờ khai"),
        description=_l("Bấm vào ô này rồi quét từng tờ. Tắt bộ gõ tiếng Việt."),
        filters=[tidy],
        validators=[Required(_l("Quét mã QR ở chân tờ khai vào ô này."))],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "autofocus": True},
    )


class PileForm(FlaskForm):
    """Scanned files, or photos just taken."""

    files = MultipleFileField(
        _l("Tệp PDF đã quét, hoặc ảnh"),
        description=_l("Chọn được nhiều tệp. Mỗi lần tối đa 25 MB, mỗi PDF 200 trang; nên quét màu xám, 150–200 dpi."),
        render_kw={"accept": "application/pdf,image/*"},
    )
    camera = MultipleFileField(
        _l("Hoặc chụp bằng điện thoại"),
        description=_l("Mỗi ảnh một tờ, thấy đủ cả tờ."),
        render_kw={"accept": "image/*", "capture": "environment"},
    )

    def chosen(self) -> list:
        """The files that were chosen in either field, in order."""
        sent = [*(self.files.data or ()), *(self.camera.data or ())]
        return [file for file in sent if getattr(file, "filename", "")]

    def validate_files(self, field):
        """One at least, and not so many that nobody finds a page again."""
        if not self.chosen():
            field.errors.append(_l("Chọn ít nhất một tệp PDF hoặc một ảnh."))
        elif len(self.chosen()) > MOST_FILES:
            field.errors.append(_l("Mỗi lần gửi tối đa 50 tệp. Hãy gửi làm nhiều lần."))


class UnsignedForm(FlaskForm):
    """What the list of missing sheets is narrowed by; a GET, so it changes nothing and needs no guard."""

    class Meta:
        csrf = False

    unit = SelectField(_l("Đơn vị"), choices=(), validate_choice=False, filters=[tidy])
    status = SelectField(
        _l("Trạng thái"),
        choices=(),
        validate_choice=False,
        filters=[tidy],
    )

    def __init__(self, formdata, units):
        super().__init__(formdata)
        self.unit.choices = [("", _l("Mọi đơn vị")), *units]
        self.status.choices = [
            ("", _l("Mọi tờ chưa có bản ký")),
            ("submitted", _l("Chưa in")),
            ("printed", _l("Đã in, chờ ký")),
        ]


class PrintForm(FlaskForm):
    """Whose forms are printed: the ticked ones, or all that the list shows."""

    reference = SelectMultipleField(_l("Tờ khai cần in"), choices=(), validate_choice=False)

    def validate_reference(self, field):
        """Somebody's form must be printed."""
        if not field.data:
            field.errors.append(_l("Đánh dấu ít nhất một hồ sơ, hoặc bấm nút in tất cả."))
