"""What is deleted when its time is over."""

from models import Attempt, Draft, Envelope, forget_changes, now
from services import codes, invitations, roster

DAY = 24 * 60 * 60
DRAFT_DAYS = 14


def purge() -> dict[str, int]:
    """Delete drafts untouched for `DRAFT_DAYS`, and codes and attempts older than a day; give how many of each."""
    stale = Draft.select(Draft.envelope).where(Draft.updated_at < now() - DRAFT_DAYS * DAY)
    deleted = {
        # The envelope goes, and with it key, answers and photos.
        "drafts": Envelope.delete().where(Envelope.id.in_(stale)).execute(),
        "codes": codes.purge(),
        "uploads": roster.purge(),
        "links": invitations.purge(),
        "attempts": Attempt.delete().where(Attempt.made_at < now() - DAY).execute(),
    }
    forget_changes()
    return deleted
