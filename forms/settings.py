"""What the administrator sets: one form for each page, whose fields bear the names of `services.preferences`.

What a form must ask of the world is handed in, as with the steps of a registration.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    ColorField,
    DateField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Optional

from forms.audit import Day
from forms.base import tidy, tidy_lines, unaccented
from forms.photos import REFUSED
from forms.validators import Most

CHANNELS = {
    "vssid": _l("VssID: khai ở quầy, ký tờ khai mẫu số 01, Nhân sự nộp"),
    "vneid": _l("VNeID: đăng nhập VssID bằng VNeID mức 2; chỉ khai ở quầy khi Nhân sự yêu cầu"),
}
NOTICE = _l(
    "Từ 01/7/2025, theo Nghị định 164/2025/NĐ-CP, công dân giao dịch điện tử về BHXH bằng tài khoản định danh điện tử "
    "(VNeID). Trước khi nộp, hãy hỏi cơ quan BHXH xem còn nhận tờ khai mẫu số 01 bản giấy hay đề nghị dùng VNeID mức 2."
)
NOTICE_DATE = date(2026, 11, 25)
TOO_SMALL = _l("Logo quá nhỏ. Chọn ảnh có cạnh ngắn ít nhất 200 điểm ảnh.")
LONGEST_MESSAGE = 160
# What one character of a message can be (GSM 03.38), without the accents of other languages; the rest costs two or
# makes the whole message one of 70 characters.
IN_MESSAGES = frozenset("@$_ !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class World:
    """What these forms ask: the agencies by province, our own colour, the nearest to another that can be read, a
    message as it is sent, a small picture made of a file, and whether an address is one of a file on the web.
    """

    agencies: list = field(default_factory=list)
    colour: str = ""
    nearest_colour: Callable[[str], str] = str
    code_text: Callable[[str], str] = str
    small_picture: Callable[[bytes], bytes] = bytes
    is_of_file: Callable[[str], bool] = bool


class WholeNumber:
    """A whole number between two others; the field then holds it as such. Empty is 0 where that is the least."""

    def __init__(self, least: int, most: int):
        self.least, self.most = least, most

    def __call__(self, form, field):
        text = field.data or ("0" if self.least == 0 else "")
        if not re.fullmatch("[0-9]{1,6}", text) or not self.least <= int(text) <= self.most:
            raise ValidationError(_l("Nhập một số nguyên từ %(least)d đến %(most)d.", least=self.least, most=self.most))
        field.data = int(text)


class DayField(DateField):
    """A day as the browser's own field gives it; what is none is refused in our words."""

    def process_formdata(self, valuelist):
        try:
            super().process_formdata(valuelist)
        except ValueError as problem:
            raise ValueError(_l("Nhập ngày theo dạng 2026-11-25.")) from problem


class SettingsForm(FlaskForm):
    """One page of the settings; `kept` are the preferences by name."""

    def __init__(self, formdata, kept: dict, world: World):
        self.world = world
        super().__init__(formdata=formdata, data=self.shown(kept))

    def shown(self, kept: dict) -> dict:
        """The fields' values for what is kept."""
        return kept

    def changes(self) -> dict:
        """What to keep of a valid form, by the names of the preferences."""
        return {name: each.data for name, each in self._fields.items() if name != "csrf_token"}


class CompanyForm(SettingsForm):
    """How the company shows itself on every page."""

    company_name = StringField(
        _l("Tên công ty"),
        description=_l("Hiện trên mọi trang, trong bản ghi sự đồng ý và trong tin nhắn (không dấu, 40 ký tự đầu)."),
        filters=[tidy],
        validators=[Most(100)],
        render_kw={"autocomplete": "organization"},
    )
    logo = FileField(
        _l("Logo"),
        description=_l("Ảnh PNG hoặc JPEG, cạnh ngắn ít nhất 200 điểm ảnh; quầy thu nhỏ, đặt trên nền trắng."),
        render_kw={"accept": "image/png,image/jpeg,image/webp"},
    )
    remove_logo = BooleanField(_l("Bỏ logo đang dùng"))
    accent = ColorField(
        _l("Màu chủ đạo"),
        description=_l("Màu của nút bấm và đường dẫn. Quầy tự tính màu sáng hơn cho chế độ tối."),
        filters=[tidy],
    )

    nearest = ""

    def __init__(self, formdata, kept, world):
        super().__init__(formdata, kept, world)
        self.picture = None
        if formdata and formdata.get("nearest"):
            self.accent.data = formdata["nearest"]
        if not kept["logo_version"]:
            del self.remove_logo

    def shown(self, kept):
        return {**kept, "accent": kept["accent"] or self.world.colour}

    def changes(self):
        accent = "" if self.accent.data == self.world.colour else self.accent.data
        changes = {"company_name": self.company_name.data, "accent": accent}
        if self.picture:
            return {**changes, "logo": self.picture}
        is_removed = "remove_logo" in self and self.remove_logo.data
        return {**changes, "logo": b""} if is_removed else changes

    def validate_logo(self, field):
        """A picture of which a small one can be made."""
        if not field.data:
            return
        try:
            self.picture = self.world.small_picture(field.data.read())
        except Exception as refused:
            reason = getattr(refused, "reason", None)
            if reason is None:
                raise
            raise ValidationError(TOO_SMALL if reason.name == "TOO_SMALL" else REFUSED[reason.name]) from refused

    def validate_accent(self, field):
        """A colour that can be read (WCAG 2.2, 1.4.3)."""
        field.data = (field.data or "").lower()
        if not re.fullmatch("#[0-9a-f]{6}", field.data):
            raise ValidationError(_l("Chọn một màu, hoặc viết mã màu như #0b5cab."))
        nearest = self.world.nearest_colour(field.data)
        if nearest != field.data:
            self.nearest = nearest
            raise ValidationError(
                _l(
                    "Chữ màu %(colour)s khó đọc trên nền sáng (cần tương phản 4,5:1). "
                    "Màu gần nhất đọc được: %(nearest)s.",
                    colour=field.data,
                    nearest=nearest,
                )
            )


class ContactForm(SettingsForm):
    """Whom employees ask."""

    contact_name = StringField(
        _l("Người hoặc bộ phận"),
        description=_l("Ví dụ: chị Lan, Phòng Nhân sự."),
        filters=[tidy],
        validators=[Most(100)],
        render_kw={"autocomplete": "off"},
    )
    contact_phone = StringField(
        _l("Điện thoại"),
        description=_l("Số di động, số bàn hoặc số máy lẻ."),
        filters=[tidy],
        validators=[Most(40)],
        render_kw={"autocomplete": "off", "inputmode": "tel"},
    )
    contact_place = StringField(
        _l("Nơi làm việc"),
        description=_l("Ví dụ: tầng 1, nhà văn phòng."),
        filters=[tidy],
        validators=[Most(100)],
        render_kw={"autocomplete": "off"},
    )
    contact_hours = StringField(
        _l("Giờ làm việc"),
        description=_l("Ví dụ: 8:00 đến 16:30, thứ hai đến thứ bảy."),
        filters=[tidy],
        validators=[Most(100)],
        render_kw={"autocomplete": "off"},
    )


class DefaultAgencyForm(SettingsForm):
    """The agency that is preselected, or the only one."""

    default_agency = SelectField(_l("Cơ quan BHXH mặc định"), choices=(), validate_choice=False)
    is_agency_locked = BooleanField(_l("Khoá: mọi người đăng ký ở cơ quan này, không được chọn cơ quan khác"))

    def __init__(self, formdata, kept, world):
        super().__init__(formdata, kept, world)
        groups = {
            province: [(each.code, each.label) for each in agencies if each.is_open]
            for province, agencies in world.agencies
        }
        self.default_agency.choices = {province: choices for province, choices in groups.items() if choices}

    def validate_default_agency(self, field):
        """An agency of the list that takes registrations."""
        if field.data not in {code for choices in field.choices.values() for code, _label in choices}:
            raise ValidationError(_l("Chọn một cơ quan BHXH trong danh sách."))


class ChannelForm(SettingsForm):
    """By which way accounts are made at present, and what HR must know about it."""

    channel = RadioField(_l("Kênh đăng ký đang dùng"), choices=(), validate_choice=False)
    notice = TextAreaField(
        _l("Lưu ý cho Nhân sự"),
        description=_l("Hiện đầu danh sách hồ sơ. Để trống thì quầy dùng lưu ý có sẵn về Nghị định 164/2025/NĐ-CP."),
        filters=[tidy_lines],
        validators=[Most(600)],
        render_kw={"rows": 5},
    )
    notice_date = DayField(
        _l("Ngày cập nhật lưu ý"),
        description=_l("Để người đọc biết lưu ý còn mới hay không."),
        validators=[Optional(), Day()],
    )
    is_notice_public = BooleanField(_l("Hiện lưu ý này cả trên trang hướng dẫn cho nhân viên"))

    def __init__(self, formdata, kept, world):
        super().__init__(formdata, kept, world)
        self.channel.choices = list(CHANNELS.items())

    def shown(self, kept):
        return {**kept, "notice_date": date.fromisoformat(kept["notice_date"]) if kept["notice_date"] else None}

    def changes(self):
        day = self.notice_date.data
        return {**super().changes(), "notice_date": day.isoformat() if day else ""}

    def validate_channel(self, field):
        """One of the two."""
        if field.data not in CHANNELS:
            raise ValidationError(_l("Chọn kênh đăng ký."))


class MessagesForm(SettingsForm):
    """The words of text messages."""

    code_text = TextAreaField(
        _l("Tin nhắn gửi mã xác nhận"),
        description=_l(
            "Viết {code} ở chỗ có mã, {minutes} ở chỗ số phút, {company} ở chỗ tên công ty. "
            "Dấu tiếng Việt được bỏ khi lưu, để vừa một tin 160 ký tự. Để trống thì dùng lời có sẵn."
        ),
        filters=[tidy, unaccented],
        render_kw={"rows": 4},
    )

    def validate_code_text(self, field):
        """The code stands in it, nothing unknown does, and one message holds it."""
        if not field.data:
            return
        for found in PLACEHOLDER.findall(field.data):
            if found not in ("{code}", "{minutes}", "{company}"):
                raise ValidationError(_l("Quầy không biết %(found)s. Bỏ đi, hoặc viết lại cho đúng.", found=found))
        if "{code}" not in field.data:
            raise ValidationError(_l("Thêm {code} vào chỗ mà mã xác nhận phải đứng."))
        sent = self.world.code_text(field.data)
        strange = sorted(set(sent) - IN_MESSAGES)
        if strange:
            raise ValidationError(_l("Bỏ ký tự này, tin nhắn không gửi được nó: %(found)s", found=" ".join(strange)))
        if len(sent) > LONGEST_MESSAGE:
            raise ValidationError(
                _l("Tin này dài %(count)d ký tự. Rút ngắn còn tối đa 160, để vừa một tin nhắn.", count=len(sent))
            )


def days(label, description, least: int, most: int) -> StringField:
    """A field for a number of days."""
    return StringField(
        label,
        description=description,
        filters=[lambda value: "" if value in (None, 0) else tidy(str(value))],
        validators=[WholeNumber(least, most)],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


class RetentionForm(SettingsForm):
    """After how many days what is deleted."""

    draft_days = days(
        _l("Bản nháp: xoá sau bao nhiêu ngày không ai sửa"),
        _l("Từ 1 đến 90. Quầy không nhắc trước khi xoá; số ngày được ghi trên các trang có bản nháp."),
        1,
        90,
    )
    photo_days = days(
        _l("Ảnh: xoá sau bao nhiêu ngày kể từ khi nộp hồ sơ"),
        _l(
            "Từ 5 đến 365. Nộp xong thì ảnh giấy tờ hết mục đích; nên để đủ thời gian cho cơ quan BHXH trả hồ sơ. "
            "Hồ sơ bị trả lại thì ảnh được giữ cho đến khi nộp lại."
        ),
        5,
        365,
    )
    dossier_days = days(
        _l("Hồ sơ: xoá sau bao nhiêu ngày kể từ khi có tài khoản hoặc rút hồ sơ"),
        _l(
            "Để trống thì giữ đến khi có người yêu cầu xoá. Luật 91/2025/QH15 chỉ cho giữ dữ liệu cá nhân trong thời "
            "hạn phù hợp với mục đích; hãy ghi số ngày này vào thông báo xử lý dữ liệu của công ty."
        ),
        0,
        3650,
    )
