"""What the desk leans on outside of itself, each with its last success and failure and a button to try it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, current_app, g, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from desk import outside as desk
from desk.outside import CannotTry, Outside
from forms.messages import TestMessageForm, reason
from forms.official import told
from models import Staff
from services import outbox, sms
from services.sms import meter
from views.staff.session import for_role, shows_nobody

for_department = for_role("admin", "department")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing outside: its name in addresses, its words, how it stands, and what a try asks and does.

    `why` finds the words for a failure, and what was said there; `attempt` raises `CannotTry`; `besides` is a template
    with what is told of this one alone.
    """

    name: str
    title: str
    unset: str
    meanwhile: str
    button: str
    refusal: str
    look: Callable[[], Outside]
    why: Callable[[str], tuple[str, str]]
    form: type[FlaskForm]
    attempt: Callable[[Staff, FlaskForm], None]
    besides: str = ""


# The page, the front page and the addresses know no more of a part than stands here.
PARTS = (
    Part(
        outbox.SMS,
        _l("Cổng nhắn tin"),
        _l("Chưa nối: mã xác nhận do Nhân sự đọc. Cách nối: docs/operating.md, biến QUAY_SMS_URL."),
        _l("Trong lúc chờ, đọc mã cho người đăng ký ở trang Mã xác nhận."),
        _l("Gửi tin thử"),
        _l("Lúc này không gửi được tin thử: mỗi giờ 5 tin, trong số tin của tháng, và cần có cổng nhắn tin."),
        lambda: desk.of(outbox.SMS),
        reason,
        TestMessageForm,
        lambda staff, form: desk.send_test(staff, outbox.SMS, sms.test_letter(form.phone.data)),
        "staff/outside/sms.html",
    ),
    Part(
        "form01",
        _l("Cổng BHXH (mẫu số 01)"),
        _l("Chưa đặt địa chỉ của tệp, nên quầy không tải gì. Nhân viên dùng tờ khai của quầy."),
        _l("Nhân viên vẫn có tờ khai của quầy, và mẫu chính thức đã tải được gần nhất."),
        _l("Tải lại ngay"),
        _l("Chưa đặt địa chỉ của tệp, nên không có gì để tải."),
        desk.portal,
        lambda answer: (" ".join(told(*answer.split(" ", 1))), ""),
        FlaskForm,
        lambda _staff, _form: desk.ask_portal(),
        "staff/outside/form01.html",
    ),
)


def add_to(bp) -> None:
    """Register the page, and a try for each part."""
    bp.get("/outside", endpoint="outside")(index)
    bp.post("/outside/<part>/try", endpoint="try_outside")(attempt)


@shows_nobody
def index():
    """Show how each part does; while a try is under way the page asks again by itself."""
    return _page()


@for_department
def attempt(part):
    """Try one of them; the page that comes does not wait for it."""
    part = next((each for each in PARTS if each.name == part), None) or abort(404)
    form = part.form()
    if not form.validate():
        return _page(part, form), 422
    try:
        part.attempt(g.staff, form)
    except CannotTry:
        return _page(part, form, [part.refusal]), 422
    return redirect(url_for("staff.outside", _anchor=part.name), 303)


def failing() -> list[Part]:
    """The parts whose last try did not succeed."""
    return [part for part in PARTS if part.look().state == "failing"]


def _page(tried: Part | None = None, form: FlaskForm | None = None, refused=()):
    forms = [form if part is tried else part.form(None) for part in PARTS]
    parts = [(part, part.look(), each) for part, each in zip(PARTS, forms, strict=True)]
    words = {"meter": meter.read(), "reports_to": _reports_to()}
    return render_template("staff/outside.html", parts=parts, form=form, refused=refused, **words)


def _reports_to() -> str:
    """The address for an administrator to register with a gateway that calls back; empty where none can be reached."""
    sender, url = outbox.senders().get(outbox.SMS), current_app.config["SETTINGS"].public_url
    if g.staff.role != "admin" or not sender or not sender.calls_back or not url.startswith("https://"):
        return ""
    return url + url_for("reports.hear", secret=outbox.secret(outbox.SMS))
