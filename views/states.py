"""What each state and each move of a dossier is called, to HR and to the applicant."""

from flask_babel import lazy_gettext as _l

from desk.waiting import DAY, FIRST_DAY, LAST_DAY

# The state as HR's list and filter name it.
STATES = {
    "submitted": _l("Chờ in và ký"),
    "printed": _l("Đã in, chờ ký"),
    "signed": _l("Đã nhận bản ký"),
    "forwarded": _l("Ở Phòng Nhân sự"),
    "filed": _l("Đã nộp cơ quan BHXH"),
    "issued": _l("Đã có tài khoản"),
    "returned": _l("Trả lại để sửa"),
    "withdrawn": _l("Đã rút"),
}
# The heading of the applicant's own page.
HEADINGS = {
    "submitted": _l("Đã nhận hồ sơ của bạn"),
    "printed": _l("Tờ khai đã in, chờ ký"),
    "signed": _l("Nhân sự đã nhận bản ký"),
    "forwarded": _l("Hồ sơ đang ở Phòng Nhân sự"),
    "filed": _l("Đã nộp cho cơ quan BHXH"),
    "issued": _l("Đã có tài khoản"),
    "returned": _l("Hồ sơ cần bạn sửa"),
    "withdrawn": _l("Hồ sơ đã được rút lại"),
}
# What HR presses.
BUTTONS = {
    "print": _l("Đã in tờ khai"),
    "sign": _l("Đã nhận bản ký"),
    "forward": _l("Đã chuyển Phòng Nhân sự"),
    "file": _l("Đã nộp cơ quan BHXH"),
    "issue": _l("Đã có tài khoản"),
    "return": _l("Trả lại để sửa"),
    "reject": _l("Cơ quan BHXH trả lại"),
    "reset": _l("Ghi nhầm, đưa về chờ in và ký"),
    "withdraw": _l("Rút hồ sơ"),
}
# What has happened, as HR reads it: who did it stands beside it.
DONE = {
    "submit": _l("Gửi hồ sơ"),
    "resubmit": _l("Gửi lại hồ sơ đã sửa"),
    "print": _l("In tờ khai"),
    "sign": _l("Nhận bản đã ký"),
    "forward": _l("Chuyển Phòng Nhân sự"),
    "file": _l("Nộp cơ quan BHXH"),
    "issue": _l("Ghi nhận đã có tài khoản"),
    "confirm": _l("Báo đã nhận được tài khoản"),
    "return": _l("Trả lại để sửa"),
    "reject": _l("Ghi nhận cơ quan BHXH trả lại"),
    "reset": _l("Sửa chỗ ghi nhầm, đưa về chờ in và ký"),
    "withdraw": _l("Rút hồ sơ"),
}
# How the code came that confirmed a dossier.
CONFIRMED = {
    "sms": _l("mã nhắn đến số điện thoại đã khai"),
    "desk": _l("mã do Nhân sự đọc"),
    "mail": _l("mã qua email; số điện thoại chưa được kiểm chứng, hãy hỏi lại"),
}
WHO = {
    "applicant": _l("Người đăng ký"),
    "assisted": _l("Người đăng ký, có Nhân sự nhập giúp"),
    "staff": _l("Nhân sự"),
    "system": _l("Quầy"),
}
# What happened in a week, as the desk's front page counts it.
MOVED = {
    "submitted": _l("Gửi hồ sơ"),
    "signed": _l("Nhận bản ký"),
    "filed": _l("Nộp BHXH"),
    "issued": _l("Có tài khoản"),
    "returned": _l("Trả lại"),
}
# How far a registration has come, as the same page counts it.
STAGES = {
    "started": _l("Bắt đầu"),
    "photos": _l("Đủ ảnh"),
    "submitted": _l("Đã gửi hồ sơ"),
    "signed": _l("Có bản ký"),
    "filed": _l("Đã nộp BHXH"),
    "issued": _l("Có tài khoản"),
}
# The same, as the applicant reads it.
TOLD = {
    "submit": _l("Bạn gửi hồ sơ."),
    "resubmit": _l("Bạn gửi lại hồ sơ đã sửa."),
    "print": _l("Nhân sự in tờ khai."),
    "sign": _l("Nhân sự nhận tờ khai đã ký."),
    "forward": _l("Nhân sự đơn vị chuyển hồ sơ đến Phòng Nhân sự."),
    "file": _l("Phòng Nhân sự nộp hồ sơ cho cơ quan BHXH."),
    "issue": _l("Cơ quan BHXH cấp tài khoản."),
    "confirm": _l("Bạn báo đã nhận được tài khoản."),
    "return": _l("Nhân sự trả lại hồ sơ để bạn sửa."),
    "reject": _l("Cơ quan BHXH trả lại hồ sơ."),
    "reset": _l("Nhân sự đưa hồ sơ về bước chờ in và ký."),
    "withdraw": _l("Hồ sơ được rút lại."),
}


def state(name: str) -> str:
    """The state in HR's words."""
    return str(STATES[name])


def answer_due(filed: int) -> tuple[int, int]:
    """From which second to which the agency's answer is to be expected, for a dossier that was filed at `filed`."""
    return filed + FIRST_DAY * DAY, filed + LAST_DAY * DAY
