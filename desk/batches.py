"""Batches for an agency: which dossiers are ready, gathered, filed together; what is still out.

For the HR department and administrators. All dossiers of a batch are for one agency, and a dossier is held by at most
one batch, which the database sees to.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from peewee import fn

from desk import requests, way
from desk.dossiers import LARGEST_KEY, visible_to
from desk.lines import FILEABLE
from desk.waiting import FILE
from models import Batch, BatchLine, Dossier, Staff, database, locked, now, take_turns
from services import audit
from services.days import local

LARGEST = 1000
PAGE_SIZE = 50

OPEN, FILED, CLOSED = "open", "filed", "closed"
# Why a dossier was not put into a batch.
ELSEWHERE, NOT_READY, STOPPED, OTHER_AGENCY = "elsewhere", "not_ready", "stopped", "other_agency"


class AlreadyFiled(Exception):
    """Somebody has filed this batch: what is in it stays."""


class NothingToFile(Exception):
    """The batch holds no dossier."""


class Stopped(Exception):
    """The owners of these dossiers have said that work on them must stop; `references` names them."""

    def __init__(self, references: list[str]):
        super().__init__(references)
        self.references = references


@dataclass(frozen=True, slots=True)
class Counted:
    """A batch with the number of its lines and of those that wait for an answer."""

    row: Batch
    total: int
    out: int

    @property
    def state(self) -> str:
        """`OPEN` until it is filed, `CLOSED` once nothing of it is out."""
        return OPEN if self.row.filed_at is None else FILED if self.out else CLOSED


@dataclass(slots=True)
class Gathered:
    """What became of dossiers that should go into a batch: the batches, and by reference why one is in none."""

    batches: list[Batch] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


def visible(staff: Staff):
    """The batches that this account may see: a unit's HR sees none."""
    query = Batch.select()
    return query if staff.role in way.DEPARTMENT_AND_ADMIN else query.where(Batch.id.is_null())


def find(staff: Staff, batch_id: int) -> Counted | None:
    """The batch with this key, if the account may see it."""
    row = visible(staff).where(Batch.id == min(batch_id, LARGEST_KEY - 1)).first()
    return _counted([row])[0] if row else None


def page(staff: Staff, before: int | None = None) -> tuple[list[Counted], int | None]:
    """At most `PAGE_SIZE` batches older than the key `before`, newest first; and the key of the next page, if any."""
    query = visible(staff).order_by(Batch.id.desc())
    if before is not None:
        query = query.where(Batch.id < max(0, min(before, LARGEST_KEY - 1)))
    rows = list(query.limit(PAGE_SIZE + 1))
    older = rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None
    return _counted(rows[:PAGE_SIZE]), older


def lines(batch: Batch) -> list[BatchLine]:
    """The lines in their order, each with its dossier unless that was deleted."""
    query = BatchLine.select(BatchLine, Dossier).left_outer_join(Dossier).where(BatchLine.batch == batch)
    return list(query.order_by(BatchLine.id))


def ready(staff: Staff, agency_code: str | None = None) -> list[Dossier]:
    """The dossiers that could be filed and that no batch holds, those that were submitted first at the top."""
    held = BatchLine.held().select(BatchLine.dossier)
    query = visible_to(staff).where(Dossier.status.in_(FILEABLE) & Dossier.id.not_in(held)).order_by(Dossier.id)
    rows = list(query.where(Dossier.agency_code == agency_code) if agency_code else query)
    stopped = requests.stopped(rows)
    return [row for row in rows if row.id not in stopped]


def ready_by_agency(staff: Staff) -> dict[str, int]:
    """How many dossiers are ready, by the code of their agency."""
    return dict(Counter(row.agency_code for row in ready(staff)).most_common())


def holding(dossiers: Iterable[Dossier]) -> dict[int, Batch]:
    """By the id of those dossiers that are held by a batch: which."""
    rows = BatchLine.held().where(BatchLine.dossier.in_([row.id for row in dossiers]))
    return {line.dossier_id: line.batch for line in rows}


def gather(staff: Staff, dossiers: Iterable[Dossier]) -> Gathered:
    """Put the dossiers into new batches, one for each agency and at most `LARGEST` in each."""
    _check(staff)
    gathered = Gathered()
    with database.atomic():
        groups: dict[str, list[Dossier]] = {}
        for row in _addable(staff, dossiers, gathered):
            groups.setdefault(row.agency_code, []).append(row)
        for agency_code, rows in groups.items():
            for start in range(0, len(rows), LARGEST):
                gathered.batches.append(_new(staff, agency_code, rows[start : start + LARGEST]))
        for batch in gathered.batches:
            audit.note("make_batch", f"batch:{batch.id}")
    return gathered


def add(staff: Staff, batch: Batch, dossiers: Iterable[Dossier]) -> Gathered:
    """Put the dossiers of the batch's agency into it, up to `LARGEST`. Raises `AlreadyFiled`."""
    _check(staff)
    gathered = Gathered([batch])
    with database.atomic():
        row = _hold(batch)
        room = LARGEST - BatchLine.select().where(BatchLine.batch == row).count()
        found = _addable(staff, dossiers, gathered)
        gathered.left.update({each.reference: OTHER_AGENCY for each in found if each.agency_code != row.agency_code})
        _append(row, [each for each in found if each.agency_code == row.agency_code][:room])
    return gathered


def take_out(staff: Staff, batch: Batch, references: Iterable[str]) -> None:
    """Let go of these dossiers; they stay as they are. Raises `AlreadyFiled`."""
    _check(staff)
    with database.atomic():
        row = _hold(batch)
        BatchLine.delete().where((BatchLine.batch == row) & BatchLine.reference.in_(list(references))).execute()


def file(staff: Staff, batch: Batch) -> None:
    """Note that the agency has the batch: every dossier of it is moved in one transaction, or none is.

    Raises `AlreadyFiled`, `NothingToFile`, `Stopped`, and `way.MovedOn` when somebody moved one of them meanwhile.
    """
    _check(staff)
    with database.atomic():
        row = _hold(batch)
        held = BatchLine.select(BatchLine.dossier).where((BatchLine.batch == row) & BatchLine.result.is_null())
        # All at once and in the order of their ids, before the first is moved: others wait at the audit log for that.
        rows = list(locked(Dossier.select().where(Dossier.id.in_(held)).order_by(Dossier.id)))
        if not rows:
            raise NothingToFile
        if stopped := requests.stopped(rows):
            raise Stopped([each.reference for each in rows if each.id in stopped])
        Batch.update(filed_at=now(), filed_by=staff.username).where(Batch.id == row.id).execute()
        for each in rows:
            way.move(staff, each, FILE, each.status)
        audit.note("file_batch", f"batch:{row.id}")


def _check(staff: Staff) -> None:
    if staff.role not in way.DEPARTMENT_AND_ADMIN:
        raise way.NotAllowed("batch")


def _hold(batch: Batch) -> Batch:
    row = locked(Batch.select().where(Batch.id == batch.id)).get()
    if row.filed_at is not None:
        raise AlreadyFiled(row.number)
    return row


def _addable(staff: Staff, dossiers: Iterable[Dossier], gathered: Gathered) -> list[Dossier]:
    """Those of the dossiers that may be put into a batch, held by the transaction; why not is noted of the others."""
    ids = [row.id for row in dossiers]
    rows = list(locked(visible_to(staff).where(Dossier.id.in_(ids)).order_by(Dossier.id)))
    elsewhere, stopped = holding(rows), requests.stopped(rows)
    for row in rows:
        if row.status not in FILEABLE:
            gathered.left[row.reference] = NOT_READY
        elif row.id in elsewhere:
            gathered.left[row.reference] = ELSEWHERE
        elif row.id in stopped:
            gathered.left[row.reference] = STOPPED
    return [row for row in rows if row.reference not in gathered.left]


def _new(staff: Staff, agency_code: str, rows: list[Dossier]) -> Batch:
    day = local(now()).date().isoformat()
    take_turns("batches")
    taken = Batch.select(Batch.number).where(Batch.number.startswith(f"{day}/"))
    count = max((int(each.number.partition("/")[2]) for each in taken), default=0) + 1
    batch = Batch.create(number=f"{day}/{count}", agency_code=agency_code, made_by=staff.username)
    _append(batch, rows)
    return batch


def _append(batch: Batch, rows: list[Dossier]) -> None:
    if rows:
        BatchLine.insert_many([{"batch": batch, "dossier": row, "reference": row.reference} for row in rows]).execute()


def _counted(rows: list[Batch]) -> list[Counted]:
    def counts(query) -> dict[int, int]:
        chosen = query.where(BatchLine.batch.in_([row.id for row in rows])).group_by(BatchLine.batch)
        return {line.batch_id: line.count for line in chosen}

    columns = (BatchLine.batch, fn.COUNT(BatchLine.id).alias("count"))
    total = counts(BatchLine.select(*columns))
    out = counts(BatchLine.select(*columns).where(BatchLine.result.is_null() & BatchLine.dossier.is_null(False)))
    return [Counted(row, total.get(row.id, 0), out.get(row.id, 0)) for row in rows]
