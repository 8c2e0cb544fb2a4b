"""What HR's search and counts read: beginnings of names, narrow indexes, photos and unit of a draft, and who helped.

The last digits of codes lie sealed; the application hashes them at its start.
"""

import re

from peewee import (
    AutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    CompositeKey,
    ForeignKeyField,
    Model,
    chunked,
)

LONGEST = 20
LISTED = ("status", "unit_id", "agency_code")


class Table(Model):
    class Meta:
        legacy_table_names = False


class Envelope(Table):
    id = CharField(32, primary_key=True)


class Staff(Table):
    pass


class Dossier(Table):
    id = AutoField()
    search_name = CharField(200)


class NamePrefix(Table):
    prefix = CharField(20)
    dossier = ForeignKeyField(Dossier, on_delete="CASCADE")

    class Meta:
        primary_key = CompositeKey("prefix", "dossier")


class Assistance(Table):
    envelope = ForeignKeyField(Envelope, primary_key=True, on_delete="CASCADE")
    staff = ForeignKeyField(Staff, null=True, on_delete="SET NULL")
    began_at = BigIntegerField()
    read_out_at = BigIntegerField(null=True)


def up(migrator, db):
    with db.bind_ctx((Envelope, Staff, Dossier, NamePrefix, Assistance)):
        db.create_tables((NamePrefix, Assistance), safe=False)
        for batch in chunked(_beginnings(), 400):
            NamePrefix.insert_many(batch, (NamePrefix.prefix, NamePrefix.dossier)).execute()
    migrator.migrate(
        migrator.add_column("draft", "has_photos", BooleanField(default=False)),
        migrator.add_column("dossier", "social_insurance_tail", CharField(64, null=True, index=True)),
    )
    db.execute_sql(
        'ALTER TABLE "draft" ADD COLUMN "unit_id" INTEGER REFERENCES "unit" ("id") ON DELETE SET NULL'
    )
    db.execute_sql('CREATE INDEX "draft_unit_id" ON "draft" ("unit_id")')
    # An adult sends three; nobody else could register before.
    db.execute_sql(
        "UPDATE draft SET has_photos ="
        " ((SELECT count(*) FROM photo WHERE photo.envelope_id = draft.envelope_id) >= 3)"
    )
    for old in ("dossier_status", "dossier_unit_id"):
        db.execute_sql(f'DROP INDEX "{old}"')
    for first in (*LISTED, ""):
        columns = [*filter(None, [first]), "id", *(each for each in LISTED if each != first), "submitted_at"]
        quoted = ", ".join(f'"{column}"' for column in columns)
        db.execute_sql(f'CREATE INDEX "dossier_{"_".join(columns)}" ON "dossier" ({quoted})')


def _beginnings():
    for number, name in Dossier.select(Dossier.id, Dossier.search_name).tuples():
        words = {word[:LONGEST] for word in re.findall(r"[^\W_]+", name)}
        yield from ((prefix, number) for prefix in {word[:end] for word in words for end in range(1, len(word) + 1)})
