"""The tables of the paper round: what was printed together, and the signed sheets that came back."""

from peewee import AutoField, BigIntegerField, CharField, ForeignKeyField, IntegerField

from models.database import Table
from models.tables import Dossier, Staff, now


class Printing(Table):
    """Some forms that were put into one PDF together."""

    id = AutoField()
    staff = ForeignKeyField(Staff, null=True, index=True, on_delete="SET NULL")
    made_at = BigIntegerField(default=now)


class PrintedSheet(Table):
    """Whose form, and which revision of it, a printing holds."""

    printing = ForeignKeyField(Printing, on_delete="CASCADE")
    dossier = ForeignKeyField(Dossier, index=True, on_delete="CASCADE")
    revision = IntegerField()

    class Meta:
        indexes = ((("printing", "dossier"), True),)


class ScannedSheet(Table):
    """One sheet or page that came back, and what became of it.

    `pile` is the upload that it came with, empty for the hand-held scanner; `file` and `page` are its place in it.
    """

    id = AutoField()
    staff = ForeignKeyField(Staff, null=True, index=True, on_delete="SET NULL")
    pile = CharField(16, index=True)
    file = IntegerField()
    page = IntegerField()
    outcome = CharField(16)
    dossier = ForeignKeyField(Dossier, null=True, index=True, on_delete="SET NULL")
    scanned_at = BigIntegerField(default=now)


class Pile(Table):
    """A pile that is being read; the row goes when its last page is told.

    `file` of `files` is read, of which `page` of `pages` is done; at `heard_at` that was so.
    """

    name = CharField(16, primary_key=True)
    staff = ForeignKeyField(Staff, null=True, on_delete="SET NULL")
    files = IntegerField()
    file = IntegerField(default=1)
    page = IntegerField(default=0)
    pages = IntegerField(default=0)
    heard_at = BigIntegerField(default=now)


TABLES = (Printing, PrintedSheet, ScannedSheet, Pile)
