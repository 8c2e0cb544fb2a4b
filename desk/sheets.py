"""Signed sheets that come in: each is taken once, for the dossier and the revision that its QR names, or refused.

What became of a sheet is kept, also of one that nobody could read, so that a pile can be put in order afterwards.
"""

import re
import secrets

from desk import requests, way
from desk.dossiers import visible_to
from models import Dossier, ScannedSheet, Staff, database, locked
from services import scans, sheets, submissions

# What can become of a sheet. Of these the dossier is signed for …
SIGNED, ADDED, AGAIN, UNFILED = "signed", "added", "again", "unfiled"
TAKEN = (SIGNED, ADDED, AGAIN, UNFILED)
# … of these it is not, …
OUTDATED, CLOSED, STOPPED, OTHER_UNIT, GONE, FOREIGN, KEYBOARD, TYPED = (
    "outdated",
    "closed",
    "stopped",
    "other_unit",
    "gone",
    "foreign",
    "keyboard",
    "typed",
)
# … and these had nothing to read.
UNREAD, BROKEN = "unread", "broken"
OUTCOMES = (
    *TAKEN,
    *(OUTDATED, CLOSED, STOPPED, OTHER_UNIT, GONE, FOREIGN, KEYBOARD, TYPED),
    *(UNREAD, BROKEN),
    *(why.value for why in scans.Why if why is not scans.Why.BROKEN),
)
BEYOND = ("signed", "forwarded", "filed", "issued")

NO_PILE = ""
LAST = 10
# Of what a scanner sends at once; it may be faster than the line and write codes one after the other.
MOST_CODES = 20
_CODE = re.compile(r"QUAY1[^0-9A-Z]+[0-9A-Z]{8}[^0-9A-Z]+[0-9]{1,9}[^0-9A-Z]+[0-9A-F]{10}")
_SEPARATOR = re.compile(r"[^0-9A-Z]+")


def scan(staff: Staff, typed: str) -> None:
    """Take what a hand-held scanner wrote into the box: one code, or several in a row."""
    found = codes_in(typed)[:MOST_CODES]
    for code in found:
        _note(staff, *take(staff, code))
    if not found:
        _note(staff, *_unfit(staff, typed.upper()))


def codes_in(typed: str) -> list[str]:
    """The codes that a scanner has written, whichever case and sign for the colon the keyboard made of them."""
    return [_SEPARATOR.sub(":", code) for code in _CODE.findall(typed.upper())]


def new_pile() -> str:
    """The name of a pile that is about to be read."""
    return secrets.token_hex(8)


def take_page(staff: Staff, pile: str, number: int, page: scans.Page) -> None:
    """Take every sheet on a page of the file of this number in a pile."""
    for outcome, dossier in _page(staff, page):
        _note(staff, outcome, dossier, pile, number, page.number)


def note_refused(staff: Staff, pile: str, number: int, why: scans.Why) -> None:
    """Keep that nothing could be read from this file of a pile."""
    _note(staff, why.value, None, pile, number)


def forget(pile: str) -> None:
    """Keep nothing of a pile of which nothing could be read."""
    ScannedSheet.delete().where(ScannedSheet.pile == pile).execute()


def take(staff: Staff, code: str, picture=None) -> tuple[str, Dossier | None]:
    """Take the sheet with this code, and file its picture; gives what became of it, and the dossier if it may be told.

    Whoever takes it second, at the same moment or later, moves nothing.
    """
    sheet = submissions.sheet_of(code)
    if sheet is None:
        return FOREIGN, None
    reference, revision = sheet
    with database.atomic():
        row = locked(visible_to(staff).where(Dossier.reference == reference)).first()
        if row is None:
            exists = Dossier.select().where(Dossier.reference == reference).exists()
            return (OTHER_UNIT if exists else GONE), None
        return _outcome(staff, row, revision, picture), row


def last_scanned(staff: Staff) -> list[ScannedSheet]:
    """What this account's scanner has sent last, newest first, each with its dossier."""
    mine = (ScannedSheet.staff == staff) & (ScannedSheet.pile == NO_PILE)
    return list(_visible(staff).where(mine).order_by(ScannedSheet.id.desc()).limit(LAST))


def pile(staff: Staff, name: str) -> list[ScannedSheet]:
    """The sheets of a pile in their order: all to whoever scanned it and to the department, else those one may see."""
    query = _visible(staff).where((ScannedSheet.pile == name) & (ScannedSheet.pile != NO_PILE))
    return list(query.order_by(ScannedSheet.id))


def _page(staff: Staff, page: scans.Page) -> list[tuple[str, Dossier | None]]:
    if page.picture is None:
        return [(BROKEN, None)]
    if not page.texts:
        return [(FOREIGN if page.has_foreign else UNREAD, None)]
    if len(page.texts) == 1:
        return [take(staff, page.texts[0], page.picture)]
    # A picture that shows somebody else's sheet as well is filed with neither.
    taken = [take(staff, text) for text in page.texts]
    return [(UNFILED if outcome == SIGNED else outcome, dossier) for outcome, dossier in taken]


def _outcome(staff: Staff, row: Dossier, revision: int, picture) -> str:
    if revision != row.revision:
        return OUTDATED
    if requests.stopped([row]):
        return STOPPED
    signs = row.status in way.MOVES["sign"].sources
    if not signs and row.status not in BEYOND:
        return CLOSED
    if signs:
        way.move(staff, row, "sign", row.status)
    files = picture is not None and not sheets.is_kept(row)
    if files:
        sheets.keep(row, picture)
    if signs:
        return SIGNED
    return ADDED if files else AGAIN


def _unfit(staff: Staff, text: str) -> tuple[str, Dossier | None]:
    """What to say of a text that is no code: garbled by a Vietnamese keyboard, or a reference typed by hand."""
    if not text.isascii():
        return KEYBOARD, None
    row = visible_to(staff).where(Dossier.reference == _SEPARATOR.sub("", text)[:20]).first()
    return (TYPED, row) if row else (FOREIGN, None)


def _note(staff: Staff, outcome: str, dossier: Dossier | None, pile: str = NO_PILE, file: int = 0, page: int = 0):
    ScannedSheet.create(staff=staff, pile=pile, file=file, page=page, outcome=outcome, dossier=dossier)


def _visible(staff: Staff):
    query = ScannedSheet.select(ScannedSheet, Dossier).left_outer_join(Dossier)
    if staff.role != "unit":
        return query
    # What names nobody belongs to whoever scanned it.
    is_own = (ScannedSheet.staff == staff) & ScannedSheet.dossier.is_null()
    return query.where(is_own | (Dossier.unit == staff.unit_id))
