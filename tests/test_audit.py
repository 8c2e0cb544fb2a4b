"""The audit log: everything leaves its line, no line tells of a person, and none can be changed unseen."""

import ast
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peewee import DatabaseError

from desk import requests, way
from forms.audit import ACTIONS, ACTORS, RESULTS
from models import Audit, Dossier, Request, Staff, database, is_postgresql
from services import accounts, audit
from tests import canaries
from tests.browser import Browser
from tests.desk import PASSWORD, add, enter, lines, second_factor, turn_on
from tests.dossiers import file_one
from tests.routes import ADMIN, OTHER_UNIT, STAFF, UNIT, Holder, address, good_post
from tests.test_layers import FILES, tree_of

LOOKS = sorted(route for route in STAFF | ADMIN if route.startswith("GET"))
DEEDS = sorted(route for route in STAFF | ADMIN if route.startswith("POST"))


@pytest.fixture
def anna(app):
    return Holder("0912345601", "Nguyễn Thị An-na")


def view_of(app, route: str):
    """The endpoint and the view of a route."""
    method, rule = route.split()
    found = next(each for each in app.url_map.iter_rules() if each.rule == rule and method in each.methods)
    return found.endpoint.removeprefix("staff."), app.view_functions[found.endpoint]


# Everything leaves its line


def test_every_look_at_somebodys_data_leaves_one_line_and_a_page_without_any_leaves_none(app, anna):
    admin = add("quantri", "admin")
    client = enter(app, "quantri").client
    for route in LOOKS:
        before = lines()
        assert client.get(address(route, anna)).status_code == 200, route
        action, view = view_of(app, route)
        about = anna.dossier.reference if "<reference>" in route else ""
        about = f"request:{anna.request.id}" if "<int:number>" in route else about
        about = f"batch:{anna.batch.id}" if "<int:batch_id>" in route else about
        about = f"printing:{anna.printing}" if "<int:printing>" in route else about
        expected = [] if getattr(view, "shows_nobody", False) else [(str(admin.id), action, about, "ok")]
        assert lines()[len(before) :] == expected, route


def test_only_pages_that_show_nobodys_data_say_so(app, anna):
    add("quantri", "admin")
    client = enter(app, "quantri").client
    for route in LOOKS:
        _action, view = view_of(app, route)
        if getattr(view, "shows_nobody", False):
            text = client.get(address(route, anna)).text
            assert not [secret for secret in (anna.name, anna.phone, anna.dossier.reference) if secret in text], route


def test_every_deed_at_the_desk_leaves_a_line_under_its_endpoints_name(app):
    for number, route in enumerate(DEEDS):
        name = f"admin.{number}"
        admin = add(name, "admin")
        client = enter(app, name).client
        path, form = good_post(route, Holder(f"09123456{number:02}", "Nguyễn Thị An-na"), client)
        before = len(lines())
        assert client.post(path, data=form).status_code == 303, route
        action, _view = view_of(app, route)
        # What is asked for there is a deletion, which the dossier's own reference is to tell of.
        actions = ["delete", action] if action == "carry_out" else [action]
        # Each of the dossiers that are moved together has a line of its own before.
        actions = ["move", *actions] if action in {"bulk", "file_batch", "enter_results"} else actions
        # And where nothing else was done, no other.
        actions = ["move"] if action in {"scan", "mark_printed"} else actions
        assert [line[:2] for line in lines()[before:]] == [(str(admin.id), action) for action in actions], route


def test_every_action_has_words_to_be_read_by(app):
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint.startswith("staff.") and not getattr(view, "is_open_to_all", False):
            name = rule.endpoint.removeprefix("staff.")
            assert name in ACTIONS, f"{name} has no words in forms/audit.py"
    for path in FILES:
        for call in (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)):
            if getattr(call.func, "attr", "") == "note" and call.args and isinstance(call.args[0], ast.Constant):
                assert call.args[0].value in ACTIONS, f"{path.name} notes what has no words in forms/audit.py"
    assert set(ACTORS) == {audit.APPLICANT, audit.SYSTEM, audit.UNKNOWN}
    assert set(RESULTS) == {audit.OK, audit.REFUSED, audit.WRONG, audit.LOCKED}


def test_who_asks_for_what_is_not_theirs_leaves_a_line_too(app, anna):
    other = add("khac", "unit", OTHER_UNIT)
    client = enter(app, "khac").client
    reference, before = anna.dossier.reference, len(lines())
    for path in (f"/staff/dossiers/{reference.lower()}", "/staff/audit", "/staff/dossiers/0912345601"):
        assert client.get(path).status_code in {403, 404}
    actor = str(other.id)
    assert lines()[before:] == [
        (actor, "dossier", reference, "refused"),
        (actor, "audit", "", "refused"),
        (actor, "dossier", "", "refused"),
    ]


def test_whoever_has_yet_to_choose_a_password_is_not_said_to_have_seen_anything(app, anna):
    with database.connection_context():
        accounts.add("moi", PASSWORD, "admin", is_temporary=True)
    client = enter(app, "moi").client
    before = len(lines())
    for path in (f"/staff/dossiers/{anna.dossier.reference}", "/staff/codes", "/staff/"):
        assert client.get(path).status_code == 303
    assert len(lines()) == before


def test_signing_in_and_failing_to_is_noted_but_a_flood_of_tries_does_not_fill_the_log(app):
    add("lan")
    enter(app, "lan")
    for status in [422] * 5 + [429] * 20:
        enter(app, "lan", "đoán bừa", status=status)
    enter(app, "khong.co", "đoán bừa", status=422)
    signed = lines(action="sign_in")
    assert signed[0] == ("1", "sign_in", "staff:1", "ok")
    assert signed[1:6] == [("unknown", "sign_in", "staff:1", result) for result in ["wrong"] * 4 + ["locked"]]
    assert len(signed) == 7 and signed[6][2] not in {"", "khong.co"}


def test_wrong_passwords_and_codes_on_ones_own_account_are_noted_as_what_they_were_tried_for(app):
    add("lan")
    lan = enter(app, "lan")
    for status in [422] * 4:
        form = {"password": "đoán bừa", "new_password": "một câu khác hẳn", "repeated": "một câu khác hẳn"}
        lan.open("/staff/account/password").submit(form, status=status)
    lan.open("/staff/account/totp").submit({"totp": "không phải mã"}, status=422)
    assert lines(action="change_password") == [("1", "change_password", "staff:1", "wrong")] * 4
    assert lines(action="turn_totp_on") == [("1", "turn_totp_on", "staff:1", "wrong")]
    turn_on(lan)
    lan.open("/staff/account/totp")
    lan.submit({"password": "đoán bừa", "totp": "123456"}, status=422)
    # The fifth wrong password in a quarter of an hour was the last.
    assert lines(action="turn_totp_off") == [("1", "turn_totp_off", "staff:1", "locked")]


def test_a_thousand_wrong_passwords_are_refused_without_being_hashed(app, monkeypatch):
    add("lan")
    hashed = []
    compare = accounts.check_password_hash
    monkeypatch.setattr(accounts, "check_password_hash", lambda *given: hashed.append(1) or compare(*given))
    with database.connection_context():
        for _ in range(1000):
            with suppress(accounts.SignInRefused):
                accounts.sign_in("lan", "đoán bừa")
    assert len(hashed) == accounts.TRIES <= 10


def test_what_employees_do_is_noted_as_theirs(app, plain, submitted, code):
    reference = submitted(plain)
    plain.client.get("/lookup")
    assert lines() == [("applicant", "submit", reference, "ok")]


# In the same transaction


def test_a_change_that_cannot_be_noted_does_not_happen(app, monkeypatch):
    add("quantri", "admin")
    admin = enter(app, "quantri").open("/staff/units")
    monkeypatch.setattr(audit, "_hash", lambda row: 1 / 0)
    admin.submit({"name": "Xưởng May 1"}, status=500)
    assert admin.open("/staff/units", 200).page.select("tbody tr") == []


@pytest.mark.parametrize("action", ["carry-out", "refuse", "acknowledge", "print"])
def test_a_dossier_is_neither_moved_nor_deleted_nor_a_request_answered_where_it_cannot_be_noted(
    app, anna, monkeypatch, action
):
    rows = (Dossier.id == anna.dossier.id, Request.id == anna.request.id)
    with database.connection_context():
        before = Dossier.select().where(rows[0]).dicts().get(), Request.select().where(rows[1]).dicts().get()
        lan = add("lan")
        monkeypatch.setattr(audit, "_hash", lambda row: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            {
                "carry-out": lambda: requests.carry_out(lan, anna.request.id),
                "refuse": lambda: requests.refuse(lan, anna.request.id, "Chưa làm được."),
                "acknowledge": lambda: requests.acknowledge(lan, anna.request.id),
                "print": lambda: way.move(lan, anna.dossier, "print", "submitted"),
            }[action]()
        assert before == (Dossier.select().where(rows[0]).dicts().get(), Request.select().where(rows[1]).dicts().get())


def test_a_deletion_is_told_of_under_the_reference_and_a_move_once(app, anna):
    with database.connection_context():
        lan = add("lan")
        way.move(lan, anna.dossier, "print", "submitted")
        requests.carry_out(lan, anna.request.id)
        requests.carry_out(lan, anna.request.id)
    told = [(line[1], line[2]) for line in lines()]
    reference, request = anna.dossier.reference, f"request:{anna.request.id}"
    assert told[-3:] == [("move", reference), ("delete", reference), ("carry_out", request)]


def test_nobodys_data_is_shown_when_it_cannot_be_noted(app, anna, monkeypatch):
    add("lan")
    lan = enter(app, "lan")
    monkeypatch.setattr(audit, "_hash", lambda row: 1 / 0)
    lan.open(f"/staff/dossiers/{anna.dossier.reference}", 500)
    assert anna.name not in lan.response.text


def test_lines_written_at_the_same_moment_make_one_chain(app):
    def write(number: int) -> None:
        with database.connection_context():
            audit.note("dossier", f"REF{number:05}", actor=str(number + 1))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(30)))
    with database.connection_context():
        assert audit.first_fault() is None
        assert [row.seq for row in Audit.select().order_by(Audit.seq)] == list(range(1, 31))


# No personal values


@pytest.mark.parametrize("value", [*canaries.all_of_them(), canaries.NAME, "nguyễn văn a", "0912345678", "lan", "a:b"])
def test_a_line_refuses_whatever_could_be_a_personal_value(app, value):
    with database.connection_context():
        for given in ({"about": value}, {"action": value + " x"}, {"actor": value + "x"}):
            with pytest.raises(ValueError, match="by reference"):
                audit.note(**{"action": "dossier", **given})
        assert Audit.select().count() == 0


def test_the_log_holds_nothing_of_anybody(app, plain, submitted, code):
    person = {name: value for name, value in canaries.PERSON.items() if name != "commune"}
    reference = submitted(plain, **person)
    add("lan")
    lan = enter(app, "lan")
    for path in ("", "/form01.pdf", "/photos/portrait"):
        lan.open(f"/staff/dossiers/{reference}{path}")
    lan.open("/staff/dossiers?q=" + canaries.PERSON["phone"]).open("/staff/codes")
    lan.open(f"/staff/dossiers/{canaries.PERSON['phone']}", 404)
    enter(app, canaries.PERSON["phone"], canaries.PASSWORD, status=422)
    with database.connection_context():
        kept = repr(list(Audit.select().tuples())).encode()
        assert Audit.select().count() > 6
    assert canaries.leaks(kept, [*canaries.all_of_them(), canaries.NAME, canaries.PERSON["phone"]]) == []


# The chain


def fill_log(count: int = 6) -> None:
    for number in range(count):
        audit.note("dossier", f"REF{number:05}", actor="7")


def tamper(statement: str) -> None:
    """Change the log as whoever owns the database can: without its triggers."""
    if is_postgresql():
        database.execute_sql("ALTER TABLE audit DISABLE TRIGGER audit_no_change")
        database.execute_sql(statement)
        database.execute_sql("ALTER TABLE audit ENABLE TRIGGER audit_no_change")
    else:
        for name in ("audit_no_update", "audit_no_delete", "audit_no_replace"):
            database.execute_sql(f"DROP TRIGGER IF EXISTS {name}")
        database.execute_sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET result = 'refused' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
        "DELETE FROM audit",
        "UPDATE audit SET seq = seq + 100",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_line(app, statement):
    with database.connection_context():
        fill_log()
        with pytest.raises(DatabaseError), database.atomic():
            database.execute_sql(statement)
        assert audit.first_fault() is None and Audit.select().count() == 6 and Audit.is_guarded()


def test_the_database_refuses_to_write_a_line_over_another(app):
    with database.connection_context():
        fill_log()
        for verb in ("INSERT", "INSERT OR REPLACE") if not is_postgresql() else ("INSERT",):
            with pytest.raises(DatabaseError), database.atomic():
                database.execute_sql(f"{verb} INTO audit VALUES (3, 1, 'x', 'x', 'x', 'ok', 'x', 'x')")
        if is_postgresql():
            with pytest.raises(DatabaseError), database.atomic():
                database.execute_sql("TRUNCATE audit")
        assert audit.first_fault() is None


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("UPDATE audit SET result = 'refused' WHERE seq = 3", 3),
        ("UPDATE audit SET at = at - 1 WHERE seq = 1", 1),
        ("UPDATE audit SET actor = '8' WHERE seq = 6", 6),
        ("UPDATE audit SET action = 'photo' WHERE seq = 4", 4),
        ("UPDATE audit SET object = 'REF00009' WHERE seq = 4", 4),
        ("UPDATE audit SET previous = hash WHERE seq = 2", 2),
        ("UPDATE audit SET hash = previous WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 3", 3),
        # The end, which no chain can show by itself.
        ("DELETE FROM audit WHERE seq >= 5", 5),
        ("DELETE FROM audit", 1),
        ("DELETE FROM setting WHERE name = 'audit_head'", 7),
    ],
)
def test_the_first_line_that_was_tampered_with_is_named(app, statement, seq):
    with database.connection_context():
        fill_log()
        assert audit.first_fault() is None
        tamper(statement)
        assert audit.first_fault().seq == seq


def test_a_log_that_was_written_anew_with_all_its_hashes_shows_too(app):
    with database.connection_context():
        fill_log()
        changed = Audit.get(Audit.seq == 6)
        changed.actor = "8"
        tamper(f"UPDATE audit SET actor = '8', hash = '{audit._hash(changed)}' WHERE seq = 6")
        assert audit.first_fault().seq == 7


def test_an_empty_log_is_whole(app):
    with database.connection_context():
        assert audit.first_fault() is None


@given(st.lists(st.sampled_from([*range(7)]), min_size=2, max_size=7, unique=True))
def test_no_two_different_rows_are_told_alike(values):
    fields = ["seq", "at", "actor", "action", "object", "result", "previous"]
    rows = []
    for changed in values:
        row = {name: 1 if name in {"seq", "at"} else "a" for name in fields}
        row[fields[changed]] = 2 if fields[changed] in {"seq", "at"} else "b"
        rows.append(audit._hash(Audit(**row)))
    assert len(set(rows)) == len(rows)


# Reading it


def shown(browser: Browser) -> list[int]:
    return [int(cell.get_text()) for cell in browser.page.select("[data-seq]")]


def test_an_administrator_reads_the_log_and_narrows_it(app, anna):
    add("quantri", "admin"), add("lan", "unit", UNIT)
    enter(app, "lan").open(f"/staff/dossiers/{anna.dossier.reference}").open("/staff/codes")
    admin = enter(app, "quantri").open("/staff/audit")
    assert "lan" in admin.text and "Xem hồ sơ" in admin.text
    with database.connection_context():
        lan = Staff.get(Staff.username == "lan").id
    for query, actions in (
        (f"actor={lan}", ["codes", "dossier", "home", "sign_in"]),
        ("action=dossier", ["dossier"]),
        (f"reference={anna.dossier.reference[:4].lower()}-{anna.dossier.reference[4:]}", ["dossier", "submit"]),
        (f"actor={lan}&action=codes", ["codes"]),
        (f"actor={lan}&until=2001-01-01", []),
        (f"actor={lan}&since=2999-01-01", []),
    ):
        numbers = shown(admin.open(f"/staff/audit?{query}"))
        with database.connection_context():
            rows = list(Audit.select().where(Audit.seq << numbers).order_by(Audit.seq.desc()))
        assert [row.action for row in rows] == actions and [row.seq for row in rows] == numbers, query
    for nonsense in ("since=x", "since=0001-01-01", "until=9999-12-31", "actor=%00", "reference=%00", "before=9" * 20):
        assert admin.client.get(f"/staff/audit?{nonsense}").status_code == 200, nonsense


def test_the_days_of_the_filter_are_whole_days_in_vietnam(app):
    add("quantri", "admin")
    midnight = 1_795_539_600  # 25/11/2026 00:00 in Vietnam
    with database.connection_context():
        for number, at in enumerate((midnight - 1, midnight, midnight + 86399, midnight + 86400)):
            row = Audit(
                seq=100 + number, at=at, actor="7", action="dossier", object="", result="ok", previous="", hash=""
            )
            row.save(force_insert=True)
    admin = enter(app, "quantri").open("/staff/audit?action=dossier&since=2026-11-25&until=2026-11-25")
    assert shown(admin) == [102, 101]
    assert admin.value("since") == "2026-11-25" and admin.value("action") == "dossier"


def test_the_log_is_read_page_by_page_with_its_filter_and_misses_no_line_though_new_ones_arrive(app):
    add("quantri", "admin")
    with database.connection_context():
        fill_log(250)
    admin, seen = enter(app, "quantri").open("/staff/audit?action=dossier"), []
    for count in (100, 100, 50):
        page = shown(admin)
        assert len(page) == count
        seen += page
        if count == 100:
            admin.follow("Cũ hơn")
            assert "action=dossier" in admin.url
    with database.connection_context():
        assert seen == [row.seq for row in Audit.select().where(Audit.action == "dossier").order_by(Audit.seq.desc())]
    assert "Cũ hơn" not in admin.text


def test_each_filter_has_an_index_that_a_long_log_is_read_by(app):
    with database.connection_context():
        if is_postgresql():
            pytest.skip("PostgreSQL plans by what the table holds; the indexes are the same")
        for where in ("actor = '7'", "action = 'photo'", "object = 'REF00001'", "seq < 5", "at >= 5 AND at < 9"):
            query = f"EXPLAIN QUERY PLAN SELECT * FROM audit WHERE {where} ORDER BY seq DESC LIMIT 101"
            plan = " ".join(row[3] for row in database.execute_sql(query).fetchall())
            assert "SEARCH audit" in plan and "SCAN" not in plan, where


def test_nobody_but_administrators_reads_the_log(app):
    with database.connection_context():
        file_one("0912345601")
    for name, role, unit in (("lan", "department", None), ("minh", "unit", UNIT)):
        add(name, role, unit)
        enter(app, name).open("/staff/audit", 403)
    second_factor(add("hai", "admin"))
    assert enter(app, "hai").open("/staff/audit").heading == "Đăng nhập Bàn Nhân sự"
