"""What is deleted when its time is over, and when that will be.

Drafts go some days after they were last touched; the photos of a dossier some days after it was filed, and the dossier
itself, if so set, some days after it was over. How many days is the administrator's to say (`services.preferences`).
Codes and attempts go after a day, what is noted of scanned sheets after half a year.
"""

from dataclasses import dataclass

from peewee import Case, fn

from models import (
    Attempt,
    Dossier,
    Draft,
    Envelope,
    Event,
    Photo,
    Pile,
    Request,
    ScannedSheet,
    database,
    forget_changes,
    locked,
    now,
)
from services import agency_list, audit, codes, holdings, invitations, outbox, preferences, roster, submissions
from services.days import after_days

DAY = 24 * 60 * 60
# Nobody looks for a page of a pile any more.
SCAN_DAYS = 180
FILED = "file"
OVER = ("issue", "confirm", "withdraw")
# In these states nobody needs the photos any more, in those the whole dossier.
PHOTOS_DONE = ("filed", "issued", "withdrawn")
DOSSIER_DONE = ("issued", "withdrawn")


@dataclass(frozen=True, slots=True)
class Until:
    """The last seconds of the days on which photos and dossier are kept; None where no time limits them yet."""

    photos: int | None
    dossier: int | None
    has_photos: bool


def purge() -> dict[str, int]:
    """Delete everything whose time is over; give how many of each."""
    kept = preferences.current()
    stale = Draft.select(Draft.envelope).where(Draft.updated_at < now() - kept.draft_days * DAY)
    deleted = {
        # The envelope goes, and with it key, answers and photos.
        "drafts": Envelope.delete().where(Envelope.id.in_(stale)).execute(),
        "dossiers": sum(_delete_dossier(row) for row in _done(DOSSIER_DONE) if kept.dossier_days),
        "photos": sum(_delete_photos(row) for row in _done(PHOTOS_DONE, with_photos=True)),
        "codes": codes.purge(),
        "links": invitations.purge(),
        "messages": outbox.purge(),
        "attempts": Attempt.delete().where(Attempt.made_at < now() - DAY).execute(),
        "uploads": roster.purge() + agency_list.purge(),
        "scans": ScannedSheet.delete().where(ScannedSheet.scanned_at < now() - SCAN_DAYS * DAY).execute()
        + Pile.delete().where(Pile.heard_at < now() - SCAN_DAYS * DAY).execute(),
    }
    forget_changes()
    return deleted


def until(row: Dossier) -> Until:
    """Until when the dossier and its photos are kept, as things stand."""
    kept = preferences.current()
    filed_at, over_at = _ends(row)
    photos_from = filed_at or over_at
    photos = dossier = None
    if row.status in PHOTOS_DONE and photos_from:
        photos = after_days(photos_from, kept.photo_days)
    if row.status in DOSSIER_DONE and over_at and kept.dossier_days:
        dossier = after_days(over_at, kept.dossier_days)
    return Until(photos, dossier, Photo.select().where(Photo.envelope == row.envelope_id).exists())


def _ends(row: Dossier) -> tuple[int | None, int | None]:
    """When the dossier was filed last, and when it was over; None for what never happened."""
    filed = fn.MAX(Case(None, [(Event.move == FILED, Event.at)]))
    over = fn.MAX(Case(None, [(Event.move.in_(OVER), Event.at)]))
    return Event.select(filed, over).where(Event.dossier == row.id).tuples().get()


def _done(states: tuple[str, ...], *, with_photos: bool = False) -> list[Dossier]:
    found = Dossier.select(Dossier.id).where(Dossier.status.in_(states))
    return list(found.where(Dossier.envelope.in_(Photo.select(Photo.envelope))) if with_photos else found)


def _held(row: Dossier) -> Dossier | None:
    """The dossier as it is now, held so that nobody moves it meanwhile."""
    return locked(Dossier.select().where(Dossier.id == row.id)).first()


def _delete_photos(found: Dossier) -> int:
    """Delete the photos of one dossier, if their time is over; give how many."""
    with database.atomic():
        row = _held(found)
        last = until(row).photos if row else None
        if last is None or last >= now():
            return 0
        count = submissions.delete_photos(row)
        if count:
            audit.note("expire_photos", row.reference, actor=audit.SYSTEM)
    return count


def _delete_dossier(found: Dossier) -> int:
    """Delete one dossier, if its time is over and nobody waits for an answer about it; give how many."""
    with database.atomic():
        row = _held(found)
        last = until(row).dossier if row else None
        if last is None or last >= now() or Request.select().where(_is_open(row)).exists():
            return 0
        reference = row.reference
        holdings.destroy(row)
        audit.note("expire_dossier", reference, actor=audit.SYSTEM)
    return 1


def _is_open(row: Dossier):
    return (Request.dossier == row.id) & (Request.state == "open")
