"""What is kept. Times are whole seconds since 1970 (UTC); a `…_hash` is keyed, so it finds but does not tell."""

import time

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    Check,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from models.database import Table, locked, take_turns

# A person whose dossier stands so may send a new one. What was returned is corrected, so it still stands.
CAME_TO_NOTHING = ("withdrawn",)


def now() -> int:
    """This second."""
    return int(time.time())


class Setting(Table):
    """One value that outlives a start: the proof of the key, the hash of the first administrator's address."""

    name = CharField(64, primary_key=True)
    value = TextField()

    @classmethod
    def keep(cls, name: str, value: str) -> None:
        """Write the value, whether there was one or not, and whoever else writes it at the same moment."""
        cls.insert(name=name, value=value).on_conflict(conflict_target=[cls.name], preserve=[cls.value]).execute()


class ListedAgency(Table):
    """An agency that was imported or closed here; it stands in the place of the one of `data/agencies.csv` with its
    code. `communes` are the codes of the communes that it serves, with spaces between them.
    """

    code = CharField(8, primary_key=True)
    name = CharField(200)
    former_name = CharField(200)
    province_code = CharField(2)
    province_name = CharField(100)
    address = CharField(300)
    communes = TextField()
    is_open = BooleanField()


class Unit(Table):
    """A part of the company with HR people of its own."""

    name = CharField(200, unique=True)

    @classmethod
    def called(cls, name: str) -> "Unit | None":
        """The unit that bears this name or, where none does, bore it: a draft keeps the name that was chosen."""
        unit = cls.get_or_none(cls.name == name)
        former = None if unit else FormerUnitName.get_or_none(FormerUnitName.name == name)
        return former.unit if former else unit


class FormerUnitName(Table):
    """A name that a unit had before it was renamed."""

    name = CharField(200, unique=True)
    unit = ForeignKeyField(Unit, on_delete="CASCADE")


class Envelope(Table):
    """The key of one registration, wrapped by the key-encryption key.

    Draft, dossier and photos of one registration are sealed with it and go with it. A backup holds no key, so
    deleting this row reaches the older ones as well (docs/decisions/0059). The correction of
    a dossier has an envelope of its own, which goes with that of the dossier.
    """

    id = CharField(32, primary_key=True)
    wrapped_key = BlobField()
    created_at = BigIntegerField(default=now)
    corrects = ForeignKeyField("self", null=True, unique=True, on_delete="CASCADE")


class Draft(Table):
    """A registration that is not submitted yet. `answers` is sealed; unit and photos are told for the desk's counts."""

    envelope = ForeignKeyField(Envelope, primary_key=True, on_delete="CASCADE")
    flow = CharField(16)
    session = CharField(16)
    revision = IntegerField()
    phone_hash = CharField(64, null=True, index=True)
    employee_hash = CharField(64, null=True, index=True)
    answers = BlobField()
    unit = ForeignKeyField(Unit, null=True, on_delete="SET NULL")
    has_photos = BooleanField(default=False)
    created_at = BigIntegerField(default=now)
    updated_at = BigIntegerField(default=now, index=True)

    @classmethod
    def hold(cls, identity: str) -> "Draft | None":
        """The draft with this id, held for the rest of the transaction; None when there is none.

        Held even then: of two first answers that arrive together, the second waits and finds what the first has made.
        """
        take_turns(f"draft {identity}")
        return locked(cls.select().where(cls.envelope == identity)).first()


class Photo(Table):
    """One picture of a registration: re-encoded, then sealed.

    `original` is the picture as it was sent, where `image` was turned or cut from it as `edit` says. `checks` is what
    we think of it, in JSON; `accepted_at` when its person said to use it anyway.
    """

    envelope = ForeignKeyField(Envelope, on_delete="CASCADE", backref="photos")
    kind = CharField(32)
    image = BlobField()
    thumbnail = BlobField()
    width = IntegerField()
    height = IntegerField()
    saved_at = BigIntegerField(default=now)
    original = BlobField(null=True)
    edit = CharField(32, null=True)
    checks = TextField(null=True)
    accepted_at = BigIntegerField(null=True)

    class Meta:
        indexes = ((("envelope", "kind"), True),)


class Dossier(Table):
    """A registration that was submitted. The name stays readable for HR's list; `answers` is sealed.

    `social_insurance_tail` is the keyed hash of the code's last digits; None until it is worked out.
    """

    id = AutoField()
    reference = CharField(8, unique=True)
    envelope = ForeignKeyField(Envelope, unique=True, on_delete="CASCADE")
    flow = CharField(16)
    session = CharField(16)
    status = CharField(24, default="submitted")
    revision = IntegerField(default=1)
    full_name = CharField(200)
    search_name = CharField(200)
    phone_hash = CharField(64, index=True)
    social_insurance_hash = CharField(64, index=True)
    employee_hash = CharField(64, null=True, index=True)
    social_insurance_tail = CharField(64, null=True, index=True)
    agency_code = CharField(8)
    unit = ForeignKeyField(Unit, null=True, index=False, on_delete="SET NULL")
    answers = BlobField()
    submitted_at = BigIntegerField(default=now, index=True)

    class Meta:
        # All that the list is narrowed by stands in each of them, so that no row, heavy with answers, is read for it.
        indexes = (
            (("status", "id", "unit", "agency_code", "submitted_at"), False),
            (("unit", "id", "status", "agency_code", "submitted_at"), False),
            (("agency_code", "id", "status", "unit", "submitted_at"), False),
            (("id", "status", "unit", "agency_code", "submitted_at"), False),
        )

    @classmethod
    def standing(cls):
        """The dossiers beside which the same person may not have another. One that came to nothing is none of them."""
        return cls.select().where(cls.status.not_in(CAME_TO_NOTHING))


class Message(Table):
    """A text message or a mail that is to be sent, or was. `content` is sealed; `answer` is what its gateway said.

    `key` tells a gateway that it had this message before, and `tries` which worker's claim is the latest.
    """

    WAITING, SENT, FAILED, DROPPED = "waiting", "sent", "failed", "dropped"

    key = CharField(32, unique=True)
    means = CharField(8)
    purpose = CharField(16)
    envelope = ForeignKeyField(Envelope, null=True, index=True, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, null=True, on_delete="SET NULL")
    content = BlobField()
    state = CharField(8, default=WAITING)
    tries = IntegerField(default=0)
    due_at = BigIntegerField(default=now)
    leased_until = BigIntegerField(default=0)
    until = BigIntegerField(default=0)
    gateway_id = CharField(64, default="")
    answer = CharField(200, default="")
    created_at = BigIntegerField(default=now)
    sent_at = BigIntegerField(null=True)
    delivered_at = BigIntegerField(null=True)

    class Meta:
        indexes = ((("state", "due_at"), False), (("means", "sent_at"), False))


class Code(Table):
    """A one-time code. `secret` is sealed and holds what HR needs to read the code out."""

    phone_hash = CharField(64)
    purpose = CharField(16)
    subject = CharField(64)
    unit = ForeignKeyField(Unit, null=True, on_delete="SET NULL")
    code_hash = CharField(64)
    secret = BlobField()
    delivery = CharField(16)
    tries_left = IntegerField(constraints=[Check("tries_left >= 0")])
    sent_at = BigIntegerField(default=now, index=True)
    expires_at = BigIntegerField()
    used_at = BigIntegerField(null=True)
    message = ForeignKeyField(Message, null=True, on_delete="SET NULL")

    class Meta:
        indexes = ((("phone_hash", "sent_at"), False),)

    @classmethod
    def live(cls, at: int):
        """The codes that may still be entered at the second `at`, newest first."""
        return (
            cls.select()
            .where(cls.used_at.is_null() & (cls.expires_at > at) & (cls.tries_left > 0))
            .order_by(cls.id.desc())
        )


class Request(Table):
    """What somebody asked for about their own registration by right, and what became of it.

    `words` and `answer` are sealed in the dossier's envelope. The row outlives the dossier: of a deleted one it is the
    record that stays, and it names nobody.
    """

    id = AutoField()
    dossier = ForeignKeyField(Dossier, null=True, on_delete="SET NULL")
    reference = CharField(8)
    unit = ForeignKeyField(Unit, null=True, on_delete="SET NULL")
    right = CharField(24)
    state = CharField(16, default="open")
    words = BlobField(null=True)
    answer = BlobField(null=True)
    asked_at = BigIntegerField(default=now)
    acknowledge_by = BigIntegerField()
    due_at = BigIntegerField()
    acknowledged_at = BigIntegerField(null=True)
    acknowledged_by = CharField(64, null=True)
    closed_at = BigIntegerField(null=True)
    closed_by = CharField(64, null=True)

    class Meta:
        indexes = ((("state", "due_at"), False),)


class Staff(Table):
    """Somebody of HR, or the administrator.

    `totp` is the sealed secret of the second factor, `totp_step` the 30-second step of the last code that was used.
    `temporary_until` is the second at which a password that somebody else has set ends; None for one's own.
    """

    username = CharField(64, unique=True)
    password_hash = CharField(255)
    role = CharField(16)
    unit = ForeignKeyField(Unit, null=True, on_delete="RESTRICT")
    session = CharField(32)
    active = BooleanField(default=True)
    created_at = BigIntegerField(default=now)
    signed_in_at = BigIntegerField(null=True)
    totp = BlobField(null=True)
    totp_step = BigIntegerField(null=True)
    temporary_until = BigIntegerField(null=True)


class RecoveryCode(Table):
    """A code that stands in once for the second factor; the row goes when it is used."""

    staff = ForeignKeyField(Staff, on_delete="CASCADE")
    code_hash = CharField(64, unique=True)


class Event(Table):
    """One thing that happened to a dossier, numbered from 1. `note` is sealed with the dossier's envelope."""

    dossier = ForeignKeyField(Dossier, on_delete="CASCADE")
    seq = IntegerField()
    at = BigIntegerField(default=now)
    who = CharField(16)
    staff = ForeignKeyField(Staff, null=True, index=True, on_delete="SET NULL")
    move = CharField(16)
    note = BlobField(null=True)

    class Meta:
        indexes = ((("dossier", "seq"), True), (("move", "at"), False))


class Attempt(Table):
    """One try at something that is limited, such as a password; `subject` is a keyed hash."""

    purpose = CharField(16)
    subject = CharField(64)
    made_at = BigIntegerField(default=now)

    class Meta:
        indexes = ((("purpose", "subject", "made_at"), False),)

    @classmethod
    def count_since(cls, purpose: str, subject: str, since: int) -> int:
        """How many such tries were made at or after the second `since`."""
        return cls.select().where((cls.purpose == purpose) & (cls.subject == subject) & (cls.made_at >= since)).count()


TABLES = (
    Setting,
    ListedAgency,
    Unit,
    FormerUnitName,
    Envelope,
    Draft,
    Photo,
    Dossier,
    Message,
    Code,
    Request,
    Staff,
    RecoveryCode,
    Event,
    Attempt,
)
