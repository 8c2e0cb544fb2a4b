"""How far the reading of a pile has come."""

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model


class Table(Model):
    class Meta:
        legacy_table_names = False


class Staff(Table):
    pass


class Pile(Table):
    name = CharField(16, primary_key=True)
    staff = ForeignKeyField(Staff, null=True, on_delete="SET NULL")
    files = IntegerField()
    file = IntegerField()
    page = IntegerField()
    pages = IntegerField()
    heard_at = BigIntegerField()


def up(migrator, db):
    with db.bind_ctx([Staff, Pile]):
        db.create_tables([Pile], safe=False)
