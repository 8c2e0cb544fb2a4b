"""The lists in `data/`, read once: every name that a commune has or had, and the places that may follow it."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.communes.reading import Place, Words, read

DATA = Path(__file__).resolve().parents[2] / "data"
WHOLE, BEGINNING, LATER_WORD = range(3)

_NAME = re.compile(r"(Phường|Xã|Thị trấn|Đặc khu|Quận|Huyện|Thị xã|Thành phố|TP\.|Tỉnh) (.+)")
_LEVELS = {"Tỉnh": "province", "TP.": "city"}
_OTHER_NAMES = {
    "Hồ Chí Minh": ("HCM", "TPHCM", "HCMC", "SG", "Sài Gòn", "Saigon"),
    "Hà Nội": ("HN", "TPHN", "Hanoi"),
    "Huế": ("Thừa Thiên Huế", "TT Huế", "TTH"),
    "Đà Nẵng": ("Danang",),
    "Bà Rịa - Vũng Tàu": ("BRVT",),
}


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today: `name` with its kind ("Phường Lái Thiêu"), `province` likewise ("TP. Hồ Chí Minh")."""

    code: str
    name: str
    province: str

    @property
    def label(self) -> str:
        """As an address has it: "Phường Lái Thiêu, TP. Hồ Chí Minh", "Xã Thuận An, tỉnh Lâm Đồng"."""
        return f"{self.name}, {self.province.replace('Tỉnh', 'tỉnh', 1)}"


@dataclass(frozen=True, slots=True)
class Match:
    """A commune and, if it was named by what it used to be, that name in full."""

    commune: Commune
    former: str | None


@dataclass(slots=True, eq=False)
class Entry:
    """One way to name a commune. `mixed` is today's name with yesterday's places; `order` breaks ties."""

    match: Match
    kind: str
    words: Words
    places: tuple[Place, ...]
    mixed: bool = False
    plain: str = ""
    order: int = 0

    def __post_init__(self):
        self.plain = " ".join(word.plain for word in self.words)


class Gazetteer:
    """All communes by code and by label, and their entries by plain name: today's first, then the shorter."""

    def __init__(self, communes: dict[str, Commune], entries: list[Entry]):
        self.communes = communes
        self.labels = {read(commune.label).words: commune for commune in communes.values()}
        self._entries: dict[str, list[Entry]] = defaultdict(list)
        entries.sort(key=lambda entry: (entry.mixed, entry.match.former is not None, len(entry.plain), entry.plain))
        for order, entry in enumerate(entries):
            entry.order = order
            self._entries[entry.plain].append(entry)

    def named(self, plain: str, shape: int) -> list[tuple[Entry, int]]:
        """The entries with this name, or with it as the beginning or within, and how many words come before it."""
        if shape == WHOLE:
            return [(entry, 0) for entry in self._entries.get(plain, ())]
        if shape == BEGINNING:
            names = {name: 0 for name in self._entries if name.startswith(plain) and name != plain}
        else:
            later = f" {plain}"
            names = {name: name[: name.index(later)].count(" ") + 1 for name in self._entries if later in name}
        found = [(entry, skipped) for name, skipped in names.items() for entry in self._entries[name]]
        return sorted(found, key=lambda pair: pair[0].order)


@cache
def load() -> Gazetteer:
    """The gazetteer, read from the files at the first call."""
    provinces = {row["code"]: row["name"] for row in _rows("provinces.csv")}
    communes = {
        row["code"]: Commune(row["code"], row["name"], provinces[row["province_code"]]) for row in _rows("communes.csv")
    }
    districts = {row["number"]: row for row in _rows("former_districts.csv")}
    entries: list[Entry] = []
    once: dict[str, set[Place]] = {code: set() for code in communes}
    for row in _rows("former_communes.csv"):
        commune, district = communes[row["code"]], districts[row["district_number"]]
        was_in = district["name"], district["province"]
        former = ", ".join(part[0].lower() + part[1:] for part in (row["name"], *was_in) if part)
        entries.append(_entry(Match(commune, former), row["name"], _places(*was_in, commune.province)))
        once[commune.code].update(_places(*was_in))
    for code, commune in communes.items():
        match, places = Match(commune, None), _places(commune.province)
        entries.append(_entry(match, commune.name, places))
        entries.append(_entry(match, commune.name, (*once[code].difference(places), *places), mixed=True))
    return Gazetteer(communes, entries)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _entry(match: Match, name: str, places: tuple[Place, ...], mixed: bool = False) -> Entry:
    kind, bare = _NAME.fullmatch(name).groups()
    return Entry(match, kind, read(bare).words, places, mixed)


@cache
def _places(*names: str) -> tuple[Place, ...]:
    """Districts and provinces by all their names, and the country."""
    places = [Place(read(country).words, "country") for country in ("Việt Nam", "Vietnam", "VN")]
    for kind, name in (_NAME.fullmatch(name).groups() for name in names if name):
        level = _LEVELS.get(kind, "district")
        places += [Place(read(spelling).words, level) for spelling in (name, *_OTHER_NAMES.get(name, ()))]
    return tuple(dict.fromkeys(places))
