"""What happens to a dossier: its events, and an envelope that belongs to a correction of another one.

Dossiers from before get the event that they must have had: they were submitted.
"""

from peewee import BigIntegerField, BlobField, CharField, ForeignKeyField, IntegerField, Model


class Table(Model):
    class Meta:
        legacy_table_names = False


class Dossier(Table):
    pass


class Staff(Table):
    pass


class Event(Table):
    dossier = ForeignKeyField(Dossier, on_delete="CASCADE")
    seq = IntegerField()
    at = BigIntegerField()
    who = CharField(16)
    staff = ForeignKeyField(Staff, null=True, index=True, on_delete="SET NULL")
    move = CharField(16)
    note = BlobField(null=True)

    class Meta:
        indexes = ((("dossier", "seq"), True), (("move", "at"), False))


def up(migrator, db):
    with db.bind_ctx((Dossier, Staff, Event)):
        db.create_tables((Event,), safe=False)
    db.execute_sql(
        "INSERT INTO event (dossier_id, seq, at, who, move)"
        " SELECT id, 1, submitted_at, 'applicant', 'submit' FROM dossier"
    )
    db.execute_sql(
        'ALTER TABLE "envelope" ADD COLUMN "corrects_id" VARCHAR(32) REFERENCES "envelope" ("id") ON DELETE CASCADE'
    )
    db.execute_sql('CREATE UNIQUE INDEX "envelope_corrects_id" ON "envelope" ("corrects_id")')
