"""The agencies that an administrator has imported or closed, over those of `data/agencies.csv`."""

from peewee import BooleanField, CharField, Model, TextField


class Table(Model):
    class Meta:
        legacy_table_names = False


class ListedAgency(Table):
    code = CharField(8, primary_key=True)
    name = CharField(200)
    former_name = CharField(200)
    province_code = CharField(2)
    province_name = CharField(100)
    address = CharField(300)
    communes = TextField()
    is_open = BooleanField()


def up(migrator, db):
    with db.bind_ctx([ListedAgency]):
        db.create_tables([ListedAgency], safe=False)
