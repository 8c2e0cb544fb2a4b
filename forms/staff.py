"""Signing in, and the first administrator. These pages have a session, so Flask-WTF's own guard is on."""

import re

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SearchField, SelectField, StringField, ValidationError
from wtforms.validators import EqualTo, Length

from forms.base import tidy, words
from forms.validators import Required

SHORTEST_PASSWORD = 10
USERNAME = re.compile(r"[A-Za-z0-9._-]{3,64}")


class SignInForm(FlaskForm):
    """Name and password."""

    username = StringField(
        _l("Tên đăng nhập"),
        filters=[tidy],
        validators=[Required(_l("Nhập tên đăng nhập."))],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Mật khẩu"),
        filters=[words],
        validators=[Required(_l("Nhập mật khẩu."))],
        render_kw={"autocomplete": "current-password"},
    )


class FirstAdministratorForm(FlaskForm):
    """The first account, made at the one-time address."""

    username = StringField(
        _l("Tên đăng nhập"),
        description=_l("Chữ thường không dấu, chữ số, dấu chấm. Ví dụ: quantri."),
        filters=[tidy],
        validators=[Required(_l("Nhập tên đăng nhập."))],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Mật khẩu"),
        description=_l("Ít nhất 10 ký tự. Một câu ngắn dễ nhớ là tốt nhất."),
        filters=[words],
        validators=[
            Required(_l("Nhập mật khẩu.")),
            Length(min=SHORTEST_PASSWORD, message=_l("Dùng mật khẩu dài ít nhất 10 ký tự.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    repeated = PasswordField(
        _l("Nhập lại mật khẩu"),
        filters=[words],
        validators=[EqualTo("password", message=_l("Hai lần nhập mật khẩu chưa giống nhau."))],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_username(self, field):
        """A name that can be typed on any keyboard."""
        if not USERNAME.fullmatch(field.data):
            raise ValidationError(_l("Dùng từ 3 đến 64 chữ cái không dấu, chữ số, dấu chấm hoặc gạch ngang."))


class SearchForm(FlaskForm):
    """What the list of dossiers is narrowed by; a GET, so it changes nothing and needs no guard."""

    class Meta:
        csrf = False

    q = SearchField(_l("Tìm theo họ tên hoặc mã hồ sơ"), filters=[tidy])
    status = SelectField(_l("Trạng thái"), choices=(), validate_choice=False, filters=[tidy])

    def __init__(self, formdata, states):
        super().__init__(formdata)
        self.status.choices = [("", _l("Mọi trạng thái")), *states]
