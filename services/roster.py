"""The roster brought in from a list: looked at first, written only when it is confirmed.

What was read waits for an hour, sealed, in the database; then, in one transaction, people who are new are added and
those whose code is known are updated. An empty cell changes nothing.
"""

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice

from models import Employee, RosterPart, RosterUpload, Staff, Unit, database, forget_changes, now, take_turns
from services import audit, employees, vault

WAITS = 60 * 60
PART = 500
# HR mends these and uploads the list again; the others are counted.
ERRORS_SHOWN = 200


@dataclass(slots=True)
class Report:
    """What an upload would do, or has done: people counted, units that are made for it, rows that are wrong.

    `errors` are row number, column and what to do; `wrong` counts rows. `columns` are the headings that were used.
    """

    columns: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    new_units: list[str] = field(default_factory=list)
    errors: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def good(self) -> int:
        """How many rows can be taken."""
        return self.new + self.changed + self.unchanged


class UploadGone(Exception):
    """It was discarded, its hour is over, or it is somebody else's."""


def stage(staff: Staff | None, rows: Iterable, columns: Iterable[str] = (), ignored: Iterable[str] = ()) -> str:
    """Keep the good ones of `rows` (each has `number`, `values`, `errors`) until they are confirmed; give the key.

    At most `PART` rows are in memory at once. Whatever reading the rows raises passes through, and nothing is kept.
    """
    purge()
    report = Report([str(each) for each in columns], [str(each) for each in ignored])
    upload = RosterUpload.create(key=secrets.token_hex(16), staff=staff, report=b"")
    units = _Units()
    try:
        for number, part in enumerate(_parts(rows)):
            good = [row.values for row in part if not row.errors]
            _tell_errors(report, part)
            _count(report, good, units)
            RosterPart.create(upload=upload, number=number, rows=_seal(upload.key, f"part {number}", good))
    except BaseException:
        upload.delete_instance()
        raise
    report.new_units = units.new
    _keep(upload, report)
    return upload.key


def uploaded(staff: Staff | None, key: str) -> tuple[RosterUpload, Report]:
    """What this account has uploaded under this key within the last hour. Raises `UploadGone`."""
    is_theirs = RosterUpload.staff.is_null() if staff is None else RosterUpload.staff == staff
    upload = RosterUpload.get_or_none((RosterUpload.key == key) & is_theirs & (RosterUpload.created_at > now() - WAITS))
    if upload is None or not upload.report:
        raise UploadGone
    return upload, Report(**json.loads(vault.unseal_for_desk(_field(key, "report"), upload.report)))


def confirm(staff: Staff | None, key: str) -> Report:
    """Write what was uploaded, in one transaction; a second time changes nothing. Raises `UploadGone`."""
    with database.atomic():
        # Of two lists that are confirmed together, the second sees what the first has written.
        take_turns("roster")
        upload, report = uploaded(staff, key)
        if upload.done_at:
            return report
        report.new = report.changed = report.unchanged = 0
        units = _Units()
        for part in RosterPart.select(RosterPart.id).where(RosterPart.upload == key).order_by(RosterPart.number):
            row = RosterPart.get_by_id(part.id)
            _write(report, json.loads(vault.unseal_for_desk(_field(key, f"part {row.number}"), row.rows)), units)
        report.new_units = units.new
        RosterPart.delete().where(RosterPart.upload == key).execute()
        upload.done_at = now()
        _keep(upload, report)
        audit.note("confirm_roster")
    forget_changes()
    return report


def discard(staff: Staff | None, key: str) -> None:
    """Forget what was uploaded; a second time changes nothing."""
    is_theirs = RosterUpload.staff.is_null() if staff is None else RosterUpload.staff == staff
    RosterUpload.delete().where((RosterUpload.key == key) & is_theirs).execute()
    forget_changes()


def purge() -> int:
    """Delete the uploads whose hour is over; give how many."""
    return RosterUpload.delete().where(RosterUpload.created_at <= now() - WAITS).execute()


class _Units:
    """The units by name, however it is capitalised; those that are not there yet are noted, and made when asked."""

    def __init__(self):
        self.known = {unit.name.casefold(): unit.id for unit in Unit.select()}
        self.new: list[str] = []

    def find(self, name: str) -> int | None:
        """The unit's id; None for one that would have to be made."""
        if name.casefold() not in self.known:
            self.known[name.casefold()] = None
            self.new.append(name)
        return self.known[name.casefold()]

    def make(self, name: str) -> int:
        """The unit's id, made if it must be."""
        found = self.find(name)
        if found is None:
            found = self.known[name.casefold()] = Unit.get_or_create(name=name)[0].id
        return found


def _parts(rows: Iterable) -> Iterator[list]:
    rows = iter(rows)
    while part := list(islice(rows, PART)):
        yield part


def _tell_errors(report: Report, part: list) -> None:
    for row in part:
        report.wrong += bool(row.errors)
        room = ERRORS_SHOWN - len(report.errors)
        report.errors += [(row.number, str(label), str(sentence)) for label, sentence in row.errors[:room]]


def _count(report: Report, rows: list[dict], units: _Units) -> None:
    there = employees.by_code(row["code"] for row in rows)
    for row in rows:
        unit_id = units.find(row["unit"]) if row.get("unit") else None
        is_new_unit = bool(row.get("unit")) and unit_id is None
        _tally(report, there.get(row["code"]), is_new_unit or _differs(there.get(row["code"]), row, unit_id))


def _write(report: Report, rows: list[dict], units: _Units) -> None:
    there = employees.by_code(row["code"] for row in rows)
    added = []
    for row in rows:
        kept = there.get(row["code"])
        unit_id = units.make(row["unit"]) if row.get("unit") else kept.unit_id if kept else None
        is_changed = _differs(kept, row, unit_id)
        _tally(report, kept, is_changed)
        if not is_changed:
            continue
        known = {**(employees.details(kept) if kept else {}), **row}
        values = employees.values(row["code"], row["full_name"], unit_id, known)
        if kept:
            Employee.update(**values).where(Employee.id == kept.id).execute()
        else:
            added.append(values)
    if added:
        Employee.insert_many(added).execute()


def _differs(kept: Employee | None, row: dict, unit_id: int | None) -> bool:
    if kept is None or kept.full_name != row["full_name"] or (unit_id is not None and kept.unit_id != unit_id):
        return True
    known = employees.details(kept)
    return any(row[name] != known.get(name) for name in employees.DETAILS if row.get(name))


def _tally(report: Report, kept: Employee | None, is_changed: bool) -> None:
    if kept is None:
        report.new += 1
    elif is_changed:
        report.changed += 1
    else:
        report.unchanged += 1


def _keep(upload: RosterUpload, report: Report) -> None:
    upload.report = _seal(upload.key, "report", asdict(report))
    upload.save(only=[RosterUpload.report, RosterUpload.done_at])


def _seal(key: str, place: str, data: object) -> bytes:
    return vault.seal_for_desk(_field(key, place), json.dumps(data).encode())


def _field(key: str, place: str) -> str:
    return f"roster {key} {place}"
