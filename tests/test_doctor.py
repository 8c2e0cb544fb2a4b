"""`flask --app app doctor`: says what is well and what is not, and ends with 1 where something is not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine

from models import Dossier, database, is_postgresql
from services import audit, doctor, typesetting
from tests.desk import add, second_factor
from tests.dossiers import file_one
from tests.server import ROOT, clean_environ

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])


@pytest.fixture
def examine(app):
    """Run the command; gives the exit code and what was said about each thing."""

    def run() -> tuple[int, dict[str, str]]:
        done = app.test_cli_runner().invoke(args=["doctor"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        said = (line[8:].partition(": ") + (line[:8].strip(),) for line in done.output.splitlines())
        return done.exit_code, {what: f"{state} {words}" for what, _colon, words, state in said}

    return run


@pytest.fixture
def desk(app):
    """A desk in use: an administrator with a second factor, and a dossier."""
    second_factor(add("quantri", "admin"))
    with database.connection_context():
        return file_one("0912345601")


def test_all_is_well_on_a_desk_in_use_and_on_a_new_one(app, examine):
    code, said = examine()
    assert code == 0 and said["administrators"].startswith("warning there is none")
    second_factor(add("quantri", "admin"))
    with database.connection_context():
        file_one("0912345601")
    code, said = examine()
    assert code == 0 and len(said) == 11
    assert {words.split()[0] for words in said.values()} == {"ok"}, said
    with database.connection_context():
        assert audit.Audit.newest().hash in said["audit log"]


def test_the_doctor_changes_nothing(app, desk, examine):
    def kept() -> list:
        with database.connection_context():
            return [sorted(map(repr, table.select().tuples())) for table in (audit.Audit, audit.Setting, Dossier)]

    before = kept()
    examine()
    assert kept() == before


def test_an_administrator_without_a_second_factor_is_a_warning(app, examine):
    add("quantri", "admin")
    code, said = examine()
    assert code == 0 and said["administrators"].startswith("warning without second factor: quantri")


def test_a_broken_chain_is_named_by_its_first_bad_row(app, desk, examine):
    with database.connection_context():
        if is_postgresql():
            database.execute_sql("ALTER TABLE audit DISABLE TRIGGER audit_no_change")
        else:
            database.execute_sql("DROP TRIGGER audit_no_update")
        database.execute_sql("UPDATE audit SET result = 'refused' WHERE seq = 2")
    code, said = examine()
    assert code == 1 and said["audit log"].startswith("FAILURE row 2 was changed")


def test_a_log_without_its_triggers_is_a_failure_though_its_chain_is_whole(app, desk, examine):
    with database.connection_context():
        if is_postgresql():
            database.execute_sql("DROP TRIGGER audit_no_change ON audit")
        else:
            database.execute_sql("DROP TRIGGER audit_no_delete")
    code, said = examine()
    assert code == 1 and "triggers" in said["audit log"]


def test_a_dossier_or_photo_that_does_not_open_is_a_failure(app, desk, examine):
    with database.connection_context():
        database.execute_sql("UPDATE photo SET image = thumbnail")
        Dossier.update(answers=b"x" * 40).execute()
    code, said = examine()
    assert code == 1
    assert desk.reference in said["data key"] and said["photos"].startswith("FAILURE")


def test_a_clock_that_is_behind_is_a_failure(app, desk, examine):
    for moment in ("2026-01-02 00:00:00+07:00", "1970-01-02 00:00:00+07:00"):
        with time_machine.travel(moment, tick=False):
            code, said = examine()
        assert code == 1 and said["clock"].startswith("FAILURE"), moment


@pytest.mark.parametrize(("free", "code", "state"), [(10**8, 1, "FAILURE"), (10**9, 0, "warning"), (10**10, 0, "ok")])
def test_a_full_disk_is_told_in_time(app, desk, examine, monkeypatch, free, code, state):
    usage = shutil.disk_usage(ROOT)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _folder: usage._replace(free=free))
    found, said = examine()
    assert found == code and said["disk"].startswith(state)


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps permissions in another way")
def test_a_key_that_others_can_read_is_a_failure(app, desk, examine):
    key = Path(app.config["SETTINGS"].data) / "data.key"
    key.chmod(0o644)
    code, said = examine()
    assert code == 1 and "data.key" in said["key files"]


def test_fonts_without_vietnamese_or_without_anything_are_a_failure(app, desk, examine, monkeypatch, tmp_path):
    monkeypatch.setattr(typesetting, "TEMPLATES", tmp_path)
    code, said = examine()
    assert code == 1 and said["Form 01"].startswith("FAILURE cannot be made")
    (tmp_path / "coverage.txt").write_text("20-7E\nE0-FF\n")
    monkeypatch.setattr(typesetting, "FONTS", tmp_path)
    typesetting._missing.cache_clear()
    try:
        code, said = examine()
    finally:
        typesetting._missing.cache_clear()
    assert code == 1 and "lack" in said["Form 01"] and "ạ" in said["Form 01"]


@SQLITE_ONLY
def test_a_database_with_a_row_that_hangs_in_the_air_is_a_failure(app, desk, examine):
    with database.connection_context():
        database.execute_sql("PRAGMA foreign_keys = OFF")
        database.execute_sql("UPDATE dossier SET unit_id = 77")
        database.execute_sql("PRAGMA foreign_keys = ON")
    code, said = examine()
    assert code == 1 and "dossier refers to a row of unit" in said["database"]


def test_a_database_of_a_newer_version_is_a_failure(app, desk, examine):
    with database.connection_context():
        database.execute_sql(
            "INSERT INTO schema_migration (name, applied) VALUES ('9999_of_tomorrow', '2026-11-25 08:00:00')"
        )
    code, said = examine()
    assert code == 1 and "9999_of_tomorrow" in said["schema"]


@SQLITE_ONLY
def test_what_keeps_the_desk_from_starting_is_told_in_a_sentence_and_no_traceback(app, environ):
    for changes, says in (
        ({"QUAY_DATA_KEY": "ab" * 32}, "QUAY_DATA_KEY"),
        ({"QUAY_PORT": "x"}, "QUAY_PORT"),
        ({"QUAY_DATABASE_URL": f"sqlite:///{ROOT / 'README.md'}"}, "QUAY_DATABASE_URL"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", "doctor"],
            cwd=ROOT,
            env={**clean_environ(), **environ, **changes},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1 and says in done.stderr and "Traceback" not in done.stderr, done.stderr
