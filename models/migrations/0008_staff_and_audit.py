"""The audit log, a second factor for the staff, and the names that a unit had before."""

from peewee import BigIntegerField, BlobField, CharField, ForeignKeyField, Model


class Table(Model):
    class Meta:
        legacy_table_names = False


class Unit(Table):
    name = CharField(200, unique=True)


class Staff(Table):
    username = CharField(64, unique=True)


class FormerUnitName(Table):
    name = CharField(200, unique=True)
    unit = ForeignKeyField(Unit, on_delete="CASCADE")


class RecoveryCode(Table):
    staff = ForeignKeyField(Staff, on_delete="CASCADE")
    code_hash = CharField(64, unique=True)


class Audit(Table):
    seq = BigIntegerField(primary_key=True)
    at = BigIntegerField(index=True)
    actor = CharField(16)
    action = CharField(48)
    object = CharField(64)
    result = CharField(16)
    previous = CharField(64)
    hash = CharField(64)

    class Meta:
        indexes = ((("actor", "seq"), False), (("action", "seq"), False), (("object", "seq"), False))


NEW = (FormerUnitName, RecoveryCode, Audit)

ON_SQLITE = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END",
    # REPLACE deletes without telling the trigger for deletions.
    "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq) "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END",
)
ON_POSTGRESQL = (
    "CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is never changed'; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()",
)


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("staff", "totp", BlobField(null=True)),
        migrator.add_column("staff", "totp_step", BigIntegerField(null=True)),
        migrator.add_column("staff", "temporary_until", BigIntegerField(null=True)),
    )
    with db.bind_ctx(NEW):
        db.create_tables(NEW, safe=False)
    is_postgresql = type(migrator).__name__.startswith("Postgres")
    for statement in ON_POSTGRESQL if is_postgresql else ON_SQLITE:
        db.execute_sql(statement)
