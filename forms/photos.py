"""The photos of a registration: sent all at once or one by one, shown again, turned, cut, replaced, removed, judged."""

import re

from flask_babel import gettext as _
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

# Each check of a photo: what is said when it is met, when it is not, and what to do then.
CHECKS = {
    "size": (_l("Đủ lớn"), _l("Ảnh nhỏ"), _l("Chụp gần hơn, ở cỡ ảnh thường.")),
    "sharp": (_l("Đủ nét"), _l("Chưa đủ nét"), _l("Giữ chắc tay, chạm vào màn hình để lấy nét.")),
    "light": (_l("Đủ sáng"), _l("Ảnh tối"), _l("Chụp ở nơi sáng hơn.")),
    "glare": (_l("Không lóa"), _l("Bị lóa hoặc bạc màu"), _l("Tắt đèn flash, tránh ánh sáng chiếu thẳng vào.")),
    "upright": (_l("Ảnh đứng"), _l("Ảnh nằm ngang"), _l("Xoay ảnh, hoặc cắt theo khung 3×4.")),
    "fills": (_l("Gần kín khung hình"), _l("Giấy tờ nhỏ trong ảnh"), _l("Đưa máy lại gần cho giấy tờ gần kín khung.")),
}
FRAME = re.compile(r"(\d{1,5}) (\d{1,5}) (\d{1,5})")


def note(photo) -> str:
    """What its person is told of a photo that fails in something, in a line; nothing of one that does not."""
    what = _failures(photo)
    return what and (_("Bạn chọn vẫn dùng: %(what)s.", what=what) if photo.accepted_at else f"{what}.")


def remark(opinion) -> str:
    """The same as HR reads it."""
    what = _failures(opinion)
    if opinion.accepted_at:
        return what and _("%(what)s. Người khai chọn vẫn dùng ảnh này.", what=what)
    return what and _("%(what)s. Người khai gửi mà không chọn gì.", what=what)


def _failures(opinion):
    words = ", ".join(str(CHECKS[name][1]).lower() for name in opinion.failed)
    return words[:1].upper() + words[1:]


def made(field, make):
    """The picture that `make` gives; None where it gives none, or refuses it, which the field then says."""
    try:
        return make()
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

    # Buttons, by their names: which photo to take away, to use all the same, or to turn and cut. An edit says how the
    # photo shall stand and not what to change of it, so that a double click is no second turn: its kind, the quarters
    # by which it is turned, and `cut` where it is cut to `frame` (middle and width in 1/10,000; where it says nothing,
    # the largest in the middle).
    remove = StringField()
    accept = StringField()
    edit = StringField()
    frame = StringField()
    action = StringField()

    def __init__(self, formdata=None, *, answer=None, sources=None):
        self._photos = {}
        self._accepted = ()
        super().__init__(formdata, sources=sources)

    @property
    def kinds(self):
        """The file fields, in the order in which they are asked."""
        return [field for field in self if isinstance(field, FileField)]

    @property
    def photos(self):
        return self._photos

    @property
    def accepted(self):
        return self._accepted

    @property
    def changed(self):
        """The kind of the photo that this form is about; None when it is about none."""
        return next(iter((*self._photos, *self._accepted)), None)

    @property
    def stays(self):
        return self.action.data == "save" or self._is_about_one or bool(self._missing())

    def validate(self, extra_validators=None):
        """Take every picture that is good, whatever is wrong with the others."""
        super().validate(extra_validators)
        for field in self.kinds:
            self._take(field)
        self._press()
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
            Row(field.name, str(field.label.text), "", note(photo), picture=photo.thumbnail)
            for field in self.kinds
            if (photo := self.sources.photos.get(field.name))
        ]

    def checks(self, opinion):
        """What is thought of a photo: of each check whether it is met, and its sentence; those first that are."""
        met = [(True, CHECKS[name][0]) for name, is_met in opinion.checks.items() if is_met]
        return met + [(False, f"{CHECKS[name][1]}. {CHECKS[name][2]}") for name in opinion.failed]

    @property
    def _is_about_one(self):
        pressed = {self.remove.data, self.accept.data, (self.edit.data or "").partition(" ")[0]}
        return not pressed.isdisjoint(self.required)

    def _press(self):
        """Do what a button says about one photo, unless another picture of its kind came with it."""
        kind, quarters, cut = (*(self.edit.data or "").split(" "), "", "")[:3]
        if self.remove.data in self.required:
            self._photos[self.remove.data] = None
        elif self.accept.data in self.sources.photos and self.accept.data not in self._photos:
            self._accepted = (self.accept.data,)
        elif kind in self.sources.photos and kind not in self._photos and quarters in {"0", "1", "2", "3"}:
            self._edit(self[kind], int(quarters), self._frame() if cut else None)

    def _frame(self):
        found = FRAME.fullmatch(self.frame.data or "")
        return [min(int(number), 10_000) for number in found.groups()] if found else []

    def _edit(self, field, quarters, frame):
        picture = made(field, lambda: self.sources.edit_photo(field.name, quarters, frame))
        if picture is not None:
            self._photos[field.name] = picture

    def _is_asked_to_be_whole(self):
        if self._is_about_one:
            return False
        # Whoever sends one photo at a time, without pressing a button, is not told off for the others.
        return self.action.data not in {"save", "back"} and (self.action.data == "continue" or not self._photos)

    def _missing(self):
        there = {*self.sources.photos, *self._photos} - {kind for kind, photo in self._photos.items() if photo is None}
        return [field for field in self.kinds if field.name not in there]

    def _take(self, field):
        field.errors = list(field.errors)
        upload, reads_card = field.data, field.name in self.card_kinds
        picture = upload and made(field, lambda: self.sources.prepare_photo(upload.read(), reads_card))
        if picture:
            self._photos[field.name] = picture


class ChildPhotosForm(PhotosForm):
    """What a child's registration needs; a birth certificate is large, so a phone offers its better camera."""

    portrait = FileField(
        _l("Ảnh chân dung của con"),
        description=_l("Chụp thẳng mặt, đủ sáng. Trẻ nhỏ: đặt nằm trên nền sáng, chụp từ trên xuống, mắt mở."),
    )
    birth_certificate = FileField(
        _l("Giấy khai sinh"),
        description=_l("Trải phẳng, chụp từ trên xuống, thấy đủ bốn góc và dấu đỏ, chữ đọc được."),
        render_kw={"capture": "environment"},
    )


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
