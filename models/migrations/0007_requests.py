"""What people ask for by right about their registration, and what became of it."""

from peewee import AutoField, BigIntegerField, BlobField, CharField, ForeignKeyField, Model


class Table(Model):
    class Meta:
        legacy_table_names = False


class Dossier(Table):
    id = AutoField()


class Unit(Table):
    pass


class Request(Table):
    id = AutoField()
    dossier = ForeignKeyField(Dossier, null=True, on_delete="SET NULL")
    reference = CharField(8)
    unit = ForeignKeyField(Unit, null=True, on_delete="SET NULL")
    right = CharField(24)
    state = CharField(16)
    words = BlobField(null=True)
    answer = BlobField(null=True)
    asked_at = BigIntegerField()
    acknowledge_by = BigIntegerField()
    due_at = BigIntegerField()
    acknowledged_at = BigIntegerField(null=True)
    acknowledged_by = CharField(64, null=True)
    closed_at = BigIntegerField(null=True)
    closed_by = CharField(64, null=True)

    class Meta:
        indexes = ((("state", "due_at"), False),)


def up(migrator, db):
    with db.bind_ctx([Dossier, Unit, Request]):
        db.create_tables([Request], safe=False)
