"""Typed words held against known ones: shortened, cut off, with all accents, some, or none."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from services.vietnamese import Syllable, syllable

LONGEST = 200  # characters; longer texts are no commune, and would only cost time
MOST_PLACES = 4  # named after the commune: district, province, country, and one of them twice
WRONG = 1000  # costs more than any number of accents left out

Words = tuple[Syllable, ...]
Phrases = tuple[tuple[Words, str], ...]

_PARTS = re.compile(r"[,;/\n–—-]|\d+|[^\W\d_]+")
_BREAKS = frozenset(",;/\n–—-")
# "Thành phố" may be a district or a province; and a province that became a city is still called a province.
_FITS = {"district": ("district",), "city": ("district", "city"), "province": ("city", "province")}


class Typed(NamedTuple):
    """A text in words, and how many of them come before the first comma or dash."""

    words: Words
    pause: int
    accented: bool


class Place(NamedTuple):
    """What may follow the name of a commune; the level is district, city, province or country."""

    words: Words
    level: str


def read(text: str) -> Typed:
    """Split into words: "P.Lái Thiêu-Q01" is p, lái, thiêu, q, 1. Too long a text has none."""
    tidy = unicodedata.normalize("NFC", text.strip()).replace("'", "").replace("’", "") if len(text) <= LONGEST else ""
    words, pause = [], 0
    for part in _PARTS.findall(tidy):
        if part in _BREAKS:
            pause = pause or len(words)
        else:
            words.append(syllable(part.lstrip("0") or part))
    return Typed(tuple(words), pause, any(word.tone or word.letters != word.plain for word in words))


def phrases(meanings: dict[str, str]) -> Phrases:
    """Phrases as words, each with what it means: {"Xã": "xã,x"} gives two for "Xã"."""
    return tuple(
        (read(phrase).words, meaning) for meaning, spellings in meanings.items() for phrase in spellings.split(",")
    )


LEVELS = phrases({"district": "quận,q,huyện,h,thị xã,tx", "city": "thành phố,tp", "province": "tỉnh,t"})


@lru_cache(maxsize=256)
def beginnings(words: Words, known: Phrases) -> tuple[tuple[str | None, int], ...]:
    """How the words may begin: with none of the known phrases, or with one; and the number of words it takes."""
    fitting = (pair for pair in known if overlap(words, pair[0]) and cost(words, pair[0]) < WRONG)
    return (None, 0), *((meaning, len(phrase)) for phrase, meaning in fitting)


def overlap(words: Words, whole: Words, typing: bool = False) -> int:
    """How many of the words are `whole`, accents apart: none or all of it, or, while typing, its beginning."""
    size = min(len(words), len(whole))
    if not size or (size < len(whole) and not typing):
        return 0
    if any(words[at].plain != whole[at].plain for at in range(size - 1)):
        return 0
    typed, right = words[size - 1].plain, whole[size - 1].plain
    cut_off = typing and size == len(words) and right.startswith(typed)
    return size if typed == right or cut_off else 0


def cost(words: Words, whole: Words) -> int:
    """1 for every word that lacks accents, `WRONG` for every one that has others. Stops at the shorter of the two."""
    return sum(_word_cost(word, right) for word, right in zip(words, whole, strict=False) if word != right)


@lru_cache(maxsize=8192)
def _word_cost(word: Syllable, right: Syllable) -> int:
    letters = zip(word.letters, right.letters, right.plain, strict=False)
    if word.tone not in (0, right.tone) or any(letter not in (accented, plain) for letter, accented, plain in letters):
        return WRONG
    cut_off = len(word.letters) < len(right.letters) and right.letters.startswith(word.letters)
    return 0 if cut_off else 1


def places_cost(words: Words, places: tuple[Place, ...], typing: bool, left: int = MOST_PLACES) -> int | None:
    """What it costs to read all the words as some of the places, None when they cannot be."""
    if not words:
        return 0
    if typing and any(overlap(words, phrase, typing) == len(words) for phrase, _level in LEVELS):
        return 0
    costs = []
    for level, start in beginnings(words, LEVELS) if left else ():
        for place in places:
            size = overlap(words[start:], place.words, typing)
            if size and (level is None or place.level in _FITS[level]):
                end = start + size
                rest = places_cost(words[end:], places, typing, left - 1)
                if rest is not None:
                    costs.append(rest + cost(words[start:end], place.words))
    return min(costs, default=None)
