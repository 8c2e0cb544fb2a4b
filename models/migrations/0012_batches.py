"""Batches for an agency, and which dossiers they hold."""

from peewee import AutoField, BigIntegerField, CharField, ForeignKeyField, IntegerField, Model


class Table(Model):
    class Meta:
        legacy_table_names = False


class Dossier(Table):
    id = AutoField()


class Batch(Table):
    id = AutoField()
    number = CharField(16, unique=True)
    agency_code = CharField(8)
    made_at = BigIntegerField()
    made_by = CharField(64)
    filed_at = BigIntegerField(null=True)
    filed_by = CharField(64, null=True)


class BatchLine(Table):
    id = AutoField()
    batch = ForeignKeyField(Batch, on_delete="CASCADE")
    dossier = ForeignKeyField(Dossier, null=True, on_delete="SET NULL")
    reference = CharField(8)
    result = CharField(24, null=True)
    seq = IntegerField(null=True)


def up(migrator, db):
    with db.bind_ctx([Dossier, Batch, BatchLine]):
        db.create_tables([Batch, BatchLine], safe=False)
    db.execute_sql('CREATE UNIQUE INDEX "held_once" ON "batch_line" ("dossier_id") WHERE ("result" IS NULL)')
