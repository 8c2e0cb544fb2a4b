"""A card instead of typing: its photo, or what a scanner types; and what to do where card and person differ."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import RadioField, StringField

from forms.base import StepForm
from forms.photos import made

UNREAD_PHOTO = _l(
    "Chưa đọc được mã QR trên ảnh này, nên ảnh không được giữ. Đặt thẻ trên mặt phẳng, chụp gần hơn cho thẻ đầy khung "
    "hình, tránh bóng lóa; hoặc tự gõ thông tin."
)
UNREAD_SCAN = _l("Máy quét gõ ra một chuỗi không phải của thẻ. Bấm vào ô rồi quét lại, hoặc tự gõ thông tin.")
NOTHING = _l("Chụp hoặc chọn ảnh thẻ, hoặc bấm vào ô bên dưới rồi quét thẻ bằng máy quét.")


# What is said after a card was read, by what it was kept as, and after the person has chosen.
SAID = {
    "id_front": _l("Đã đọc thẻ và giữ ảnh làm ảnh mặt trước. Kiểm tra các ô bên dưới, rồi điền những ô còn trống."),
    "id_back": _l("Đã đọc thẻ và giữ ảnh làm ảnh mặt sau. Kiểm tra các ô bên dưới, rồi điền những ô còn trống."),
    "insurance": _l("Đã đọc thẻ BHYT; ảnh không được giữ lại. Kiểm tra các ô bên dưới, rồi điền những ô còn trống."),
    "identity": _l("Đã đọc thẻ; ảnh không được giữ lại. Kiểm tra các ô bên dưới, rồi điền những ô còn trống."),
    "scanned": _l("Đã đọc thẻ. Kiểm tra các ô bên dưới, rồi điền những ô còn trống."),
    "taken": _l("Đã dùng các giá trị bạn chọn từ thẻ."),
    "mine": _l("Đã giữ như bạn khai."),
}


class CardForm(StepForm):
    """One card, either way. What it says is `reading` once the form is valid, and its picture `photo`."""

    card_photo = FileField(
        _l("Ảnh mặt thẻ có mã QR"),
        description=_l("Đặt thẻ trên mặt phẳng, chụp gần cho thẻ đầy khung hình, rõ nét, không lóa."),
    )
    scanned = StringField(
        _l("Máy quét cầm tay"),
        description=_l("Bấm vào ô này rồi quét mã QR trên thẻ: máy quét tự gõ và tự gửi."),
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"},
    )

    def __init__(self, formdata=None, *, sources=None):
        self.photo = self.reading = None
        super().__init__(formdata, sources=sources)

    def validate(self, extra_validators=None):
        """Read the photo if there is one, else what was scanned."""
        super().validate(extra_validators)
        field, unread = self.card_photo, UNREAD_PHOTO
        if upload := field.data:
            self.photo = made(field, lambda: self.sources.prepare_photo(upload.read(), True))
            texts = self.photo.texts if self.photo else ()
        else:
            texts = tuple(text for text in self.scanned.raw_data or () if isinstance(text, str) and text.strip())
            if texts:
                field, unread = self.scanned, UNREAD_SCAN
            else:
                unread = NOTHING
        self.reading = self.sources.read_card(texts)
        # A scanner types behind what stands there already.
        self.scanned.data = ""
        if self.reading is None and not field.errors:
            field.errors = [unread]
        return self.reading is not None


class ChoiceForm(StepForm):
    """Where a card says something else than the person: for each such field "card" or "typed"."""

    card = StringField()
    choice = StringField()
    card_full_name = RadioField(_l("Họ và tên"), choices=(), validate_choice=False)
    card_id_number = RadioField(_l("Số CCCD"), choices=(), validate_choice=False)
    card_social_insurance_code = RadioField(_l("Mã số BHXH"), choices=(), validate_choice=False)
    card_address = RadioField(_l("Địa chỉ"), choices=(), validate_choice=False)

    def offer(self, source, differences):
        """Ask about these differences. Where somebody can be reached need not be where the card says that they live."""
        self.card.data = source
        for found in differences:
            field = self[f"card_{found.field}"]
            field.choices = [
                ("card", _l("Trên thẻ: %(value)s", value=found.on_card)),
                ("typed", _l("Bạn khai: %(value)s", value=found.typed) if found.typed else _l("Bạn chưa khai")),
            ]
            field.data = "typed" if found.field == "address" and found.typed else "card"
        return self

    @property
    def questions(self):
        """The fields that there is something to ask about."""
        return [field for field in self if isinstance(field, RadioField) and field.choices]

    @property
    def chosen(self):
        """The fields of the declaration that shall be as on the card."""
        if self.choice.data != "take":
            return []
        return [field.name.removeprefix("card_") for field in self if field.data == "card"]
