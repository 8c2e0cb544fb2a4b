"""Who of the company has registered, who is under way and who is missing, unit by unit.

Somebody on the roster is found among drafts and dossiers by the employee code that these carry (a personal link brings
it along), by the social insurance code or personal number, or by the phone. What an account may see is part of the
fetch.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from peewee import SQL, Case, fn

from models import Dossier, Draft, Employee, Invitation, Staff, Unit, forget_changes
from services import invitations
from services.vietnamese import fold, sort_key

PAGE_SIZE = 50
MISSING, UNDER_WAY, REGISTERED = "missing", "under_way", "registered"
STATES = (MISSING, UNDER_WAY, REGISTERED)
NO_UNIT = 0
LARGEST_KEY = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Filter:
    """Which people: of one unit (`NO_UNIT`: of none), in one state, with this in their name or with this code."""

    unit_id: int | None = None
    state: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """How many people of a unit (None: of no unit) are in each state, or of all units that an account may see."""

    unit: Unit | None
    missing: int
    under_way: int
    registered: int
    is_all: bool = False

    @property
    def total(self) -> int:
        """How many people the unit has."""
        return self.missing + self.under_way + self.registered

    def share(self, count: int) -> float:
        """`count` in percent of the unit."""
        return round(100 * count / self.total, 2) if self.total else 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the roster, where they stand, their newest dossier and their link, where there are any.

    `other_name` is the dossier's where that is not theirs: somebody may have typed a colleague's code.
    """

    row: Employee
    state: str
    dossier: Dossier | None
    invitation: Invitation | None

    @property
    def other_name(self) -> str:
        """The name in the dossier, where it differs by more than accents and capitals."""
        is_other = self.dossier and self.dossier.search_name != self.row.search_name
        return self.dossier.full_name if is_other else ""


@dataclass(frozen=True, slots=True)
class Page:
    """At most `PAGE_SIZE` people by code, of `total`; the next page begins after the person with the number `next`."""

    people: list[Person]
    total: int
    next: int | None


def visible_to(staff: Staff):
    """The people whom this account may see: a unit's HR its own unit's, the department and administrators all."""
    query = Employee.select(Employee, Unit, _state().alias("state")).left_outer_join(Unit)
    return query.where(Employee.unit == staff.unit_id) if staff.role == "unit" else query


def chosen(staff: Staff, wanted: Filter):
    """The people whom the account may see and the filter leaves, by code."""
    query = visible_to(staff)
    if wanted.unit_id is not None:
        query = query.where(Employee.unit == wanted.unit_id if wanted.unit_id else Employee.unit.is_null())
    if wanted.state:
        query = query.where(_state() == wanted.state)
    if wanted.text:
        code = "".join(wanted.text.split()).upper()
        query = query.where(Employee.search_name.contains(fold(wanted.text)) | (Employee.code == code))
    return query.order_by(Employee.code)


def picked(staff: Staff, ids: Iterable[int]):
    """Those of the people with these ids whom the account may see, by code."""
    return (
        visible_to(staff)
        .where(Employee.id.in_([each for each in ids if 0 < each <= LARGEST_KEY]))
        .order_by(Employee.code)
    )


def page(staff: Staff, wanted: Filter, after: int = 0) -> Page:
    """A page of the people whom the filter leaves, beginning after the one with the number `after`."""
    query = chosen(staff, wanted)
    last = Employee.get_or_none(Employee.id == max(0, min(after, LARGEST_KEY)))
    rows = list((query.where(Employee.code > last.code) if last else query).limit(PAGE_SIZE + 1))
    shown = rows[:PAGE_SIZE]
    return Page(people(shown), query.count(), shown[-1].id if len(rows) > PAGE_SIZE else None)


def people(rows: list[Employee]) -> list[Person]:
    """These employees, as `chosen` and `picked` give them, with their dossiers and links."""
    dossiers, links = _dossiers(rows), invitations.of(rows)
    return [Person(row, row.state, dossiers.get(row.id), links.get(row.id)) for row in rows]


def by_unit(staff: Staff) -> list[UnitProgress]:
    """How far each unit is that the account may see and that has anybody on the roster, in Vietnamese order."""
    seen = visible_to(staff).alias("seen")
    counted = (
        Employee.select(seen.c.unit_id, seen.c.state, fn.COUNT(SQL("*")))
        .from_(seen)
        .group_by(seen.c.unit_id, seen.c.state)
        .tuples()
    )
    counts: dict[int | None, dict[str, int]] = {}
    for unit_id, state, count in counted:
        counts.setdefault(unit_id, dict.fromkeys(STATES, 0))[state] = count
    units = {unit.id: unit for unit in Unit.select()}
    found = [UnitProgress(units.get(unit_id), **each) for unit_id, each in counts.items()]
    return sorted(found, key=lambda each: (each.unit is None, sort_key(each.unit.name) if each.unit else []))


def all_together(units: list[UnitProgress]) -> list[UnitProgress]:
    """These units and, where they are several, their sum at the end."""
    sums = {state: sum(getattr(each, state) for each in units) for state in STATES}
    return [*units, UnitProgress(None, **sums, is_all=True)] if len(units) > 1 else units


def units(staff: Staff) -> list[Unit | None]:
    """The units that the account may see and that have anybody on the roster, in Vietnamese order; None for no unit."""
    ids = Employee.select(Employee.unit).distinct()
    ids = {row.unit_id for row in (ids.where(Employee.unit == staff.unit_id) if staff.role == "unit" else ids)}
    named = sorted(Unit.select().where(Unit.id.in_(list(ids))), key=lambda unit: sort_key(unit.name))
    return [*named, *[None] * (None in ids)]


def everyone(staff: Staff, wanted: Filter) -> Iterator[Person]:
    """All people whom the filter leaves, by code; so many at once as a page holds."""
    rows = list(chosen(staff, wanted).limit(PAGE_SIZE))
    while rows:
        yield from people(rows)
        rows = list(chosen(staff, wanted).where(Employee.code > rows[-1].code).limit(PAGE_SIZE))


def is_registered(employee: Employee) -> bool:
    """Whether a dossier carries this employee's code or number; a phone alone may be somebody else's, too."""
    return Employee.select().where((Employee.id == employee.id) & _has_dossier(*_own())).exists()


def remove(rows: list[Employee]) -> int:
    """Take these off the roster, and their links with them; what they have declared stays. Give how many."""
    count = Employee.delete().where(Employee.id.in_([row.id for row in rows])).execute()
    forget_changes()
    return count


def _state():
    has_dossier = _has_dossier(*_own(), Dossier.phone_hash == Employee.phone_hash)
    return Case(None, [(has_dossier, REGISTERED), (_has_draft(), UNDER_WAY)], MISSING)


def _own():
    """By what a dossier is somebody's own, whoever's phone it declares."""
    return (
        Dossier.employee_hash == Employee.code_hash,
        Dossier.social_insurance_hash == Employee.social_insurance_hash,
        Dossier.social_insurance_hash == Employee.id_number_hash,
    )


def _has_dossier(*kinds):
    counts = (Dossier.flow == "adult") & (Dossier.status != "withdrawn")
    # One question for each index rather than one for all of them.
    first, *others = (fn.EXISTS(Dossier.select(SQL("1")).where(counts & each)) for each in kinds)
    for other in others:
        first |= other
    return first


def _has_draft():
    kinds = (Draft.employee_hash == Employee.code_hash, Draft.phone_hash == Employee.phone_hash)
    by_code, by_phone = (fn.EXISTS(Draft.select(SQL("1")).where((Draft.flow == "adult") & each)) for each in kinds)
    return by_code | by_phone


def _dossiers(rows: list[Employee]) -> dict[int, Dossier]:
    """By employee: their newest dossier; one that carries their code goes before one that is found by their numbers."""
    codes = [row.code_hash for row in rows]
    numbers = [each for row in rows for each in (row.social_insurance_hash, row.id_number_hash) if each]
    phones = [row.phone_hash for row in rows if row.phone_hash]
    is_theirs = (
        Dossier.employee_hash.in_(codes) | Dossier.social_insurance_hash.in_(numbers) | Dossier.phone_hash.in_(phones)
    )
    found = Dossier.select().where((Dossier.flow == "adult") & (Dossier.status != "withdrawn") & is_theirs)
    by_hash: dict[str, Dossier] = {}
    for dossier in found.order_by(Dossier.id):
        for hashed in (dossier.phone_hash, dossier.social_insurance_hash, dossier.employee_hash):
            by_hash[hashed or ""] = dossier
    hashes = {row.id: (row.code_hash, row.social_insurance_hash, row.id_number_hash, row.phone_hash) for row in rows}
    return {
        row_id: next(by_hash[hashed] for hashed in own if hashed and hashed in by_hash)
        for row_id, own in hashes.items()
        if any(hashed and hashed in by_hash for hashed in own)
    }
