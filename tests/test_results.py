"""What the agency answered, pasted as a list: every way to write it, and every way to get it wrong."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk import results
from models import Event, database
from tests.batches import clerk, filed, gathered, signed, states


@pytest.fixture
def desk(sign_in):
    """Somebody of the HR department, in front of the desk."""
    return sign_in("department")


def paste(desk, text: str, press: str = "Ghi kết quả", status: int = 200, **more):
    return desk.submit({"results": text, **more}, press=press, status=status)


def said(text: str, **more) -> list[tuple]:
    return [(each.key, each.move, each.reason) for each in results.read(text, **more)]


@pytest.mark.parametrize(
    ("line", "move", "reason"),
    [
        ("7KXC94FM\tĐã cấp", "issue", ""),
        ("7kxc-94fm ; ĐÃ CẤP TÀI KHOẢN", "issue", ""),
        ("1;7KXC94FM;Nguyễn Văn Đạt;trả lại;ảnh mờ;chụp lại", "reject", "ảnh mờ, chụp lại"),
        ("3\tNguyễn Thị Cấp\t'0120878811\tX", "issue", ""),
        ("7KXC94FM đã trả lại: ảnh mờ", "reject", "ảnh mờ"),
        ("7KXC94FM trả lại: ảnh mờ, chụp lại", "reject", "ảnh mờ, chụp lại"),
        ("7KXC94FM | ok", "issue", ""),
        ("7KXC94FM,không đạt,Thiếu chữ ký", "reject", "Thiếu chữ ký"),
        ("7KXC94FM không cấp", "reject", ""),
        ("7KXC94FM chưa cấp", "", ""),
        ("7KXC94FM;Trần Văn Đạt", "", ""),
        ("7KXC94FM", "", ""),
        ("074190001234\tđã có tài khoản", "issue", ""),
    ],
)
def test_a_line_of_results_is_read_however_it_is_written(line, move, reason):
    (understood,) = said(line)
    assert understood[1:] == (move, reason)
    assert understood[0] in {"7KXC94FM", "0120878811", "074190001234"}


def test_headings_and_empty_lines_are_passed_over_and_lines_keep_their_numbers():
    read = results.read("STT\tMã hồ sơ\tKết quả\n\n1\t7KXC94FM\tđã cấp\nvớ vẩn\n")
    assert [(each.number, each.key, each.move) for each in read] == [(3, "7KXC94FM", "issue"), (4, "", "")]
    assert said("7KXC94FM", otherwise="issue") == [("7KXC94FM", "issue", "")]
    assert said("7KXC94FM; chưa xong", otherwise="issue") == [("7KXC94FM", "", "")]


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_no_text_is_too_strange_to_be_read(text):
    for each in results.read(text):
        assert each.number >= 1 and (each.key == "" or len(each.key) in {8, 10, 12})


def test_a_list_with_faults_enters_nothing_and_names_each_line(desk):
    rows = signed(4)
    batch = filed(rows)
    one, two, three, four = (row.reference for row in rows)
    text = f"{one}; đã cấp\n{two} trả lại\n7KXC94FM; đã cấp\n???\n{three} đã cấp\n{three} trả lại ảnh mờ\n{four} xong"
    desk.open(f"/staff/batches/{batch.id}")
    paste(desk, text, status=422)
    told = [item.get_text() for item in desk.page.select(".summary li")]
    assert [line.partition(":")[0].split(" (")[0] for line in told] == [
        f"Dòng {number}" for number in (2, 3, 4, 5, 6, 7)
    ]
    for word, line in zip(
        ("lý do", "không có trong", "không thấy mã", "hai kết quả", "hai kết quả", "chưa rõ"), told, strict=True
    ):
        assert word in line
    assert desk.value("results") == text
    assert states(rows) == ["filed"] * 4
    desk.submit(press="Chỉ ghi 1 dòng đúng")
    assert states(rows) == ["issued", "filed", "filed", "filed"]


def test_what_is_known_already_is_no_fault_and_what_differs_is_one(desk):
    rows = signed(2)
    batch = filed(rows)
    line = f"{rows[0].reference}\tđã cấp\n{'0000000001'}\tđã cấp\n"
    desk.open(f"/staff/batches/{batch.id}")
    paste(desk, line)
    paste(desk, line)
    assert states(rows) == ["issued", "filed"]
    paste(desk, f"{rows[0].reference} trả lại ảnh mờ", status=422)
    assert "đã ghi kết quả khác" in desk.text
    with database.connection_context():
        assert Event.select().where(Event.move == "issue").count() == 1


def test_results_wait_until_the_batch_is_filed_and_something_is_pasted(desk):
    rows = signed(1)
    batch = gathered(rows)
    token = desk.open(f"/staff/batches/{batch.id}").value("csrf_token")
    answer = desk.client.post(
        f"/staff/batches/{batch.id}/results", data={"csrf_token": token, "results": f"{rows[0].reference} ok"}
    )
    assert answer.status_code == 409 and "chưa nhập kết quả được" in answer.text
    desk.submit(press="Ghi cả đợt là đã nộp")
    paste(desk, " \n\t\n", status=422)
    assert desk.errors() == ["Dán ít nhất một dòng kết quả."]


def test_ten_thousand_lines_are_read_and_one_more_is_not(desk):
    rows = signed(1)
    batch = filed(rows)
    lines = [f"{number:010}; đã cấp" for number in range(10_000, 20_000)]
    desk.open(f"/staff/batches/{batch.id}")
    paste(desk, "\n".join(lines), status=422)
    assert "có 10000 dòng cần xem lại" in desk.text and "và 9950 dòng nữa" in desk.text
    paste(desk, "\n".join([*lines, "x"]), status=422)
    assert "tối đa 10.000 dòng" in desk.text
    lines[5000] = f"{rows[0].reference};đã cấp"
    paste(desk, "\n".join(lines), status=422)
    desk.submit(press="Chỉ ghi 1 dòng đúng")
    assert states(rows) == ["issued"]


def test_of_clerks_who_paste_the_same_results_at_once_none_enters_them_twice(desk):
    rows = signed(3)
    batch = filed(rows)
    text = "\n".join(f"{row.reference} đã cấp" for row in rows)
    with database.connection_context():
        checked = results.check(batch, results.read(text))
    together = Barrier(3)

    def press(_):
        with database.connection_context():
            together.wait()
            return len(results.enter(clerk(), checked))

    with ThreadPoolExecutor(3) as clerks:
        assert sorted(clerks.map(press, range(3))) == [0, 3, 3]
    with database.connection_context():
        assert Event.select().where(Event.move == "issue").count() == 3
