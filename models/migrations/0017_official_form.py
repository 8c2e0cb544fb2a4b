"""The official blank of Form 01, and the tries to fetch it."""

from peewee import AutoField, BigIntegerField, BlobField, CharField, ForeignKeyField, IntegerField, Model, TextField


class Table(Model):
    class Meta:
        legacy_table_names = False


class Staff(Table):
    pass


class OfficialForm(Table):
    source = CharField(16, primary_key=True)
    pdf = BlobField()
    thumbnail = BlobField()
    sha256 = CharField(64)
    size = IntegerField()
    pages = IntegerField()
    url = TextField()
    etag = TextField()
    last_modified = TextField()
    taken_at = BigIntegerField()
    seen_at = BigIntegerField()
    staff = ForeignKeyField(Staff, null=True, index=True, on_delete="SET NULL")


class OfficialFetch(Table):
    id = AutoField()
    url = TextField()
    began_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)
    due_at = BigIntegerField(null=True)
    outcome = CharField(32)
    detail = CharField(100)


def up(migrator, db):
    tables = [Staff, OfficialForm, OfficialFetch]
    with db.bind_ctx(tables):
        db.create_tables(tables[1:], safe=False)
