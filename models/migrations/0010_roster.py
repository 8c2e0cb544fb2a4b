"""The roster, personal links, uploads that wait; and by which employee code a registration is found."""

from peewee import AutoField, BigIntegerField, BlobField, CharField, ForeignKeyField, IntegerField, Model


class Table(Model):
    class Meta:
        legacy_table_names = False


class Unit(Table):
    pass


class Staff(Table):
    pass


class Employee(Table):
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
    updated_at = BigIntegerField()


class Invitation(Table):
    employee = ForeignKeyField(Employee, primary_key=True, on_delete="CASCADE")
    link_hash = CharField(64, unique=True)
    link = BlobField()
    expires_at = BigIntegerField()
    sent_at = BigIntegerField(null=True)


class RosterUpload(Table):
    key = CharField(32, primary_key=True)
    staff = ForeignKeyField(Staff, null=True, on_delete="CASCADE")
    report = BlobField()
    created_at = BigIntegerField(index=True)
    done_at = BigIntegerField(null=True)


class RosterPart(Table):
    upload = ForeignKeyField(RosterUpload, on_delete="CASCADE")
    number = IntegerField()
    rows = BlobField()

    class Meta:
        indexes = ((("upload", "number"), True),)


TABLES = (Employee, Invitation, RosterUpload, RosterPart)


def up(migrator, db):
    with db.bind_ctx([Unit, Staff, *TABLES]):
        db.create_tables(TABLES, safe=False)
    for table in ("draft", "dossier"):
        migrator.migrate(migrator.add_column(table, "employee_hash", CharField(64, null=True, index=True)))
