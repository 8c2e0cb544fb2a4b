"""The communes of Vietnam, found by what people type: old or new names, with or without accents, shortened.

`search` suggests while somebody types; `resolve` says what was certainly meant. Nothing here reads a street or a
house number.
"""

import heapq
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.communes.gazetteer import BEGINNING, LATER_WORD, WHOLE, Commune, Entry, Match, load
from services.communes.reading import WRONG, Typed, Words, beginnings, cost, phrases, places_cost, read

__all__ = ["Commune", "Match", "find", "resolve", "search"]

LONGEST_NAME = 6  # words

_KINDS = phrases({"Phường": "phường,p,f", "Xã": "xã,x", "Thị trấn": "thị trấn,tt", "Đặc khu": "đặc khu,đk"})


class _Reading(NamedTuple):
    """One way to take the typed words: a kind or none, a name, and places after it."""

    kind: str | None
    name: Words
    rest: Words
    cut_off: bool  # the name may be the beginning of a longer one


class _Hit(NamedTuple):
    """An entry that fits a reading; the better one is the smaller."""

    wrong: bool  # other accents were typed
    shape: int
    cost: int  # accents were left out
    wrong_kind: bool
    order: int
    entry: Entry

    @property
    def perfect(self) -> bool:
        return not (self.wrong or self.cost or self.wrong_kind)


def find(code: str) -> Commune | None:
    """The commune with this code, five digits."""
    return load().communes.get(code)


def search(text: str, limit: int = 8) -> list[Match]:
    """At most `limit` suggestions for a text that is still being typed, best first, each commune once."""
    typed = read(text)
    readings = list(_readings(typed, typing=True))
    best: dict[str, _Hit] = {}
    for shape in (WHOLE, BEGINNING, LATER_WORD):
        for reading in readings:
            _keep_best(best, _hits(reading, shape, typed.accented, typing=True), limit)
        if sum(hit.perfect for hit in best.values()) >= limit:
            break
        if best:  # with places after it a name is complete, unless there is none such
            readings = [reading for reading in readings if not reading.rest]
    return [hit.entry.match for hit in heapq.nsmallest(limit, best.values())]


def resolve(text: str) -> list[Match]:
    """Every commune that the text names exactly: one is certain, several are for the person to choose from."""
    typed = read(text)
    if commune := load().labels.get(typed.words):
        return [Match(commune, None)]
    readings = _readings(typed, typing=False)
    hits = [hit for reading in readings for hit in _hits(reading, WHOLE, typed.accented, typing=False)]
    hits = [hit for hit in hits if not (hit.wrong or hit.wrong_kind)]
    least = min((hit.cost for hit in hits), default=0)
    hits = [hit for hit in hits if hit.cost == least]
    # Today's name with a former district is read so only if no former commune had that name there.
    hits = [hit for hit in hits if not hit.entry.mixed] or hits
    best: dict[str, _Hit] = {}
    _keep_best(best, hits)
    return [hit.entry.match for hit in sorted(best.values())]


def _keep_best(best: dict[str, _Hit], hits: Iterable[_Hit], enough: int | None = None) -> None:
    """Take the better hits of each commune, and stop at `enough` perfect ones: no better ones follow."""
    perfect = set()
    for hit in hits:
        code = hit.entry.match.commune.code
        if code not in best or hit < best[code]:
            best[code] = hit
        if hit.perfect:
            perfect.add(code)
        if len(perfect) == enough:
            break


def _readings(typed: Typed, typing: bool) -> Iterator[_Reading]:
    """Every reading of the text. While typing, a name may be cut off at the end or the first comma."""
    words = typed.words
    for kind, start in beginnings(words, _KINDS):
        for end in range(start + 1, min(start + LONGEST_NAME, len(words)) + 1):
            cut_off = typing and (end == len(words) or end == typed.pause)
            yield _Reading(kind, words[start:end], words[end:], cut_off)


def _hits(reading: _Reading, shape: int, accented: bool, typing: bool) -> Iterator[_Hit]:
    """The entries that fit the reading, in their order."""
    if shape != WHOLE and not reading.cut_off:
        return
    plain = " ".join(word.plain for word in reading.name)
    costs: dict[int, int | None] = {}  # by identity: the entries of a district share their places
    for entry, skipped in load().named(plain, shape):
        if id(entry.places) not in costs:
            costs[id(entry.places)] = places_cost(reading.rest, entry.places, typing)
        spent = costs[id(entry.places)]
        if spent is not None:
            spent = spent + cost(reading.name, entry.words[skipped:]) if accented else 0
            wrong_kind = reading.kind not in (None, entry.kind)
            yield _Hit(spent >= WRONG, shape, spent, wrong_kind, entry.order, entry)
