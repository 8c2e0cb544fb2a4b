"""Coming back: by which phone."""

from flask_babel import lazy_gettext as _l
from wtforms import TelField

from forms.base import StepForm
from forms.validators import MobilePhone, Required


class LookupForm(StepForm):
    """The phone number that was declared."""

    phone = TelField(
        _l("Số điện thoại bạn đã khai"),
        validators=[Required(_l("Nhập số điện thoại bạn đã khai.")), MobilePhone()],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
