"""The photos of a registration: sent all at once or one by one, shown again, replaced, removed."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import StringField

from forms.base import Row, StepForm

REFUSED = {
    "EMPTY": _l("Tệp này trống. Chọn lại ảnh."),
    "TOO_LARGE": _l("Ảnh lớn hơn 8 MB. Chụp lại ở cỡ nhỏ hơn hoặc chọn ảnh khác."),
    "NOT_A_PHOTO": _l("Tệp này không phải ảnh. Chọn ảnh JPEG, PNG, WebP hoặc HEIC."),
    "BROKEN": _l("Ảnh bị hỏng hoặc tải lên chưa hết. Chọn lại ảnh, hoặc chụp ảnh mới."),
    "TOO_MANY_PIXELS": _l("Ảnh có quá nhiều điểm ảnh. Chụp lại ở cỡ thường (khoảng 12 megapixel)."),
    "TOO_SMALL": _l("Ảnh quá nhỏ nên không đọc được. Chụp lại gần hơn, ở cỡ lớn hơn."),
    "TOO_HARD": _l("Máy không mở được ảnh này. Chụp lại bằng máy ảnh của điện thoại, hoặc chọn ảnh khác."),
}


def taken(field, prepare):
    """The picture that `prepare` makes of the file that was sent; None if there is none or no good one."""
    if not field.data:
        return None
    try:
        return prepare(field.data.read())
    except Exception as refused:
        reason = getattr(refused, "reason", None)
        if reason is None:
            raise
        field.errors = [*field.errors, REFUSED[reason.name]]
        return None


class PhotosForm(StepForm):
    """The kinds of photos are its file fields; `sources.photos` are those that are there already."""

    # The kinds on which there may be a card's QR code.
    card_kinds = ()

    # A button's name: which photo to take away.
    remove = StringField()
    action = StringField()

    def __init__(self, formdata=None, *, answer=None, sources=None):
        self._photos = {}
        super().__init__(formdata, sources=sources)

    @property
    def kinds(self):
        """The file fields, in the order in which they are asked."""
        return [field for field in self if isinstance(field, FileField)]

    @property
    def photos(self):
        return self._photos

    @property
    def stays(self):
        return self.action.data == "save" or bool(self.remove.data) or bool(self._missing())

    def validate(self, extra_validators=None):
        """Take every picture that is good, whatever is wrong with the others."""
        super().validate(extra_validators)
        if self.remove.data in {field.name for field in self.kinds}:
            self._photos = {self.remove.data: None}
            return True
        for field in self.kinds:
            self._take(field)
        if not any(field.errors for field in self.kinds) and self._is_asked_to_be_whole():
            for field in self._missing():
                field.errors.append(_l("Còn thiếu: %(photo)s. Chụp hoặc chọn ảnh.", photo=field.label.text))
        return not any(field.errors for field in self.kinds)

    @property
    def required(self):
        return tuple(field.name for field in self.kinds)

    def answer(self):
        """None while photos are missing; which ones there are is known when they are kept."""
        return None if self._missing() else dict.fromkeys(self.required, True)

    def typed(self):
        return {}

    def rows(self):
        return [
            Row(field.name, str(field.label.text), "", picture=self.sources.photos[field.name].thumbnail)
            for field in self.kinds
            if field.name in self.sources.photos
        ]

    def _is_asked_to_be_whole(self):
        # Whoever sends one photo at a time, without pressing a button, is not told off for the others.
        return self.action.data not in {"save", "back"} and (self.action.data == "continue" or not self._photos)

    def _missing(self):
        there = {*self.sources.photos, *self._photos} - {kind for kind, photo in self._photos.items() if photo is None}
        return [field for field in self.kinds if field.name not in there]

    def _take(self, field):
        field.errors = list(field.errors)
        photo = taken(field, lambda data: self.sources.prepare_photo(data, field.name in self.card_kinds))
        if photo:
            self._photos[field.name] = photo


class AdultPhotosForm(PhotosForm):
    """What an adult's registration needs."""

    card_kinds = ("id_front", "id_back")

    portrait = FileField(
        _l("Ảnh chân dung"),
        description=_l("Chụp thẳng mặt, đủ sáng, không đội mũ, không đeo kính râm."),
    )
    id_front = FileField(
        _l("CCCD mặt trước"),
        description=_l("Đặt thẻ nằm ngang, thấy đủ bốn góc, chữ đọc được, không lóa."),
    )
    id_back = FileField(
        _l("CCCD mặt sau"),
        description=_l("Chụp như mặt trước. Với hộ chiếu: chụp trang có ảnh cho cả hai."),
    )
