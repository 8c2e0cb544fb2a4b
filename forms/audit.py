"""The words of the audit log, and what it is narrowed by."""

from datetime import datetime, timedelta, timezone

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Optional, StopValidation

from forms.base import tidy

VIETNAM = timezone(timedelta(hours=7))
DAY = 24 * 60 * 60
EVERYTHING = _l("Tất cả")

# Every action that is ever noted. What is done through a page of the desk bears the name of its endpoint.
ACTIONS = {
    "home": _l("Xem trang tổng quan"),
    "dossiers": _l("Xem danh sách hồ sơ"),
    "export": _l("Tải danh sách hồ sơ"),
    "assist": _l("Bắt đầu đăng ký giúp"),
    "show_code": _l("Hiện mã của hồ sơ nhập giúp"),
    "dossier": _l("Xem hồ sơ"),
    "form01": _l("Mở tờ khai mẫu số 01"),
    "photo": _l("Xem ảnh"),
    "ask": _l("Mở trang chuyển trạng thái"),
    "move": _l("Chuyển trạng thái hồ sơ"),
    "bulk": _l("Chuyển trạng thái nhiều hồ sơ"),
    "outcome": _l("Xem kết quả chuyển nhiều hồ sơ"),
    "batches": _l("Xem danh sách đợt nộp"),
    "batch": _l("Xem đợt nộp"),
    "make_batch": _l("Lập đợt nộp"),
    "add_to_batch": _l("Thêm hồ sơ vào đợt nộp"),
    "take_out": _l("Lấy hồ sơ ra khỏi đợt nộp"),
    "file_batch": _l("Ghi đợt nộp là đã nộp"),
    "enter_results": _l("Nhập kết quả của đợt nộp"),
    "batch_cover_list_pdf": _l("Mở bảng tổng hợp của đợt nộp"),
    "batch_cover_list_xlsx": _l("Tải bảng tổng hợp của đợt nộp (Excel)"),
    "batch_print_pdf": _l("In cả đợt nộp"),
    "batch_files_zip": _l("Tải mọi tệp của đợt nộp (ZIP)"),
    "paper": _l("Mở trang tờ khai giấy"),
    "scan": _l("Quét tờ khai đã ký"),
    "read_pile": _l("Gửi bản quét tờ khai đã ký"),
    "pile": _l("Xem kết quả đọc bản quét"),
    "pile_progress": _l("Xem đọc bản quét đến đâu"),
    "unsigned": _l("Xem hồ sơ chưa có bản ký"),
    "begin_printing": _l("Lập bản in nhiều tờ khai"),
    "printing": _l("Xem bản in nhiều tờ khai"),
    "printing_pdf": _l("In nhiều tờ khai"),
    "mark_printed": _l("Ghi nhiều tờ khai là đã in"),
    "official": _l("Xem mẫu số 01 chính thức"),
    "fetch_official": _l("Tải lại mẫu số 01 chính thức"),
    "upload_official": _l("Tải lên mẫu số 01 chính thức"),
    "remove_official": _l("Gỡ mẫu số 01 đã tải lên"),
    "renew_official": _l("Nhận mẫu số 01 mới từ cổng BHXH"),
    "consents": _l("Mở bản ghi sự đồng ý"),
    "requests": _l("Xem danh sách yêu cầu"),
    "request": _l("Xem yêu cầu"),
    "acknowledge": _l("Xác nhận đã nhận yêu cầu"),
    "carry_out": _l("Thực hiện yêu cầu"),
    "refuse": _l("Từ chối yêu cầu"),
    "delete": _l("Xoá hồ sơ theo yêu cầu"),
    "codes": _l("Xem mã xác nhận"),
    "unlock": _l("Cho số điện thoại nhập mã lại"),
    "messages": _l("Xem tin nhắn"),
    "send_again": _l("Gửi lại tin nhắn"),
    "read_out": _l("Đọc mã thay cho tin nhắn"),
    "outside": _l("Xem kết nối bên ngoài"),
    "try_outside": _l("Thử kết nối bên ngoài"),
    "audit": _l("Xem nhật ký"),
    "submit": _l("Gửi hồ sơ"),
    "look_up": _l("Tra cứu bằng số điện thoại"),
    "sign_in": _l("Đăng nhập"),
    "sign_out": _l("Đăng xuất"),
    "account": _l("Xem tài khoản của mình"),
    "password": _l("Mở trang đổi mật khẩu"),
    "totp": _l("Mở trang xác thực hai lớp"),
    "turn_totp_on": _l("Bật xác thực hai lớp"),
    "turn_totp_off": _l("Tắt xác thực hai lớp"),
    "people": _l("Xem danh sách người dùng"),
    "person": _l("Xem người dùng"),
    "add_person": _l("Thêm người dùng"),
    "change_person": _l("Đổi vai trò, đơn vị"),
    "disable_person": _l("Khoá tài khoản"),
    "enable_person": _l("Mở lại tài khoản"),
    "change_password": _l("Đổi mật khẩu"),
    "reset_person": _l("Đặt lại mật khẩu và xác thực hai lớp"),
    "units": _l("Xem danh sách đơn vị"),
    "unit": _l("Xem đơn vị"),
    "add_unit": _l("Thêm đơn vị"),
    "rename_unit": _l("Đổi tên đơn vị"),
    "remove_unit": _l("Xoá đơn vị"),
    "roster": _l("Xem tiến độ theo đơn vị"),
    "roster_people": _l("Xem danh sách nhân viên"),
    "roster_export": _l("Tải danh sách nhân viên"),
    "import_roster": _l("Mở trang nhập danh sách nhân viên"),
    "upload_roster": _l("Tải lên danh sách nhân viên"),
    "roster_upload": _l("Xem trước danh sách nhân viên"),
    "confirm_roster": _l("Nhập danh sách nhân viên"),
    "discard_roster": _l("Bỏ danh sách đã tải lên"),
    "roster_sample": _l("Tải tệp mẫu"),
    "make_slips": _l("Tạo liên kết để in thẻ mời"),
    "slips": _l("In thẻ mời"),
    "invite": _l("Nhắn tin liên kết riêng"),
    "invite_by_mail": _l("Gửi email liên kết riêng"),
    "revoke_links": _l("Thu hồi liên kết riêng"),
    "ask_to_remove": _l("Mở trang xoá khỏi danh sách nhân viên"),
    "remove_people": _l("Xoá khỏi danh sách nhân viên"),
    "settings": _l("Xem thiết lập"),
    "settings_company": _l("Xem thiết lập công ty"),
    "settings_contact": _l("Xem thiết lập liên hệ"),
    "settings_agency": _l("Xem cơ quan mặc định"),
    "settings_channel": _l("Xem kênh đăng ký"),
    "settings_messages": _l("Xem lời tin nhắn"),
    "settings_form01": _l("Xem địa chỉ mẫu số 01 chính thức"),
    "settings_retention": _l("Xem thời gian lưu giữ"),
    "change_company": _l("Đổi tên, màu, logo công ty"),
    "change_contact": _l("Đổi liên hệ Nhân sự"),
    "change_agency": _l("Đổi cơ quan mặc định"),
    "change_channel": _l("Đổi kênh đăng ký, lưu ý"),
    "change_messages": _l("Đổi lời tin nhắn"),
    "change_form01": _l("Đổi địa chỉ mẫu số 01 chính thức"),
    "change_retention": _l("Đổi thời gian lưu giữ"),
    "agencies": _l("Xem danh sách cơ quan BHXH"),
    "agency": _l("Xem cơ quan BHXH"),
    "agencies_file": _l("Mở trang nhập danh sách cơ quan"),
    "upload_agencies": _l("Tải lên danh sách cơ quan"),
    "agencies_upload": _l("Xem trước danh sách cơ quan"),
    "import_agencies": _l("Nhập danh sách cơ quan"),
    "discard_agencies": _l("Bỏ danh sách cơ quan vừa tải lên"),
    "close_agency": _l("Đóng cơ quan BHXH"),
    "open_agency": _l("Mở lại cơ quan BHXH"),
    "backup": _l("Sao lưu"),
    "restore": _l("Khôi phục từ bản sao lưu"),
    "expire_photos": _l("Xoá ảnh hết thời gian lưu giữ"),
    "expire_dossier": _l("Xoá hồ sơ hết thời gian lưu giữ"),
}
ACTORS = {"applicant": _l("Người đăng ký"), "system": _l("Máy chủ"), "unknown": _l("Chưa đăng nhập")}
RESULTS = {
    "ok": _l("Được"),
    "refused": _l("Bị từ chối"),
    "wrong": _l("Sai mật khẩu hoặc mã"),
    "locked": _l("Sai quá nhiều lần, tạm khoá"),
}


class Day:
    """A day of this age; the browser's own date field gives no other."""

    def __call__(self, form, field):
        if field.data is None or not 2000 <= field.data.year <= 2999:
            field.data = None
            # Not the words of the field itself as well, which are English.
            field.errors = []
            raise StopValidation(_l("Nhập ngày theo dạng 2026-11-25."))


class AuditFilterForm(FlaskForm):
    """Who, what, about which dossier, from which day to which; a GET, so it changes nothing and needs no guard."""

    class Meta:
        csrf = False

    actor = SelectField(_l("Người làm"), choices=(), validate_choice=False)
    action = SelectField(_l("Việc"), choices=(), validate_choice=False)
    reference = StringField(_l("Mã hồ sơ"), filters=[tidy])
    since = DateField(_l("Từ ngày"), validators=[Optional(), Day()])
    until = DateField(_l("Đến hết ngày"), validators=[Optional(), Day()])

    def __init__(self, formdata, usernames: dict[str, str]):
        super().__init__(formdata)
        self.actor.choices = [("", EVERYTHING), *usernames.items(), *ACTORS.items()]
        self.action.choices = [("", EVERYTHING), *ACTIONS.items()]

    def chosen(self, field) -> str:
        """The choice that was made in this field; nothing for what is not among its choices."""
        return field.data if field.data in dict(field.choices) else ""

    @property
    def about(self) -> str:
        """The reference, however it was written."""
        return (self.reference.data or "").upper().replace("-", "").replace(" ", "")[:64]

    def seconds(self) -> tuple[int | None, int | None]:
        """The first second of the first day and the first one after the last day, in Vietnam; None where not given."""
        return midnight(self.since.data, 0), midnight(self.until.data, 1)


def midnight(day, later: int) -> int | None:
    """The second at which the day `later` days after `day` begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=VIETNAM).timestamp()) + later * DAY if day else None
