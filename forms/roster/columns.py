"""What the roster knows of a person: the headings that mean it, and what is right in a cell."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from forms.validators import EmailAddress, HasLetters, IdNumber, MobilePhone, Most, SocialInsuranceCode

EARLIEST = 1900


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that the roster knows of a person, the headings that mean it (folded), and its checks."""

    name: str
    label: str
    headings: tuple[str, ...]
    checks: tuple[Callable, ...] = ()


class EmployeeCode:
    """At most 40 characters without spaces; capital letters, so that it is the same however it is written."""

    def __call__(self, form, field):
        field.data = "".join(field.data.split()).upper()
        if not field.data:
            raise ValidationError(_l("Nhập mã nhân viên."))


class LostZero:
    """Gives back the zero at the beginning that a spreadsheet takes from a number of this many digits."""

    def __init__(self, *lengths: int):
        self.lengths = lengths

    def __call__(self, form, field):
        if field.data.isdecimal() and len(field.data) + 1 in self.lengths:
            field.data = f"0{field.data}"


class BirthDate:
    """A day of the past, written as in Vietnam or as ISO 8601 has it; kept as the latter."""

    FORMS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d")

    def __call__(self, form, field):
        for written in self.FORMS:
            try:
                day = datetime.strptime(field.data, written).date()
            except ValueError:
                continue
            if day.year >= EARLIEST and day <= date.today():
                field.data = day.isoformat()
                return
        raise ValidationError(_l("Nhập ngày sinh dạng 15/08/1990."))


COLUMNS = (
    Column(
        "code",
        _l("Mã nhân viên"),
        ("ma nhan vien", "ma nv", "ma so nhan vien", "so nhan vien", "msnv", "mnv", "manv", "ma cong nhan", "ma so the")
        + (
            "employee code",
            "employee id",
            "employee no",
            "employee number",
            "staff id",
            "staff code",
            "emp id",
            "code",
        ),
        (EmployeeCode(), Most(40)),
    ),
    Column(
        "full_name",
        _l("Họ và tên"),
        ("ho va ten", "ho ten", "ten nhan vien", "ho ten nhan vien", "ho va ten nhan vien", "ho va ten nguoi lao dong")
        + ("full name", "fullname", "employee name", "name"),
        (Most(200), HasLetters()),
    ),
    # A name in two columns, as many lists have it; both together are the name.
    Column(
        "family_name",
        _l("Họ và tên đệm"),
        ("ho", "ho dem", "ho va dem", "ho va ten dem", "ho ten dem", "ho lot", "ho va chu lot", "ho va ten lot")
        + ("family name", "last name", "surname"),
    ),
    Column("given_name", _l("Tên"), ("ten", "given name", "first name")),
    Column(
        "unit",
        _l("Đơn vị"),
        ("don vi", "phong ban", "bo phan", "phong", "xuong", "to", "chuyen", "don vi cong tac", "don vi lam viec")
        + ("unit", "department", "dept", "section", "division"),
        (Most(200),),
    ),
    Column(
        "social_insurance_code",
        _l("Mã số BHXH"),
        (
            "ma so bhxh",
            "ma bhxh",
            "so bhxh",
            "bhxh",
            "so so bhxh",
            "ma so bao hiem xa hoi",
            "so the bhyt",
            "ma the bhyt",
        )
        + ("social insurance code", "social insurance number", "social insurance no", "si code", "si number"),
        (LostZero(10, 12), SocialInsuranceCode()),
    ),
    Column(
        "id_number",
        _l("Số CCCD hoặc hộ chiếu"),
        (
            "so cccd",
            "cccd",
            "so cmnd/cccd",
            "cmnd/cccd",
            "so cccd/cmnd",
            "cccd/cmnd",
            "so cccd hoac ho chieu",
            "so cmnd",
        )
        + ("cmnd", "can cuoc cong dan", "so can cuoc cong dan", "so can cuoc", "so dinh danh", "so dinh danh ca nhan")
        + ("id number", "id no", "identity number", "id card", "passport", "passport no", "citizen id", "national id"),
        (LostZero(12), IdNumber()),
    ),
    Column(
        "phone",
        _l("Số điện thoại di động"),
        ("dien thoai", "so dien thoai", "sdt", "so dt", "dt", "dtdd", "di dong", "dien thoai di dong")
        + ("so dien thoai di dong", "phone", "phone number", "mobile", "mobile phone", "mobile number", "cell phone"),
        (MobilePhone(),),
    ),
    Column(
        "address",
        _l("Địa chỉ"),
        ("dia chi", "dia chi lien he", "dia chi thuong tru", "dia chi tam tru", "noi o", "so nha ten duong", "so nha")
        + ("so nha, ten duong", "so nha, ten duong, khu pho hoac thon", "address", "street", "street address"),
        (Most(300),),
    ),
    Column(
        "commune",
        _l("Xã, phường"),
        ("xa phuong", "phuong xa", "xa, phuong", "phuong, xa", "xa/phuong", "phuong/xa", "xa", "phuong")
        + ("commune", "ward", "commune/ward", "ward/commune"),
        (Most(200),),
    ),
    Column(
        "birth_date",
        _l("Ngày sinh"),
        (
            "ngay sinh",
            "ngay thang nam sinh",
            "sinh ngay",
            "birth date",
            "date of birth",
            "birthday",
            "dob",
            "birthdate",
        ),
        (BirthDate(),),
    ),
    Column(
        "email",
        _l("Email"),
        ("email", "e-mail", "dia chi email", "thu dien tu", "email address", "mail"),
        (Most(254), EmailAddress()),
    ),
)
REQUIRED = {"code": _l("Nhập mã nhân viên."), "full_name": _l("Nhập họ và tên.")}
HALVES = ("family_name", "given_name")
BY_NAME = {column.name: column for column in COLUMNS}
BY_HEADING = {heading: column for column in COLUMNS for heading in column.headings}


def sample() -> tuple[str, list[tuple[str, int]], list[list[str]]]:
    """A list to fill in: title, headings with their widths, and two people who do not exist."""
    first = ("NV001", _l("Nguyễn Thị Hồng Nhung"), _l("Xưởng May 1"), "0120878811", "074190001234", "0912345678")
    second = ("NV002", _l("Trần Văn Đức"), _l("Phòng Kế toán"), "0120878822", "079085001234", "0912345679")
    places = [
        (_l("12/3 đường Nguyễn Văn Tiết"), _l("Phường Lái Thiêu, TP. Hồ Chí Minh"), "15/08/1990", "nhung@congty.vn"),
        (_l("45 đường Cách Mạng Tháng Tám"), _l("Phường Thủ Dầu Một, TP. Hồ Chí Minh"), "28/02/1985", ""),
    ]
    rows = [[str(cell) for cell in (*person, *place)] for person, place in zip((first, second), places, strict=True)]
    return str(_l("Nhân viên")), [(str(column.label), 24) for column in COLUMNS if column.name not in HALVES], rows
