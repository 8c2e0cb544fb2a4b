"""The official blank of Form 01, and the tries to fetch it. It is public: nothing here is about a person."""

from peewee import AutoField, BigIntegerField, BlobField, CharField, ForeignKeyField, IntegerField, TextField

from models.database import Table
from models.tables import Staff, now


class OfficialForm(Table):
    """The last good blank from each source: `portal`, or `uploaded` by `staff`.

    `url` is where it came from, empty where it was uploaded; `etag` and `last_modified` are as the portal gave them.
    `taken_at` is when these bytes came first, `seen_at` when the portal last gave or confirmed them.
    """

    source = CharField(16, primary_key=True)
    pdf = BlobField()
    thumbnail = BlobField()
    sha256 = CharField(64)
    size = IntegerField()
    pages = IntegerField()
    url = TextField(default="")
    etag = TextField(default="")
    last_modified = TextField(default="")
    taken_at = BigIntegerField(default=now)
    seen_at = BigIntegerField(default=now)
    staff = ForeignKeyField(Staff, null=True, index=True, on_delete="SET NULL")


class OfficialFetch(Table):
    """One try to fetch it from `url`; under way while `ended_at` is null. The next one is due at `due_at`.

    `outcome` is how it ended, in a word; `detail` what that word alone does not say, such as a status.
    """

    id = AutoField()
    url = TextField()
    began_at = BigIntegerField(default=now)
    ended_at = BigIntegerField(null=True)
    due_at = BigIntegerField(null=True)
    outcome = CharField(32, default="")
    detail = CharField(100, default="")


TABLES = (OfficialForm, OfficialFetch)
