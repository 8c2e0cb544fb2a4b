"""What the desk keeps beside the dossiers, to find them and to say who helped."""

from peewee import BigIntegerField, CharField, CompositeKey, ForeignKeyField

from models.database import Table
from models.tables import Dossier, Envelope, Staff, now


class NamePrefix(Table):
    """One beginning of one word of a dossier's name, without accents; the key is what HR's search reads in order."""

    prefix = CharField(20)
    dossier = ForeignKeyField(Dossier, on_delete="CASCADE")

    class Meta:
        primary_key = CompositeKey("prefix", "dossier")


class Assistance(Table):
    """Who of HR fills in a registration for somebody at the desk; `read_out_at` when they saw its code themselves."""

    envelope = ForeignKeyField(Envelope, primary_key=True, on_delete="CASCADE")
    staff = ForeignKeyField(Staff, null=True, on_delete="SET NULL")
    began_at = BigIntegerField(default=now)
    read_out_at = BigIntegerField(null=True)


TABLES = (NamePrefix, Assistance)
