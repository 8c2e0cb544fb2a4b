"""What was read from cards in the course of a registration, held against what was typed. It is advice, never a gate.

Of all that a card says only what the declaration asks for is kept, by its source: the kind of the photo on which it
was read, or `IDENTITY` or `INSURANCE` where no photo is kept. A reading is asked about once; the same card, read again
in another place, is not another reading.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date

from services import communes, idcard
from services.communes import Commune
from services.idcard import CAN_CUOC, CCCD, Card, Difference

IDENTITY, INSURANCE = "identity", "insurance"
_IDENTITY_CARDS = (CCCD, CAN_CUOC)

# Since then an address names no district (Resolution 202/2025/QH15, Law 72/2025/QH15).
WITHOUT_DISTRICTS = date(2025, 7, 1)
_KIND = re.compile(r"(?:phường|xã|thị trấn|đặc khu)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one card says. `address` is the whole of it, without commune only if that is certain.

    `settled`: the person has decided what to do about it.
    """

    kind: str
    full_name: str = ""
    id_number: str = ""
    social_insurance_code: str = ""
    address: str = ""
    commune: str = ""
    commune_code: str = ""
    settled: bool = False

    @property
    def is_identity_card(self) -> bool:
        """Whether it is an ID card; otherwise it is a health card."""
        return self.kind in _IDENTITY_CARDS

    @property
    def source(self) -> str:
        """Under which name it is kept where there is no photo."""
        return IDENTITY if self.is_identity_card else INSURANCE

    @property
    def side(self) -> str:
        """As which photo its picture can serve: the chip card has its QR in front, that of 2024 behind."""
        return {CCCD: "id_front", CAN_CUOC: "id_back"}.get(self.kind, "")


def of_texts(texts: Iterable[str]) -> Reading | None:
    """What the QR codes of one picture say, if they are those of one card, or of one ID card among others."""
    cards = list(dict.fromkeys(card for card in map(idcard.parse, texts) if card))
    if len(cards) > 1:
        cards = [card for card in cards if card.kind in _IDENTITY_CARDS]
    return _of_card(cards[0]) if len(cards) == 1 else None


def put(kept: dict[str, dict], source: str, reading: Reading | None) -> None:
    """Keep what was read there last; what was decided about a card stays decided when it is read again."""
    if reading and any(replace(other, settled=False) == reading for other in of(kept) if other.settled):
        reading = replace(reading, settled=True)
    kept.pop(source, None)
    if reading:
        kept[source] = asdict(reading)


def of(kept: Mapping[str, dict]) -> list[Reading]:
    """All that is kept, oldest first."""
    return [Reading(**each) for each in kept.values()]


def submitted(kept: Mapping[str, dict], photos: Container[str]) -> dict[str, dict]:
    """What goes with a submission that holds these photos."""
    return {source: each for source, each in kept.items() if source in (IDENTITY, INSURANCE) or source in photos}


def differences(reading: Reading, typed: Mapping[str, str]) -> list[Difference]:
    """Where the card says something else than what was typed. What a health card says about addresses is often old."""
    address = _place(asdict(reading)) if reading.is_identity_card else ""
    card = Card(reading.kind, reading.full_name, reading.id_number, "", reading.social_insurance_code, address=address)
    return idcard.differences(card, {**typed, "address": _place(typed)})


def open_question(kept: Mapping[str, dict], typed: Mapping[str, str]) -> tuple[str, list[Difference]] | None:
    """The first source that was not decided about and differs from what was typed, and how."""
    for source, each in kept.items():
        reading = Reading(**each)
        if not reading.settled and any(typed.values()) and (found := differences(reading, typed)):
            return source, found
    return None


def agreement(kept: Mapping[str, dict], typed: Mapping[str, str]) -> dict[str, str]:
    """For each field about which a card speaks what it says instead, or nothing where it says the same."""
    said = {}
    for reading in of(kept):
        different = {found.field: found.on_card for found in differences(reading, typed)}
        for field in _spoken_of(reading):
            said[field] = said.get(field) or different.get(field, "")
        if not reading.is_identity_card and (place := _place(asdict(reading))) and place == _place(typed):
            said.setdefault("address", "")
    if "address" in said and typed.get("commune") and not said["address"]:
        said["commune"] = ""
    return said


def taken_over(reading: Reading, fields: Iterable[str]) -> dict[str, str]:
    """The values of the declaration's fields if these are taken from the card.

    With the address goes the commune: that of the card where it is certain, else none, for another would not fit.
    """
    spoken = asdict(reading)
    values = {field: spoken[field] for field in fields if field in idcard.COMPARED and spoken[field]}
    if "address" in fields and _place(spoken):
        values |= {name: spoken[name] for name in ("address", "commune", "commune_code")}
    return values


def filled(reading: Reading, typed: Mapping[str, object], fields: Iterable[str]) -> dict:
    """What was typed, with what the card says in those of the fields that are blank."""
    blank = [field for field in fields if not typed.get(field) and (field != "address" or not typed.get("commune"))]
    return {**typed, **taken_over(reading, blank)}


def _spoken_of(reading: Reading) -> Iterator[str]:
    """The fields that can be held against this card."""
    spoken = {**asdict(reading), "address": reading.is_identity_card and _place(asdict(reading))}
    return (field for field in idcard.COMPARED if spoken[field])


def _place(said: Mapping[str, str]) -> str:
    return ", ".join(part for name in ("address", "commune") if (part := (said.get(name) or "").strip()))


def _of_card(card: Card) -> Reading:
    street, commune = _parts(card)
    return Reading(
        card.kind,
        card.display_name,
        card.id_number,
        card.social_insurance_code,
        street,
        commune.label if commune else "",
        commune.code if commune else "",
    )


def _parts(card: Card) -> tuple[str, Commune | None]:
    """The card's address without its commune, and the commune as it is called today; all of it where that is unsure.

    An address ends with commune and province, or as until June 2025 with a district between them. Many a commune of
    today has the name of a district, so that "Lái Thiêu, Thuận An, Bình Dương" may mean either.
    """
    *street, before, middle, province = ["", "", *card.address.split(", ")]
    long = _certain(f"{before}, {middle}, {province}") if before else None
    short = _certain(f"{middle}, {province}")
    is_old = card.issued_on is not None and card.issued_on < WITHOUT_DISTRICTS and card.kind in _IDENTITY_CARDS
    found = {}
    if long and (is_old or not short or _KIND.match(before)):
        found[long] = street
    if short and _KIND.match(middle):
        found[short] = [*street, before]
    if len(found) != 1:
        return card.address, None
    ((commune, street),) = found.items()
    return ", ".join(filter(None, street)), commune


def _certain(text: str) -> Commune | None:
    named = communes.resolve(text)
    return named[0].commune if len(named) == 1 else None
