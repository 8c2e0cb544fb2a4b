"""The database: SQLite by default, PostgreSQL by address; opened once, connected for each request."""

import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from peewee import DatabaseProxy, IntegrityError, Model, OperationalError, PostgresqlDatabase
from playhouse.migrations import Runner
from playhouse.pool import PooledPostgresqlDatabase, PooledSqliteDatabase

MIGRATIONS = Path(__file__).parent / "migrations"

database = DatabaseProxy()


class Table(Model):
    """A table of ours."""

    class Meta:
        database = database
        legacy_table_names = False


def use(url: str, migrations: Path = MIGRATIONS) -> None:
    """Take the database at `url` (`sqlite:///path` or `postgresql://…`) and bring its schema up to date."""
    close()
    database.initialize(_open(url))
    if not is_postgresql():
        begin_log(database.obj)
    with database.connection_context():
        migrate(migrations)


def begin_log(file: PooledSqliteDatabase) -> None:
    """Connect for the first time, which gives a new file its log of changes (WAL).

    Of two processes that do so at the same moment SQLite refuses one at once, whatever its time-out says.
    """
    until = time.monotonic() + 10
    while True:
        try:
            file.connect()
        except OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            file.close()
            return


def close() -> None:
    """Give back every connection of this process."""
    if database.obj is not None:
        database.close_all()


def migrate(directory: Path) -> list[str]:
    """Apply the migrations that this database has not had yet; give their names in order.

    A migration stands in a file of its own. All of them run in one transaction, and where several servers start
    together the first one migrates while the others wait for it.
    """
    with _references_let_go(), database.atomic():
        take_turns("migrations")
        applied = Runner(database.obj, str(directory)).up()
        if not is_postgresql() and (broken := database.execute_sql("PRAGMA foreign_key_check").fetchall()):
            raise IntegrityError(f"migrations left references to nothing: {broken[:3]}")
    return applied


@contextmanager
def _references_let_go():
    """SQLite changes a column by making the table anew; dropping the old one would delete all that refers to it."""
    if is_postgresql():
        yield
        return
    database.execute_sql("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        database.execute_sql("PRAGMA foreign_keys = ON")


def forget_changes() -> None:
    """Let nothing that was deleted linger in SQLite's log of changes; PostgreSQL's is its administrator's matter."""
    if not is_postgresql():
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def is_postgresql() -> bool:
    """Whether rows are locked one by one (PostgreSQL) or the whole database by the writer (SQLite)."""
    return isinstance(database.obj, PostgresqlDatabase)


def locked(query, *, skip: bool = False):
    """The query, holding its rows until the transaction ends; with `skip` without those that another holds.

    SQLite needs nothing: each of our transactions begins IMMEDIATE and so is the only writer.
    """
    return query.for_update(skip_locked=skip or None) if is_postgresql() else query


def _open(url: str):
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(url.removeprefix("sqlite:///"))
    return PooledPostgresqlDatabase(
        unquote(parts.path.lstrip("/")),
        host=parts.hostname,
        port=parts.port or 5432,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or "") or None,
        prefer_psycopg3=True,
        max_connections=20,
        stale_timeout=300,
        timeout=10,
        **dict(parse_qsl(parts.query)),
    )


def sqlite(path: str) -> PooledSqliteDatabase:
    """The file at `path`, not opened yet."""
    return PooledSqliteDatabase(
        path,
        # Kept open and lent to one request after another, whichever thread serves it: opening a connection costs more
        # than a request's queries. SQLite minds only two threads at the same moment, which the pool prevents.
        check_same_thread=False,
        max_connections=32,
        timeout=10,
        # A transaction that begins by reading and then writes could fail half way; one that begins as writer waits.
        lock_type="IMMEDIATE",
        pragmas={
            "journal_mode": "wal",
            # FULL: what was acknowledged survives a power cut, not only a crash of the program.
            "synchronous": "full",
            "foreign_keys": 1,
            "busy_timeout": 10_000,
            # A deleted dossier's bytes are overwritten, not merely forgotten.
            "secure_delete": 1,
        },
    )


def take_turns(about: str) -> None:
    """Let the transactions that name the same thing run one after another: for counts that must hold exactly, and for
    rows that may not be there yet and so cannot be locked.
    """
    if is_postgresql():
        database.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (about,))


def pending(directory: Path = MIGRATIONS) -> tuple[list[str], list[str]]:
    """The migrations that this database has not had, and those it has had that this program does not know."""
    status = Runner(database.obj, str(directory)).status()
    return [each.name for each in status if not each.applied], [each.name for each in status if each.path is None]


def damages() -> list[str]:
    """What the database finds broken in its own file; PostgreSQL watches over that by itself."""
    if is_postgresql():
        return []
    told = [str(row[0]) for row in database.execute_sql("PRAGMA integrity_check(10)").fetchall()]
    lost = database.execute_sql("PRAGMA foreign_key_check").fetchall()
    return [line for line in told if line != "ok"] + [
        f"{row[0]} refers to a row of {row[2]} that is gone" for row in lost
    ]
