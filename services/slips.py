"""Invitations as sheets of slips to print and cut: name, unit, how to begin, a QR and the address in words."""

from dataclasses import asdict, dataclass
from datetime import date

from services import qr
from services.typesetting import printable, typeset


@dataclass(frozen=True, slots=True)
class Slip:
    """One invitation; `address` is the personal link, good until the end of the day `until`."""

    full_name: str
    code: str
    unit: str
    address: str
    until: date


def render(slips: list[Slip], company: str) -> bytes:
    """The slips as a PDF, eight on a sheet of A4, in the order given; takes any text, as Form 01 does."""
    data = {"company": printable(company), "slips": [_data(slip) for slip in slips]}
    return typeset("invitations", data, max((slip.until for slip in slips), default=date.today()))


def _data(slip: Slip) -> dict:
    words = {name: printable(value) for name, value in asdict(slip).items() if isinstance(value, str)}
    return {**words, "until": slip.until.strftime("%d/%m/%Y"), "qr": qr.drawing(slip.address)}
