"""Who has registered, who is under way and who is missing: found by code, by number or by phone, unit by unit."""

import io
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import pytest

from desk import roster as desk
from desk.roster import Filter
from models import Code, Dossier, Employee, Unit, database
from services import accounts, employees, invitations, roster
from tests.dossiers import employ, file_one, fill

OLD_CODE = "0120878822"


@pytest.fixture
def cast(app):
    """Two units and somebody of none; nobody has begun."""
    # Left open: the tests look into the database themselves, and a page closes what it used.
    database.connect(reuse_if_open=True)
    people = (
        employ("NV1", "Nguyễn Thị An", "Xưởng May 1", phone="0912345601"),
        employ("NV2", "Trần Văn Bình", "Xưởng May 1", social_insurance_code=OLD_CODE, id_number="074190009999"),
        employ("NV3", "Lê Thị Chi", "Xưởng May 1"),
        employ("NV4", "Phạm Văn Dũng", "Xưởng May 2", phone="0912345604"),
        employ("NV5", "Đỗ Thị Em"),
    )
    return {row.code: row for row in people}


@pytest.fixture
def department(cast):
    return accounts.add("phong.nhan.su", "một câu dễ nhớ", "department")


@pytest.fixture
def unit_hr(cast):
    return accounts.add("don.vi", "một câu dễ nhớ", "unit", "Xưởng May 1")


def states(staff, **wanted) -> dict[str, str]:
    return {each.row.code: each.state for each in desk.page(staff, Filter(**wanted)).people}


def of_others(**changes):
    """Answers that nobody on the roster would be found by."""
    return {"social_insurance_code": "7777777777", "id_number": "001190000001", **changes}


def test_before_anybody_begins_everybody_is_missing(department):
    assert set(states(department).values()) == {desk.MISSING}
    told = [(each.unit and each.unit.name, each.total) for each in desk.by_unit(department)]
    assert told == [("Xưởng May 1", 3), ("Xưởng May 2", 1), (None, 1)]


@pytest.mark.parametrize(
    ("code", "phone", "changes"),
    [
        ("NV3", "0912345699", of_others(employee_code=" nv 3 ")),
        ("NV2", "0912345699", of_others(social_insurance_code=OLD_CODE)),
        # Since 2025 the personal number may be declared in its place.
        ("NV2", "0912345699", of_others(social_insurance_code="074190009999")),
        ("NV1", "0912345601", of_others()),
    ],
)
def test_a_dossier_is_somebodys_by_code_by_number_or_by_phone(department, code, phone, changes):
    dossier = file_one(phone, **changes)
    expected = dict.fromkeys(("NV1", "NV2", "NV3", "NV4", "NV5"), desk.MISSING) | {code: desk.REGISTERED}
    assert states(department) == expected
    (person,) = desk.page(department, Filter(state=desk.REGISTERED)).people
    assert (person.row.code, person.dossier.reference) == (code, dossier.reference)


def test_a_draft_is_under_way_until_it_is_sent(department):
    fill("0912345604", **of_others())
    fill("0912345698", **of_others(employee_code="NV5"))
    assert states(department, state=desk.UNDER_WAY) == {"NV4": desk.UNDER_WAY, "NV5": desk.UNDER_WAY}
    file_one("0912345604", **of_others(social_insurance_code="7777777778"))
    assert states(department, state=desk.REGISTERED) == {"NV4": desk.REGISTERED}


def test_a_childs_dossier_and_a_withdrawn_one_do_not_count_for_the_parent(department):
    file_one("0912345601", **of_others())
    Dossier.update(status="withdrawn").execute()
    assert states(department)["NV1"] == desk.MISSING
    Dossier.update(status="submitted", flow="child").execute()
    assert states(department)["NV1"] == desk.MISSING
    Dossier.update(flow="adult").execute()
    assert states(department)["NV1"] == desk.REGISTERED


def test_a_dossier_in_another_name_is_pointed_out(department):
    file_one("0912345699", **of_others(employee_code="NV3", full_name="Người Khác"))
    file_one("0912345601", **of_others(social_insurance_code="7777777778", full_name="NGUYỄN THỊ AN"))
    names = {each.row.code: each.other_name for each in desk.page(department, Filter(state=desk.REGISTERED)).people}
    assert names == {"NV1": "", "NV3": "Người Khác"}


def test_the_newest_dossier_with_ones_own_code_is_shown(department):
    former = file_one("0912345601", **of_others(social_insurance_code="7777777778"))
    Dossier.update(status="withdrawn").where(Dossier.id == former.id).execute()
    own = file_one("0912345699", **of_others(employee_code="NV1"))
    Code.update(sent_at=Code.sent_at - 120).execute()
    file_one("0912345601", **of_others(social_insurance_code="7777777779"))
    (person,) = desk.page(department, Filter(state=desk.REGISTERED)).people
    assert person.dossier.reference == own.reference


def test_a_units_hr_sees_its_own_unit_alone(unit_hr, cast):
    assert set(states(unit_hr)) == {"NV1", "NV2", "NV3"}
    assert [each.unit.name for each in desk.by_unit(unit_hr)] == ["Xưởng May 1"]
    assert states(unit_hr, unit_id=cast["NV4"].unit_id) == {}
    assert list(desk.picked(unit_hr, [row.id for row in cast.values()])) == [cast["NV1"], cast["NV2"], cast["NV3"]]


def test_people_are_found_by_name_without_accents_by_code_and_by_unit(department):
    assert set(states(department, text="binh")) == {"NV2"}
    assert set(states(department, text="nv 4")) == {"NV4"}
    assert set(states(department, unit_id=desk.NO_UNIT)) == {"NV5"}
    assert states(department, text="100%_") == {}


def test_a_long_list_comes_page_by_page_and_nobody_twice(department):
    Employee.insert_many([employees.values(f"X{n:03}", f"Người {n}x", None, {}) for n in range(120)]).execute()
    seen, after = [], 0
    while after is not None:
        page = desk.page(department, Filter(unit_id=desk.NO_UNIT), after)
        seen += [each.row.code for each in page.people]
        after = page.next
    assert seen == ["NV5", *(f"X{n:03}" for n in range(120))] and page.total == 121
    # An address from before somebody was removed, or made up, begins at the beginning.
    for made_up in (-1, 10**30, 2**31 - 1):
        assert desk.page(department, Filter(), made_up).people[0].row.code == "NV1"


def test_removing_somebody_takes_the_link_along_and_leaves_the_dossier(department, cast):
    file_one("0912345601", **of_others())
    invitations.prepare([cast["NV1"], cast["NV2"]])
    assert desk.remove([cast["NV1"]]) == 1
    assert Dossier.select().count() == 1 and set(states(department)) == {"NV2", "NV3", "NV4", "NV5"}
    assert invitations.find(invitations.link_of(invitations.of([cast["NV2"]])[cast["NV2"].id])) == cast["NV2"]


def test_however_long_a_list_is_only_a_part_of_it_is_in_memory(department):
    class Checked:
        number, errors = 2, []
        alive = most = 0

        def __init__(self, code):
            self.values = {"code": code, "full_name": "Đỗ An"}
            Checked.alive += 1
            Checked.most = max(Checked.most, Checked.alive)

        def __del__(self):
            Checked.alive -= 1

    key = roster.stage(department, (Checked(f"M{n}") for n in range(5 * roster.PART)))
    assert roster.uploaded(department, key)[1].new == 5 * roster.PART
    assert Checked.most <= 2 * roster.PART + 1


def test_a_list_is_confirmed_by_the_database_in_one_piece(department):
    class Checked:
        number, errors = 2, []

        def __init__(self, code):
            self.values = {"code": code, "full_name": "Đỗ An", "unit": "Tổ mới"}

    before = Employee.select().count()
    key = roster.stage(department, [Checked(f"M{n}") for n in range(roster.PART + 1)])
    with pytest.MonkeyPatch.context() as patch:
        real = employees.values

        def failing(code, *rest):
            if code == f"M{roster.PART}":
                raise RuntimeError("in the middle")
            return real(code, *rest)

        patch.setattr("services.employees.values", failing)
        with pytest.raises(RuntimeError, match="in the middle"):
            roster.confirm(department, key)
    assert Employee.select().count() == before and Unit.get_or_none(Unit.name == "Tổ mới") is None
    assert roster.confirm(department, key).new == roster.PART + 1
    assert Employee.select().count() == before + roster.PART + 1


def test_many_who_confirm_the_same_list_at_once_bring_it_in_once(department):
    class Checked:
        number, errors, values = 2, [], {"code": "M1", "full_name": "Đỗ An", "unit": "Tổ mới"}

    key = roster.stage(department, [Checked])

    def confirm(_number):
        with database.connection_context():
            return roster.confirm(department, key).new

    with ThreadPoolExecutor(4) as clerks:
        assert list(clerks.map(confirm, range(4))) == [1] * 4
    assert Employee.select().where(Employee.code == "M1").count() == 1


def test_a_phone_that_two_people_share_uses_up_nobodys_link(department, cast):
    file_one("0912345601", **of_others(full_name="Chồng Của An"))
    assert states(department)["NV1"] == desk.REGISTERED and not desk.is_registered(cast["NV1"])


def test_a_list_of_many_pages_is_taken_along_whole(department):
    Employee.insert_many([employees.values(f"X{n:03}", f"Người {n}x", None, {}) for n in range(120)]).execute()
    told = [each.row.code for each in desk.everyone(department, Filter(unit_id=desk.NO_UNIT))]
    assert told == ["NV5", *(f"X{n:03}" for n in range(120))]


def test_the_desk_shows_bars_and_numbers_that_lead_to_the_people(sign_in, cast):
    file_one("0912345601", **of_others())
    fill("0912345604", **of_others(social_insurance_code="7777777778"))
    hr = sign_in("department").open("/staff/roster")
    first = hr.page.select_one("tbody tr")
    assert [cell.get_text(strip=True) for cell in first.select("th, td")] == ["Xưởng May 1", "", "1", "0", "2", "3"]
    bar = first.select_one("svg[role=img]")
    assert bar["aria-label"] == "Đã gửi 1, đang làm 0, chưa 2"
    assert [rect["width"] for rect in bar.select("rect")] == ["100%", "33.33%", "33.33%"]
    last = hr.page.select("tbody tr")[-1]
    assert [cell.get_text(strip=True) for cell in last.select("th, td")] == ["Tất cả", "", "1", "1", "3", "5"]
    hr.open(first.select("td a")[-1]["href"])
    assert "Trần Văn Bình" in hr.text and "Nguyễn Thị An" not in hr.text and "2 người" in hr.text


def test_the_list_is_taken_along_as_a_harmless_spreadsheet(sign_in, cast):
    employ("=1+1", "@SUM(A1) Đỗ")
    dossier = file_one("0912345601", **of_others())
    answer = sign_in("department").client.get("/staff/roster/people.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert rows[0] == ("Mã nhân viên", "Họ và tên", "Đơn vị", "Tình trạng", "Mã hồ sơ")
    assert ("'=1+1", "'@SUM(A1) Đỗ", "", "Chưa đăng ký", "") in rows
    assert ("NV1", "Nguyễn Thị An", "Xưởng May 1", "Đã gửi hồ sơ", dossier.reference) in rows
