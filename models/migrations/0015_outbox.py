"""Messages are rows that a worker sends."""

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    CharField,
    ForeignKeyField,
    IntegerField,
    Model,
)


class Table(Model):
    class Meta:
        legacy_table_names = False


class Envelope(Table):
    id = CharField(32, primary_key=True)


class Unit(Table):
    id = AutoField()


class Message(Table):
    key = CharField(32, unique=True)
    means = CharField(8)
    purpose = CharField(16)
    envelope = ForeignKeyField(Envelope, null=True, index=True, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, null=True, on_delete="SET NULL")
    content = BlobField()
    state = CharField(8)
    tries = IntegerField()
    due_at = BigIntegerField()
    leased_until = BigIntegerField()
    until = BigIntegerField()
    gateway_id = CharField(64)
    answer = CharField(200)
    created_at = BigIntegerField()
    sent_at = BigIntegerField(null=True)
    delivered_at = BigIntegerField(null=True)

    class Meta:
        indexes = ((("state", "due_at"), False), (("means", "sent_at"), False))


def up(migrator, db):
    with db.bind_ctx([Message]):
        db.create_tables([Message], safe=False)
    message = ForeignKeyField(Message, field=Message.id, null=True, on_delete="SET NULL")
    migrator.migrate(migrator.add_column("code", "message_id", message))
