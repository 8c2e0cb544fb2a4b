"""The roster: a list is uploaded, looked at and confirmed; nothing else changes it."""

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.headings import WrongHeadings
from forms.roster import BY_HEADING, COLUMNS, understand
from models import Employee, Invitation, RosterPart, RosterUpload, Unit, database, now
from services import employees, invitations, retention, spreadsheets
from tests.browser import Browser
from tests.desk import lines
from tests.test_spreadsheets import xlsx

HEADINGS = [
    "Mã NV",
    "Họ và tên",
    "Đơn vị",
    "Mã số BHXH",
    "Số CCCD",
    "Điện thoại",
    "Địa chỉ",
    "Xã/Phường",
    "Ngày sinh",
    "Email",
]
NHUNG = ["nv001", "Nguyễn Thị Hồng Nhung", "Xưởng May 1", "0120878811", "074190001234", "0912345678"]
NHUNG += ["12/3 đường Nguyễn Văn Tiết", "Phường Lái Thiêu, TP. Hồ Chí Minh", "15/08/1990", "nhung@congty.vn"]
DUC = ["NV002", "Trần Văn Đức", "Phòng Kế toán", "", "", "0912345679", "", "", "", ""]
FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def database_url():
    """What is peculiar to a database is tried by name below."""
    return ""


def upload(desk: Browser, data: bytes, name: str = "danh-sach.xlsx", status: int = 200) -> Browser:
    return desk.open("/staff/roster/import").submit(
        {"file": (io.BytesIO(data), name)}, press="Xem trước", status=status
    )


def bring_in(desk: Browser, *rows, headings=HEADINGS) -> Browser:
    return upload(desk, xlsx(headings, *rows)).submit(press="Nhập")


def everybody() -> dict[str, tuple]:
    with database.connection_context():
        rows = Employee.select().order_by(Employee.code)
        return {row.code: (row.full_name, row.unit and row.unit.name, employees.details(row)) for row in rows}


def counts(desk: Browser) -> list[int]:
    """New, changed, unchanged, wrong."""
    return [int(each.get_text()) for each in desk.page.select("dl.rows dd > b")]


def test_nothing_is_written_before_the_list_is_confirmed_and_then_all_of_it(sign_in):
    desk = upload(sign_in("department"), xlsx(HEADINGS, NHUNG, DUC))
    assert counts(desk) == [2, 0, 0, 0] and "Đơn vị mới được tạo" in desk.text
    assert everybody() == {}
    with database.connection_context():
        assert Unit.select().count() == 0
    desk.submit(press="Nhập 2 người")
    assert "Đã nhập danh sách" in desk.heading and counts(desk) == [2, 0, 0, 0]
    known = {
        "social_insurance_code": "0120878811",
        "id_number": "074190001234",
        "phone": "0912345678",
        "address": "12/3 đường Nguyễn Văn Tiết",
        "commune": "Phường Lái Thiêu, TP. Hồ Chí Minh",
        "birth_date": "1990-08-15",
        "email": "nhung@congty.vn",
    }
    assert everybody() == {
        "NV001": ("Nguyễn Thị Hồng Nhung", "Xưởng May 1", known),
        "NV002": ("Trần Văn Đức", "Phòng Kế toán", {"phone": "0912345679"}),
    }


def test_the_same_list_again_changes_nothing_and_a_changed_one_updates_by_code(sign_in):
    desk = bring_in(sign_in(), NHUNG, DUC)
    before = everybody()
    assert counts(upload(desk, xlsx(HEADINGS, NHUNG, DUC))) == [0, 0, 2, 0]
    desk.submit(press="Nhập")
    assert everybody() == before
    moved = ["NV002", "Trần Văn Đức", "xưởng may 1", "0120878899", "", ""]
    assert counts(upload(desk, xlsx(HEADINGS, moved))) == [0, 1, 0, 0]
    desk.submit(press="Nhập")
    # Empty cells and absent people stay as they were; a unit is the same however it is capitalised.
    after = ("Trần Văn Đức", "Xưởng May 1", {"social_insurance_code": "0120878899", "phone": "0912345679"})
    assert everybody() == {**before, "NV002": after}


def test_a_second_press_on_confirm_is_the_first_one(sign_in):
    desk = upload(sign_in(), xlsx(HEADINGS, NHUNG))
    form = desk.page.select_one("form[action$='/confirm']")
    token = form.select_one("[name=csrf_token]")["value"]
    answers = [desk.client.post(form["action"], data={"csrf_token": token}) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert counts(desk.open(answers[1].location)) == [1, 0, 0, 0]
    with database.connection_context():
        assert (Employee.select().count(), RosterPart.select().count()) == (1, 0)


def test_discarded_is_gone_and_can_no_longer_be_confirmed(sign_in):
    desk = upload(sign_in(), xlsx(HEADINGS, NHUNG))
    form = desk.page.select_one("form[action$='/confirm']")
    token = form.select_one("[name=csrf_token]")["value"]
    desk.submit(press="Bỏ, không nhập")
    assert desk.client.post(form["action"], data={"csrf_token": token}).status_code == 409
    with database.connection_context():
        assert (Employee.select().count(), RosterUpload.select().count(), RosterPart.select().count()) == (0, 0, 0)


def test_after_an_hour_an_upload_is_forgotten(sign_in):
    desk = upload(sign_in(), xlsx(HEADINGS, NHUNG))
    address = desk.url
    with database.connection_context():
        RosterUpload.update(created_at=RosterUpload.created_at - 3601).execute()
    desk.submit(press="Nhập", status=409)
    assert "Tải tệp lên lại" in desk.text
    desk.open(address, 404)
    upload(desk, xlsx(HEADINGS, DUC))
    with database.connection_context():
        assert RosterUpload.select().count() == 1 and RosterPart.select().count() == 1


def test_the_nightly_purge_takes_forgotten_uploads_and_dead_links_along(sign_in):
    desk = bring_in(sign_in(), NHUNG, DUC)
    upload(desk, xlsx(HEADINGS, NHUNG))
    with database.connection_context():
        invitations.prepare(Employee.select())
        assert {retention.purge()[what] for what in ("uploads", "links")} == {0}
        RosterUpload.update(created_at=RosterUpload.created_at - 3600).execute()
        Invitation.update(expires_at=now()).where(Invitation.employee == Employee.get(code="NV001")).execute()
        purged = retention.purge()
        assert (purged["uploads"], purged["links"]) == (2, 1)
        assert (RosterPart.select().count(), Invitation.select().count(), Employee.select().count()) == (0, 1, 2)


def test_only_who_uploaded_a_list_sees_it_and_a_units_hr_uploads_none(app, sign_in):
    desk = upload(sign_in("department"), xlsx(HEADINGS, NHUNG))
    sign_in("admin").open(desk.url, 404)
    sign_in("unit", "Xưởng May 1").open("/staff/roster/import", 403)


def test_what_waits_and_what_is_kept_is_sealed(sign_in, environ):
    desk = upload(sign_in(), xlsx(HEADINGS, NHUNG))
    secrets = [each.encode() for each in (*NHUNG[3:7], NHUNG[9], "1990-08-15")]
    files = lambda: b"".join(path.read_bytes() for path in Path(environ["QUAY_DATA"]).glob("quay.db*"))  # noqa: E731
    assert not [each for each in (*secrets, NHUNG[1].encode()) if each in files()]
    desk.submit(press="Nhập")
    assert NHUNG[1].encode() in files(), "the name stays readable for HR's list"
    assert not [each for each in secrets if each in files()]


# --- Headings


@pytest.mark.parametrize(
    "headings",
    [
        ["Mã nhân viên", "Họ tên", "SĐT"],
        ["MÃ NV *", "HỌ VÀ TÊN (in hoa)", "Số điện thoại:"],
        ["Employee ID", "Full name", "Mobile phone"],
        ["employee_code", "Employee_Name", "PHONE NUMBER"],
    ],
)
def test_columns_are_known_by_their_headings_in_either_language(headings):
    table = understand(spreadsheets.read(xlsx(headings, ["nv 1", "Đỗ An", "+84 912 345 678"])))
    assert [row.values for row in table.rows] == [{"code": "NV1", "full_name": "Đỗ An", "phone": "0912345678"}]


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        (["Mã NV", "Họ và tên đệm", "Tên"], ["NV1", "Nguyễn Thị Hồng", "Nhung"]),
        (["Employee code", "First name", "Last name"], ["NV1", "Nhung", "Nguyễn Thị Hồng"]),
        (["Mã NV", "Tên"], ["NV1", "Nguyễn Thị Hồng Nhung"]),
    ],
)
def test_a_name_in_two_columns_is_one_name(headings, row):
    table = understand(spreadsheets.read(xlsx(headings, row)))
    assert [each.values for each in table.rows] == [{"code": "NV1", "full_name": "Nguyễn Thị Hồng Nhung"}]


def test_every_heading_means_one_column():
    headings = [heading for column in COLUMNS for heading in column.headings]
    assert len(headings) == len(set(headings)) == len(BY_HEADING)


def test_a_title_above_the_headings_and_merged_cells_are_no_hindrance():
    def merge(book):
        book.active.merge_cells("A1:C1")

    data = xlsx(["CÔNG TY MAY BÌNH MINH"], ["Danh sách nhân viên"], [], ["STT", *HEADINGS], [1, *NHUNG], change=merge)
    table = understand(spreadsheets.read(data))
    assert table.ignored == ["STT"]
    assert [(row.number, row.errors) for row in table.rows] == [(5, [])]


def test_wrong_headings_are_refused_with_what_to_change(sign_in):
    desk = upload(sign_in(), xlsx(["STT", "Ai", "Ở đâu"], ["1", "x", "y"]), status=422)
    assert "Không thấy cột “Mã nhân viên”, “Họ và tên”" in desk.errors()[0] and "STT, Ai, Ở đâu" in desk.errors()[0]
    desk = upload(desk, xlsx(["Mã NV", "Họ tên", "SĐT", "Di động"], ["1", "Đỗ An", "1", "2"]), status=422)
    assert "“SĐT”, “Di động” đều là “Số điện thoại di động”" in desk.errors()[0]
    assert everybody() == {}


# --- Rows


@pytest.mark.parametrize(
    ("column", "wrong", "says"),
    [
        ("Mã NV", "", "Nhập mã nhân viên"),
        ("Mã NV", "A" * 41, "tối đa 40 ký tự"),
        ("Họ và tên", "12345", "bằng chữ"),
        ("Họ và tên", "=HYPERLINK(1)", "công thức"),
        ("Mã số BHXH", "123", "10 số"),
        ("Số CCCD", "số??", "CCCD"),
        ("Điện thoại", "12", "điện thoại di động"),
        ("Điện thoại", "7.419E+10", "điện thoại di động"),
        ("Địa chỉ", "x" * 301, "tối đa 300"),
        ("Ngày sinh", "31/02/1990", "15/08/1990"),
        ("Ngày sinh", "15/08/2990", "15/08/1990"),
        ("Email", "ai đó", "email chưa đúng"),
    ],
)
def test_a_wrong_cell_is_told_with_its_row_and_what_to_do_and_the_row_is_not_taken(column, wrong, says):
    row = [wrong if heading == column else cell for heading, cell in zip(HEADINGS, NHUNG, strict=True)]
    bad, good = understand(spreadsheets.read(xlsx(HEADINGS, row, DUC))).rows
    assert (bad.number, good.number, good.errors) == (2, 3, [])
    ((label, sentence),) = bad.errors
    assert says in str(sentence) and str(label) in {str(each.label) for each in COLUMNS}


CELLS = st.one_of(st.text(max_size=60), st.sampled_from(NHUNG), st.from_regex(r"[0-9]{8,16}", fullmatch=True))


@given(st.lists(st.lists(CELLS, max_size=12), max_size=6))
def test_whatever_stands_below_the_headings_is_taken_or_told_and_what_is_taken_fits(rows):
    read = [spreadsheets.Row(n, tuple(" ".join(cell.split()) for cell in row)) for n, row in enumerate(rows, 2)]
    for row in understand([spreadsheets.Row(1, tuple(HEADINGS)), *read]).rows:
        assert all(str(label) and str(sentence) for label, sentence in row.errors)
        if not row.errors:
            assert 0 < len(row.values["code"]) <= 40 and row.values["code"] == row.values["code"].upper()
            assert 0 < len(row.values["full_name"]) <= 200 and len(row.values.get("unit", "")) <= 200
            assert re.fullmatch(r"0[35789]\d{8}", row.values.get("phone", "0912345678"))
            assert date.fromisoformat(row.values.get("birth_date", "2000-01-01")) <= date.today()


def test_good_rows_are_taken_though_others_are_wrong(sign_in):
    wrong = ["NV003", "Lê Văn C", "", "12"]
    desk = upload(sign_in(), xlsx(HEADINGS, NHUNG, wrong, ["nv 001", "Người Trùng Mã"]))
    assert counts(desk) == [1, 0, 0, 2]
    told = [[cell.get_text() for cell in row.select("th, td")] for row in desk.page.select("tbody tr")]
    assert [row[:2] for row in told] == [["3", "Mã số BHXH"], ["4", "Mã nhân viên"]]
    assert "đã có ở dòng 2" in told[1][2]
    desk.submit(press="bỏ qua 2 dòng lỗi")
    assert list(everybody()) == ["NV001"]


def test_without_a_good_row_there_is_nothing_to_confirm(sign_in):
    desk = upload(sign_in(), xlsx(HEADINGS, ["", "Không Mã"]))
    assert "Không có dòng nào nhập được" in desk.text and not desk.page.select("form[action$='/confirm']")


def test_zeros_that_a_spreadsheet_took_away_come_back():
    row = ["NV1", "Đỗ An", "", 120878811, 74190001234, 912345678]
    (read,) = understand(spreadsheets.read(xlsx(HEADINGS, row))).rows
    taken = {name: read.values[name] for name in ("social_insurance_code", "id_number", "phone")}
    assert taken == {"social_insurance_code": "0120878811", "id_number": "074190001234", "phone": "0912345678"}


def test_a_file_that_is_no_list_is_refused_with_its_own_sentence(sign_in):
    desk = sign_in()
    for data, says in (
        (b"", "không có dòng nào"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "không phải bảng tính"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Excel đời cũ"),
        (xlsx(HEADINGS, NHUNG)[:900], "bị hỏng"),
    ):
        assert says in upload(desk, data, status=422).errors()[0]
    desk.open("/staff/roster/import").submit(press="Xem trước", status=422)
    assert "Chọn tệp danh sách" in desk.errors()[0]
    with database.connection_context():
        assert RosterUpload.select().count() == 0


def test_a_body_beyond_every_list_is_refused_before_it_is_read(sign_in):
    body = io.BytesIO(bytes(17 * 1024 * 1024))
    kind = "multipart/form-data; boundary=x"
    answer = sign_in().client.post(
        "/staff/roster/import", input_stream=body, content_length=2**24 + 1, content_type=kind
    )
    assert answer.status_code == 413 and "16 MB" in answer.text and body.tell() == 0


def test_rows_that_cannot_be_read_to_the_end_leave_nothing_behind(sign_in, monkeypatch):
    monkeypatch.setattr("services.spreadsheets.reading.MAX_ROWS", 600)
    rows = "".join(f"NV{n},Đỗ An\n" for n in range(601))
    refused = upload(sign_in(), f"Mã NV,Họ tên\n{rows}".encode(), "a.csv", status=422)
    assert "hơn 50.000 dòng" in refused.errors()[0]
    with database.connection_context():
        assert (RosterUpload.select().count(), RosterPart.select().count()) == (0, 0)


def test_the_sample_that_the_desk_gives_can_be_brought_in_as_it_is(sign_in):
    desk = sign_in()
    sample = desk.client.get("/staff/roster/sample.xlsx").data
    assert counts(upload(desk, sample)) == [2, 0, 0, 0]


def test_whoever_types_commands_brings_a_list_in_too(app, tmp_path):
    path = tmp_path / "danh-sach.csv"
    path.write_bytes("Mã NV;Họ tên;SĐT\nNV1;Đỗ An;0912345678\nNV2;Lê B;12\n".encode("utf-8-sig"))
    refused = app.test_cli_runner().invoke(args=["roster", "import", str(path)])
    assert refused.exit_code == 1 and "row 3" in refused.output and "nothing was written" in refused.output
    assert everybody() == {}
    taken = app.test_cli_runner().invoke(args=["roster", "import", str(path), "--skip-wrong"])
    assert taken.exit_code == 0 and "new: 1, changed: 0, unchanged: 0, left out: 1" in taken.output
    assert everybody() == {"NV1": ("Đỗ An", None, {"phone": "0912345678"})}
    assert lines() == [("system", "confirm_roster", "", "ok")]
    with database.connection_context():
        assert RosterUpload.select().where(RosterUpload.done_at.is_null()).count() == 0


# --- A real file, saved by LibreOffice 7.4: a title in merged cells, a formula, numbers without their zeros, dates


def test_a_list_from_libreoffice_is_brought_in_but_for_its_formula(sign_in):
    desk = upload(sign_in(), (FIXTURES / "roster-libreoffice.xlsx").read_bytes())
    assert counts(desk) == [3, 0, 0, 1]
    told = [[cell.get_text() for cell in row.select("th, td")] for row in desk.page.select("tbody tr")]
    assert [row[:2] for row in told] == [["7", "Họ và tên"]] and "công thức" in told[0][2]
    desk.submit(press="Nhập 3 người")
    people = everybody()
    assert people["NV002"][2] == {
        "social_insurance_code": "0120878822",
        "id_number": "074085001234",
        "phone": "0912345679",
        "birth_date": "1985-02-28",
    }
    assert people["NV004"] == (
        "H'Yến Niê Kdăm",
        "Phòng Kế toán",
        {
            "social_insurance_code": "0120878844",
            "id_number": "B1234567",
            "phone": "0912345680",
            "birth_date": "1999-12-31",
        },
    )


def test_an_old_file_from_libreoffice_is_refused_with_what_to_do(sign_in):
    desk = upload(sign_in(), (FIXTURES / "roster-libreoffice.xls").read_bytes(), "cu.xls", status=422)
    assert "Excel đời cũ" in desk.errors()[0] and ".xlsx" in desk.errors()[0]


def test_a_macro_is_not_even_looked_at(sign_in):
    data = io.BytesIO((FIXTURES / "roster-libreoffice.xlsx").read_bytes())
    with zipfile.ZipFile(data, "a") as parts:
        parts.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 not a macro at all")
    assert counts(upload(sign_in(), data.getvalue(), "macro.xlsm")) == [3, 0, 0, 1]


def test_headings_that_nobody_knows_are_a_sentence():
    with pytest.raises(WrongHeadings):
        understand(iter(()))
