"""The two consents that come before anything else (Law 91/2025/QH15 art. 9: explicit, separate, never pre-ticked)."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from forms.base import StepForm, same
from forms.validators import Required

# Change it whenever a word of these texts changes: it is kept with each consent.
CONSENT_VERSION = "2026-11"

PROCESSING = _l(
    "Tôi đồng ý để công ty thu thập và xử lý thông tin, ảnh chân dung và ảnh giấy tờ của tôi tại quầy này, "
    "chỉ để lập hồ sơ đăng ký VssID và tờ khai mẫu số 01."
)
FORWARDING = _l("Tôi đồng ý để bộ phận Nhân sự chuyển hồ sơ này đến cơ quan BHXH mà tôi chọn ở bước sau.")

# Law 91/2025/QH15 art. 24: for a child the legal representative consents.
PROCESSING_FOR_CHILD = _l(
    "Tôi là cha, mẹ hoặc người giám hộ của con và đồng ý, cho tôi và thay cho con, để công ty thu thập và xử lý thông "
    "tin của tôi và của con, ảnh chân dung và ảnh giấy khai sinh của con tại quầy này, chỉ để lập hồ sơ đăng ký VssID "
    "cho con và tờ khai mẫu số 01."
)
FORWARDING_FOR_CHILD = _l(
    "Tôi đồng ý, cho tôi và thay cho con, để bộ phận Nhân sự chuyển hồ sơ này đến cơ quan BHXH mà tôi chọn ở bước sau."
)


class PrepareForm(StepForm):
    """Two separate consents; each one's text and version are kept with it."""

    consent_processing = BooleanField(
        PROCESSING, validators=[Required(_l("Đánh dấu vào ô đồng ý xử lý thông tin để tiếp tục."))]
    )
    consent_forwarding = BooleanField(
        FORWARDING, validators=[Required(_l("Đánh dấu vào ô đồng ý chuyển hồ sơ đến cơ quan BHXH để tiếp tục."))]
    )

    def shown(self, answer):
        return {name: bool(consent) for name, consent in answer.items()}

    def answer(self):
        return {
            each.name: {"version": CONSENT_VERSION, "text": str(each.label.text)}
            for each in (self.consent_processing, self.consent_forwarding)
        }

    def display(self, each):
        return str(_l("Đã đồng ý")) if each.data else ""


class ChildPrepareForm(PrepareForm):
    """The same two consents from a parent, who gives them for the child as well."""

    consent_processing = same(PrepareForm.consent_processing, PROCESSING_FOR_CHILD)
    consent_forwarding = same(PrepareForm.consent_forwarding, FORWARDING_FOR_CHILD)
