"""The official blank of Form 01: the file that HR uploads, and how each try to have one went, in words."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField, StringField, ValidationError

from forms.base import tidy
from forms.settings import SettingsForm
from forms.validators import SomeFile

# Of each outcome of `services.official` where nothing good came: what happened, and what HR can do.
FAILURES = {
    "unknown_host": (
        _l("Không tìm thấy máy chủ của cổng."),
        _l("Kiểm tra địa chỉ trong Thiết lập, và mạng của máy chủ quầy."),
    ),
    "private": (
        _l("Địa chỉ này dẫn vào mạng nội bộ, nên quầy không tải."),
        _l("Tệp nằm trong mạng nội bộ thì đặt bằng biến QUAY_FORM01_URL trên máy chủ."),
    ),
    "unreachable": (_l("Không nối được với cổng."), _l("Cổng có thể đang bảo trì, hoặc tường lửa chặn máy chủ quầy.")),
    "silent": (_l("Cổng không gửi xong tệp trong 5 giây."), _l("Thường do cổng quá tải. Quầy sẽ tự thử lại.")),
    "dropped": (_l("Cổng ngắt kết nối giữa chừng."), _l("Quầy sẽ tự thử lại.")),
    "expired": (
        _l("Chứng chỉ HTTPS của cổng đã hết hạn hoặc chưa có hiệu lực."),
        _l("Xem đồng hồ của máy chủ quầy có đúng không. Nếu đúng, chờ cổng đổi chứng chỉ."),
    ),
    "other_name": (
        _l("Chứng chỉ HTTPS là của một tên miền khác."),
        _l("Kiểm tra địa chỉ. Nếu đúng, có thể ai đó đứng giữa đường truyền: đừng tải tệp từ cổng lúc này."),
    ),
    "untrusted": (
        _l("Chứng chỉ HTTPS không do tổ chức mà máy chủ quầy tin cậy cấp."),
        _l("Chứng chỉ đã bị đổi, hoặc máy chủ quầy thiếu chứng chỉ gốc. Hỏi người quản trị mạng."),
    ),
    "no_tls": (
        _l("Cổng không nói HTTPS ở địa chỉ này."),
        _l("Kiểm tra địa chỉ: số cổng, https hay http."),
    ),
    "status": (_l("Cổng trả lời lỗi %(detail)s."), _l("Mở địa chỉ trong trình duyệt để xem tệp còn ở đó không.")),
    "elsewhere": (
        _l("Cổng chuyển sang nơi khác: %(detail)s."),
        _l("Quầy chỉ tải từ đúng máy chủ đã đặt. Nếu tệp đã dời, đặt địa chỉ mới trong Thiết lập."),
    ),
    "downgraded": (_l("Cổng chuyển từ https sang http, không còn an toàn."), _l("Kiểm tra địa chỉ của tệp.")),
    "in_circles": (_l("Cổng chuyển hướng quá 3 lần."), _l("Kiểm tra địa chỉ của tệp.")),
    "garbled": (_l("Quầy không hiểu câu trả lời của cổng."), _l("Kiểm tra địa chỉ có đúng là của một tệp PDF không.")),
    "too_large": (_l("Tệp lớn hơn 5 MB."), _l("Mẫu số 01 chỉ vài trăm kB: kiểm tra có đúng tệp không.")),
    "empty": (_l("Tệp rỗng."), _l("Chọn tệp khác, hoặc kiểm tra địa chỉ.")),
    "web_page": (
        _l("Nhận được một trang web chứ không phải tệp PDF."),
        _l("Có thể là trang báo lỗi, đăng nhập hoặc mã kiểm tra (captcha). Tải tệp bằng trình duyệt rồi tải lên quầy."),
    ),
    "not_pdf": (_l("Tệp không phải PDF."), _l("Lưu mẫu thành PDF rồi tải lên.")),
    "broken": (_l("Tệp PDF bị hỏng, không mở được."), _l("Tải lại tệp, hoặc in ra PDF mới.")),
    "encrypted": (_l("Tệp PDF có mật khẩu hoặc bị mã hoá."), _l("Bỏ mật khẩu, hoặc in ra PDF mới.")),
    "active": (
        _l("Tệp PDF có mã chạy, tệp đính kèm hoặc biểu mẫu điện tử, nên quầy không phát cho nhân viên."),
        _l("Mở tệp rồi in ra PDF mới (Print to PDF), và tải tệp đó lên."),
    ),
    "no_page": (_l("Tệp PDF không có trang nào."), _l("Chọn tệp khác.")),
    "too_many_pages": (_l("Tệp PDF có hơn 20 trang."), _l("Mẫu số 01 chỉ một, hai trang: tách riêng rồi tải lên.")),
    "too_hard": (_l("Tệp PDF quá nặng, mở quá 10 giây không xong."), _l("In ra PDF mới rồi tải lên.")),
    "interrupted": (_l("Máy chủ quầy dừng giữa lúc tải."), _l("Quầy sẽ tự thử lại.")),
    "fault": (_l("Quầy gặp lỗi của chính mình (%(detail)s)."), _l("Xem nhật ký của máy chủ.")),
}


def told(outcome: str, detail: str = "") -> tuple[str, str]:
    """What happened, and what can be done, of a try that failed."""
    happened, advice = FAILURES[outcome]
    return str(happened) % {"detail": detail}, str(advice)


class OfficialFileForm(FlaskForm):
    """The official blank as HR has it."""

    file = FileField(
        _l("Tệp PDF mẫu số 01 chính thức"),
        description=_l("Tối đa 5 MB, không mật khẩu. Tệp này được phát thay cho tệp tải từ cổng, đến khi bạn gỡ."),
        validators=[SomeFile(_l("Chọn tệp PDF mẫu số 01."))],
        render_kw={"accept": ".pdf,application/pdf"},
    )


class OfficialAddressForm(SettingsForm):
    """From where the official blank of Form 01 is fetched."""

    form01_url = StringField(
        _l("Địa chỉ tệp PDF mẫu số 01 chính thức"),
        description=_l(
            "Ví dụ: https://cong.example.vn/tep/mau-01.pdf. Mở địa chỉ này trong trình duyệt phải ra thẳng tệp PDF. "
            "Để trống thì quầy không tải gì."
        ),
        filters=[tidy],
        render_kw={"autocomplete": "off", "inputmode": "url", "spellcheck": "false"},
    )

    def validate_form01_url(self, field):
        """Nothing, or the address of a file."""
        if field.data and not self.world.is_of_file(field.data):
            raise ValidationError(_l("Nhập địa chỉ bắt đầu bằng https:// hoặc http://, không kèm tên và mật khẩu."))
