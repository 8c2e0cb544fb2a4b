"""What HR finds again, narrows down, takes along and counts."""

import re
from datetime import datetime
from io import BytesIO

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

import models
from desk import dossiers as desk_of
from desk import way
from desk.dossiers import Filters
from desk.figures import REACHED, STAGES, WAITS
from desk.way import STATES
from models import Assistance, Code, Dossier, Draft, Message, NamePrefix, Unit, database
from services import accounts, backfill, corrections, drafts, finding, submissions
from services.days import VIETNAM
from tests.answers import PARENT
from tests.browser import Browser
from tests.dossiers import copies, file_one, fill, forget_codes, send_code, ticket_of
from tests.test_staff import found

PASSWORD = "một câu dễ nhớ"
CODE = "0120878811"
UNITS = ("Xưởng May 1", "Xưởng May 2")
DAY = 24 * 60 * 60
SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=True) as traveller:
        yield traveller


@pytest.fixture
def lan(app):
    """Somebody of the department."""
    with database.connection_context():
        return accounts.add("lan", PASSWORD, "department")


@pytest.fixture
def units(app):
    """The company has two."""
    with database.connection_context():
        for name in UNITS:
            Unit.create(name=name)


def enter(app, username: str = "lan") -> Browser:
    return Browser(app).open("/staff/sign-in").submit({"username": username, "password": PASSWORD})


def shown(desk: Browser) -> list[str]:
    """The references on the page, from top to bottom."""
    return [tag.get_text(strip=True) for tag in desk.page.select("td[data-reference]")]


# Search


WORDS = st.lists(st.text("aăâđêơưnghtiỳẹ'", min_size=1, max_size=8), min_size=1, max_size=5)


@SQLITE_ONLY
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=WORDS, data=st.data())
def test_a_name_is_found_by_beginnings_of_its_words_in_any_order_and_by_nothing_else(app, lan, name, data):
    with database.connection_context():
        row = Dossier.get_or_none() or file_one("0912345601")
        row.full_name = " ".join(name)
        finding.keep_name(row)
        written = data.draw(st.permutations(finding.words(row.full_name)))
        beginnings = [word[: data.draw(st.integers(1, len(word)))] for word in written]

        def finds(text: str) -> bool:
            return bool(desk_of.page(lan, Filters(text)).rows)

        # Of a name without a letter nothing can be written, and nothing written narrows nothing.
        assert finds(" ".join(beginnings))
        for strange in ("q", *(f"{word}q" for word in written)):
            assert not finds(" ".join([*beginnings, strange]))


def test_a_corrected_name_is_found_and_the_old_one_no_more(app, lan):
    with database.connection_context():
        row = file_one("0912345601", full_name="Trần Thị Sai", social_insurance_code=CODE)
        draft = corrections.begin(ticket_of(row))
        given = {**draft.answers["declaration"], "full_name": "Trần Thị Đúng", "social_insurance_code": "0120870000"}
        draft = drafts.save(draft.ticket("declaration"), "adult", drafts.Change(given))
        forget_codes()
        submissions.submit(draft.ticket("confirm"), list(draft.answers), send_code(draft))
    desk = enter(app)
    assert found(desk, "dung") == found(desk, "0000") == found(desk, "0120870000") == [row.reference]
    assert found(desk, "sai") == found(desk, "8811") == found(desk, "0120878811") == []


def test_a_code_is_found_by_its_last_four_digits_or_whole_however_it_is_written(app, lan, units):
    with database.connection_context():
        own = file_one("0912345601", unit=UNITS[0], social_insurance_code=CODE).reference
        same_end = file_one("0912345602", social_insurance_code="0120998811").reference
        personal = file_one("0912345603", social_insurance_code="074190001234").reference
    desk = enter(app)
    assert found(desk, "8811") == [same_end, own]
    for whole in ("0120878811", "012 087 8811", "01.2087-8811", "DN4010120878811", "dn 4 01 0120878811"):
        assert found(desk, whole) == [own], whole
    assert found(desk, "1234") == found(desk, "074190001234") == [personal]
    for part in ("811", "78811", "120878811", "0120878812", "12345678901", "٨٨١١", "8811 8811"):
        assert found(desk, part) == [], part


def test_a_units_hr_finds_nobody_of_another_unit_by_name_or_code(app, units):
    with database.connection_context():
        accounts.add("hai", PASSWORD, "unit", UNITS[1])
        row = file_one("0912345601", unit=UNITS[0], social_insurance_code=CODE)
    desk = enter(app, "hai")
    for text in ("nhung", "8811", "0120878811", row.reference):
        assert found(desk, text) == []
    assert "unit" not in {field["name"] for field in desk.page.select("main [name]")}
    with database.connection_context():
        unit = row.unit_id
    assert shown(desk.open(f"/staff/dossiers?unit={unit}")) == []


def test_words_that_many_have_are_searched_in_pages_of_their_own(app, lan, monkeypatch):
    monkeypatch.setattr(desk_of, "RARE", 20)
    with database.connection_context():
        first = file_one("0912345601")
        everybody = [first.reference, *copies(first, 59)]
        rare = file_one("0912345602", full_name="Nguyễn Thị Hiếm")
    desk = enter(app)
    assert found(desk, "thi nguyen hong") == everybody[::-1][:50]
    assert shown(desk.follow("Hồ sơ cũ hơn")) == everybody[::-1][50:]
    assert "q=thi+nguyen+hong" in desk.url
    assert found(desk, "thi nguyen hiem") == [rare.reference]
    assert found(desk, "thi nguyen q") == []


# Filters


def test_the_list_is_narrowed_by_unit_agency_state_and_day_together(app, lan, units, clock):
    made = {}
    with database.connection_context():
        for number, unit in enumerate(UNITS * 3):
            row = file_one(f"09123456{number:02}", unit=unit)
            day = datetime(2026, 11, 1 + number, 0, 0, 0, tzinfo=VIETNAM)
            agency = "07407" if number < 4 else "004"
            Dossier.update(submitted_at=int(day.timestamp()), agency_code=agency).where(Dossier.id == row.id).execute()
            made[number] = row.reference
        way.move(lan, Dossier.get(Dossier.reference == made[2]), "sign", "submitted")
        unit = str(Dossier.get(Dossier.reference == made[0]).unit_id)
    desk = enter(app)

    def narrowed(**values) -> list[int]:
        desk._take(desk.client.get("/staff/dossiers", query_string=values), "/staff/dossiers", 200)
        return [number for reference in shown(desk) for number in made if made[number] == reference]

    assert narrowed() == [5, 4, 3, 2, 1, 0]
    assert narrowed(unit=unit) == [4, 2, 0]
    assert narrowed(agency="07407") == [3, 2, 1, 0]
    assert narrowed(status="signed") == [2]
    # The first day begins at midnight in Vietnam, the last one ends there.
    assert narrowed(since="2026-11-02", until="2026-11-04") == [3, 2, 1]
    assert narrowed(since="2026-11-03", unit=unit, agency="07407", q="nhung", status="signed") == [2]
    assert desk.value("agency") == "07407" and desk.value("since") == "2026-11-03" and desk.value("q") == "nhung"
    assert narrowed(since="2026-11-03", unit=unit, agency="004", status="signed") == []
    for nonsense in ({"unit": "0"}, {"unit": "9" * 40}, {"unit": "-1"}, {"unit": "x"}, {"unit": "٣"}, {"agency": "x"}):
        assert narrowed(**nonsense) == [], nonsense
    assert narrowed(since="hôm qua", until="9999-99-99") == [5, 4, 3, 2, 1, 0]
    assert desk.errors() == ["Nhập ngày theo dạng 2026-11-25."] * 2
    assert narrowed(since="0001-01-01", until="9999-12-31") == [5, 4, 3, 2, 1, 0]


def test_a_choice_is_offered_only_where_there_is_one(app, lan):
    desk = enter(app).open("/staff/dossiers")
    assert {field["name"] for field in desk.page.select("main [name]")} == {"q", "status", "since", "until"}
    with database.connection_context():
        Unit.create(name=UNITS[0])
        file_one("0912345601", unit=UNITS[0])
        Dossier.update(agency_code="99999").execute()
        file_one("0912345602", unit=UNITS[1])
    desk.reload()
    assert {"unit", "agency"} <= {field["name"] for field in desk.page.select("main [name]")}
    assert "99999" in desk.text


# Export


def rows_of(answer) -> list[tuple]:
    """The cells of the sheet, without its headings."""
    assert answer.status_code == 200 and re.search(
        r'"ho-so-\d{4}-\d\d-\d\d\.xlsx"', answer.headers["Content-Disposition"]
    )
    sheet = load_workbook(BytesIO(answer.data)).active
    return [tuple(cell.value or "" for cell in row) for row in sheet.iter_rows(min_row=2)]


def test_the_export_holds_what_the_list_shows_on_all_its_pages(app, lan, units, clock):
    with database.connection_context():
        first = file_one("0912345601", unit=UNITS[0])
        copied = copies(first, 60)
        filed = file_one("0912345602", unit=UNITS[1], full_name="Đặng Thị Ước")
        for move, status in (("sign", "submitted"), ("file", "signed")):
            way.move(lan, Dossier.get_by_id(filed.id), move, status)
        Dossier.update(full_name="=1+1").where(Dossier.reference == copied[0]).execute()
    clock.shift(6 * DAY)
    desk = enter(app).open("/staff/dossiers?q=nhung")
    link = next(a["href"] for a in desk.page.select("main a") if "Excel" in a.get_text())
    rows = rows_of(desk.client.get(link))
    assert [row[0] for row in rows] == [*copied[::-1], first.reference]
    assert [row[1] for row in rows if row[0] == copied[0]] == ["'=1+1"]
    late = rows_of(desk.client.get("/staff/dossiers.xlsx?status=overdue"))
    agency, state, remark = "BHXH cơ sở Lái Thiêu", "Đã nộp cơ quan BHXH", "Quá 5 ngày chưa có tài khoản"
    assert late == [(filed.reference, "Đặng Thị Ước", UNITS[1], agency, "23/11/2026 08:00", state, remark)]
    with database.connection_context():
        accounts.add("mot", PASSWORD, "unit", UNITS[0])
    own = rows_of(enter(app, "mot").client.get("/staff/dossiers.xlsx"))
    assert {row[2] for row in own} == {UNITS[0]} and len(own) == 61


def test_children_are_told_apart_in_the_list_its_export_and_on_their_page(app, lan):
    with database.connection_context():
        mother = file_one("0912345601", full_name="Nguyễn Thị Hồng Nhung")
        child = file_one("0912345601", "child", full_name="Lê Nguyễn Bảo An")
    desk = enter(app).open("/staff/dossiers")
    names = [" ".join(cell.get_text(" ", strip=True).split()) for cell in desk.page.select("tbody th")]
    assert names == ["Lê Nguyễn Bảo An trẻ em", "Nguyễn Thị Hồng Nhung"]
    rows = rows_of(desk.client.get("/staff/dossiers.xlsx"))
    assert [(row[0], row[6]) for row in rows] == [(child.reference, "Trẻ em"), (mother.reference, "")]
    assert f"Trẻ em; do {PARENT['guardian_full_name']} khai và ký." in desk.follow("Lê Nguyễn Bảo An").text


def test_an_export_of_too_many_is_refused_with_what_to_do(app, lan, monkeypatch):
    with database.connection_context():
        copies(file_one("0912345601"), 5)
    monkeypatch.setattr(desk_of, "EXPORT_SIZE", 5)
    desk = enter(app).open("/staff/dossiers.xlsx", 422)
    assert "Có hơn 5 hồ sơ" in desk.page.select_one(".summary").get_text()
    monkeypatch.setattr(desk_of, "EXPORT_SIZE", 6)
    assert len(rows_of(desk.client.get("/staff/dossiers.xlsx"))) == 6
    desk.open("/staff/dossiers.xlsx?since=x", 422)


@pytest.mark.parametrize("path", ["/staff/", "/staff/dossiers", "/staff/paper/unsigned", "/staff/batches"])
def test_a_page_asks_the_database_no_more_often_however_many_rows_it_shows(app, lan, units, path, monkeypatch):
    with database.connection_context():
        first = file_one("0912345601", unit=UNITS[0])
        copies(first, 3)
        Dossier.update(status="signed").where(Dossier.id > first.id).execute()
    desk, asked = enter(app), []
    ask = database.obj.execute_sql
    monkeypatch.setattr(
        database.obj, "execute_sql", lambda *given, **more: asked.append(given[0]) or ask(*given, **more)
    )
    counts = []
    for _ in range(2):
        asked.clear()
        desk.open(path)
        counts.append(len(asked))
        with database.connection_context():
            copies(Dossier.select().order_by(Dossier.id.desc()).get(), 30)
    assert counts[1] <= counts[0]


# The front page


def figures(desk: Browser, heading: str) -> dict[str, list[int]]:
    """The table under this heading, by its first column."""
    title = next(tag for tag in desk.page.select("h2") if heading in tag.get_text())
    table = desk.page.select_one(f"table[aria-labelledby={title['id']}]")
    return {
        row.th.get_text(strip=True): [int(cell.get_text()) for cell in row.select("td:not([aria-hidden])")]
        for row in table.select("tbody tr")
    }


def test_the_funnel_counts_how_far_registrations_have_come(app, lan, units, clock):
    with database.connection_context():
        accounts.add("hai", PASSWORD, "unit", UNITS[1])
    Browser(app).fill_until("declaration")
    with database.connection_context():
        fill("0912345610", unit=UNITS[1])
        fill("0912345611", "child", unit=UNITS[0])
        ways = ([], ["sign"], ["sign", "file"], ["sign", "file", "issue"], ["sign", "file", "reject"], ["withdraw"])
        for number, moves in enumerate(ways):
            row = file_one(f"09123456{number:02}", unit=UNITS[number % 2])
            for move in moves:
                row = way.move(lan, row, move, row.status)
        corrections.begin(ticket_of(Dossier.get_by_id(1)))
    desk = enter(app)
    assert figures(desk, "Đã đi đến đâu") == {
        "Bắt đầu": [8],
        "Đủ ảnh": [7],
        "Đã gửi hồ sơ": [5],
        "Có bản ký": [3],
        "Đã nộp BHXH": [2],
        "Có tài khoản": [1],
    }
    assert list(figures(enter(app, "hai"), "Đã đi đến đâu").values()) == [[3], [3], [2], [2], [1], [1]]
    widths = [float(bar["width"]) for bar in desk.page.select("table")[0].select("rect")]
    assert widths == [100, 87.5, 62.5, 37.5, 25, 12.5]


def test_every_state_but_the_withdrawn_has_its_place_in_the_funnel():
    assert set(REACHED) == {*STATES} - {"withdrawn"}
    assert set(REACHED.values()) <= set(STAGES)
    assert all(set(states) <= set(STATES) for states in WAITS.values())


def test_photos_that_are_taken_away_again_are_not_counted(app, lan):
    browser = Browser(app).fill_until("agency")
    with database.connection_context():
        assert Draft.get().has_photos
    browser.open(browser.url.replace("agency", "photos")).submit(press="Xoá ảnh này")
    with database.connection_context():
        assert not Draft.get().has_photos


def test_a_week_is_told_beside_the_one_before(app, lan, units, clock):
    with database.connection_context():
        for number in range(3):
            way.move(lan, file_one(f"09123456{number:02}", unit=UNITS[number % 2]), "sign", "submitted")
        accounts.add("hai", PASSWORD, "unit", UNITS[1])
    clock.shift(8 * DAY)
    with database.connection_context():
        row = way.move(lan, Dossier.get_by_id(1), "file", "signed")
        way.move(lan, row, "reject", "filed")
    desk = enter(app)
    counted = {
        "Gửi hồ sơ": [0, 3],
        "Nhận bản ký": [0, 3],
        "Nộp BHXH": [1, 0],
        "Có tài khoản": [0, 0],
        "Trả lại": [1, 0],
    }
    assert figures(desk, "7 ngày qua") == counted
    assert figures(enter(app, "hai"), "7 ngày qua")["Gửi hồ sơ"] == [0, 1]
    clock.shift(7 * DAY)
    assert sum(sum(each) for each in figures(enter(app), "7 ngày qua").values()) == 2


def test_what_waits_leads_to_the_list_that_shows_it(app, lan, units, clock):
    assert "Không có việc nào đang chờ" in enter(app).text
    with database.connection_context():
        accounts.add("mot", PASSWORD, "unit", UNITS[0])
        rows = [file_one(f"09123456{number:02}", unit=UNITS[0]) for number in range(3)]
        for row in rows[1:]:
            way.move(lan, row, "sign", "submitted")
        way.move(lan, Dossier.get_by_id(rows[2].id), "file", "signed")
    clock.shift(6 * DAY)
    with database.connection_context():
        forget_codes()
        draft = fill("0912345620")
        send_code(draft)
        Message.update(state=Message.FAILED, answer="refused").where(Message.id == Code.get().message_id).execute()
    desk = enter(app)
    assert "Tin nhắn chưa gửi được trong 24 giờ: 1" in desk.text and "Mã xác nhận đang chờ: 1" in desk.text
    assert shown(desk.follow("Đã nhận bản ký: 1")) == [rows[1].reference]
    assert shown(desk.open("/staff/").follow("Quá 5 ngày chưa có tài khoản: 1")) == [rows[2].reference]
    own = enter(app, "mot")
    assert "Tin nhắn chưa gửi được" not in own.text
    assert shown(own.follow("Chờ in và ký: 1")) == [rows[0].reference]


def test_the_front_page_shows_what_came_last_and_finds_from_there(app, lan):
    with database.connection_context():
        copied = copies(file_one("0912345601"), 14)
    desk = enter(app)
    assert shown(desk) == copied[::-1][:10]
    form = desk.page.select_one("form[role=search]")
    assert form["action"] == "/staff/dossiers" and form.select_one("input")["name"] == "q"
    assert len(shown(desk.follow("Xem tất cả hồ sơ"))) == 15


# From before


def as_before() -> None:
    """The database as it was before names were taken apart."""
    database.drop_tables([NamePrefix, Assistance])
    for index in ("draft_unit_id", "dossier_social_insurance_tail"):
        database.execute_sql(f"DROP INDEX {index}")
    for columns in (
        "status_id_unit_id_agency_code_submitted_at",
        "unit_id_id_status_agency_code_submitted_at",
        "agency_code_id_status_unit_id_submitted_at",
        "id_status_unit_id_agency_code_submitted_at",
    ):
        database.execute_sql(f"DROP INDEX dossier_{columns}")
    for table, column in (("draft", "unit_id"), ("draft", "has_photos"), ("dossier", "social_insurance_tail")):
        database.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
    database.execute_sql("CREATE INDEX dossier_status ON dossier (status)")
    database.execute_sql("CREATE INDEX dossier_unit_id ON dossier (unit_id)")
    database.execute_sql("DELETE FROM schema_migration WHERE name = '0013_views'")


def test_dossiers_from_before_are_found_and_counted_after_the_next_start(make_app):
    app = make_app()
    Browser(app).fill_until("declaration")
    with database.connection_context():
        row = file_one("0912345601", full_name="Đặng Thị Ước", social_insurance_code=CODE)
        fill("0912345602")
        as_before()
    models.close()
    app = make_app()
    with database.connection_context():
        accounts.add("lan", PASSWORD, "department")
        assert backfill.catch_up() == 0
    desk = enter(app)
    assert list(figures(desk, "Đã đi đến đâu").values())[:3] == [[3], [2], [1]]
    assert found(desk, "uoc d") == found(desk, "8811") == [row.reference]


def test_a_dossier_that_cannot_be_opened_does_not_stop_the_start(app, caplog):
    with database.connection_context():
        good, bad = file_one("0912345601", social_insurance_code=CODE), file_one("0912345602")
        Dossier.update(social_insurance_tail=None).execute()
        Dossier.update(answers=b"damaged").where(Dossier.id == bad.id).execute()
        assert (backfill.catch_up(), backfill.catch_up()) == (2, 0)
        tails = [row.social_insurance_tail for row in Dossier.select().order_by(Dossier.id)]
    assert tails == [finding.tail_hash("0120878811"), ""]
    assert bad.reference in caplog.text and good.reference not in caplog.text
