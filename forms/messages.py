"""Messages on the desk: why one failed, in words, and the form for a test message."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TelField

from forms.base import tidy
from forms.validators import MobilePhone, Required

# By the first word of what is kept with the message.
REASONS = {
    "folder": _l("Không ghi được vào thư mục tin nhắn. Kiểm tra thư mục và quyền ghi."),
    "unreachable": _l("Không nối được tới cổng nhắn tin. Kiểm tra cổng đã bật và đúng địa chỉ."),
    "certificate": _l("Chứng chỉ HTTPS của cổng không tin được. Chưa gửi gì; hãy hỏi nhà cung cấp."),
    "silent": _l("Cổng nhắn tin không trả lời kịp. Kiểm tra mạng và điện thoại hoặc dịch vụ nhắn tin."),
    "dropped": _l("Cổng ngắt kết nối trước khi trả lời."),
    "status": _l("Cổng báo lỗi."),
    "garbled": _l("Cổng trả lời không đúng định dạng. Kiểm tra địa chỉ cổng."),
    "credentials": _l("Cổng không chấp nhận tên, mật khẩu hoặc khóa. Kiểm tra QUAY_SMS_URL."),
    "balance": _l("Tài khoản nhắn tin hết tiền. Hãy nạp thêm."),
    "refused": _l("Cổng từ chối tin này."),
    "lost": _l("Cổng đã nhận nhưng tin không đến được máy. Số có thể sai, tắt máy hoặc chặn tin."),
    "expired": _l("Mã đã hết hạn trước khi tin gửi được."),
    "stumbled": _l("Quầy gặp lỗi khi gửi. Hãy báo người quản trị."),
    "unreadable": _l("Không giải mã được tin này. Hãy báo người quản trị."),
}
PURPOSES = {"code": _l("Mã xác nhận"), "test": _l("Tin thử"), "invitation": _l("Thư mời")}


def reason(answer: str) -> tuple[str, str]:
    """The words for a failure that is kept as `answer`, and what the gateway itself said."""
    name, _space, detail = answer.partition(" ")
    return REASONS.get(name, REASONS["stumbled"]), detail


class TestMessageForm(FlaskForm):
    """To which phone a test message goes."""

    phone = TelField(
        _l("Gửi tin thử đến số"),
        description=_l("Số của chính bạn. Tin thử cũng tính vào số tin của tháng."),
        filters=[tidy],
        validators=[Required(_l("Nhập số điện thoại nhận tin thử.")), MobilePhone()],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
