"""What mails say. Nothing of it is kept: the words and the PDF are made when a mail goes out, from what is so then."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from desk.way import MOVES
from forms.way import REASONS
from models import Dossier, Message
from services import agencies, colours, history, preferences, submissions
from services.history import Entry
from services.mail import Words
from services.outbox import Letter
from services.printing import form01_of
from services.submissions import OpenDossier
from views import states
from views.words import day
from wizard.flows import FLOWS

# Whoever has a dossier in one of these still has to sign.
UNSIGNED = ("submitted", "printed", "returned")
# What a mail never says in the clear, by the fields in which it was given.
NUMBERS = ("social_insurance_code", "id_number", "guardian_social_insurance_code", "guardian_id_number")

# What became of a dossier, by the state that it was moved to.
SUBJECTS = {
    "submitted": _l("chưa được nộp"),
    "filed": _l("đã nộp cho cơ quan BHXH"),
    "issued": _l("đã có tài khoản VssID"),
    "returned": _l("cần bạn sửa"),
    "withdrawn": _l("đã được rút lại"),
}


@dataclass(frozen=True, slots=True)
class Content:
    """What one mail says, in the order in which it stands there. `link` is what is pressed, and where it leads."""

    subject: str
    paragraphs: tuple[str, ...]
    reference: str = ""
    code: str = ""
    steps: tuple[str, ...] = ()
    link: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()
    file_name: str = ""
    pdf: bytes = b""


class Composer:
    """Finds the words for the messages of this application; in any thread, for no request."""

    def __init__(self, app: Flask):
        self._app = app

    def __call__(self, row: Message, letter: Letter) -> Words:
        """The words of this message. Raises `KeyError` for a purpose that no mail has."""
        with self._app.app_context():
            content = CONTENTS[row.purpose](self, row, letter.said)
            company = preferences.current().company_name
            shown = {"content": content, "company": company, "contact": preferences.current().contact}
            colour = preferences.current().accent or colours.OURS
            return Words(
                _("Quầy VssID – %(company)s", company=company) if company else _("Quầy VssID"),
                content.subject,
                self._app.jinja_env.get_template("mail/mail.txt").render(shown),
                self._app.jinja_env.get_template("mail/mail.html").render(shown, colour=colour),
                content.file_name,
                content.pdf,
            )

    def address_of(self, endpoint: str) -> str:
        """The address of a page of ours; empty where only requests know how we are reached."""
        base = self._app.config["SETTINGS"].public_url
        return base + self._app.url_map.bind("").build(endpoint) if base else ""


def _code(_composer: Composer, _row: Message, said: dict) -> Content:
    return Content(
        _("Mã xác nhận đăng ký VssID"),
        (_("Mã xác nhận để gửi hồ sơ đăng ký VssID của bạn:"),),
        code=said["code"],
        notes=(
            _("Mã dùng được trong %(minutes)d phút. Đừng đưa mã này cho người khác.", minutes=said["minutes"]),
            _("Nếu không phải bạn đang đăng ký, hãy bỏ qua thư này."),
        ),
    )


def _form01(composer: Composer, row: Message, _said: dict) -> Content:
    dossier = _dossier_of(row)
    return Content(
        _("Tờ khai mẫu số 01, hồ sơ %(reference)s", reference=dossier.reference),
        (_("Kèm theo thư này là tờ khai mẫu số 01 để đăng ký VssID cho %(name)s.", name=dossier.full_name),),
        reference=dossier.reference,
        steps=_to_sign(dossier) if dossier.status in UNSIGNED else (),
        link=_look_up(composer),
        notes=(
            _("Tệp đính kèm có số giấy tờ và mã số BHXH: đừng chuyển tiếp thư này."),
            _("Nếu không phải bạn nhờ gửi, hãy xoá thư này và báo cho bộ phận Nhân sự."),
        ),
        file_name=f"to-khai-mau-01-{dossier.reference}.pdf",
        pdf=form01_of(dossier),
    )


def _news(composer: Composer, row: Message, said: dict) -> Content:
    dossier = _dossier_of(row)
    entry = next(each for each in history.entries(dossier) if each.seq == said["seq"])
    what = str(SUBJECTS[MOVES[entry.move].target])
    paragraphs, steps = _told(dossier, entry)
    return Content(
        _("Hồ sơ %(reference)s %(what)s", reference=dossier.reference, what=what),
        paragraphs,
        reference=dossier.reference,
        steps=steps,
        link=_look_up(composer),
        notes=(_("Bạn nhận thư này vì đã chọn nhận tin về hồ sơ. Đổi hoặc tắt ở trang hồ sơ, mục “Nhận tin”."),),
    )


def _invitation(_composer: Composer, _row: Message, said: dict) -> Content:
    return Content(
        _("Mời bạn đăng ký VssID"),
        (
            _("Bộ phận Nhân sự mời bạn đăng ký tài khoản VssID (BHXH số) tại quầy của công ty, mất khoảng năm phút."),
            _("Mở liên kết dưới đây thì phần lớn tờ khai đã được điền sẵn để bạn kiểm tra."),
        ),
        link=(_("Bắt đầu đăng ký"), said["link"]),
        notes=(
            _(
                "Liên kết là của riêng bạn, dùng được đến hết ngày %(day)s. Đừng chuyển tiếp thư này.",
                day=said["until"],
            ),
        ),
    )


def _test(_composer: Composer, _row: Message, _said: dict) -> Content:
    return Content(_("Thư thử"), (_("Đây là thư thử: quầy gửi được email. Bạn không cần làm gì."),))


CONTENTS = {"code": _code, "form01": _form01, "news": _news, "invitation": _invitation, "test": _test}


def _dossier_of(row: Message) -> Dossier:
    return Dossier.get(Dossier.envelope == row.envelope_id)


def _look_up(composer: Composer) -> tuple[str, str] | None:
    address = composer.address_of("lookup.show")
    return (_("Tra cứu hồ sơ"), address) if address else None


def _to_sign(dossier: Dossier) -> tuple[str, ...]:
    """What to do with the form, as the receipt says it."""
    signs = _("Kiểm tra, ký và ghi rõ họ tên.")
    if dossier.flow == "child":
        signs = _("Kiểm tra, rồi bạn (cha, mẹ hoặc người giám hộ) ký và ghi rõ họ tên của bạn.")
    agency = agencies.find(dossier.agency_code)
    return (
        _("In tệp đính kèm. Không có máy in? Đọc mã hồ sơ cho bộ phận Nhân sự để họ in giúp."),
        signs,
        _(
            "Nộp bản đã ký cho bộ phận Nhân sự. Họ chuyển hồ sơ đến %(agency)s.",
            agency=agency.name if agency else dossier.agency_code,
        ),
        _(
            "Sau 2 đến 5 ngày, cơ quan BHXH gửi tài khoản và mật khẩu qua tin nhắn. Quá 5 ngày chưa có, hãy hỏi bộ "
            "phận Nhân sự hoặc gọi 1900.9068."
        ),
    )


def _told(dossier: Dossier, entry: Entry) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of a move: what has happened, and what there is to do."""
    agency = agencies.find(dossier.agency_code)
    happened = str(states.TOLD[entry.move])
    if MOVES[entry.move].target == "returned":
        return (happened, *_why(dossier, entry)), _to_correct(dossier, entry)
    if entry.move == "file":
        first, last = map(day, states.answer_due(entry.at))
        return (
            happened,
            _(
                "Thường thì trong khoảng từ %(first)s đến %(last)s, %(agency)s gửi tài khoản và mật khẩu qua tin nhắn. "
                "Ngày nghỉ có thể làm lâu hơn.",
                first=first,
                last=last,
                agency=agency.name if agency else _("cơ quan BHXH"),
            ),
        ), ()
    if entry.move == "issue":
        return (happened,), (
            _("Tìm tin nhắn của cơ quan BHXH có tài khoản và mật khẩu."),
            _("Mở ứng dụng VssID, đăng nhập bằng mã số BHXH, đổi mật khẩu ngay lần đầu."),
            _("Đừng cho ai biết mật khẩu, kể cả Nhân sự. Quầy không biết mật khẩu của bạn."),
        )
    if entry.move == "withdraw":
        return (happened, *_why(dossier, entry), _("Hồ sơ này không được nộp nữa.")), ()
    return (happened, _("Tin trước đó được ghi nhầm: hồ sơ chưa nộp, hoặc chưa có tài khoản.")), ()


def _why(dossier: Dossier, entry: Entry) -> Iterable[str]:
    """The reasons that HR gave, without any number of whom they are about."""
    if entry.note.reasons:
        yield _("Lý do: %(reasons)s.", reasons="; ".join(str(REASONS[name]) for name in entry.note.reasons))
    if entry.note.text:
        text = _without_numbers(submissions.open_dossier(dossier), entry.note.text)
        yield _("Nhân sự ghi: “%(text)s”", text=text)


def _to_correct(dossier: Dossier, entry: Entry) -> tuple[str, ...]:
    titles = {step.name: str(step.title) for step in FLOWS[dossier.flow]}
    steps = ", ".join(titles[name] for name in entry.note.steps if name in titles)
    marked = (_("Sửa các bước: %(steps)s. Những gì khác đã khai vẫn còn.", steps=steps),) if steps else ()
    return (
        _("Mở “Tra cứu, làm tiếp” ở quầy, nhập số điện thoại và mã xác nhận, rồi bấm “Sửa hồ sơ”."),
        *marked,
        _("Gửi lại, in tờ khai mới, ký và nộp cho Nhân sự. Nếu chỉ thiếu chữ ký, nộp bản đã ký là đủ."),
    )


def _without_numbers(opened: OpenDossier, text: str) -> str:
    given = {name: value for answer in opened.answers.values() for name, value in answer.items()}
    for number in filter(None, (given.get(name) for name in NUMBERS)):
        text = re.sub(r"[\s.-]*".join(map(re.escape, number)), "…", text, flags=re.IGNORECASE)
    return text
