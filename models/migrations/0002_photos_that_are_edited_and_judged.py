"""Photos remember what they were made from, what we think of them, and whether they shall be used all the same."""

from peewee import BigIntegerField, BlobField, CharField, TextField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("photo", "original", BlobField(null=True)),
        migrator.add_column("photo", "edit", CharField(32, null=True)),
        migrator.add_column("photo", "checks", TextField(null=True)),
        migrator.add_column("photo", "accepted_at", BigIntegerField(null=True)),
    )
