"""How values look to a person: dates, phones, small pictures. Vietnam has one time zone and no summer time."""

from base64 import b64encode
from datetime import date

from flask_babel import gettext as _

from models import now
from services.days import local

# A longer time is said in hours.
MINUTES_SAID = 120


def today() -> date:
    """The calendar day in Vietnam, by which an age is counted."""
    return local(now()).date()


def moment(seconds: int) -> str:
    """A second since 1970 as `23/11/2026 08:05`, Vietnamese time."""
    return local(seconds).strftime("%d/%m/%Y %H:%M")


def day(seconds: int) -> str:
    """A second since 1970 as `23/11/2026`, Vietnamese time."""
    return local(seconds).strftime("%d/%m/%Y")


def phone(number: str) -> str:
    """Ten digits in groups, as they are read out: `0912 345 678`."""
    return f"{number[:4]} {number[4:7]} {number[7:]}".strip()


def lasting(seconds: int) -> str:
    """So long, as people say it, never shorter than it is: `16 phút`, `3 giờ`."""
    minutes = -(-seconds // 60)
    if minutes < MINUTES_SAID:
        return _("%(minutes)d phút", minutes=minutes)
    return _("%(hours)d giờ", hours=-(-minutes // 60))


def data_uri(jpeg: bytes) -> str:
    """A small JPEG inside the page, so that no address of it exists that could leak."""
    return f"data:image/jpeg;base64,{b64encode(jpeg).decode()}"
