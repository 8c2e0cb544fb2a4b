"""What is deleted when its time is over."""

from models import Attempt, Draft, Envelope, ScannedSheet, forget_changes, now
from services import codes, invitations, roster

DAY = 24 * 60 * 60
DRAFT_DAYS = 14
# After half a year nobody looks for a page of a pile any more.
SCAN_DAYS = 180


def purge() -> dict[str, int]:
    """Delete drafts untouched for `DRAFT_DAYS`, codes and attempts of more than a day, what is noted of scans of more
    than `SCAN_DAYS`; give how many of each.
    """
    stale = Draft.select(Draft.envelope).where(Draft.updated_at < now() - DRAFT_DAYS * DAY)
    deleted = {
        # The envelope goes, and with it key, answers and photos.
        "drafts": Envelope.delete().where(Envelope.id.in_(stale)).execute(),
        "codes": codes.purge(),
        "uploads": roster.purge(),
        "links": invitations.purge(),
        "attempts": Attempt.delete().where(Attempt.made_at < now() - DAY).execute(),
        "scans": ScannedSheet.delete().where(ScannedSheet.scanned_at < now() - SCAN_DAYS * DAY).execute(),
    }
    forget_changes()
    return deleted
