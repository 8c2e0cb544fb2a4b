"""Batches for an agency. Kept apart from the other tables, which fill a file."""

from peewee import AutoField, BigIntegerField, CharField, ForeignKeyField, IntegerField

from models.database import Table
from models.tables import Dossier, now


class Batch(Table):
    """Dossiers that are handed to one agency together; `number` is its day and a count, such as 2026-11-25/1."""

    id = AutoField()
    number = CharField(16, unique=True)
    agency_code = CharField(8)
    made_at = BigIntegerField(default=now)
    made_by = CharField(64)
    filed_at = BigIntegerField(null=True)
    filed_by = CharField(64, null=True)


class BatchLine(Table):
    """A dossier in a batch, in the order of `id`; the reference stays when the dossier is deleted.

    `result` is empty while the dossier is held by the batch, then the state to which it went on; `seq` numbers the
    event of that.
    """

    id = AutoField()
    batch = ForeignKeyField(Batch, on_delete="CASCADE", backref="lines")
    dossier = ForeignKeyField(Dossier, null=True, on_delete="SET NULL")
    reference = CharField(8)
    result = CharField(24, null=True)
    seq = IntegerField(null=True)

    @classmethod
    def held(cls):
        """The lines whose dossier waits: to be filed, or for the agency's answer."""
        return cls.select(cls, Batch).join(Batch).where(cls.result.is_null() & cls.dossier.is_null(False))


# One batch at a time holds a dossier.
BatchLine.add_index(BatchLine.index(BatchLine.dossier, unique=True, where=BatchLine.result.is_null(), name="held_once"))

TABLES = (Batch, BatchLine)
