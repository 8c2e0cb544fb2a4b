"""Dossiers as the desk sees them: who may see which, narrowed down, page by page.

What an account may see is part of the fetch, so that no view can forget it.
"""

import re
from dataclasses import dataclass, fields
from functools import reduce
from operator import and_

from peewee import JOIN, chunked, fn

from desk import waiting
from models import Dossier, NamePrefix, Staff, Unit
from services import finding, submissions

PAGE_SIZE = 50
EXPORT_SIZE = 10_000
OVERDUE = "overdue"
LARGEST_KEY = 2**31 - 1
# Words that begin more names than this are looked up in each dossier that fits otherwise; of rarer ones all are taken.
RARE = 1_000
MOST_WORDS = 12
AT_ONCE = 500

SEPARATORS = re.compile(r"[\s.\-]")
REFERENCE = re.compile(r"[0-9A-Z]{8}", re.ASCII)
# The last digits, the whole code, the personal number, or a health card, which ends in the code (forms/validators.py).
DIGITS = re.compile(r"[0-9]+")
CODE = re.compile(r"(?:[A-Z]{2}[1-5][0-9]{2})?([0-9]{10}|[0-9]{12})")

# What a list shows; the rest of a row is heavy with answers.
SHOWN = (
    Dossier.id,
    Dossier.reference,
    Dossier.flow,
    Dossier.full_name,
    Dossier.status,
    Dossier.agency_code,
    Dossier.submitted_at,
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed by; nothing given, nothing narrowed.

    `text` is the beginnings of words of a name, a reference, a code or its last four digits; `status` a state or
    `OVERDUE`; `unit` an id; `since` and `until` the first second of a day and the first one after another.
    """

    text: str = ""
    status: str = ""
    unit: int | None = None
    agency: str = ""
    since: int | None = None
    until: int | None = None

    def __bool__(self) -> bool:
        """Whether anything is narrowed at all."""
        return any(getattr(self, each.name) not in ("", None) for each in fields(self))


@dataclass(frozen=True, slots=True)
class Page:
    """At most `PAGE_SIZE` dossiers, newest first; `older` is the key of the next page, None on the last one."""

    rows: list[Dossier]
    older: int | None


class TooMany(Exception):
    """More than `EXPORT_SIZE` dossiers fit."""


def visible_to(staff: Staff):
    """The dossiers that this account may see: a unit's HR its own unit's, the department and administrators all."""
    query = Dossier.select()
    return query.where(Dossier.unit == staff.unit_id) if staff.role == "unit" else query


def page(staff: Staff, filters: Filters, before: int | None = None) -> Page:
    """The dossiers that fit, older than the key `before`."""
    query = _narrowed(visible_to(staff), filters)
    if before is not None:
        # Not every number that an address can hold fits into the database.
        query = query.where(Dossier.id < max(0, min(before, LARGEST_KEY)))
    rows = _shown(query, PAGE_SIZE + 1)
    older = rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None
    return Page(rows[:PAGE_SIZE], older)


def export(staff: Staff, filters: Filters) -> list[Dossier]:
    """All dossiers that fit, newest first. Raises `TooMany`."""
    rows = _shown(_narrowed(visible_to(staff), filters), EXPORT_SIZE + 1)
    if len(rows) > EXPORT_SIZE:
        raise TooMany
    return rows


def find(staff: Staff, reference: str) -> Dossier | None:
    """The dossier with this reference, if the account may see it."""
    return visible_to(staff).where(Dossier.reference == reference.upper()).first()


def units_of(staff: Staff) -> list[Unit]:
    """The units among whose dossiers this account may choose; none for a unit's HR, which sees one."""
    return [] if staff.role == "unit" else list(Unit.select().order_by(Unit.name))


def agency_codes() -> list[str]:
    """The codes of the agencies for which there are dossiers."""
    codes, last = [], ""
    # From one to the next along the index: it holds all dossiers, and few agencies.
    while last := Dossier.select(fn.MIN(Dossier.agency_code)).where(Dossier.agency_code > last).scalar():
        codes.append(last)
    return codes


def _shown(query, limit: int) -> list[Dossier]:
    # First the keys, which are read off an index, then the rows: no row is read that is not shown.
    keys = [key for (key,) in query.select(Dossier.id).order_by(Dossier.id.desc()).limit(limit).tuples()]
    rows = Dossier.select(*SHOWN, Unit).join(Unit, JOIN.LEFT_OUTER).order_by(Dossier.id.desc())
    return [row for some in chunked(keys, AT_ONCE) for row in rows.where(Dossier.id.in_(some))]


def _narrowed(query, filters: Filters):
    if filters.status == OVERDUE:
        query = waiting.overdue(query)
    elif filters.status:
        query = query.where(Dossier.status == filters.status)
    if filters.unit is not None:
        query = query.where(Dossier.unit == max(0, min(filters.unit, LARGEST_KEY)))
    if filters.agency:
        query = query.where(Dossier.agency_code == filters.agency)
    if filters.since is not None:
        query = query.where(Dossier.submitted_at >= filters.since)
    if filters.until is not None:
        query = query.where(Dossier.submitted_at < filters.until)
    return query.where(_fits(filters.text)) if filters.text else query


def _fits(text: str):
    """A reference, a code, or else names."""
    plain = SEPARATORS.sub("", text).upper()
    if REFERENCE.fullmatch(plain) and Dossier.select().where(Dossier.reference == plain).exists():
        return Dossier.reference == plain
    if whole := CODE.fullmatch(plain):
        return Dossier.social_insurance_hash == submissions.person_hash(whole[1])
    if DIGITS.fullmatch(plain) and len(plain) == finding.TAIL:
        return Dossier.social_insurance_tail == finding.tail_hash(plain)
    words = finding.words(text)[:MOST_WORDS]
    # Signs alone begin no word.
    return _named(words) if words else Dossier.id.is_null()


def _named(words: list[str]):
    """A word of the name begins with each of these, in whatever order."""
    counted = sorted(((finding.names_of(word, RARE), word) for word in words), key=lambda each: len(each[0]))
    rare = [set(ids) for ids, _word in counted if len(ids) < RARE]
    fits = [Dossier.id.in_(list(set.intersection(*rare)))] if rare else []
    return reduce(and_, fits + [_has(word) for ids, word in counted if len(ids) == RARE])


def _has(word: str):
    same = (NamePrefix.prefix == word) & (NamePrefix.dossier == Dossier.id)
    return fn.EXISTS(NamePrefix.select(NamePrefix.prefix).where(same))
