"""What the QR code of a Vietnamese card says: chip CCCD, Căn cước of 2024, paper health card, VssID's health card.

Text in, values out; pictures are `services.cardreader`'s business. Many hands garble the text on its way: scanners that
type it, input methods that join letters, readers that guess the encoding. So a value is given only if nothing speaks
against it: what is in doubt stays empty, and a card that contradicts itself is no card. Nothing here proves that a
card is genuine, and whoever is shown the values may correct them.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.vietnamese import fold, syllable

CCCD, CAN_CUOC, HEALTH, VSSID = "cccd", "can_cuoc", "health", "vssid"
COMPARED = ("full_name", "id_number", "social_insurance_code", "address")

LONGEST = 2000  # characters; the longest card, a health card with three texts in hexadecimal, takes some 700
LONGEST_NAME = 100
LONGEST_ADDRESS = 300

# The first chip cards were handed out in January 2021 (Circular 06/2021/TT-BCA); the Law on Identification came into
# force on 1 July 2024. Since 2018 every health card is numbered by the social insurance code.
FIRST_QR = date(2021, 1, 1)
FIRST_CAN_CUOC = date(2024, 7, 1)
FIRST_CERTAIN_NUMBER = date(2018, 1, 1)
EARLIEST_BIRTH = date(1900, 1, 1)

# What a scanner may put around the text: line ends, control characters, a byte order mark; then the symbology (AIM)
# and an encoding (ECI). A no-break space is not among them: it may be half of a letter that was decoded wrongly.
_AROUND = "\r\n\t \x00\x02\x03\x04\x1c\x1d\x1e\x1f\ufeff\u200b"
_PREFIX = re.compile(r"(?:\][A-Za-z][0-9A-Za-z])?(?:\\[0-9]{6})?")
_FULL_WIDTH = {0xFF01 + at: 0x21 + at for at in range(94)}

_LETTERS = frozenset(
    letter
    for base in "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
    for tone in ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
    for cased in (base, base.upper())
    if len(letter := unicodedata.normalize("NFC", cased + tone)) == 1 and (not tone or base in "aăâeêioôơuưy")
)
_NAME_MARKS = frozenset(" '’-")
_ADDRESS_MARKS = frozenset(" ,.;:-–/\\()&+#'’\"°0123456789")
# An accent was joined to a wrong letter rather than written there if the word could not be said. The languages of the
# Central Highlands have more consonants in front and at the end: M'Drắk, Đạ Tẻh. Before a stop there are two tones,
# sắc and nặng.
_SAYABLE = re.compile(r"[bcdđghklmnpqrstvxfjwz]*[aăâeêioôơuưy]{1,4}(?:(ch?|k|p|t)|[hlmr]|n[gh]?)?")
_STOPPED_TONES = (4, 5)
# An input method that takes digits for accents makes "Lô Á" of A1 and "12Á4" of 12A14. But there are communes with the
# names Chư Á, Ô Lâm, Mường É and Na Ư.
_ACCENTED = "".join(sorted(char for char in _LETTERS if fold(char) in "aeiou" and not char.isascii()))
_JOINED_DIGIT = re.compile(
    rf"[0-9][{_ACCENTED}]|\b[{_ACCENTED}][0-9]|\b(?:lô|khu|dãy|nhà|tòa|toà|căn|block|số) [{_ACCENTED}]\b", re.IGNORECASE
)

_PERSONAL_NUMBER = re.compile(r"[0-9]{12}")
_OLD_NUMBER = re.compile(r"[0-9]{9}")
_ANY_NUMBER = re.compile(r"[0-9]{9}|[0-9]{12}|")
_CARD_NUMBER = re.compile(r"(?:[A-Z]{2}[1-9][0-9]{2})?([0-9]{10})|([0-9]{12})")
_AGENCY_AND_CODE = re.compile(r"[0-9]{4}([0-9]{10})")
_HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_DATE = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})|([0-9]{2})/([0-9]{2})/([0-9]{4})")
_LIKE_A_DATE = re.compile(r"[0-9/. -]{0,10}")
_LIKE_A_SEX = re.compile(r"[12]|[^0-9]{0,12}")
_SEXES = dict.fromkeys(("nam", "1", "m", "male"), "Nam") | dict.fromkeys(("nữ", "nu", "2", "f", "female"), "Nữ")


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says; empty where it does not, or not for certain. `kind` is one of the four above."""

    kind: str
    full_name: str = ""
    id_number: str = ""
    old_id_number: str = ""
    social_insurance_code: str = ""
    birth_date: date | None = None
    sex: str = ""
    address: str = ""
    issued_on: date | None = None

    @property
    def display_name(self) -> str:
        """The name as people write it: capitals become "Nguyễn Thị Hồng", unless they have lost their accents."""
        if not self.full_name.isupper() or self.full_name.isascii():
            return self.full_name
        return re.sub(r"\w+", lambda word: word[0].capitalize(), self.full_name)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field where the card says something else than the person; the name is given as people write it."""

    field: str
    on_card: str
    typed: str


def parse(text: str) -> Card | None:
    """The card that this text of a QR code stands for, or None. Never raises, whatever the text is."""
    if len(text) > LONGEST:
        return None
    fields = _fields(text)
    return _health_card(fields) or _identity_card(fields)


def differences(card: Card, typed: Mapping[str, str]) -> list[Difference]:
    """Where the card speaks and the person typed something else, or nothing.

    Capitals, spaces and punctuation make no difference, nor does where a tone is written (hoà, hòa), nor do accents
    that the card has lost.
    """
    found = []
    for field in COMPARED:
        on_card = card.display_name if field == "full_name" else getattr(card, field)
        given = (typed.get(field) or "").strip()
        if on_card and not _same(field, on_card, given):
            found.append(Difference(field, on_card, given))
    return found


def _same(field: str, on_card: str, typed: str) -> bool:
    if field in ("full_name", "address"):
        return _comparable(on_card, on_card.isascii()) == _comparable(typed, on_card.isascii())
    number = re.sub(r"[\s.\-]", "", typed).upper()
    if field == "social_insurance_code" and (card_number := _CARD_NUMBER.fullmatch(number)):
        number = card_number[1] or card_number[2]
    return number == on_card


def _comparable(text: str, without_accents: bool) -> list:
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text))
    return [fold(word) if without_accents else syllable(word) for word in words]


# --- From text to fields


def _fields(text: str) -> list[str]:
    text = _repaired(text.strip(_AROUND)).strip(_AROUND)
    text = unicodedata.normalize("NFC", text[_PREFIX.match(text).end() :].strip(_AROUND))
    # These are certain: no card holds a full-width character, and none has every other field empty for so long.
    fields = text.translate(_FULL_WIDTH).split("|")
    if (len(fields) == 3 or len(fields) >= 9) and not any(fields[1::2]):
        fields = fields[::2]
    return [" ".join(field.replace("\ufeff", "").split()) for field in fields]


def _repaired(text: str) -> str:
    """The text, decoded anew where UTF-8 was taken for another encoding, if that can be told for certain."""
    if all(char.isascii() or char in _LETTERS for char in unicodedata.normalize("NFC", text)):
        return text
    readings = set()
    for encode in _ENCODERS:
        try:
            readings.add(encode(text).decode("utf-8"))
        except (UnicodeError, KeyError):
            continue
    return readings.pop() if len(readings) == 1 else text


def _single_bytes(encoding: str):
    """An encoder for one byte a character. Browsers and scanners keep the bytes that the encoding leaves undefined."""
    table = {chr(byte): byte for byte in range(256)}
    for byte in range(128, 256):
        char = bytes([byte]).decode(encoding, "replace")
        if char != "\ufffd":
            table[char] = byte
    return lambda text: bytes(table[char] for char in text)


# UTF-8 is taken for Western European or Vietnamese by scanners, for an East Asian encoding by readers of QR codes.
_ENCODERS = (
    _single_bytes("cp1252"),
    _single_bytes("cp1258"),
    lambda text: text.encode("cp932"),
    lambda text: text.encode("big5"),
    lambda text: text.encode("gbk"),
)


# --- From fields to a card


def _identity_card(fields: list[str]) -> Card | None:
    """`number|old number or nothing|name|birth|sex|address|issue|…`, or without the old number in that place.

    The card of 2024 has four more fields (a cancelled number, the parents of a child), which are left alone. Birth and
    sex may change places.
    """
    number, *rest = fields
    if len(fields) < 5 or not _PERSONAL_NUMBER.fullmatch(number):
        return None
    classic = _ANY_NUMBER.fullmatch(rest[0])
    old = rest.pop(0) if classic else ""
    name, first, second, address, issue, after, *_ = *rest, "", "", "", "", "", ""
    said = _birth_and_sex(first, second)
    if said is None or not _agrees(number, *said):
        return None
    born, sex = said
    issued = _date(issue, max(FIRST_QR, born or FIRST_QR))
    new = issued >= FIRST_CAN_CUOC if issued else len(fields) > 7 or not classic
    old = (_OLD_NUMBER.fullmatch(old if classic else after) or [""])[0]
    if _garbled(name + address):
        name = address = ""
    name, address = _name(name), _address(address)
    if not classic and not name:
        return None
    return Card(CAN_CUOC if new else CCCD, name, number, old, "", born, sex, address, issued)


def _health_card(fields: list[str]) -> Card | None:
    """`number|name|birth|sex|address|hospital|from|to|issue|agency and code|…|$`, or the first two; texts in hex."""
    while fields and fields[-1] in ("", "$"):
        fields = fields[:-1]
    if len(fields) != 2 and len(fields) < 9:
        return None
    number, name = _CARD_NUMBER.fullmatch(fields[0].replace(" ", "").upper()), _name(_unhexed(fields[1]))
    if not number or not name:
        return None
    code, personal = number[1] or number[2], number[2] or ""
    if len(fields) == 2:
        return Card(VSSID, name, personal, social_insurance_code=code if len(number[0]) != 15 else "")
    said = _birth_and_sex(fields[2], "" if fields[3] == "-" else fields[3])
    if said is None or (personal and not _agrees(personal, *said)):
        return None
    born, sex = said
    issued = _date(fields[8], born or EARLIEST_BIRTH)
    # Cards of 15 characters did not always end in the code; most cards repeat it after the agency's number.
    repeated = _AGENCY_AND_CODE.fullmatch(fields[9]) if len(fields) > 9 and not personal else None
    certain = len(number[0]) != 15 or (issued is not None and issued >= FIRST_CERTAIN_NUMBER)
    if repeated[1] != code if repeated else not certain:
        code = ""
    return Card(HEALTH, name, personal, "", code, born, sex, _address(_unhexed(fields[4])), issued)


def _birth_and_sex(first: str, second: str) -> tuple[date | None, str] | None:
    """Both, in whichever order they stand; one of them may be missing or unknown. None if they are something else."""
    for birth, sex in ((first, second), (second, first)):
        if _LIKE_A_DATE.fullmatch(birth) and _LIKE_A_SEX.fullmatch(sex):
            said = _date(birth, EARLIEST_BIRTH), _SEXES.get(sex.lower(), "")
            if any(said):
                return said
    return None


def _agrees(number: str, born: date | None, sex: str) -> bool:
    """Whether the number is of this sex, century and year: whoever has these corrected is given a new number.

    Its fourth digit tells century and sex, the next two the year (Circular 59/2021/TT-BCA art. 4).
    """
    century, woman = divmod(int(number[3]), 2)
    if born and born.year != 1900 + 100 * century + int(number[4:6]):
        return False
    return not sex or sex == ("Nữ" if woman else "Nam")


def _date(text: str, earliest: date) -> date | None:
    """15081990 or 15/08/1990, if there is such a day, not before the earliest and not to come."""
    match = _DATE.fullmatch(text)
    if not match:
        return None
    day, month, year = (int(part) for part in match.groups() if part)
    try:
        day = date(year, month, day)
    except ValueError:
        return None
    # A day more, because it is already tomorrow in Vietnam.
    return day if earliest <= day <= date.today() + timedelta(days=1) else None


def _unhexed(text: str) -> str:
    if not _HEXADECIMAL.fullmatch(text):
        return ""
    try:
        decoded = bytes.fromhex(text).decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return " ".join(unicodedata.normalize("NFC", decoded).split())


def _name(text: str) -> str:
    """The text if it can be a name of two words or more, else nothing."""
    whole = len(text) <= LONGEST_NAME and " " in text and _written_well(text, _NAME_MARKS)
    return text if whole and all(word.isupper() or word[1:].islower() for word in _long_words(text)) else ""


def _address(text: str) -> str:
    """The text, its commas tidied, if it can be an address, else nothing."""
    if len(text) > LONGEST_ADDRESS or not _written_well(text, _ADDRESS_MARKS) or _JOINED_DIGIT.search(text):
        return ""
    tidy = re.sub(r"\s*,[\s,]*", ", ", text).strip(" ,")
    return tidy if any(char.isalpha() for char in tidy) else ""


def _long_words(text: str) -> Iterator[str]:
    return (word for word in re.findall(r"[^\W\d_]+", text) if len(word) > 1)


def _written_well(text: str, marks: frozenset[str]) -> bool:
    """Whether all of it is Vietnamese, and no word has accents that it cannot have."""
    if not all(char in _LETTERS or char in marks for char in text):
        return False
    return all(map(_can_be_said, _long_words(text)))


def _can_be_said(word: str) -> bool:
    if any(char.isupper() and not char.isascii() for char in word[1:]) and not word.isupper():
        return False
    parts = syllable(word)
    if not parts.tone:
        return True
    toned = sum(syllable(char).tone > 0 for char in word)
    shape = _SAYABLE.fullmatch(parts.letters)
    return toned == 1 and shape is not None and (not shape[1] or parts.tone in _STOPPED_TONES)


def _garbled(text: str) -> bool:
    """Whether letters were lost: then those that look right may be wrong too."""
    return any(char == "?" or not (char.isascii() or char in _LETTERS or char in _ADDRESS_MARKS) for char in text)
