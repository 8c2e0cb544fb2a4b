"""Signing in, the first administrator, and what everybody keeps of their own account.

These pages have a session, so Flask-WTF's own guard is on.
"""

import re

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField, ValidationError
from wtforms.validators import EqualTo, Length

from forms.base import tidy, words
from forms.validators import Required

SHORTEST_PASSWORD = 10
# What is longer is no sentence, and hashing it would be work for nothing.
LONGEST_PASSWORD = 1000
PASSWORD = _l("Mật khẩu")
USERNAME = re.compile(r"[A-Za-z0-9._-]{3,64}")


def username_field(description="", autocomplete: str = "username") -> StringField:
    """Where a username is typed."""
    return StringField(
        _l("Tên đăng nhập"),
        description=description,
        filters=[tidy],
        validators=[Required(_l("Nhập tên đăng nhập."))],
        render_kw={"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"},
    )


def password_field(label=PASSWORD) -> PasswordField:
    """Where the present password is typed."""
    return PasswordField(
        label,
        filters=[words],
        validators=[Required(_l("Nhập mật khẩu."))],
        render_kw={"autocomplete": "current-password"},
    )


def new_password_field(label=PASSWORD) -> PasswordField:
    """Where a new password is chosen."""
    return PasswordField(
        label,
        description=_l("Ít nhất 10 ký tự. Một câu ngắn dễ nhớ là tốt nhất."),
        filters=[words],
        validators=[
            Required(_l("Nhập mật khẩu.")),
            Length(min=SHORTEST_PASSWORD, message=_l("Dùng mật khẩu dài ít nhất 10 ký tự.")),
            Length(max=LONGEST_PASSWORD, message=_l("Dùng mật khẩu ngắn hơn 1.000 ký tự.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


def repeated_field(of: str) -> PasswordField:
    """Where the new password of the field `of` is typed once more."""
    return PasswordField(
        _l("Nhập lại mật khẩu"),
        filters=[words],
        validators=[EqualTo(of, message=_l("Hai lần nhập mật khẩu chưa giống nhau."))],
        render_kw={"autocomplete": "new-password"},
    )


def code_field(*, description="", is_required: bool = True) -> StringField:
    """Where a code of the authenticator app is typed, or a recovery code."""
    return StringField(
        _l("Mã xác thực"),
        description=description,
        filters=[tidy],
        validators=[Required(_l("Nhập mã xác thực."))] if is_required else [],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"},
    )


class GoodUsername:
    """A name that can be typed on any keyboard."""

    def __call__(self, form, field):
        if not USERNAME.fullmatch(field.data):
            raise ValidationError(_l("Dùng từ 3 đến 64 chữ cái không dấu, chữ số, dấu chấm hoặc gạch ngang."))


class SignInForm(FlaskForm):
    """Name and password; a code may come with them or be asked for afterwards."""

    username = username_field()
    password = password_field()
    totp = code_field(is_required=False)


class CodeStepForm(FlaskForm):
    """The second step of signing in."""

    totp = code_field(description=_l("6 số trong ứng dụng xác thực, hoặc một mã khôi phục."))


class FirstAdministratorForm(FlaskForm):
    """The first account, made at the one-time address."""

    username = username_field(_l("Chữ thường không dấu, chữ số, dấu chấm. Ví dụ: quantri."))
    password = new_password_field()
    repeated = repeated_field("password")

    def validate_username(self, field):
        """A name that can be typed on any keyboard."""
        GoodUsername()(self, field)


class PasswordForm(FlaskForm):
    """A new password of one's own."""

    password = password_field(_l("Mật khẩu hiện nay"))
    new_password = new_password_field(_l("Mật khẩu mới"))
    repeated = repeated_field("new_password")

    def validate_new_password(self, field):
        """Another one than before."""
        if field.data == self.password.data:
            raise ValidationError(_l("Chọn mật khẩu khác với mật khẩu hiện nay."))


class TotpForm(FlaskForm):
    """Setting up the second factor: the sealed secret comes back with its first code."""

    secret = HiddenField(filters=[words])
    totp = code_field(description=_l("6 số mà ứng dụng đang hiện."))


class TotpRemovalForm(FlaskForm):
    """Doing without the second factor."""

    password = password_field()
    totp = code_field(description=_l("6 số trong ứng dụng xác thực, hoặc một mã khôi phục."))
