"""What was printed together, and the signed sheets that came back."""

from peewee import AutoField, BigIntegerField, CharField, ForeignKeyField, IntegerField, Model


class Table(Model):
    class Meta:
        legacy_table_names = False


class Dossier(Table):
    id = AutoField()


class Staff(Table):
    pass


class Printing(Table):
    id = AutoField()
    staff = ForeignKeyField(Staff, null=True, index=True, on_delete="SET NULL")
    made_at = BigIntegerField()


class PrintedSheet(Table):
    printing = ForeignKeyField(Printing, on_delete="CASCADE")
    dossier = ForeignKeyField(Dossier, index=True, on_delete="CASCADE")
    revision = IntegerField()

    class Meta:
        indexes = ((("printing", "dossier"), True),)


class ScannedSheet(Table):
    id = AutoField()
    staff = ForeignKeyField(Staff, null=True, index=True, on_delete="SET NULL")
    pile = CharField(16, index=True)
    file = IntegerField()
    page = IntegerField()
    outcome = CharField(16)
    dossier = ForeignKeyField(Dossier, null=True, index=True, on_delete="SET NULL")
    scanned_at = BigIntegerField()


def up(migrator, db):
    tables = [Dossier, Staff, Printing, PrintedSheet, ScannedSheet]
    with db.bind_ctx(tables):
        db.create_tables(tables[2:], safe=False)
