"""The agencies of the social insurance (BHXH) that take a registration: those of `data/agencies.csv`, and over them
those that an administrator has imported or closed (`services.agency_list`).

An agency is known by its code. Names repeat across provinces and were given anew in 2025: today's "BHXH cơ sở Thuận
An" is in Lâm Đồng, and what was "BHXH thành phố Thuận An" is "BHXH cơ sở Lái Thiêu".
"""

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from models import ListedAgency
from services import preferences
from services.vietnamese import fold, sort_key

DATA = Path(__file__).resolve().parent.parent / "data" / "agencies.csv"
DEFAULT_CODE = "07407"


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency. `former_name` and `address` are empty where unknown, `communes` holds the codes of those it serves.

    A closed one takes no registration any more, but is still the agency of those that it took.
    """

    code: str
    name: str
    former_name: str
    province_code: str
    province_name: str
    address: str
    communes: tuple[str, ...] = ()
    is_open: bool = True

    @property
    def label(self) -> str:
        """The name, with the former one for those who know it by that."""
        return f"{self.name} (tên cũ: {self.former_name})" if self.former_name else self.name


@cache
def built_in() -> tuple[Agency, ...]:
    """The agencies of the file, in its order."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return tuple(Agency(**row) for row in csv.DictReader(file))


def all_agencies() -> tuple[Agency, ...]:
    """Every agency, closed ones too: first those of the provinces, then the others, by code."""
    return _listed(preferences.current().agencies_version)


def find(code: str) -> Agency | None:
    """The agency with this code, closed or not."""
    return next((agency for agency in all_agencies() if agency.code == code), None)


def by_province() -> list[tuple[str, list[Agency]]]:
    """Each province's name with its agencies, in Vietnamese order; first the one of the default agency."""
    groups: dict[str, list[Agency]] = {}
    for agency in all_agencies():
        groups.setdefault(agency.province_name, []).append(agency)
    default = find(preferences.current().default_agency)
    first = default.province_name if default else ""
    return sorted(groups.items(), key=lambda group: (group[0] != first, sort_key(_without_kind(group[0]))))


def provinces() -> dict[str, str]:
    """The names of the provinces by their code."""
    return {agency.province_code: agency.province_name for agency in built_in()}


def search(text: str) -> list[Agency]:
    """The agencies whose code, name, former name or province holds `text`, however it is written; all for none."""
    wanted = fold(text)
    return [
        agency
        for agency in all_agencies()
        if wanted in fold(f"{agency.code} {agency.name} {agency.former_name} {agency.province_name}")
    ]


@lru_cache(maxsize=4)
def _listed(version: str) -> tuple[Agency, ...]:
    """The list of this version, which is empty while nothing was imported; no version is ever used again."""
    found = {agency.code: agency for agency in built_in()}
    if version:
        found |= {row.code: _agency(row) for row in ListedAgency.select()}
    return tuple(sorted(found.values(), key=lambda agency: (len(agency.code), agency.code)))


def _agency(row: ListedAgency) -> Agency:
    return Agency(
        code=row.code,
        name=row.name,
        former_name=row.former_name,
        province_code=row.province_code,
        province_name=row.province_name,
        address=row.address,
        communes=tuple(row.communes.split()),
        is_open=row.is_open,
    )


def _without_kind(province: str) -> str:
    return province.removeprefix("TP. ").removeprefix("Tỉnh ")
