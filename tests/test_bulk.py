"""Many dossiers moved by one press: each for itself, and only as one's role allows."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from desk import bulk, requests, way
from desk.requests import RIGHTS
from models import Event, Staff, database
from services.history import APPLICANT
from tests.batches import clerk, states
from tests.dossiers import file_one


@pytest.fixture
def desk(sign_in):
    """Somebody of the HR department, in front of the desk."""
    return sign_in("department")


def test_what_is_ticked_is_moved_and_each_outcome_is_told(desk):
    with database.connection_context():
        rows = [file_one(f"09123456{number:02}", full_name=f"Trần Văn {'ABC'[number]}") for number in range(3)]
    desk.open("/staff/dossiers?status=submitted")
    ticks = [box["value"] for box in desk.page.select("[name=chosen]")]
    assert len(ticks) == 3
    with database.connection_context():
        way.move(APPLICANT, rows[1], "withdraw", "submitted")
    desk.submit({"chosen": ticks, "do": "print"}, press="Thực hiện")
    assert "Đã ghi cho 2 trong 3 hồ sơ" in desk.text
    (kept,) = [line.get_text(" ", strip=True) for line in desk.page.select("tbody tr") if "Không chuyển" in line.text]
    assert "Trần Văn B" in kept and "Đã rút" in kept and "Người đăng ký" in kept
    assert states(rows) == ["printed", "withdrawn", "printed"]
    assert desk.reload().heading == "Đã in tờ khai"


def test_a_page_is_ticked_by_a_link_and_nothing_ticked_is_told_on_the_same_page(desk):
    with database.connection_context():
        file_one("0912345601", full_name="Trần Văn A")
        file_one("0912345602", full_name="Lê Thị B")
    desk.open("/staff/dossiers?q=tran").submit({"do": "sign"}, press="Thực hiện", status=422)
    assert "Đánh dấu ít nhất một hồ sơ" in desk.page.select_one(".summary[role=alert]").get_text()
    assert len(desk.page.select("[name=chosen]")) == 1 and desk.value("do") == "sign" and desk.value("q") == "tran"
    desk.open("/staff/dossiers?q=tran").follow("Chọn cả trang")
    assert [box.has_attr("checked") for box in desk.page.select("[name=chosen]")] == [True]
    desk.submit({"do": "sign"}, press="Thực hiện")
    assert "Đã ghi cho 1 trong 1 hồ sơ" in desk.text


def test_a_units_hr_is_offered_and_makes_only_its_own_moves_of_its_own_dossiers(sign_in):
    unit = sign_in("unit", "Xưởng May 1")
    with database.connection_context():
        own, other = file_one("0912345601", unit="Xưởng May 1"), file_one("0912345602")
        assert {move.name for move in bulk.moves_for(Staff.get())} == {"print", "sign", "forward"}
    unit.open("/staff/dossiers")
    assert [option["value"] for option in unit.page.select("#do option")] == ["print", "sign", "forward"]
    ticks = [f"{row.reference}.submitted.1" for row in (own, other)]
    unit.submit({"chosen": ticks, "do": "print"}, press="Thực hiện")
    assert "Đã ghi cho 1 trong 1 hồ sơ" in unit.text and other.reference not in unit.text
    assert states([own, other]) == ["printed", "submitted"]
    for forged in ("file", "issue", "batch", "return", "submit", "khong-co", ""):
        unit.open("/staff/dossiers").submit({"chosen": ticks, "do": forged}, press="Thực hiện", status=404)
    assert states([own, other]) == ["printed", "submitted"]


def test_ticks_that_no_page_has_made_move_nothing(desk):
    with database.connection_context():
        row = file_one("0912345601")
    wrong = [row.reference, f"{row.reference}.submitted", f"{row.reference}.submitted.x", f"{row.reference}.printed.1"]
    for tick in (*wrong, f"{row.reference}.submitted.²", f"{row.reference}.submitted.2", "\0.\0.1", "...", "a.b.1"):
        answer = desk.open("/staff/dossiers")._form("Thực hiện")
        desk.client.post("/staff/bulk", data={"csrf_token": desk.value("csrf_token"), "do": "print", "chosen": tick})
        assert answer and states([row]) == ["submitted"], tick


def test_whoever_said_stop_is_left_out_and_named_with_the_reason(desk):
    with database.connection_context():
        rows = [file_one(f"09123456{number:02}") for number in range(2)]
        requests.ask(rows[1], RIGHTS["restrict"], "")
    ticks = [f"{row.reference}.submitted.1" for row in rows]
    desk.open("/staff/dossiers").submit({"do": "print", "chosen": ticks}, press="Thực hiện")
    assert "Đã ghi cho 1 trong 2 hồ sơ" in desk.text and desk.page.select_one("tbody .error + br + .error")
    assert states(rows) == ["printed", "submitted"]


def test_of_clerks_who_move_the_same_dossiers_at_once_each_is_moved_once(desk):
    with database.connection_context():
        rows = [file_one(f"09123456{number:02}") for number in range(3)]
    ticks = [bulk.Seen(row.reference, "submitted", 1) for row in rows]
    together = Barrier(4)

    def press(number):
        with database.connection_context():
            together.wait()
            bulk.move(clerk(), "print", ticks[:: 1 if number % 2 else -1])

    with ThreadPoolExecutor(4) as clerks:
        list(clerks.map(press, range(4)))
    with database.connection_context():
        assert Event.select().where(Event.move == "print").count() == 3
