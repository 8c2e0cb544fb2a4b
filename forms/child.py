"""The child: name, code, birth date, and from seven years the child's own consent."""

import re
import unicodedata
from contextlib import suppress
from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, ValidationError

from forms.base import StepForm, same
from forms.declaration import DeclarationForm
from forms.prepare import CONSENT_VERSION
from forms.validators import Required

# From seven years the child is asked too. Law 91/2025/QH15 art. 24 wants it where a child's private life is disclosed,
# Decree 13/2023 art. 20 wanted it always; asking both is the safe reading.
ASKED_FROM = 7
# Who holds a CCCD of their own, which everybody may from fourteen years (Law on Identity 2023 art. 19), may also
# register as adults do.
MAY_HOLD_CARD_FROM = 14
ADULT_FROM = 18
OLDEST = 120

RELATIONS = {"father": _l("Cha"), "mother": _l("Mẹ"), "guardian": _l("Người giám hộ")}

DAY, MONTH, YEAR = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})", r"(?P<year>(?:1[89]|2[01])\d\d)"
BETWEEN = r"[/.\- ]+"
# The last two are never both a day: no month has a number with which a year begins.
WAYS_TO_WRITE = [
    re.compile(pattern, re.ASCII)
    for pattern in (
        DAY + BETWEEN + MONTH + BETWEEN + YEAR,
        YEAR + BETWEEN + MONTH + BETWEEN + DAY,
        rf"(?:ngay )?{DAY} thang {MONTH} nam {YEAR}",
        rf"(?P<day>\d\d)(?P<month>\d\d){YEAR}",
        rf"{YEAR}(?P<month>\d\d)(?P<day>\d\d)",
    )
]

ASSENT = _l(
    "Con đã được nghe kể: quầy này cần tên, ngày sinh, mã số, ảnh của con và ảnh giấy khai sinh để làm tài khoản bảo "
    "hiểm cho con, và gửi cho cơ quan bảo hiểm. Con đồng ý. Khi nào không muốn nữa, con cứ nói."
)


class ChildForm(StepForm):
    """Who is registered. The consent is asked once the birth date says that the child is old enough for it."""

    # With a birthday the child has to be asked, or is none any more.
    lapses = True

    full_name = same(DeclarationForm.full_name, render_kw={"autocomplete": "off", "autocapitalize": "words"})
    social_insurance_code = same(
        DeclarationForm.social_insurance_code,
        description=_l("10 số cuối trên thẻ BHYT của con, hoặc 12 số định danh của con."),
    )
    birth_date = StringField(
        _l("Ngày sinh"),
        description=_l(
            "Ngày, tháng, năm, ví dụ 15/08/2019; gõ liền 15082019 cũng được. "
            "Chúng tôi hỏi vì tuổi quyết định ai phải đồng ý: từ đủ 7 tuổi, cả con nữa."
        ),
        validators=[Required(_l("Nhập ngày sinh của con, ví dụ 15/08/2019."))],
        render_kw={"autocomplete": "off", "inputmode": "numeric", "maxlength": 40},
    )
    relation = SelectField(
        _l("Quan hệ với con"),
        choices=(),
        validate_choice=False,
        validators=[Required(_l("Chọn: cha, mẹ hay người giám hộ."))],
    )
    consent_child = BooleanField(
        ASSENT,
        validators=[Required(_l("Con đã đủ 7 tuổi: đọc cho con nghe ô đồng ý, con đồng ý thì đánh dấu để tiếp tục."))],
    )

    def __init__(self, formdata=None, *, answer=None, sources=None):
        super().__init__(formdata, answer=answer, sources=sources)
        self.relation.choices = [("", _l("Chọn")), *RELATIONS.items()]
        born = read_date(self.birth_date.data or "")
        self.age = age(born, self.sources.today()) if born else None
        if self.age is None or not ASKED_FROM <= self.age < ADULT_FROM:
            del self.consent_child

    @property
    def is_grown_up(self):
        """Whether the birth date is that of somebody who registers as an adult."""
        return self.age is not None and ADULT_FROM <= self.age <= OLDEST

    @property
    def may_hold_card(self):
        """Whether the birth date is that of somebody who may choose between both ways."""
        return self.age is not None and MAY_HOLD_CARD_FROM <= self.age < ADULT_FROM

    def validate_social_insurance_code(self, field):
        """The child's, not the parent's own."""
        if field.data == self.sources.answers.get("guardian", {}).get("guardian_social_insurance_code"):
            raise ValidationError(_l("Đây là mã số BHXH của bạn. Nhập mã số của con, ghi trên thẻ BHYT của con."))

    def validate_birth_date(self, field):
        """A day of the past, of somebody under eighteen."""
        born = read_date(field.data)
        if born is None:
            raise ValidationError(_l("Không đọc được ngày sinh. Nhập ngày, tháng và đủ 4 số của năm: 15/08/2019."))
        if self.age < 0:
            raise ValidationError(_l("Ngày sinh này chưa đến. Kiểm tra lại năm sinh."))
        if self.age > OLDEST:
            raise ValidationError(_l("Năm sinh này quá xa. Kiểm tra lại năm sinh."))
        if self.is_grown_up:
            raise ValidationError(_l("Người từ đủ 18 tuổi tự đăng ký theo cách của người lớn. Kiểm tra lại năm sinh."))
        field.data = f"{born:%d/%m/%Y}"

    def validate_relation(self, field):
        """One of the three."""
        if field.data not in RELATIONS:
            raise ValidationError(_l("Chọn: cha, mẹ hay người giám hộ."))

    def shown(self, answer):
        return {**answer, "consent_child": bool(answer.get("consent_child"))}

    def answer(self):
        kept = super().answer()
        if "consent_child" in self:
            kept["consent_child"] = {"version": CONSENT_VERSION, "text": str(self.consent_child.label.text)}
        return {**kept, "from_card": self.social_insurance_code.from_card}

    def notes(self):
        found = {}
        if self.kept.get("from_card"):
            found["social_insurance_code"] = _l("Lấy 10 số cuối của số thẻ BHYT mà bạn đã nhập.")
        if self.may_hold_card:
            found["birth_date"] = _l("Con từ 14 đến 17 tuổi: nếu đã có CCCD, con cũng có thể tự đăng ký bằng CCCD.")
        return found

    def display(self, each):
        if each is self.relation:
            return str(RELATIONS.get(each.data, ""))
        if each.type == "BooleanField":
            return str(_l("Con đã đồng ý"))
        return super().display(each)


def read_date(text: str) -> date | None:
    """The day that was meant by 15/8/2019, 15-08-2019, 2019-08-15, 15082019, "ngày 15 tháng 8 năm 2019"; else None."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    for way in WAYS_TO_WRITE:
        if found := way.fullmatch(plain):
            with suppress(ValueError):
                return date(**{part: int(number) for part, number in found.groupdict().items()})
    return None


def age(born: date, on: date) -> int:
    """Completed years on a day; negative before the birth.

    Who was born on 29 February completes a year on 1 March where the year has no such day: the day that would
    correspond is missing, so the year ends with the last day of February (as Civil Code 2015 art. 148 ends months).
    """
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
