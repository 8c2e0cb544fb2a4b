"""The whole database copied row by row into a SQLite file, and back into an empty database of either kind."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from peewee import BlobField, DatabaseError, SqliteDatabase, fn, sort_models
from playhouse.migrations import Runner

from models.database import MIGRATIONS, database, is_postgresql

# Rows in memory at a time; where there are blobs, each can be a photo.
ROWS, HEAVY_ROWS = 400, 20

# What becomes of a row, column by column, on its way into the file.
Change = Callable[[dict], dict]


class NotADatabase(Exception):
    """The file is not one that `write` has made, or is damaged."""


class OfNewerVersion(Exception):
    """The file was made by a version that knows more than this one."""


@contextmanager
def one_moment():
    """All that is read inside is as it was at one moment; others go on writing meanwhile."""
    how = {"isolation_level": "repeatable read"} if is_postgresql() else {"lock_type": "deferred"}
    with database.atomic(**how):
        yield


def write(path: Path, tables, changes: dict[type, Change]) -> None:
    """Make the SQLite file `path` with the rows of `tables`, each changed as `changes` says of its table."""
    with _opened(path) as target, target.atomic():
        for table in tables:
            change = changes.get(table, dict)
            for rows in _batches(table, database):
                # Bound to it, for the two databases want their bytes wrapped differently.
                with target.bind_ctx([table], bind_refs=False, bind_backrefs=False):
                    table.insert_many([change(row) for row in rows]).execute()


def read(path: Path, tables) -> None:
    """Add all rows of `tables` in the file to this database, in which there must be none. Raises `NotADatabase`
    and `OfNewerVersion`.

    The file is brought up to date where an older version has made it. Call it inside a transaction.
    """
    try:
        with _opened(path) as source:
            for table in sort_models(tables):
                for rows in _batches(table, source):
                    table.insert_many(rows).execute()
                _count_on(table)
    except DatabaseError as problem:
        raise NotADatabase(str(path)) from problem


@contextmanager
def _opened(path: Path) -> Iterator[SqliteDatabase]:
    # One writer, and a file that is thrown away when it does not become whole: it needs no log of changes.
    file = SqliteDatabase(path, pragmas={"journal_mode": "memory", "synchronous": "full"})
    with closing(file), file.connection_context():
        runner = Runner(file, str(MIGRATIONS))
        with file.atomic():
            if any(each.path is None for each in runner.status()):
                raise OfNewerVersion
            runner.up()
        yield file


def _batches(table, source) -> Iterator[list[dict]]:
    """All rows of a table in the order of their keys, those that refer to others of the same table last."""
    key = table._meta.primary_key
    of_itself = [field for field in table._meta.refs if field.rel_model is table]
    is_heavy = any(isinstance(field, BlobField) for field in table._meta.sorted_fields)
    for is_later in (False, True) if of_itself else (False,):
        chosen = table.select().order_by(key).limit(HEAVY_ROWS if is_heavy else ROWS)
        for field in of_itself:
            chosen = chosen.where(field.is_null(not is_later))
        rows = list(chosen.dicts().execute(source))
        while rows:
            yield rows
            rows = list(chosen.where(key > rows[-1][key.name]).dicts().execute(source))


def _count_on(table) -> None:
    """Let PostgreSQL number new rows after those that were brought."""
    key = table._meta.primary_key
    if is_postgresql() and table._meta.auto_increment:
        sequence = fn.pg_get_serial_sequence(table._meta.table_name, key.column_name)
        table.select(fn.setval(sequence, fn.MAX(key))).execute()
