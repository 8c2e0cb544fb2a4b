"""What HR writes about batches: the pasted results; and the words for what cannot be done."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, TextAreaField

from forms.base import tidy, words

MOST_LINES = 10_000

STATES = {"open": _l("Đang lập"), "filed": _l("Đã nộp, chờ kết quả"), "closed": _l("Đã có đủ kết quả")}
# Why a dossier was not put into a batch.
LEFT = {
    "not_ready": _l("chưa nhận bản ký, hoặc đã nộp rồi"),
    "stopped": _l("người khai đã yêu cầu dừng"),
}
# What is wrong with a line of the pasted results.
FAULTS = {
    "unreadable": _l("không thấy mã hồ sơ hoặc mã số BHXH"),
    "unknown": _l("không có trong đợt này"),
    "unsure": _l("chưa rõ kết quả; ghi “đã cấp” hoặc “trả lại” sau mã"),
    "no_reason": _l("trả lại thì ghi thêm lý do sau kết quả"),
    "twice": _l("có hai kết quả khác nhau; chỉ để lại dòng đúng"),
    "settled": _l("đã ghi kết quả khác; muốn đổi thì mở hồ sơ"),
}
# The columns of the cover list, each with its width.
COVER = (
    (_l("STT"), 6),
    (_l("Mã hồ sơ"), 12),
    (_l("Họ và tên"), 32),
    (_l("Mã số BHXH"), 16),
    (_l("Số CCCD/định danh"), 18),
    (_l("Số điện thoại"), 16),
    (_l("Kết quả"), 24),
)
MANIFEST = ("number", "reference", "full_name", "file", "bytes", "sha256")


def tidy_table(text: object) -> object:
    """`tidy`, line by line and between tabs, which part the columns of a table."""
    if not isinstance(text, str):
        return words(text)
    return "\n".join("\t".join(map(tidy, line.split("\t"))) for line in text.splitlines())


class ResultsForm(FlaskForm):
    """The agency's answer, pasted from a list or a table."""

    results = TextAreaField(
        _l("Dán kết quả, mỗi hồ sơ một dòng"),
        description=_l(
            "Mã hồ sơ hoặc mã số BHXH, rồi kết quả, rồi lý do nếu bị trả lại. Ví dụ: “7KXC94FM đã cấp” hoặc "
            "“7KXC94FM; trả lại; ảnh CCCD mờ”. Dán được cả bảng từ Excel."
        ),
        filters=[tidy_table],
        render_kw={"rows": 8},
    )
    is_issued = BooleanField(_l("Dòng chỉ có mã, không ghi kết quả: đã có tài khoản"), filters=[words])

    def validate_results(self, field):
        """Something to read, and not more than a batch can need."""
        if not (field.data or "").strip():
            field.errors.append(_l("Dán ít nhất một dòng kết quả."))
        elif field.data.count("\n") >= MOST_LINES:
            field.errors.append(_l("Dán tối đa 10.000 dòng một lần; chia danh sách ra rồi dán tiếp."))
