"""Asking by right, and answering: the words of each right, and the forms on either side."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from forms.base import StepForm, tidy_lines
from forms.validators import Most, Required

LONGEST = 2000

_FILED = _l("Nếu hồ sơ đã nộp, quầy không lấy lại được từ cơ quan BHXH; muốn rút, bạn cần hỏi trực tiếp cơ quan BHXH.")
_KEPT = _l("Rút lại đồng ý chưa phải là xoá: hồ sơ vẫn nằm ở quầy. Muốn xoá, hãy gửi thêm yêu cầu xoá.")
_WHY = _l("Lý do hoặc lời nhắn cho Nhân sự (không bắt buộc)")


@dataclass(frozen=True, slots=True)
class Wording:
    """How one right is spoken of: to the person what follows, to HR what is to be done.

    `flag` is what a dossier is marked with on which work has to stop.
    """

    title: str
    follows: tuple[str, ...]
    button: str
    task: str
    flag: str = ""
    ask_for: str = _WHY
    must_say: bool = False


WORDING = {
    "correct": Wording(
        _l("Sửa thông tin"),
        (
            _l("Viết rõ chỗ nào chưa đúng và đúng ra là gì. Nhân sự liên hệ với bạn để sửa."),
            _l("Nếu tờ khai đã in, bạn cần ký lại bản mới."),
        ),
        _l("Gửi yêu cầu sửa"),
        _l("Liên hệ người gửi, sửa hồ sơ cùng họ, in lại tờ khai nếu đã in. Xong thì bấm “Đã thực hiện”."),
        ask_for=_l("Chỗ cần sửa, và nội dung đúng"),
        must_say=True,
    ),
    "restrict": Wording(
        _l("Hạn chế hoặc phản đối việc xử lý"),
        (
            _l("Viết rõ bạn muốn ngừng việc gì. Hồ sơ được đánh dấu ngay để Nhân sự dừng lại cho đến khi trả lời bạn."),
            _FILED,
        ),
        _l("Gửi yêu cầu"),
        _l("Dừng việc mà người gửi nêu, báo cho những người cùng làm. Xong thì bấm “Đã thực hiện”."),
        _l("Đã yêu cầu hạn chế xử lý"),
        ask_for=_l("Việc bạn muốn hạn chế hoặc phản đối"),
        must_say=True,
    ),
    "withdraw_forwarding": Wording(
        _l("Rút lại đồng ý chuyển hồ sơ cho cơ quan BHXH"),
        (
            _l(
                "Hồ sơ được đánh dấu ngay để Nhân sự dừng lại và không nộp, "
                "nên bạn sẽ không nhận được tài khoản VssID qua quầy này."
            ),
            _FILED,
            _KEPT,
        ),
        _l("Tôi hiểu, rút lại đồng ý"),
        _l("Giữ hồ sơ lại, rút bản đã ký khỏi tập chờ nộp. Nếu đã nộp rồi, từ chối và ghi rõ ngày nộp."),
        _l("Đã rút đồng ý chuyển hồ sơ"),
    ),
    "withdraw_processing": Wording(
        _l("Rút lại đồng ý xử lý thông tin"),
        (
            _l(
                "Hồ sơ được đánh dấu ngay để Nhân sự dừng mọi việc: không in, không sửa, không nộp. "
                "Bạn sẽ không nhận được tài khoản VssID qua quầy này."
            ),
            _FILED,
            _KEPT,
        ),
        _l("Tôi hiểu, rút lại đồng ý"),
        _l("Dừng mọi việc với hồ sơ này. Nếu đã nộp rồi, từ chối và ghi rõ ngày nộp."),
        _l("Đã rút đồng ý xử lý"),
    ),
    "delete": Wording(
        _l("Xoá hồ sơ"),
        (
            _l(
                "Nhân sự xoá câu trả lời, ảnh và họ tên của hồ sơ này. Không khôi phục được: "
                "muốn đăng ký VssID bạn phải khai lại từ đầu."
            ),
            _l(
                "Bản giấy đã in và hồ sơ đã nộp cho cơ quan BHXH không mất theo. "
                "Bản sao lưu do quầy làm không mở được hồ sơ này nữa, muộn nhất từ lần sao lưu kế tiếp."
            ),
            _l(
                "Nhân sự chỉ được từ chối vì lý do luật cho phép (khoản 2 Điều 14, Điều 19 Luật 91/2025/QH15) "
                "và phải ghi rõ lý do."
            ),
            _l(
                "Hãy ghi lại mã hồ sơ. Khi tra cứu không còn thấy hồ sơ là đã xoá xong; "
                "quầy giữ một dòng xác nhận theo mã này, không có thông tin của bạn."
            ),
        ),
        _l("Tôi hiểu, yêu cầu xoá"),
        _l(
            "Bấm “Xoá hồ sơ” là xoá ngay, không lấy lại được: khoá mã hóa, mọi câu trả lời, ảnh, họ tên và lời nhắn. "
            "Còn lại một dòng: mã hồ sơ, ai xoá, lúc nào. Bản giấy đã in thì huỷ riêng."
        ),
        _l("Đã yêu cầu xoá"),
    ),
}


class AskForm(StepForm):
    """What the person adds to a request."""

    words = TextAreaField(validators=[Most(LONGEST)], render_kw={"rows": 4})

    def __init__(self, wording: Wording, formdata=None, words: str = ""):
        super().__init__(formdata, answer={"words": words} if words else None)
        self.words.label.text = wording.ask_for
        if wording.must_say:
            self.words.validators = [Required(_l("Viết rõ bạn yêu cầu điều gì.")), *self.words.validators]


class RefuseForm(FlaskForm):
    """Why HR does not do what was asked."""

    reason = TextAreaField(
        _l("Lý do từ chối"),
        description=_l(
            "Người gửi đọc được lý do này. Yêu cầu xoá chỉ được từ chối theo khoản 2 Điều 14 hoặc Điều 19 "
            "Luật 91/2025/QH15: ghi rõ theo điểm nào."
        ),
        filters=[tidy_lines],
        validators=[Required(_l("Ghi lý do từ chối để người gửi biết.")), Most(LONGEST)],
        render_kw={"rows": 3},
    )
