"""What a newer version knows of every dossier and an older one did not keep; worked out once, at the start.

A migration cannot do it, for it holds no key.
"""

import logging

from peewee import chunked

from models import Dossier, database
from services import finding, submissions, vault

BATCH = 200

log = logging.getLogger(__name__)


def catch_up() -> int:
    """Hash the last digits of each code that has no such hash yet; give how many."""
    missing = [row.id for row in Dossier.select(Dossier.id).where(Dossier.social_insurance_tail.is_null())]
    for batch in chunked(missing, BATCH):
        # In pieces, so that nobody who registers meanwhile waits for all of them.
        with database.atomic():
            for row in Dossier.select().where(Dossier.id.in_(batch)):
                tail = _tail_of(row)
                Dossier.update(social_insurance_tail=tail).where(Dossier.id == row.id).execute()
    return len(missing)


def _tail_of(row: Dossier) -> str:
    """The hash; empty where the dossier cannot be opened, so that it is not tried at every start."""
    try:
        opened = submissions.open_dossier(row)
    except vault.Unreadable:
        log.warning("dossier %s cannot be opened, so it is not found by its code", row.reference)
        return ""
    return finding.tail_hash(opened.given["social_insurance_code"])
