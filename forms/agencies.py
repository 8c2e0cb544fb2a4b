"""The list of agencies as an administrator brings it: which heading means what, and what is right in a row."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FileField, SearchField

from forms.base import tidy, unaccented
from forms.headings import HEADINGS_WITHIN, WrongHeadings
from forms.validators import SomeFile

# What each column is called: by us, and (folded) in the lists that go about.
COLUMNS = {
    "code": (_l("Mã cơ quan"), ("ma co quan", "ma cq bhxh", "ma cq", "ma bhxh", "ma", "agency code", "code")),
    "name": (_l("Tên cơ quan"), ("ten co quan", "ten co quan bhxh", "co quan bhxh", "ten", "agency name", "name")),
    "province_code": (_l("Mã tỉnh"), ("ma tinh", "province code")),
    "province_name": (
        _l("Tỉnh, thành phố"),
        ("tinh", "tinh thanh pho", "ten tinh", "tinh tp", "province name", "province"),
    ),
    "former_name": (_l("Tên cũ"), ("ten cu", "ten truoc day", "former name")),
    "address": (_l("Địa chỉ"), ("dia chi", "dia chi tru so", "address")),
    "communes": (
        _l("Mã xã, phường phụ trách"),
        ("ma xa", "ma xa phuong", "ma xa phuong phu trach", "xa phuong", "commune codes", "communes"),
    ),
}
FORMULA = _l("Ô này là công thức. Chép lại thành giá trị (Dán đặc biệt, Giá trị).")
LONGEST = {"name": 200, "former_name": 200, "address": 300}


class AgenciesFileForm(FlaskForm):
    """The file with the list."""

    file = FileField(
        _l("Tệp danh sách (XLSX hoặc CSV)"),
        description=_l("Tối đa 16 MB. Macro không được chạy, công thức không được tính."),
        validators=[SomeFile(_l("Chọn tệp danh sách cơ quan BHXH."))],
        render_kw={"accept": ".xlsx,.xlsm,.csv,.txt"},
    )


class AgencySearchForm(FlaskForm):
    """What the list is narrowed by; a GET, so it changes nothing and needs no guard."""

    class Meta:
        csrf = False

    q = SearchField(_l("Tìm theo mã, tên hoặc tỉnh"), filters=[tidy])


@dataclass(frozen=True, slots=True)
class Understood:
    """The good rows by column, and of the others row number, column and what to do."""

    rows: list[dict[str, str]]
    errors: list[tuple[int, str, str]]


def understand(rows: Iterable, provinces: dict[str, str]) -> Understood:
    """Read rows of a spreadsheet; `provinces` are the names by code. Raises `WrongHeadings`."""
    rows = iter(rows)
    places = _headings(rows)
    good, errors, seen = [], [], {}
    for row in rows:
        cells = {name: row.cells[place] if place < len(row.cells) else "" for name, place in places.items()}
        values, wrong = _checked(cells, provinces)
        wrong |= {name: FORMULA for name, place in places.items() if place in row.formulas}
        first = seen.setdefault(values["code"], row.number)
        if not wrong and first != row.number:
            wrong["code"] = _l("Mã %(code)s đã có ở dòng %(row)d. Giữ một dòng.", code=values["code"], row=first)
        errors += [(row.number, str(COLUMNS[name][0]), str(said)) for name, said in wrong.items()]
        if not wrong:
            good.append(values)
    return Understood(good, errors)


def _headings(rows) -> dict[str, int]:
    """The place of each column that is there."""
    for _number, row in zip(range(HEADINGS_WITHIN), rows, strict=False):
        folded = [_folded(cell) for cell in row.cells]
        places = {
            name: next(place for place, cell in enumerate(folded) if cell in headings)
            for name, (_label, headings) in COLUMNS.items()
            if set(folded) & set(headings)
        }
        if {"code", "name"} <= places.keys() and {"province_code", "province_name"} & places.keys():
            return places
    raise WrongHeadings(
        _l("Không thấy các cột bắt buộc. Dòng tiêu đề cần có “Mã cơ quan”, “Tên cơ quan”, và “Mã tỉnh” hoặc “Tỉnh”.")
    )


def _checked(cells: dict[str, str], provinces: dict[str, str]) -> tuple[dict[str, str], dict]:
    """The row's good values, and what is wrong by column."""
    values = dict.fromkeys(COLUMNS, "") | cells
    wrong = {}
    values["code"] = _with_zeros(values["code"])
    if not re.fullmatch("[0-9]{3}|[0-9]{5}", values["code"]):
        wrong["code"] = _l("Mã cơ quan BHXH gồm 3 hoặc 5 chữ số, ví dụ 07407.")
    if not any(char.isalpha() for char in values["name"]):
        wrong["name"] = _l("Nhập tên cơ quan BHXH.")
    for name, most in LONGEST.items():
        if len(values[name]) > most:
            wrong[name] = _l("Rút ngắn còn tối đa %(count)d ký tự.", count=most)
    province = _province(values, provinces)
    if province is None:
        wrong["province_name"] = _l("Không có tỉnh này trong 34 tỉnh, thành phố hiện nay. Kiểm tra mã hoặc tên.")
    values |= {"province_code": province or "", "province_name": provinces.get(province, "")}
    communes = re.findall("[0-9]+", values["communes"])
    if any(len(each) > 5 for each in communes):
        wrong["communes"] = _l("Mã xã, phường gồm 5 chữ số, cách nhau bằng dấu cách.")
    values["communes"] = " ".join(each.zfill(5) for each in communes)
    return values, wrong


def _with_zeros(code: str) -> str:
    """The code with the zeros at the beginning that a spreadsheet takes from a number."""
    return code.zfill(3 if len(code) <= 3 else 5) if code.isdecimal() else code


def _province(values: dict[str, str], provinces: dict[str, str]) -> str | None:
    """The code of the row's province, by its own code or by its name."""
    code = values["province_code"].zfill(2)
    if code in provinces:
        return code
    named = _place(values["province_name"])
    return next((known for known, name in provinces.items() if named and _place(name) == named), None)


def _place(name: str) -> str:
    """A province's name without what it is, folded."""
    return re.sub(r"^(thanh pho|tinh|tp) ", "", _folded(name))


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", unaccented(text).lower()).split())
