"""The one-time code."""

import re

from flask_babel import lazy_gettext as _l
from wtforms import StringField, ValidationError

from forms.base import StepForm
from forms.validators import Required


class CodeForm(StepForm):
    """Six digits, however they are grouped."""

    code = StringField(
        _l("Mã xác nhận gồm 6 số"),
        validators=[Required(_l("Nhập mã xác nhận gồm 6 số."))],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 12, "class": "code"},
    )

    def validate_code(self, field):
        """Six digits; whether they are the right ones is not for the form to know."""
        digits = re.sub(r"[\s.\-]", "", field.data)
        if not re.fullmatch(r"[0-9]{6}", digits):
            raise ValidationError(_l("Mã xác nhận gồm đúng 6 chữ số. Kiểm tra và nhập lại."))
        field.data = digits
