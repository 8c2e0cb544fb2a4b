"""What the agency answered, as a list that somebody pastes: read line by line, checked, entered.

A line names its dossier by the reference of the desk or by the social insurance number, then says what came of it,
then, where it came back, why. Between them stand tabs, semicolons, bars, commas or spaces; what stands in other columns
before the result is passed over.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from desk import batches, way
from desk.lines import FILED
from desk.way import MOVES, MovedOn
from models import Batch, BatchLine, Dossier, Staff, database, locked
from services import audit, vault
from services.history import Note
from services.submissions import REFERENCE_ALPHABET, REFERENCE_LENGTH
from services.vietnamese import fold

LONGEST_REASON = 500

ISSUE, REJECT = "issue", "reject"
# Without accents, as `fold` gives them. A short one must be all that stands in its column: "Cấp" may begin a name.
_WHOLE = {
    "cap": ISSUE,
    "dat": ISSUE,
    "duyet": ISSUE,
    "ok": ISSUE,
    "x": ISSUE,
    "tra": REJECT,
    "bi tra": REJECT,
    "da tra": REJECT,
    "loi": REJECT,
}
_BEGINNINGS = {
    **dict.fromkeys(("da co tai khoan", "co tai khoan", "thanh cong", "da cap", "da duyet", "da dat"), ISSUE),
    **dict.fromkeys(("khong thanh cong", "khong duoc", "khong duyet", "khong dat", "khong cap", "that bai"), REJECT),
    **dict.fromkeys(
        ("tra lai", "da tra lai", "bi tra lai", "tra ve", "bi tra ve", "tu choi", "bi tu choi", "bi loi"), REJECT
    ),
}
_HEADINGS = ("ma ho so", "ma so", "ket qua", "ho ten", "ho va ten")
_SEPARATORS = ("\t", ";", "|", ",")
_REFERENCE = re.compile(f"[{REFERENCE_ALPHABET}]{{{REFERENCE_LENGTH}}}")
_NUMBER = re.compile(r"\d{10}|\d{12}")

# What can be wrong with a line.
UNREADABLE, UNKNOWN, UNSURE, NO_REASON = "unreadable", "unknown", "unsure", "no_reason"
TWICE, SETTLED = "twice", "settled"


@dataclass(frozen=True, slots=True)
class Said:
    """A line as it was understood; `key` is a reference or a number, `move` empty where no result is told."""

    number: int
    key: str = ""
    move: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that cannot be entered: its number, what is wrong, and the key that it names."""

    number: int
    what: str
    key: str = ""


@dataclass(slots=True)
class Checked:
    """A list held against a batch: what can be entered, what cannot, and how many lines say what is known already."""

    batch: Batch
    entries: list[tuple[Dossier, Said]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    known: int = 0


def read(text: str, otherwise: str = "") -> list[Said]:
    """The lines of a pasted list; `otherwise` is the move that a line with nothing after its key stands for."""
    said = []
    for number, line in enumerate(text.splitlines(), 1):
        is_heading = not said and any(word in fold(line) for word in _HEADINGS) and not any(map(_key, _cells(line)))
        if line.strip() and not is_heading:
            said.append(_understood(number, line, otherwise))
    return said


def check(batch: Batch, said: Iterable[Said]) -> Checked:
    """Hold the lines against those of the batch."""
    lines = _by_key(batch)
    told: dict[int, list[Said]] = {}
    found = {}
    checked = Checked(batch)
    for each in said:
        line = lines.get(each.key if _REFERENCE.fullmatch(each.key) else _hashed(each.key))
        if fault := _fault(each, line):
            checked.faults.append(Fault(each.number, fault, each.key))
        else:
            found[line.dossier_id] = line
            told.setdefault(line.dossier_id, []).append(each)
    for key, many in told.items():
        _settle(checked, found[key], many)
    checked.faults.sort(key=lambda fault: fault.number)
    return checked


def enter(staff: Staff, checked: Checked) -> list[Dossier]:
    """Move the dossiers as the list says; give those that somebody else moved meanwhile."""
    late = []
    with database.atomic():
        # One commit for all. Held in the order of their ids, before the first is moved: others wait at the audit log.
        ids = [row.id for row, _said in checked.entries]
        list(locked(Dossier.select(Dossier.id).where(Dossier.id.in_(ids)).order_by(Dossier.id)))
        for row, said in checked.entries:
            try:
                way.move(staff, row, said.move, FILED, Note(said.reason))
            except MovedOn:
                late.append(row)
        audit.note("enter_results", f"batch:{checked.batch.id}")
    return late


def _settle(checked: Checked, line: BatchLine, many: list[Said]) -> None:
    """Take what is said about one dossier, however often; nothing where that differs."""
    first = many[0]
    if len({each.move for each in many}) > 1:
        checked.faults += [Fault(each.number, TWICE, each.key) for each in many]
    elif line.result == MOVES[first.move].target:
        checked.known += len(many)
    elif line.result:
        checked.faults += [Fault(each.number, SETTLED, each.key) for each in many]
    else:
        checked.entries.append((line.dossier, first))
        checked.known += len(many) - 1


def _fault(said: Said, line: BatchLine | None) -> str:
    if not said.key:
        return UNREADABLE
    if line is None:
        return UNKNOWN
    if not said.move:
        return UNSURE
    return NO_REASON if said.move == REJECT and not said.reason else ""


def _by_key(batch: Batch) -> dict[str, BatchLine]:
    """The lines of the batch by their reference and by the hash of the number, unless that is not one person's."""
    found: dict[str, BatchLine] = {}
    shared = set()
    for line in batches.lines(batch):
        if line.dossier is not None:
            hashed = line.dossier.social_insurance_hash
            shared |= {hashed} & set(found)
            found |= {line.reference: line, hashed: line}
    return {key: line for key, line in found.items() if key not in shared}


def _hashed(number: str) -> str:
    return vault.keyed_hash("social insurance", number) if number else ""


def _understood(number: int, line: str, otherwise: str) -> Said:
    cells = _cells(line)
    place = next((place for place, cell in enumerate(cells) if _key(cell)), None)
    if place is None:
        return Said(number)
    key, rest = _key(cells[place]), [cell for cell in cells[place + 1 :] if cell]
    for column, cell in enumerate(rest):
        move, reason = _result(cell)
        if move:
            reasons = [text for text in (reason, *rest[column + 1 :]) if text]
            return Said(number, key, move, ", ".join(reasons)[:LONGEST_REASON] if move == REJECT else "")
    return Said(number, key, "" if rest else otherwise)


def _cells(line: str) -> list[str]:
    """The columns of the line, by the first separator that lets a key stand alone."""
    for separator in _SEPARATORS:
        cells = [cell.strip() for cell in line.split(separator)]
        if len(cells) > 1 and any(map(_key, cells)):
            return cells
    words = line.split()
    place = next((place for place, word in enumerate(words) if _key(word)), len(words))
    return [*words[: place + 1], " ".join(words[place + 1 :])]


def _key(cell: str) -> str:
    """The reference or number in the cell; nothing where it holds none. A spreadsheet may have put a mark in front."""
    text = cell.strip("'\" ").upper().replace("-", "").replace(" ", "")
    return text if _REFERENCE.fullmatch(text) or _NUMBER.fullmatch(text) else ""


def _result(cell: str) -> tuple[str, str]:
    """The move that the cell begins with, and what stands after it."""
    text = fold(cell).strip(" .:!")
    if text in _WHOLE:
        return _WHOLE[text], ""
    for word, move in _BEGINNINGS.items():
        if re.match(rf"{word}\b", text):
            return move, " ".join(cell.split()[len(word.split()) :]).lstrip(":-–. ")
    return "", ""
