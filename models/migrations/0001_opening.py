"""The tables as the first version had them.

A frozen copy on purpose: the application's models move on, what was once applied does not.
"""

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class Table(Model):
    class Meta:
        legacy_table_names = False


class Setting(Table):
    name = CharField(64, primary_key=True)
    value = TextField()


class Unit(Table):
    name = CharField(200, unique=True)


class Envelope(Table):
    id = CharField(32, primary_key=True)
    wrapped_key = BlobField()
    created_at = BigIntegerField()


class Draft(Table):
    envelope = ForeignKeyField(Envelope, primary_key=True, on_delete="CASCADE")
    flow = CharField(16)
    session = CharField(16)
    revision = IntegerField()
    phone_hash = CharField(64, null=True, index=True)
    answers = BlobField()
    created_at = BigIntegerField()
    updated_at = BigIntegerField(index=True)


class Photo(Table):
    envelope = ForeignKeyField(Envelope, on_delete="CASCADE", backref="photos")
    kind = CharField(32)
    image = BlobField()
    thumbnail = BlobField()
    width = IntegerField()
    height = IntegerField()
    saved_at = BigIntegerField()

    class Meta:
        indexes = ((("envelope", "kind"), True),)


class Dossier(Table):
    id = AutoField()
    reference = CharField(8, unique=True)
    envelope = ForeignKeyField(Envelope, unique=True, on_delete="CASCADE")
    flow = CharField(16)
    session = CharField(16)
    status = CharField(24, index=True)
    revision = IntegerField()
    full_name = CharField(200)
    search_name = CharField(200)
    phone_hash = CharField(64, index=True)
    social_insurance_hash = CharField(64, index=True)
    agency_code = CharField(8)
    unit = ForeignKeyField(Unit, null=True, index=True, on_delete="SET NULL")
    answers = BlobField()
    submitted_at = BigIntegerField(index=True)


class Code(Table):
    phone_hash = CharField(64)
    purpose = CharField(16)
    subject = CharField(64)
    unit = ForeignKeyField(Unit, null=True, on_delete="SET NULL")
    code_hash = CharField(64)
    secret = BlobField()
    delivery = CharField(16)
    tries_left = IntegerField(constraints=[Check("tries_left >= 0")])
    sent_at = BigIntegerField(index=True)
    expires_at = BigIntegerField()
    used_at = BigIntegerField(null=True)

    class Meta:
        indexes = ((("phone_hash", "sent_at"), False),)


class Staff(Table):
    username = CharField(64, unique=True)
    password_hash = CharField(255)
    role = CharField(16)
    unit = ForeignKeyField(Unit, null=True, on_delete="RESTRICT")
    session = CharField(32)
    active = BooleanField()
    created_at = BigIntegerField()
    signed_in_at = BigIntegerField(null=True)


class Attempt(Table):
    purpose = CharField(16)
    subject = CharField(64)
    made_at = BigIntegerField()

    class Meta:
        indexes = ((("purpose", "subject", "made_at"), False),)


TABLES = (Setting, Unit, Envelope, Draft, Photo, Dossier, Code, Staff, Attempt)


def up(migrator, db):
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)
