"""The agencies of the social insurance (BHXH) that take a registration, as `data/agencies.csv` lists them.

An agency is known by its code. Names repeat across provinces and were given anew in 2025: today's "BHXH cơ sở Thuận
An" is in Lâm Đồng, and what was "BHXH thành phố Thuận An" is "BHXH cơ sở Lái Thiêu".
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.vietnamese import sort_key

DATA = Path(__file__).resolve().parent.parent / "data" / "agencies.csv"
DEFAULT_CODE = "07407"


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency. `former_name` and `address` are empty where unknown."""

    code: str
    name: str
    former_name: str
    province_code: str
    province_name: str
    address: str

    @property
    def label(self) -> str:
        """The name, with the former one for those who know it by that."""
        return f"{self.name} (tên cũ: {self.former_name})" if self.former_name else self.name


@cache
def all_agencies() -> tuple[Agency, ...]:
    """Every agency, in the order of the file."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return tuple(Agency(**row) for row in csv.DictReader(file))


def find(code: str) -> Agency | None:
    """The agency with this code."""
    return next((agency for agency in all_agencies() if agency.code == code), None)


def by_province() -> list[tuple[str, list[Agency]]]:
    """Each province's name with its agencies, in Vietnamese order; first the one of the default agency."""
    groups: dict[str, list[Agency]] = {}
    for agency in all_agencies():
        groups.setdefault(agency.province_name, []).append(agency)
    first = find(DEFAULT_CODE).province_name
    return sorted(groups.items(), key=lambda group: (group[0] != first, sort_key(_without_kind(group[0]))))


def _without_kind(province: str) -> str:
    return province.removeprefix("TP. ").removeprefix("Tỉnh ")
