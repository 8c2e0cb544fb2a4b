"""The company's units, as an administrator keeps them."""

from dataclasses import dataclass

from peewee import IntegrityError, fn

from models import Dossier, Employee, FormerUnitName, Staff, Unit, database
from services import audit

# What belongs to a unit and must not be left without it; in the order of `Use`.
KEPT = (Staff, Employee, Dossier)


class NameTaken(Exception):
    """There is a unit of this name already."""


class StillUsed(Exception):
    """Accounts, employees or dossiers belong to the unit."""


@dataclass(frozen=True, slots=True)
class Use:
    """A unit and how much belongs to it."""

    unit: Unit
    people: int
    employees: int
    dossiers: int

    @property
    def is_used(self) -> bool:
        """Whether anything does."""
        return bool(self.people or self.employees or self.dossiers)


def names() -> list[str]:
    """The names of all units, sorted."""
    return [unit.name for unit in Unit.select(Unit.name).order_by(Unit.name)]


def all_with_use() -> list[Use]:
    """All units by name, with how much belongs to each."""
    counts = [_count(table) for table in KEPT]
    return [Use(unit, *(count.get(unit.id, 0) for count in counts)) for unit in Unit.select().order_by(Unit.name)]


def use(unit: Unit) -> Use:
    """How much belongs to this unit."""
    return Use(unit, *(table.select().where(table.unit == unit.id).count() for table in KEPT))


def find(unit_id: int) -> Unit | None:
    """The unit with this number."""
    return Unit.get_or_none(Unit.id == unit_id) if unit_id < 2**31 else None


def add(name: str) -> Unit:
    """Make a unit. Raises `NameTaken`."""
    with database.atomic():
        unit = _named(lambda: Unit.create(name=name))
        FormerUnitName.delete().where(FormerUnitName.name == name).execute()
        audit.note("add_unit", f"unit:{unit.id}")
    return unit


def rename(unit: Unit, name: str) -> None:
    """Give the unit another name; drafts that hold the old one still find it. Raises `NameTaken`."""
    if name == unit.name:
        return
    with database.atomic():
        _named(lambda: Unit.update(name=name).where(Unit.id == unit.id).execute())
        FormerUnitName.delete().where(FormerUnitName.name << [name, unit.name]).execute()
        FormerUnitName.create(name=unit.name, unit=unit)
        audit.note("rename_unit", f"unit:{unit.id}")


def remove(unit: Unit) -> None:
    """Delete a unit that nothing belongs to. Raises `StillUsed`."""
    with database.atomic():
        if use(unit).is_used:
            raise StillUsed
        Unit.delete_by_id(unit.id)
        audit.note("remove_unit", f"unit:{unit.id}")


def _named(write):
    try:
        with database.atomic():
            return write()
    except IntegrityError as problem:
        raise NameTaken from problem


def _count(table) -> dict[int, int]:
    query = table.select(table.unit, fn.COUNT(table.id)).where(table.unit.is_null(False)).group_by(table.unit)
    return dict(query.tuples())
