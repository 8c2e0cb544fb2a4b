"""Messages on the desk: why one failed, in words, and the form for a test message."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, TelField

from forms.base import tidy
from forms.validators import EmailAddress, MobilePhone, Most, Required

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
# The same of mail, where that is something else, and what only mail servers say.
OF_MAIL = {
    "unreachable": _l("Không nối được tới máy chủ thư. Kiểm tra địa chỉ và cổng trong QUAY_SMTP_URL."),
    "certificate": _l(
        "Chứng chỉ TLS của máy chủ thư không tin được. Chưa gửi gì; xem mục Email trong docs/operating.md."
    ),
    "silent": _l("Máy chủ thư không trả lời kịp."),
    "dropped": _l("Máy chủ thư ngắt kết nối giữa chừng."),
    "credentials": _l("Máy chủ thư không chấp nhận tên hoặc mật khẩu. Kiểm tra QUAY_SMTP_URL."),
    "refused": _l("Máy chủ thư từ chối."),
    "open_line": _l("Máy chủ thư không mã hóa đường truyền (STARTTLS). Chưa gửi mật khẩu, chưa gửi thư."),
    "unsupported": _l("Máy chủ thư không hỗ trợ cách đăng nhập của quầy, hoặc không viết được địa chỉ này."),
    "sender": _l("Máy chủ thư không cho gửi từ địa chỉ này. Kiểm tra “from” trong QUAY_SMTP_URL."),
    "recipient": _l("Địa chỉ này không nhận thư: có thể gõ sai. Hãy hỏi lại người đăng ký."),
    "later": _l("Máy chủ thư hẹn gửi lại sau."),
}
PURPOSES = {
    "code": _l("Mã xác nhận"),
    "test": _l("Tin thử"),
    "invitation": _l("Thư mời"),
    "form01": _l("Tờ khai mẫu số 01"),
    "news": _l("Tin về hồ sơ"),
}


def reason(means: str, answer: str) -> tuple[str, str]:
    """The words for why a message was not taken, and what the gateway or the server itself said."""
    name, _space, detail = answer.partition(" ")
    words = (OF_MAIL.get(name) if means == "mail" else None) or REASONS.get(name, REASONS["stumbled"])
    return str(words), detail


class TestMessageForm(FlaskForm):
    """To which phone a test message goes."""

    phone = TelField(
        _l("Gửi tin thử đến số"),
        description=_l("Số của chính bạn. Tin thử cũng tính vào số tin của tháng."),
        filters=[tidy],
        validators=[Required(_l("Nhập số điện thoại nhận tin thử.")), MobilePhone()],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )


class TestMailForm(FlaskForm):
    """To which address a test mail goes."""

    email = EmailField(
        _l("Gửi thư thử đến"),
        description=_l("Địa chỉ email của chính bạn."),
        filters=[tidy],
        validators=[Required(_l("Nhập địa chỉ email nhận thư thử.")), Most(254), EmailAddress()],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )
