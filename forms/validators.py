"""Checks of single fields. Each says what to do, and leaves the tidy form of a good value in the field."""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired, StopValidation, ValidationError

SEPARATORS = re.compile(r"[\s.\-]")
# Old cards carry two letters, a benefit digit and a province before the ten digits (Decision 1351/QĐ-BHXH of 2015).
# Later letter codes exist, so any two letters are taken.
HEALTH_CARD = re.compile(r"[A-Z]{2}[1-5]\d{2}(\d{10})")


class Required(DataRequired):
    """The field must hold something; the message says what."""

    def __init__(self, message):
        super().__init__(message)


class SomeFile:
    """Refuses a field for which no file was chosen; the message says what to choose."""

    def __init__(self, message):
        self.message = message

    def __call__(self, form, field):
        if not getattr(field.data, "filename", ""):
            field.data = None
            raise StopValidation(self.message)


class Most:
    """At most `length` characters."""

    def __init__(self, length: int):
        self.length = length

    def __call__(self, form, field):
        if len(field.data or "") > self.length:
            raise ValidationError(_l("Rút ngắn còn tối đa %(count)d ký tự.", count=self.length))


class HasLetters:
    """A name holds letters, not digits alone."""

    def __call__(self, form, field):
        if not any(character.isalpha() for character in field.data):
            raise ValidationError(_l("Nhập họ tên bằng chữ, đúng như trên giấy tờ."))


class MobilePhone:
    """A Vietnamese mobile number; kept as ten digits that begin with 0, whether typed with 0, 84 or +84."""

    def __call__(self, form, field):
        number = mobile_phone(field.data)
        if number is None:
            raise ValidationError(
                _l("Nhập số điện thoại di động Việt Nam gồm 10 số, bắt đầu bằng 0. Ví dụ: 0912 345 678.")
            )
        field.data = number


class SocialInsuranceCode:
    """Ten digits, a whole 15-character card number, or the 12-digit personal number.

    Decision 595/QĐ-BHXH art. 2.13 (ten digits); Official Letter 1804/BHXH-QLT of 2025 (the personal number serves).
    """

    def __call__(self, form, field):
        text = SEPARATORS.sub("", field.data).upper()
        card = HEALTH_CARD.fullmatch(text)
        field.from_card = card is not None
        text = card[1] if card else text
        if not re.fullmatch(r"[0-9]{10}|[0-9]{12}", text):
            raise ValidationError(
                _l(
                    "Nhập 10 số của mã số BHXH, cả 15 ký tự của thẻ BHYT, hoặc 12 số định danh. "
                    "Bạn đã nhập %(count)d ký tự.",
                    count=len(text),
                )
            )
        field.data = text


class IdNumber:
    """A personal number, an old ID number or a passport; anything that letters and digits can write is taken."""

    def __call__(self, form, field):
        text = SEPARATORS.sub("", field.data).upper()
        if not re.fullmatch(r"[A-Z0-9]{5,20}", text):
            raise ValidationError(_l("Nhập số CCCD (12 số) hoặc số hộ chiếu, chỉ gồm chữ cái không dấu và chữ số."))
        field.data = text


class EmailAddress:
    """An address that mail can reach, as far as its writing tells."""

    def __call__(self, form, field):
        try:
            field.data = validate_email(field.data, check_deliverability=False).normalized
        except EmailNotValidError as problem:
            raise ValidationError(_l("Địa chỉ email chưa đúng. Ví dụ: ten@congty.vn.")) from problem


def mobile_phone(text: str) -> str | None:
    """The Vietnamese mobile number in `text` as ten digits that begin with 0; None where it is none."""
    digits = re.sub(r"[^\d+]", "", text)
    if re.fullmatch(r"84\d{9}", digits):
        digits = f"+{digits}"
    try:
        number = phonenumbers.parse(digits, "VN")
    except phonenumbers.NumberParseException:
        return None
    return f"0{number.national_number}" if _is_vietnamese_mobile(number) else None


def _is_vietnamese_mobile(number) -> bool:
    return (
        number.country_code == 84
        and phonenumbers.is_valid_number(number)
        and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    )
