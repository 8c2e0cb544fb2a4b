"""How an applicant is told what becomes of their dossier, and where Form 01 goes by mail."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, RadioField, ValidationError
from wtforms.validators import Optional

from forms.base import StepForm
from forms.validators import EmailAddress, Most

MAIL, SMS, NOTHING = "mail", "sms", "none"


class NewsForm(StepForm):
    """An address, and how one wants to be told: only in those ways that there are here."""

    email = EmailField(
        _l("Địa chỉ email"),
        validators=[Optional(), Most(254), EmailAddress()],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )
    news = RadioField(
        _l("Khi hồ sơ bị trả lại, được nộp hoặc có tài khoản"),
        choices=(),
        validate_choice=False,
    )

    def __init__(self, formdata, means: tuple[str, ...], phone: str, *, answer=None):
        super().__init__(formdata, answer=answer)
        labels = {
            MAIL: _l("Gửi email đến địa chỉ này"),
            SMS: _l("Nhắn tin đến %(phone)s", phone=phone),
            NOTHING: _l("Không báo; tôi tự xem ở “Tra cứu, làm tiếp”"),
        }
        self.news.choices = [(name, labels[name]) for name in (*means, NOTHING)]
        if MAIL not in means:
            del self.email

    def validate_news(self, field):
        """One of those that are offered; by mail only with an address."""
        if field.data not in dict(field.choices):
            raise ValidationError(_l("Chọn một cách nhận tin."))
        if field.data == MAIL and not self.email.data:
            self.email.errors = [*self.email.errors, _l("Nhập địa chỉ email để nhận tin, hoặc chọn cách khác.")]
            raise ValidationError(_l("Nhập địa chỉ email ở trên, hoặc chọn cách khác."))


class FormByMailForm(NewsForm):
    """The same page, when Form 01 is asked for now: then only the address matters."""

    def validate_news(self, field):
        """What stands there is not chosen yet."""
        if not self.email.data and not self.email.errors:
            self.email.errors = [_l("Nhập địa chỉ email nhận tờ khai.")]
            raise ValidationError(_l("Cần địa chỉ email để gửi tờ khai."))
