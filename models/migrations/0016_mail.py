"""How an applicant is told what becomes of their dossier, by which means its code came, and who was invited by mail.

Of the dossiers and invitations from before nothing of this is known.
"""

from peewee import BigIntegerField, BlobField, CharField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("dossier", "news", BlobField(null=True)),
        migrator.add_column("dossier", "confirmed_by", CharField(16, default="")),
        migrator.add_column("invitation", "mailed_at", BigIntegerField(null=True)),
    )
