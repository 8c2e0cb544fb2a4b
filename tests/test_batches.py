"""Batches for the agency: gathered, filed and answered, by several people at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from peewee import IntegrityError

from desk import batches, requests, way
from desk.requests import RIGHTS
from models import Batch, BatchLine, Dossier, Event, Staff, database
from services import history
from services.history import APPLICANT
from tests.batches import clerk, filed, gathered, signed, states
from tests.dossiers import correct, file_one


@pytest.fixture
def desk(sign_in):
    """Somebody of the HR department, in front of the desk."""
    return sign_in("department")


def paste(desk, text: str, press: str = "Ghi kết quả", status: int = 200, **more):
    return desk.submit({"results": text, **more}, press=press, status=status)


def test_a_batch_is_gathered_printed_filed_and_answered(desk):
    rows = signed(3)
    desk.follow("Đợt nộp").submit(press="Lập đợt nộp (3 hồ sơ)")
    assert desk.heading.startswith("Đợt nộp 20") and desk.heading.endswith("/1")
    assert [tag.get_text() for tag in desk.page.select("td[data-reference]")] == [row.reference for row in rows]
    assert states(rows) == ["signed"] * 3
    desk.submit(press="Ghi cả đợt là đã nộp")
    assert states(rows) == ["filed"] * 3
    assert "Còn 3 trong 3 hồ sơ chưa có kết quả" in desk.text
    with database.connection_context():
        assert [history.entries(row)[-1].staff for row in rows] == ["department.nhansu"] * 3
        ticks = [f"{row.reference}.filed.{history.last_seq(row)}" for row in rows]
    desk.submit({"chosen": ticks[:1]}, press="đã có tài khoản")
    assert "Còn 2 trong 3" in desk.text
    desk.follow("trả lại…").submit({"text": "Ảnh mờ."}, form=desk.page.select_one("main form"))
    desk.follow("Đợt nộp").follow("/1")
    assert "Còn 1 trong 3" in desk.text and "Trả lại để sửa: Ảnh mờ." in desk.text
    paste(desk, f"{rows[2].reference}\tĐã cấp")
    assert "Cả 3 hồ sơ đã có kết quả" in desk.text
    assert states(rows) == ["issued", "returned", "issued"]
    assert "Đã có đủ kết quả" in desk.follow("Các đợt nộp").text


def test_dossiers_of_two_agencies_go_into_two_batches(desk):
    rows = signed(2)
    with database.connection_context():
        Dossier.update(agency_code="07408").where(Dossier.id == rows[1].id).execute()
        ticks = [f"{row.reference}.signed.2" for row in rows]
    desk.open("/staff/dossiers").submit({"chosen": ticks, "do": "batch"}, press="Thực hiện")
    assert "2 trong 2 hồ sơ đã vào đợt nộp" in desk.text and "một đợt riêng" in desk.text
    with database.connection_context():
        assert [(row.number[-2:], row.agency_code) for row in Batch.select().order_by(Batch.id)] == [
            ("/1", "07407"),
            ("/2", "07408"),
        ]


def test_what_cannot_go_into_a_batch_is_named_with_its_reason(desk):
    rows = signed(3)
    with database.connection_context():
        waiting = file_one("0912345690")
        requests.ask(rows[1], RIGHTS["restrict"], "")
    taken = gathered(rows[:1])
    ticks = [f"{row.reference}.{row.status}.2" for row in (*rows, waiting)]
    desk.open("/staff/dossiers").submit({"chosen": ticks, "do": "batch"}, press="Thực hiện")
    assert "2 trong 4 hồ sơ đã vào đợt nộp" in desk.text
    assert "chưa nhận bản ký" in desk.text and "yêu cầu dừng" in desk.text
    with database.connection_context():
        assert BatchLine.select().where(BatchLine.batch == taken).count() == 1
        assert {line.dossier_id for line in BatchLine.held()} == {rows[0].id, rows[2].id}


def test_the_database_lets_one_batch_at_a_time_hold_a_dossier(desk):
    row = signed(1)[0]
    batch = gathered([row])
    with database.connection_context():
        with pytest.raises(IntegrityError), database.atomic():
            BatchLine.create(batch=batch, dossier=row, reference=row.reference)
        batches.take_out(clerk(), batch, [row.reference])
        assert batches.gather(clerk(), [row]).batches[0].number.endswith("/2")


def test_a_filed_batch_changes_no_more_and_an_empty_one_is_not_filed(desk):
    rows = signed(2)
    batch = gathered(rows[:1])
    desk.open(f"/staff/batches/{batch.id}").submit(press="Thêm 1 hồ sơ đã sẵn sàng")
    late = desk.page
    desk.submit({"chosen": []}, press="ra khỏi đợt", status=422)
    assert "Đánh dấu ít nhất một" in desk.text
    ticks = [box["value"] for box in desk.page.select("[name=chosen]")]
    desk.submit({"chosen": ticks}, press="ra khỏi đợt").submit(press="Ghi cả đợt là đã nộp", status=409)
    assert "chưa có hồ sơ nào" in desk.text and states(rows) == ["signed"] * 2
    desk.submit(press="Thêm 2 hồ sơ").submit(press="Ghi cả đợt là đã nộp")
    desk.page = late
    desk.submit({"chosen": ticks}, press="ra khỏi đợt", status=409)
    assert "vừa được ghi là đã nộp" in desk.text
    desk.page = late
    desk.submit(press="Ghi cả đợt là đã nộp", status=409)
    with database.connection_context():
        assert Event.select().where(Event.move == "file").count() == 2


def test_a_line_follows_its_dossier_wherever_it_is_moved(desk):
    rows = signed(4)
    batch = gathered(rows)
    with database.connection_context():
        admin = clerk()
        way.move(admin, rows[0], "forward", "signed")
        way.move(admin, rows[1], "return", "signed")
        assert [line.dossier_id for line in batches.lines(batch)] == [rows[0].id, rows[2].id, rows[3].id]
        batches.file(admin, batch)
        way.move(APPLICANT, rows[0], "confirm", "filed")
        way.move(admin, rows[2], "issue", "filed")
        way.move(admin, rows[2], "reset", "issued")
        assert [line.result for line in batches.lines(batch)] == ["issued", "submitted", None]
        rows[3].envelope.delete_instance()
        counted = batches.find(admin, batch.id)
        assert (counted.total, counted.out, counted.state) == (3, 0, "closed")
    assert "(đã xoá)" in desk.open(f"/staff/batches/{batch.id}").text


def test_what_came_back_is_corrected_and_goes_into_another_batch(desk):
    row = signed(1)[0]
    first = filed([row])
    with database.connection_context():
        back = way.move(clerk(), row, "reject", "filed")
        again = way.move(clerk(), correct(back), "sign", "submitted")
    second = filed([again])
    with database.connection_context():
        assert [line.result for line in batches.lines(first)] == ["returned"]
        assert [line.result for line in batches.lines(second)] == [None]


def test_while_somebody_says_stop_nothing_is_filed_or_handed_out(desk):
    rows = signed(2)
    batch = gathered(rows)
    with database.connection_context():
        requests.ask(rows[1], RIGHTS["withdraw_forwarding"], "")
    for name in ("cover-list.pdf", "cover-list.xlsx", "print.pdf", "files.zip"):
        assert "yêu cầu dừng" in desk.open(f"/staff/batches/{batch.id}/{name}", 409).text
    desk.open(f"/staff/batches/{batch.id}").submit(press="Ghi cả đợt là đã nộp", status=409)
    assert rows[1].reference in desk.page.select_one(".summary").get_text()
    assert states(rows) == ["signed"] * 2
    desk.submit({"chosen": [f"{rows[1].reference}.signed.2"]}, press="ra khỏi đợt")
    desk.submit(press="Ghi cả đợt là đã nộp")
    assert states(rows) == ["filed", "signed"]


def test_of_clerks_who_file_the_same_batch_at_once_one_does(desk):
    rows = signed(3)
    batch = gathered(rows)
    together = Barrier(4)

    def press(_):
        with database.connection_context():
            together.wait()
            try:
                batches.file(clerk(), batch)
            except batches.AlreadyFiled:
                return False
            return True

    with ThreadPoolExecutor(4) as clerks:
        assert sorted(clerks.map(press, range(4))) == [False, False, False, True]
    with database.connection_context():
        assert Event.select().where(Event.move == "file").count() == 3


def test_of_clerks_who_gather_the_same_dossiers_at_once_one_gets_each(desk):
    rows = signed(3)
    together = Barrier(4)

    def press(_):
        with database.connection_context():
            together.wait()
            return [each.number for each in batches.gather(clerk(), rows).batches]

    with ThreadPoolExecutor(4) as clerks:
        made = sum(clerks.map(press, range(4)), [])
    assert len(made) == 1
    with database.connection_context():
        assert BatchLine.select().count() == 3


def test_a_units_hr_finds_no_batch(sign_in):
    sign_in("department")
    batch = gathered(signed(1))
    unit = sign_in("unit", "Xưởng May 1")
    assert "Đợt nộp" not in unit.text
    for address in ("/staff/batches", f"/staff/batches/{batch.id}", f"/staff/batches/{batch.id}/files.zip"):
        unit.open(address, 404)
    with database.connection_context():
        for act in (
            lambda who: batches.gather(who, []),
            lambda who: batches.add(who, batch, []),
            lambda who: batches.take_out(who, batch, []),
            lambda who: batches.file(who, batch),
        ):
            with pytest.raises(way.NotAllowed):
                act(Staff.get(Staff.role == "unit"))


def test_a_number_that_is_no_batch_is_not_found(desk):
    for number in ("0", "7", "9" * 30):
        desk.open(f"/staff/batches/{number}", 404)
