"""`flask backup` and `flask restore`: all comes back but what was deleted since, whichever backup it is."""

import shutil
from pathlib import Path

import pytest

import models
from models import TABLES, Audit, Code, Dossier, Draft, Envelope, Photo, Request, Staff, Unit, database, is_postgresql
from models.database import MIGRATIONS
from services import audit, backup, corrections, drafts, finding, holdings, submissions, vault
from services.backup import BackupRefused
from tests import canaries
from tests.answers import PERSON
from tests.browser import Browser
from tests.desk import add
from tests.dossiers import correct, employ, file_one, fill, ticket_of


@pytest.fixture
def shelf(tmp_path):
    """Where the backups lie."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


@pytest.fixture
def start_anew(environ, tmp_path, request, make_app):
    """Lose the machine: an application with an empty database, and the keys that were kept elsewhere."""

    def start():
        models.close()
        if "QUAY_DATABASE_URL" in environ:
            request.getfixturevalue("postgresql").new_database("quay", "migrated")
        for file in Path(environ["QUAY_DATA"]).glob("quay.db*"):
            file.unlink()
        return make_app()

    return start


def command(app, *args: str) -> tuple[int, str]:
    """Run `flask …`; gives the exit code and what it said."""
    done = app.test_cli_runner().invoke(args=list(args))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def everything() -> dict:
    """What is in the database, table by table, but for the log that tells of backups themselves."""
    left = {*backup.LEFT_OUT, Audit, models.Setting}
    return {
        table.__name__: sorted(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in rows)
        for table in TABLES
        if table not in left
        for rows in [table.select().tuples()]
    }


def use_desk() -> Dossier:
    """A desk in use: dossiers of an adult and a child, a draft, a correction under way, a request, staff and a list."""
    add("nhansu", "department")
    employ("NV01", "Lê Thị Bưởi", "Xưởng 1", phone="0912345677")
    fill("0912345601")
    child = file_one("0912345602", "child")
    dossier = file_one("0912345603", unit="Xưởng 1")
    corrections.begin(ticket_of(child))
    Request.create(
        dossier=dossier,
        reference=dossier.reference,
        right="delete",
        acknowledge_by=1,
        due_at=2,
        words=vault.seal(dossier.envelope, "request.words", b"xin"),
    )
    return dossier


def test_all_that_there_is_comes_back_on_another_machine(app, shelf, start_anew):
    with database.connection_context():
        dossier = use_desk()
        before = everything()
        prefixes = sorted(models.NamePrefix.select().tuples())
    code, said = command(app, "backup", str(shelf / "monday.db"))
    assert (code, "4 registrations" in said) == (0, True), said
    app = start_anew()
    code, said = command(app, "restore", str(shelf / "monday.db"))
    assert (code, said) == (0, "registrations: 4, left out, for they were deleted or corrected since: 0\n")
    with database.connection_context():
        assert everything() == before
        assert sorted(models.NamePrefix.select().tuples()) == prefixes, "HR finds everybody by name"
        assert submissions.open_dossier(Dossier.get_by_id(dossier.id)).phone == "0912345603"
        assert submissions.photo(Dossier.get_by_id(dossier.id), "portrait").endswith(b"portrait")
        assert audit.first_fault() is None
        assert file_one("0912345604").id > dossier.id, "what is new is numbered after what was brought"
        assert Unit.create(name="Xưởng 2").id > Unit.get(Unit.name == "Xưởng 1").id
    Browser(app).open("/")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_backup_of_one_kind_of_database_is_restored_into_the_other_and_back(app, shelf, make_app, start_anew):
    with database.connection_context():
        dossier = use_desk()
        before = everything()
    command(app, "backup", str(shelf / "postgresql.db"))
    app = make_app(QUAY_DATABASE_URL="")
    assert not is_postgresql() and command(app, "restore", str(shelf / "postgresql.db"))[0] == 0
    with database.connection_context():
        assert everything() == before
    assert command(app, "backup", str(shelf / "sqlite.db"))[0] == 0, "it goes on from the newest backup"
    app = start_anew()
    assert is_postgresql() and command(app, "restore", str(shelf / "sqlite.db"))[0] == 0
    with database.connection_context():
        assert everything() == before
        assert submissions.photo(Dossier.get_by_id(dossier.id), "portrait").endswith(b"portrait")


def test_what_was_deleted_since_does_not_open_from_an_older_backup(app, shelf, start_anew):
    with database.connection_context():
        anna, binh = file_one("0912345601"), file_one("0912345602")
        stale = fill("0912345603")
        keys = {row.id: bytes(row.wrapped_key) for row in Envelope.select()}
    assert command(app, "backup", str(shelf / "monday.db"))[0] == 0
    with database.connection_context():
        with database.atomic():
            holdings.destroy(anna)
            holdings.destroy(Draft.get(Draft.envelope == stale.id))
        file_one("0912345604")
    assert command(app, "backup", str(shelf / "tuesday.db"))[0] == 0
    on_shelf = b"".join(path.read_bytes() for path in shelf.iterdir())
    assert not any(key in on_shelf for key in keys.values())
    assert anna.envelope_id not in (shelf / "quay.keys").read_text()
    app = start_anew()
    code, said = command(app, "restore", str(shelf / "monday.db"))
    assert (code, said) == (0, "registrations: 1, left out, for they were deleted or corrected since: 2\n")
    with database.connection_context():
        assert [row.reference for row in Dossier.select()] == [binh.reference]
        assert (Draft.select().count(), Photo.select().where(Photo.envelope == anna.envelope_id).count()) == (0, 0)
        assert finding.names_of("n", 10) == [binh.id]


def test_a_backup_shows_no_name_and_no_value_to_whoever_finds_it(app, shelf):
    with database.connection_context():
        file_one("0912345601", full_name="Nguyễn Thị Cờnary")
        draft = fill("0912345602")
        drafts.save(draft.ticket("declaration"), "adult", drafts.Change({**PERSON, "full_name": "Nguyễn Cờnary"}))
    command(app, "backup", str(shelf / "monday.db"))
    found = b"".join(path.read_bytes() for path in shelf.iterdir())
    assert canaries.leaks(found, ["Cờnary", "conary", "0912345601", "0912345602", PERSON["address"]]) == []
    assert all(path.stat().st_mode & 0o077 == 0 for path in shelf.iterdir())
    assert sorted(path.name for path in shelf.iterdir()) == ["monday.db", "quay.keys"]


def test_keys_of_registrations_that_the_database_does_not_know_are_never_thrown_away(app, shelf, start_anew):
    with database.connection_context():
        file_one("0912345601")
    command(app, "backup", str(shelf / "monday.db"))
    with database.connection_context():
        file_one("0912345602")
    command(app, "backup", str(shelf / "tuesday.db"))
    kept = (shelf / "quay.keys").read_bytes()
    app = start_anew()
    command(app, "restore", str(shelf / "monday.db"))
    code, said = command(app, "backup", str(shelf / "wednesday.db"))
    assert code == 1 and "Choose a new folder" in said
    assert (shelf / "quay.keys").read_bytes() == kept
    assert sorted(path.name for path in shelf.iterdir()) == ["monday.db", "quay.keys", "tuesday.db"]
    new = shelf / "new"
    new.mkdir()
    assert command(app, "backup", str(new / "wednesday.db"))[0] == 0


def test_an_empty_database_does_not_take_the_keys_away_either(app, shelf, start_anew):
    with database.connection_context():
        file_one("0912345601")
    command(app, "backup", str(shelf / "monday.db"))
    code, said = command(start_anew(), "backup", str(shelf / "tuesday.db"))
    assert code == 1 and "does not know" in said


@pytest.fixture
def later_version(tmp_path, monkeypatch):
    """From here on backups are made and read by a version that has brought the database one step further."""

    def begin():
        folder = tmp_path / "later"
        shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "9999_later.py").write_text(
            "def up(migrator, db):\n    db.execute_sql(\"UPDATE unit SET name = 'Phân xưởng 1'\")\n"
        )
        monkeypatch.setattr(models.copies, "MIGRATIONS", folder)

    return begin


def test_an_older_versions_backup_is_brought_up_to_date_and_stays_as_it_is(app, shelf, start_anew, later_version):
    with database.connection_context():
        file_one("0912345601", unit=Unit.create(name="Xưởng 1").name)
    command(app, "backup", str(shelf / "monday.db"))
    before = (shelf / "monday.db").read_bytes()
    app = start_anew()
    later_version()
    assert command(app, "restore", str(shelf / "monday.db"))[0] == 0
    with database.connection_context():
        assert Dossier.get().unit.name == "Phân xưởng 1"
    assert (shelf / "monday.db").read_bytes() == before


def test_a_newer_versions_backup_is_refused_in_words(app, shelf, start_anew, later_version, monkeypatch):
    with database.connection_context():
        file_one("0912345601")
    later_version()
    command(app, "backup", str(shelf / "monday.db"))
    app = start_anew()
    monkeypatch.undo()
    code, said = command(app, "restore", str(shelf / "monday.db"))
    assert code == 1 and "made by a newer version" in said


def test_nothing_is_restored_over_what_is_there(app, shelf):
    with database.connection_context():
        file_one("0912345601")
    command(app, "backup", str(shelf / "monday.db"))
    code, said = command(app, "restore", str(shelf / "monday.db"))
    assert code == 1 and "Restore into an empty one" in said
    code, said = command(app, "backup", str(shelf / "monday.db"))
    assert code == 1 and "already" in said
    with database.connection_context():
        assert Dossier.select().count() == 1


def old_keys(shelf: Path) -> None:
    shutil.copy(shelf / "old" / "quay.keys", shelf / "quay.keys")


def spoil(name: str):
    def spoiled(shelf: Path) -> None:
        data = bytearray((shelf / name).read_bytes())
        data[len(data) // 2] ^= 1
        (shelf / name).write_bytes(data[: len(data) // 2 + 1])

    return spoiled


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (old_keys, "older than tuesday.db"),
        (spoil("quay.keys"), "damaged, or belongs to another data.key"),
        (lambda shelf: (shelf / "quay.keys").unlink(), "Put the newest quay.keys beside"),
        (lambda shelf: (shelf / "tuesday.db").write_bytes(b"no database" * 1000), "no backup, or it is damaged"),
        (spoil("tuesday.db"), "no backup, or it is damaged"),
        (lambda shelf: (shelf / "tuesday.db").write_bytes(b""), "quay.keys is older than tuesday.db"),
    ],
)
def test_what_is_not_whole_is_refused_and_changes_nothing(app, shelf, start_anew, harm, sentence):
    with database.connection_context():
        file_one("0912345601")
    command(app, "backup", str(shelf / "monday.db"))
    (shelf / "old").mkdir()
    shutil.copy(shelf / "quay.keys", shelf / "old")
    with database.connection_context():
        file_one("0912345602")
    command(app, "backup", str(shelf / "tuesday.db"))
    harm(shelf)
    app = start_anew()
    code, said = command(app, "restore", str(shelf / "tuesday.db"))
    assert code == 1 and sentence in said, said
    with database.connection_context():
        assert not any(table.select().exists() for table in (Dossier, Envelope, Audit, Staff, Code))


def test_a_backup_of_another_installation_beside_our_keys_is_refused(app, shelf, start_anew, environ):
    command(app, "backup", str(shelf / "monday.db"))
    keys, ours = (shelf / "quay.keys").read_bytes(), Path(environ["QUAY_DATA"], "data.key").read_text()
    Path(environ["QUAY_DATA"], "data.key").unlink()
    (shelf / "theirs").mkdir()
    command(start_anew(), "backup", str(shelf / "theirs" / "monday.db"))
    Path(environ["QUAY_DATA"], "data.key").write_text(ours)
    (shelf / "theirs" / "quay.keys").write_bytes(keys)
    code, said = command(start_anew(), "restore", str(shelf / "theirs" / "monday.db"))
    assert code == 1 and "monday.db belongs to another data.key" in said


def test_of_a_corrected_dossier_only_a_backup_made_after_it_opens(app, shelf, start_anew):
    with database.connection_context():
        dossier = file_one("0912345601")
        command(app, "backup", str(shelf / "monday.db"))
        correct(dossier)
        command(app, "backup", str(shelf / "tuesday.db"))
    app = start_anew()
    assert "corrected since: 1" in command(app, "restore", str(shelf / "monday.db"))[1]
    app = start_anew()
    assert command(app, "restore", str(shelf / "tuesday.db"))[0] == 0
    with database.connection_context():
        assert submissions.open_dossier(Dossier.get()).row.revision == 2


def test_the_keys_of_another_installation_do_not_do(app, shelf, make_app, start_anew, environ):
    with database.connection_context():
        file_one("0912345601")
    command(app, "backup", str(shelf / "monday.db"))
    Path(environ["QUAY_DATA"], "data.key").unlink()
    code, said = command(start_anew(), "restore", str(shelf / "monday.db"))
    assert code == 1 and "another data.key" in said


def test_a_backup_that_fails_half_way_leaves_the_shelf_as_it_was(app, shelf, monkeypatch):
    with database.connection_context():
        file_one("0912345601")
        backup.make(shelf / "monday.db")
        before = {path.name: path.read_bytes() for path in shelf.iterdir()}
        for point in ("_write_keys", "_put"):
            with monkeypatch.context() as patch:
                patch.setattr(backup, point, lambda *_given: (_ for _ in ()).throw(OSError("disk full")))
                with pytest.raises(OSError, match="disk full"):
                    backup.make(shelf / "tuesday.db")
            left = {path.name: path.read_bytes() for path in shelf.iterdir()}
            assert left == before
        with pytest.raises(BackupRefused):
            backup.make(shelf / "monday.db")
