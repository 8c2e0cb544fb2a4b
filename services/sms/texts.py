"""What text messages say: no accents, so that they fit one message of 160 characters, and no link of our own."""

import re

from services import preferences
from services.vietnamese import fold

CODE = (
    "Quay VssID {company}: ma xac nhan cua ban la {code}, dung trong {minutes} phut. Khong dua ma nay cho nguoi khac."
)
LONGEST_COMPANY = 40
# Characters of one message in the alphabet of GSM 03.38; a longer one is paid for twice.
LONGEST = 160
# Letters that are one character each in that alphabet, whatever a company may be called.
_UNSENDABLE = re.compile(r"[^A-Za-z0-9 .,&()'/+-]")


def code_text(code: str, minutes: int, template: str = "") -> str:
    """The message that brings a code, in the words of `template`, else in those of the preferences, else in ours."""
    values = {"code": code, "minutes": str(minutes), "company": _company()}
    template = template or preferences.current().code_text or CODE
    return _tidy(re.sub(r"\{(code|minutes|company)\}", lambda found: values[found[1]], template))


def invitation_text(address: str, until: str) -> str:
    """The words around a personal link that is good until the day `until`."""
    sender = _tidy(f"Quay VssID {_company()}:")
    return f"{sender} moi ban dang ky VssID tai {address} (rieng cho ban, den {until}). Khong dua cho nguoi khac."


def test_text() -> str:
    """The words of a message by which HR sees that messages arrive."""
    return _tidy(f"Quay VssID {_company()}: day la tin nhan thu, ban khong can lam gi.")


def _company() -> str:
    name = _UNSENDABLE.sub(" ", fold(preferences.current().company_name).title())
    return " ".join(name.split())[:LONGEST_COMPANY].strip()


def _tidy(text: str) -> str:
    # Where there is no company, nothing stands between the space and the colon.
    return re.sub(r" +(?=[:,.;!?])", "", " ".join(text.split()))
