"""The tables of the roster: who works here, by which link they come in, and what was uploaded but not confirmed yet."""

from peewee import AutoField, BigIntegerField, BlobField, CharField, ForeignKeyField, IntegerField

from models.database import Table
from models.tables import Staff, Unit, now


class Employee(Table):
    """Somebody on the company's list. Code and name stay readable for HR's list; `details` is sealed.

    The hashes are those by which drafts and dossiers are found; the one of the ID number is made like the one of the
    social insurance code, for either may be declared as that code.
    """

    id = AutoField()
    code = CharField(40, unique=True)
    code_hash = CharField(64, unique=True)
    unit = ForeignKeyField(Unit, null=True, index=True, on_delete="SET NULL")
    full_name = CharField(200)
    search_name = CharField(200)
    phone_hash = CharField(64, null=True)
    social_insurance_hash = CharField(64, null=True)
    id_number_hash = CharField(64, null=True)
    details = BlobField()
    updated_at = BigIntegerField(default=now)


class Invitation(Table):
    """The personal link of an employee: found by its hash, sealed to be printed again, deleted when it is revoked.

    `sent_at` is when it last went out by text message, `mailed_at` by mail.
    """

    employee = ForeignKeyField(Employee, primary_key=True, on_delete="CASCADE")
    link_hash = CharField(64, unique=True)
    link = BlobField()
    expires_at = BigIntegerField()
    sent_at = BigIntegerField(null=True)
    mailed_at = BigIntegerField(null=True)


class RosterUpload(Table):
    """A list that somebody of HR has uploaded; `report` is sealed. After `done_at` it only tells what was done."""

    key = CharField(32, primary_key=True)
    staff = ForeignKeyField(Staff, null=True, on_delete="CASCADE")
    report = BlobField()
    created_at = BigIntegerField(default=now, index=True)
    done_at = BigIntegerField(null=True)


class RosterPart(Table):
    """Some of the rows of an upload, sealed."""

    upload = ForeignKeyField(RosterUpload, on_delete="CASCADE")
    number = IntegerField()
    rows = BlobField()

    class Meta:
        indexes = ((("upload", "number"), True),)


TABLES = (Employee, Invitation, RosterUpload, RosterPart)
