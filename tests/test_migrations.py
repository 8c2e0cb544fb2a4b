"""The schema: as the models say, brought up to date at the start with its data in it, by one process of many."""

import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from threading import Barrier

import pytest

import models
from desk import way
from models import TABLES, Dossier, Draft, Event, Photo, database, is_postgresql
from models.database import MIGRATIONS, begin_log, migrate, sqlite
from services import accounts, history, submissions
from tests.dossiers import correct, file_one, fill
from tests.server import ROOT, clean_environ

START = "import app, sys\nprint('ready', flush=True)\nsys.stdin.readline()\napp.create_app()\nprint('done')"
ADDED = """
from peewee import CharField


def up(migrator, db):
    migrator.migrate(migrator.add_column("unit", "nickname", CharField(40, default="")))
"""
REBUILT = """
def up(migrator, db):
    migrator.migrate(migrator.drop_not_null("envelope", "created_at"), migrator.drop_not_null("unit", "name"))
"""
BROKEN = """
def up(migrator, db):
    db.execute_sql("CREATE TABLE half_done (id INTEGER)")
    raise RuntimeError("in the middle")
"""


@pytest.fixture
def newer(tmp_path):
    """A folder with the present migrations and some of a later version."""

    def make(*bodies: str):
        folder = tmp_path / f"migrations-{len(bodies)}"
        shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        last = max(int(path.name[:4]) for path in folder.glob("0*.py"))
        for number, body in enumerate(bodies, start=last + 1):
            (folder / f"{number:04}_later.py").write_text(body)
        return folder

    return make


@pytest.fixture
def never_started(environ, database_url, request):
    """The environment of an installation that has no keys, no folder and no table yet."""
    shutil.rmtree(environ["QUAY_DATA"])
    if database_url:
        request.getfixturevalue("postgresql").new_database("quay")
    return environ


def url_of(app) -> str:
    return app.config["SETTINGS"].database_url


def schema() -> dict[str, list]:
    """Columns, indexes, foreign keys and checks of every table, as the database itself tells them."""
    found = {}
    for table in sorted(set(database.get_tables()) - {"schema_migration"}):
        columns = [(each.name, each.data_type, each.null, each.primary_key) for each in database.get_columns(table)]
        indexes = [(each.columns, each.unique) for each in database.get_indexes(table)]
        keys = [(each.column, each.dest_table, each.dest_column) for each in database.get_foreign_keys(table)]
        found[table] = [sorted(columns), sorted(indexes), sorted(keys), rules(table)]
    return found


def rules(table: str) -> list[str]:
    """What the database checks by itself: ON DELETE, CHECK."""
    if is_postgresql():
        query = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass"
        return sorted(row[0] for row in database.execute_sql(query, (table,)).fetchall())
    # A column that was added later stands at another place of the statement than one of the first day.
    made = database.execute_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    keys = database.execute_sql(f'PRAGMA foreign_key_list("{table}")').fetchall()
    return sorted([*re.findall(r"CHECK \(.*?\)", made), *(str(key[2:7]) for key in keys)])


def test_a_fresh_database_is_what_the_models_say(app):
    with database.connection_context():
        migrated = schema()
        database.drop_tables(TABLES)
        database.create_tables(TABLES)
        assert schema() == migrated
        assert sorted(migrated) == sorted(table._meta.table_name for table in TABLES)


def test_the_comparison_sees_a_difference(app):
    with database.connection_context():
        before = schema()
        for change in (
            "CREATE INDEX extra ON dossier (agency_code)",
            "ALTER TABLE unit ADD COLUMN nickname VARCHAR(40)",
        ):
            database.execute_sql(change)
            assert schema() != before
            before = schema()


def test_an_older_database_with_data_is_brought_up_at_the_start(app, newer):
    with database.connection_context():
        dossier, draft = file_one("0912345601"), fill("0912345602")
    folder = newer(ADDED, REBUILT)
    for _ in range(2):
        models.use(url_of(app), folder)
    with database.connection_context():
        assert migrate(folder) == []
        assert "nickname" in {column.name for column in database.get_columns("unit")}
        assert submissions.open_dossier(Dossier.get()).answers["declaration"]["phone"] == "0912345601"
        assert (Dossier.get().reference, Draft.get().envelope_id) == (dossier.reference, draft.id)
        assert Photo.select().count() == 6


def test_dossiers_from_before_the_way_get_their_first_event_and_move_on(app, tmp_path):
    with database.connection_context():
        dossier = file_one("0912345601")
        # As the database of the first version had it.
        database.drop_tables([Event])
        database.execute_sql("DROP INDEX envelope_corrects_id")
        database.execute_sql("ALTER TABLE envelope DROP COLUMN corrects_id")
        database.execute_sql("DELETE FROM schema_migration WHERE name = '0005_way'")
    models.use(url_of(app))
    with database.connection_context():
        entries = history.entries(Dossier.get())
        assert [(each.seq, each.at, each.who, each.move) for each in entries] == [
            (1, dossier.submitted_at, "applicant", "submit")
        ]
        lan = accounts.add("lan", "một câu dễ nhớ", "department")
        assert way.move(lan, Dossier.get(), "print", "submitted", seq=1).status == "printed"
        assert correct(Dossier.get()).revision == 2


def test_after_migrating_the_database_still_guards_its_references(app, newer):
    with database.connection_context():
        file_one("0912345601")
    models.use(url_of(app), newer(REBUILT))
    with database.connection_context():
        Dossier.get().envelope.delete_instance()
        assert (Dossier.select().count(), Photo.select().count()) == (0, 0)


def test_a_migration_that_breaks_leaves_everything_as_it_was(app, newer):
    with database.connection_context():
        before = schema()
    with pytest.raises(RuntimeError, match="in the middle"):
        models.use(url_of(app), newer(ADDED, BROKEN))
    models.use(url_of(app))
    with database.connection_context():
        assert schema() == before
        assert file_one("0912345601").id == 1


def test_several_processes_that_start_together_make_one_database(never_started):
    environ = {**clean_environ(), **never_started}
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", START],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 3
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60) for process in processes]
    assert [out for out, _err in said] == ["done\n"] * 3, [err for _out, err in said]


def test_whoever_opens_a_new_file_at_the_same_moment_is_not_refused(tmp_path):
    together = Barrier(4)

    def first_connection(path):
        file = sqlite(str(path))
        together.wait()
        begin_log(file)
        told = file.execute_sql("PRAGMA journal_mode").fetchone()[0]
        file.close_all()
        return told

    with ThreadPoolExecutor(4) as threads:
        for number in range(40):
            told = threads.map(first_connection, [tmp_path / f"{number}.db"] * 4)
            assert list(told) == ["wal"] * 4


def test_no_migration_bears_the_number_of_another():
    numbers = [path.name[:4] for path in MIGRATIONS.glob("[0-9]*.py")]
    assert numbers and not [pair for pair in combinations(numbers, 2) if pair[0] == pair[1]]
