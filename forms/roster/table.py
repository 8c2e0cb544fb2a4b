"""A list as HR brings it: its headings understood, its rows checked one by one."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace

from flask_babel import lazy_gettext as _l
from wtforms.validators import StopValidation, ValidationError

from forms.headings import HEADINGS_WITHIN, WrongHeadings
from forms.roster.columns import BY_HEADING, BY_NAME, COLUMNS, HALVES, REQUIRED, Column

D_WITH_STROKE = {0x111: "d"}


@dataclass(frozen=True, slots=True)
class Checked:
    """One row: the good values by column, and what is wrong, by label; with anything wrong it is not taken."""

    number: int
    values: dict[str, str]
    errors: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """The headings that were understood (as written, by column), those that were not, and the rows below them."""

    understood: dict[str, str]
    ignored: list[str]
    rows: Iterator[Checked]


def understand(rows: Iterable) -> Table:
    """Find the headings, and check what stands below them, row by row as it is asked for.

    `rows` are those of `services.spreadsheets.read`. Raises `WrongHeadings`; whatever reading raises passes through.
    """
    rows, seen = iter(rows), []
    for row in rows:
        seen.append(row)
        places = _places(row.cells)
        if set(REQUIRED) <= set(places):
            _refuse_twins(row.cells)
            used = {place for each in places.values() for place in each}
            return Table(
                {name: ", ".join(row.cells[place] for place in each) for name, each in places.items()},
                [cell for place, cell in enumerate(row.cells) if cell and place not in used],
                _checked(rows, places),
            )
        if len(seen) == HEADINGS_WITHIN:
            break
    raise WrongHeadings(_what_is_missing(seen))


def _places(cells: tuple[str, ...]) -> dict[str, list[int]]:
    """By column: where it stands; a name that stands in two halves has two places."""
    found = _found(cells)
    family, given = (found.pop(half, []) for half in HALVES)
    if given and "full_name" not in found:
        found["full_name"] = [*family, *given]
    return found


def _found(cells: tuple[str, ...]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        if column := BY_HEADING.get(_heading(cell)):
            found.setdefault(column.name, []).append(place)
    return found


def _heading(cell: str) -> str:
    """The heading without accents, stars, remarks in brackets and punctuation around it."""
    plain = unicodedata.normalize("NFD", re.sub(r"[(\[].*?[)\]]", " ", cell.lower())).translate(D_WITH_STROKE)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"\s*/\s*", "/", " ".join(plain.replace("_", " ").split()).strip(" *:.-"))


def _refuse_twins(cells: tuple[str, ...]) -> None:
    for name, places in _found(cells).items():
        if len(places) > 1:
            both = ", ".join(f"“{cells[place]}”" for place in places)
            label = BY_NAME[name].label
            raise WrongHeadings(
                _l("Các cột %(both)s đều là “%(label)s”. Giữ một cột, đổi tên cột kia.", both=both, label=label)
            )


def _what_is_missing(seen: list):
    best = max(seen, key=lambda row: len(_places(row.cells)), default=None)
    cells = best.cells if best else ()
    missing = ", ".join(f"“{BY_NAME[name].label}”" for name in REQUIRED if name not in _places(cells))
    return _l(
        "Không thấy cột %(missing)s. Ghi tên cột ở dòng đầu, như trong tệp mẫu. Dòng đã đọc: %(read)s.",
        missing=missing,
        read=", ".join(filter(None, cells))[:200],
    )


def _checked(rows: Iterable, places: dict[str, list[int]]) -> Iterator[Checked]:
    first_rows: dict[str, int] = {}
    for row in rows:
        checked = _check(row, places)
        code = checked.values.get("code")
        if code:
            first = first_rows.setdefault(code, row.number)
            if first != row.number:
                twice = _l("Mã này đã có ở dòng %(first)d. Mỗi người một dòng.", first=first)
                checked.errors.append((COLUMNS[0].label, twice))
        yield checked


def _check(row, places: dict[str, list[int]]) -> Checked:
    values, errors = {}, []
    for name, each in places.items():
        column = BY_NAME[name]
        text = " ".join(row.cells[place] for place in each if place < len(row.cells) and row.cells[place])
        if row.formulas.intersection(each):
            formula = _l("Ô này là công thức. Chép cột rồi dán lại bằng Dán giá trị (Paste values).")
            errors.append((column.label, formula))
        elif text:
            try:
                values[name] = _tidied(column, text)
            except (ValidationError, StopValidation) as problem:
                errors.append((column.label, problem.args[0]))
        elif name in REQUIRED:
            errors.append((column.label, REQUIRED[name]))
    return Checked(row.number, values, errors)


def _tidied(column: Column, text: str) -> str:
    field = SimpleNamespace(data=text, errors=[])
    for check in column.checks:
        check(None, field)
    return field.data
