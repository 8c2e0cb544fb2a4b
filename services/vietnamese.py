"""Vietnamese text: compared with or without its accents, and put in the order of a dictionary."""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

# The order of the tones in a dictionary: none, huyền, hỏi, ngã, sắc, nặng.
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANKS = {ord(letter): chr(ord("a") + rank) for rank, letter in enumerate(_ALPHABET)}


class Syllable(NamedTuple):
    """One written syllable. The tone is kept apart from the letters, so that "hoà" and "hòa" are the same."""

    plain: str
    letters: str
    tone: int


def fold(text: str) -> str:
    """The text in lower case, without accents (đ becomes d), with single spaces: "  Lái  THIÊU" is "lai thieu"."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char)).replace("đ", "d")
    return " ".join(unicodedata.normalize("NFC", plain).split())


@lru_cache(maxsize=8192)
def syllable(word: str) -> Syllable:
    """The word taken apart; it holds no space."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    letters = unicodedata.normalize("NFC", "".join(char for char in decomposed if char not in _TONES))
    tone = next((_TONES[char] for char in decomposed if char in _TONES), 0)
    return Syllable(fold(word), letters, tone)


def sort_key(text: str) -> list[tuple[str, int]]:
    """A key that puts names in Vietnamese order: a, ă, â, b … d, đ …, and within a syllable by tone."""
    return [(part.letters.translate(_RANKS), part.tone) for part in map(syllable, text.split())]
