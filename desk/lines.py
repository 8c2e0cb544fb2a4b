"""The line of a batch follows its dossier: wherever that is moved from, the batch knows."""

from models import Batch, BatchLine, Dossier

FILEABLE = ("signed", "forwarded")
FILED = "filed"
ISSUED = "issued"


def follow(row: Dossier, seq: int) -> None:
    """Note in its newest line where a dossier has just been moved to, in the transaction of that move.

    From a batch that is not filed yet it is taken out once it can no longer be filed. In a filed one the line tells
    where it went on to; that an account was issued can turn out to be a mistake.
    """
    lines = BatchLine.select(BatchLine, Batch).join(Batch).where(BatchLine.dossier == row)
    line = lines.order_by(BatchLine.id.desc()).first()
    if line is None:
        return
    if line.batch.filed_at is None:
        if row.status not in FILEABLE:
            line.delete_instance()
    elif line.result in (None, ISSUED) and row.status != FILED:
        BatchLine.update(result=row.status, seq=seq).where(BatchLine.id == line.id).execute()
