"""Exceptions on the left, pages on the right; every page says how to go on."""

import logging
import traceback

from flask import Flask, render_template, request
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from peewee import OperationalError
from werkzeug.exceptions import HTTPException

from services.drafts import DraftGone
from services.submissions import NotCorrectable
from tokens import BadToken, ExpiredToken
from views.wizard import late

log = logging.getLogger(__name__)

BUSY_SECONDS = 10

PAGES = {
    400: (
        _l("Yêu cầu chưa đúng"),
        _l("Trình duyệt đã gửi một yêu cầu mà trang này không hiểu. Hãy quay lại và thử lần nữa."),
    ),
    403: (
        _l("Trang này không mở được ở đây"),
        _l(
            "Đường dẫn hoặc biểu mẫu không thuộc về lần đăng ký đang mở trên máy này. "
            "Những gì bạn đã lưu vẫn còn: dùng số điện thoại đã khai để mở lại."
        ),
    ),
    404: (_l("Không tìm thấy trang"), _l("Địa chỉ này không có trên quầy. Kiểm tra lại đường dẫn, hoặc về trang đầu.")),
    405: (_l("Trang này không mở được theo cách đó"), _l("Hãy về trang đầu và đi lại từ đó.")),
    409: (
        _l("Phiên làm việc đã kết thúc"),
        _l(
            "Hồ sơ đã gửi, trang đã được đóng trên máy này, hoặc bạn đang làm tiếp trên máy khác. "
            "Những gì bạn đã lưu vẫn còn: dùng số điện thoại đã khai để mở lại."
        ),
    ),
    413: (
        _l("Tệp gửi lên quá lớn"),
        _l(
            "Mỗi ảnh tối đa 8 MB, danh sách nhân viên tối đa 16 MB. Hãy quay lại, chọn tệp nhỏ hơn hoặc gửi từng "
            "ảnh một. Những gì đã lưu vẫn còn."
        ),
    ),
    429: (_l("Bạn thao tác quá nhanh"), _l("Hãy chờ một lát rồi thử lại.")),
    500: (
        _l("Quầy gặp lỗi"),
        _l("Lỗi này đã được ghi lại. Những gì bạn đã lưu vẫn còn. Hãy thử lại, hoặc báo cho bộ phận Nhân sự."),
    ),
    503: (_l("Quầy đang bận"), _l("Hãy chờ khoảng 10 giây rồi bấm lại. Những gì bạn đã lưu vẫn còn.")),
}

SIGNED = (
    _l("Hồ sơ đã đi tiếp, chưa thay được"),
    _l(
        "Trong lúc bạn sửa, Nhân sự đã nhận bản ký hoặc đã nộp hồ sơ, nên hồ sơ đã gửi được giữ nguyên. "
        "Bản bạn đang sửa vẫn còn. Nếu vẫn cần sửa, hãy nhờ Nhân sự trả lại hồ sơ rồi làm tiếp."
    ),
)

# What is different on HR's side, where nobody is registering.
DESK_PAGES = {
    403: (
        _l("Trang này không dành cho vai trò của bạn"),
        _l("Tài khoản của bạn không có quyền này. Nếu cần, hãy nhờ người quản trị đổi vai trò, rồi mở lại trang."),
    ),
    409: (
        _l("Trang này đã cũ"),
        _l("Việc này đã được làm ở nơi khác, hoặc trang đã mở quá lâu. Hãy mở lại trang rồi làm tiếp."),
    ),
}

PILE_TOO_LARGE = (
    _l("Tệp quét quá lớn"),
    _l(
        "Mỗi lần gửi được tối đa 25 MB. Hãy quay lại, chia chồng tờ khai thành nhiều tệp, "
        "hoặc quét màu xám ở 150 hay 200 dpi."
    ),
)

EXCEPTIONS = {BadToken: 403, DraftGone: 409, CSRFError: 400}


def init_app(app: Flask) -> None:
    """Register a page for every failure that has a name, and one for all others."""
    for exception, status in EXCEPTIONS.items():
        app.register_error_handler(exception, _page_of(status))
    app.register_error_handler(NotCorrectable, lambda _problem: page(409, SIGNED))
    app.register_error_handler(ExpiredToken, late.show)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unforeseen)


def page(status: int, words=None):
    """The error page for this status, and the status; `words` are its title and text where they are its own."""
    at_desk = DESK_PAGES.get(status) if request.blueprint == "staff" else None
    title, text = words or at_desk or PAGES.get(status) or PAGES[400 if status < 500 else 500]
    # What was typed comes from the very request that failed, and goes back to whoever sent it.
    typed = late.typed_now() if status in {409, 503} else []
    return render_template("errors/error.html", title=title, text=text, status=status, typed=typed), status


def _page_of(status: int):
    return lambda _problem: page(status)


def _http(problem: HTTPException):
    if problem.code is None or problem.code < 400:
        return problem
    is_pile = problem.code == 413 and request.endpoint == "staff.read_pile"
    answer, status = page(problem.code, PILE_TOO_LARGE if is_pile else None)
    return answer, status, [(name, value) for name, value in problem.get_headers() if name in {"Allow", "Retry-After"}]


def _database(problem: OperationalError):
    # Locked by another program, or the disk is full: nothing was written, and the next try may succeed.
    log.error("database at %s: %s\n%s", request.endpoint, _first_line(problem), _way_to(problem))
    answer, status = page(503)
    return answer, status, {"Retry-After": str(BUSY_SECONDS)}


def _unforeseen(problem: Exception):
    # Not in its own words: a database quotes the whole row that it refused.
    log.error("unforeseen failure at %s: %s\n%s", request.endpoint, type(problem).__name__, _way_to(problem))
    return page(500)


def _way_to(problem: Exception) -> str:
    """The lines of our program that led there; no values."""
    return "".join(traceback.format_tb(problem.__traceback__)).rstrip()


def _first_line(problem: Exception) -> str:
    """What happened, such as "database is locked"; what a database may quote comes in the lines after."""
    return str(problem).partition("\n")[0]
