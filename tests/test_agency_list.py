"""The list of agencies: brought in from a file after it was looked at, closed, opened; nothing of it ever lost."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.agencies import understand
from forms.headings import WrongHeadings
from models import Dossier, Setting, database
from services import agencies, agency_list, preferences, spreadsheets, submissions, vault
from tests.desk import lines
from tests.dossiers import file_one

# As public lists have it; made up after their manner.
LIST = """\
agency_code,agency_name,level,province_code,province_name,n_communes,commune_codes
079,BHXH TP Hồ Chí Minh,Cấp Tỉnh,79,TP Hồ Chí Minh,0,
7407,BHXH cơ sở Lái Thiêu,Cấp cơ sở,79,TP Hồ Chí Minh,2,25978 25969
09601,BHXH cơ sở Năm Căn,Cấp cơ sở,96,Tỉnh Cà Mau,2,32002 32005
"""
VIETNAMESE = """\
Mã CQ BHXH;Tên cơ quan;Tên cũ;Tỉnh/Thành phố;Địa chỉ
09601;BHXH cơ sở Năm Căn;BHXH huyện Năm Căn;Cà Mau;Khóm 2, xã Năm Căn
07921;BHXH cơ sở Hóc Môn;;TP. Hồ Chí Minh;
"""
# Of before 2026 there are none like these.
WRONG = """\
Mã,Tên,Tỉnh
09601,BHXH cơ sở Năm Căn,Cà Mau
09601,BHXH cơ sở Năm Căn hai,Cà Mau
1234567,BHXH cơ sở Xa,Cà Mau
09602,BHXH cơ sở Đâu,Atlantis
09603,,Cà Mau
09604,=1+1,Cà Mau
"""


@pytest.fixture
def admin(sign_in):
    return sign_in("admin")


def send(admin, text: str | bytes, status: int = 200, name: str = "co-quan.csv"):
    data = text.encode() if isinstance(text, str) else text
    return admin.open("/staff/settings/agencies/import").submit({"file": (BytesIO(data), name)}, status=status)


def find(code: str):
    with database.connection_context():
        return agencies.find(code)


def count() -> int:
    with database.connection_context():
        return len(agencies.all_agencies())


def counted(admin) -> list[str]:
    """New, changed, unchanged, wrong."""
    return [each.get_text() for each in admin.page.select("dl.rows dd")]


def test_a_list_is_looked_at_before_it_is_written(admin, plain):
    before = count()
    send(admin, LIST)
    assert counted(admin) == ["1", "1", "1", "0"]
    assert "BHXH cơ sở Năm Căn" in admin.text
    assert count() == before
    admin.submit(press="Ghi 2 cơ quan")
    assert count() == before + 1
    assert "Năm Căn" in plain.fill_until("agency").text
    plain.submit({"agency": "09601"})
    assert "BHXH cơ sở Năm Căn" in plain.text


def test_an_agency_is_known_by_its_code_and_an_empty_cell_changes_nothing(admin):
    send(admin, LIST).submit(press="Ghi")
    kept = find("07407")
    # The zero that a spreadsheet takes is given back; former name and address were known before.
    assert kept.label == "BHXH cơ sở Lái Thiêu (tên cũ: BHXH thành phố Thuận An)"
    assert kept.address == "Đường Nguyễn Văn Tiết, phường Lái Thiêu, TP. Hồ Chí Minh"
    assert kept.communes == ("25978", "25969")
    assert find("09601").province_name == "Tỉnh Cà Mau"
    assert "phường" in admin.open("/staff/settings/agencies/07407").text


def test_a_list_in_vietnamese_with_semicolons_is_understood(admin):
    send(admin, VIETNAMESE).submit(press="Ghi 1 cơ quan")
    assert find("09601").label == "BHXH cơ sở Năm Căn (tên cũ: BHXH huyện Năm Căn)"
    assert find("09601").address == "Khóm 2, xã Năm Căn"


def test_a_list_as_xlsx_with_a_title_above_it_is_understood_too(admin):
    title = [spreadsheets.Column("Danh sách cơ quan BHXH, năm 2026")] + [spreadsheets.Column("")] * 2
    book = spreadsheets.write("Cơ quan", title, [["Mã", "Tên", "Mã tỉnh"], ["09601", "BHXH cơ sở Năm Căn", "96"]])
    send(admin, book, name="co-quan.xlsx").submit(press="Ghi 1 cơ quan")
    assert find("09601").name == "BHXH cơ sở Năm Căn"


def test_wrong_rows_are_named_and_left_out(admin):
    send(admin, WRONG)
    assert counted(admin) == ["1", "0", "0", "5"]
    rows = [
        [cell.get_text() for cell in row.find_all(["th", "td"])] for row in admin.page.select("tbody")[0].select("tr")
    ]
    assert [row[0] for row in rows] == ["3", "4", "5", "6", "7"]
    assert "đã có ở dòng 2" in rows[0][2]
    assert "3 hoặc 5 chữ số" in rows[1][2]
    assert "34 tỉnh" in rows[2][2]
    assert "công thức" in rows[4][2]
    admin.submit(press="Ghi 1 cơ quan")
    assert find("09601").name == "BHXH cơ sở Năm Căn"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "không có dòng nào"),
        (b"\x89PNG\r\n\x1a\n\0\0", "không phải bảng tính"),
        (b"PK\x03\x04 and no more", "bị hỏng"),
        ("Họ tên,Ngày sinh\nLan,1990\n".encode(), "Không thấy các cột bắt buộc"),
        (b"Ma,Ten\n07921,Hoc Mon\n", "Không thấy các cột bắt buộc"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_with_what_to_do(admin, data, sentence):
    send(admin, data, 422)
    assert sentence in admin.errors()[0]


def test_without_a_file_the_page_asks_for_one(admin):
    admin.open("/staff/settings/agencies/import").submit(status=422)
    assert admin.errors() == ["Chọn tệp danh sách cơ quan BHXH."]


def test_what_was_discarded_or_written_cannot_be_written_again(admin):
    send(admin, LIST)
    preview = admin.url
    key, token = preview.rsplit("/", 1)[1], admin.page.find("input", attrs={"name": "csrf_token"})["value"]
    admin.submit(press="Bỏ, không nhập")
    assert admin.heading == "Nhập danh sách cơ quan BHXH"
    assert admin.open(preview).heading == "Danh sách cơ quan BHXH"
    confirm = f"/staff/settings/agencies/import/{key}/confirm"
    answer = admin.client.post(confirm, data={"csrf_token": token})
    assert answer.status_code == 409
    assert "Tải tệp lên lại" in answer.text
    assert find("09601") is None


def test_what_waits_for_more_than_an_hour_is_gone(admin, monkeypatch):
    send(admin, LIST)
    later = agency_list.now() + agency_list.WAITS
    monkeypatch.setattr(agency_list, "now", lambda: later)
    assert admin.reload().heading == "Danh sách cơ quan BHXH"
    with database.connection_context():
        assert agency_list.purge() == 1
        assert Setting.get_or_none(Setting.name == "agencies_upload") is None


def test_a_closed_agency_is_offered_no_more_but_stays_that_of_the_dossiers_it_took(admin, plain, submitted):
    reference = submitted(plain)
    with database.connection_context():
        preferences.change("change_agency", default_agency="07921")
    admin.open("/staff/settings/agencies/07407").submit(press="Đóng cơ quan này")
    assert "Ngừng nhận hồ sơ" in admin.text
    assert "Lái Thiêu" in admin.open(f"/staff/dossiers/{reference}").text
    assert "Lái Thiêu" in plain.reload().text
    another = plain.fill_until("agency")
    assert another.page.select("option[value='07407']") == []
    another.submit({"agency": "07407"}, status=422)
    admin.open("/staff/settings/agencies/07407").submit(press="Mở lại")
    assert another.open(another.url).page.select("option[value='07407']")


def test_dossiers_that_have_lost_their_agency_are_told_wherever_hr_works_with_them(admin):
    told = "đã ngừng nhận hồ sơ"
    with database.connection_context():
        waiting, done = file_one("0912345601"), file_one("0912345602")
        for row, status in ((waiting, "signed"), (done, "withdrawn")):
            Dossier.update(status=status).where(Dossier.id == row.id).execute()
        preferences.change("change_agency", default_agency="07921")
    assert "Hồ sơ chưa nộp của cơ quan này: 1." in admin.open("/staff/settings/agencies/07407").text
    for path in ("/staff/dossiers", "/staff/batches", f"/staff/dossiers/{waiting.reference}"):
        assert told not in admin.open(path).text
    admin.open("/staff/settings/agencies/07407").submit(press="Đóng cơ quan này")
    admin.follow("Xem hồ sơ")
    rows = admin.page.select("tbody tr")
    marked = {row.select_one("[data-reference]").get_text(): told in row.get_text() for row in rows}
    assert marked == {waiting.reference: True, done.reference: False}
    assert told in admin.open(f"/staff/dossiers/{waiting.reference}").text
    assert told not in admin.open(f"/staff/dossiers/{done.reference}").text
    assert told in admin.open("/staff/batches").text
    # It may be filed all the same: the agency may have said where to.
    admin.submit(press="Lập đợt nộp")
    assert told in admin.text and admin.submit(press="Ghi cả đợt là đã nộp") and told not in admin.text


def test_a_dossier_whose_agency_is_in_no_list_any_more_can_still_be_read(admin):
    with database.connection_context():
        dossier = file_one("0912345601")
        opened = submissions.open_dossier(dossier)
        opened.answers["agency"]["agency"] = "99999"
        state = json.dumps({"answers": opened.answers, "changed": opened.changed}).encode()
        dossier.answers, dossier.agency_code = vault.seal(dossier.envelope, "dossier.answers", state), "99999"
        dossier.save()
    for path in ("/staff/dossiers", "/staff/", f"/staff/dossiers/{dossier.reference}"):
        assert "99999" in admin.open(path).text and "ngừng nhận hồ sơ" in admin.text
    assert admin.client.get(f"/staff/dossiers/{dossier.reference}/form01.pdf").data.startswith(b"%PDF")


def test_a_closed_agency_stays_closed_when_its_list_is_imported_again(admin):
    admin.open("/staff/settings/agencies/07921").submit(press="Đóng")
    send(admin, VIETNAMESE).submit(press="Ghi")
    assert not find("07921").is_open


def test_the_default_agency_cannot_be_closed(admin):
    admin.open("/staff/settings/agencies/07407").submit(press="Đóng", status=422)
    assert "Chọn cơ quan mặc định khác" in admin.text
    assert find("07407").is_open


def test_agencies_are_found_however_they_are_written(admin):
    for text in ("hoc mon", "07921", "HÓC MÔN"):
        admin.open(f"/staff/settings/agencies?q={text}")
        assert [row.th.get_text() for row in admin.page.select("tbody tr")] == ["BHXH cơ sở Hóc Môn"]
    assert "Không có cơ quan nào khớp" in admin.open("/staff/settings/agencies?q=atlantis").text
    admin.open("/staff/settings/agencies/99999", 404)


def test_another_process_that_has_the_old_list_sees_the_new_one_at_once(app):
    with database.connection_context():
        before = agencies.all_agencies()
        agency_list.confirm("import_agencies", agency_list.stage([row_of("09601")]).key)
        assert agencies.find("09601") in agencies.all_agencies()
        assert agencies.find("09601") not in before


def test_every_change_of_the_list_leaves_its_line_in_the_log(admin):
    before = len(lines())
    send(admin, LIST).submit(press="Ghi")
    admin.open("/staff/settings/agencies/07921").submit(press="Đóng").submit(press="Mở")
    noted = [line[1] for line in lines()[before:]]
    assert noted == ["upload_agencies", "import_agencies", "close_agency", "open_agency"]


# By command


def test_the_command_imports_a_list(app, tmp_path):
    (tmp_path / "list.csv").write_text(LIST, "utf-8")
    result = app.test_cli_runner().invoke(args=["agencies", "import", str(tmp_path / "list.csv")])
    assert result.output == "new: 1, changed: 1, unchanged: 1\n"
    assert find("09601").name == "BHXH cơ sở Năm Căn"
    assert lines()[-1] == ("system", "import_agencies", "", "ok")


def test_the_command_writes_nothing_while_a_row_is_wrong_unless_it_is_told_to(app, tmp_path):
    (tmp_path / "list.csv").write_text(WRONG, "utf-8")
    runner, args = app.test_cli_runner(), ["agencies", "import", str(tmp_path / "list.csv")]
    result = runner.invoke(args=args)
    assert result.exit_code == 1
    assert "row 3, Mã cơ quan:" in result.output
    assert find("09601") is None
    assert runner.invoke(args=[*args, "--skip-wrong"]).exit_code == 0
    assert find("09601")


def test_the_command_says_what_is_wrong_with_a_file(app, tmp_path):
    (tmp_path / "list.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    result = app.test_cli_runner().invoke(args=["agencies", "import", str(tmp_path / "list.csv")])
    assert result.exit_code == 1
    assert "không phải bảng tính" in result.output


# Whatever a file holds


def row_of(code: str) -> dict[str, str]:
    return {"code": code, "name": "BHXH cơ sở Năm Căn", "province_code": "96", "province_name": "Tỉnh Cà Mau"}


CELLS = st.lists(st.text(max_size=12), min_size=7, max_size=7)


@given(st.lists(CELLS, max_size=5))
def test_no_row_makes_the_reader_fail_and_what_it_takes_is_whole(rows):
    header = spreadsheets.Row(1, ("Mã", "Tên", "Mã tỉnh", "Tỉnh", "Tên cũ", "Địa chỉ", "Xã phường"))
    table = [header, *(spreadsheets.Row(number, tuple(cells)) for number, cells in enumerate(rows, 2))]
    read = understand(table, agencies.provinces())
    assert len(read.rows) + len({number for number, _label, _said in read.errors}) == len(rows)
    for row in read.rows:
        assert row["name"]
        assert row["province_name"] == agencies.provinces()[row["province_code"]]


@given(st.lists(st.text(max_size=8), max_size=8))
def test_headings_that_do_not_name_the_columns_are_refused(cells):
    with pytest.raises(WrongHeadings):
        understand([spreadsheets.Row(1, ("?", *cells))], agencies.provinces())
