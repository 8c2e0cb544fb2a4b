"""The table of what was done: rows are only ever added."""

from peewee import BigIntegerField, CharField

from models.database import Table, database, is_postgresql


class Audit(Table):
    """Who did or saw what: rows are only ever added, which triggers enforce, and each holds the hash of the one before.

    `actor` is the id of an account, `applicant`, `system` or `unknown`; `object` names what it is about by reference,
    number or keyed hash, never by a personal value.
    """

    seq = BigIntegerField(primary_key=True)
    at = BigIntegerField(index=True)
    actor = CharField(16)
    action = CharField(48)
    object = CharField(64)
    result = CharField(16)
    previous = CharField(64)
    hash = CharField(64)

    class Meta:
        indexes = ((("actor", "seq"), False), (("action", "seq"), False), (("object", "seq"), False))

    @classmethod
    def newest(cls) -> "Audit | None":
        """The last row."""
        return cls.select().order_by(cls.seq.desc()).first()

    @classmethod
    def is_guarded(cls) -> bool:
        """Whether the database itself refuses to change or delete a row."""
        if is_postgresql():
            query = "SELECT count(*) FROM pg_trigger WHERE tgname = 'audit_no_change' AND tgenabled <> 'D'"
            return database.execute_sql(query).fetchone()[0] == 1
        query = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        return database.execute_sql(query).fetchone()[0] == 3


TABLES = (Audit,)
