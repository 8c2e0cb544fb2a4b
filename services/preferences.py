"""What the administrator sets in the pages of the desk; the environment gives the defaults (decision 4).

All of it is one row, read anew whenever it is asked for, so that several processes agree. When the database cannot be
asked, as on the page that says so, what was known last holds.
"""

import hashlib
import json
import re
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import lru_cache

from peewee import DatabaseError

from models import Setting, database, take_turns
from services import audit

VSSID, VNEID = "vssid", "vneid"
CHANNELS = (VSSID, VNEID)
LONGEST_KEPT = 36_500

_NAME = "preferences"
_LOGO = "logo"
_COLOUR = re.compile(r"|#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Preferences:
    """Everything that has a page of its own under `/staff/settings`.

    Texts are empty where nothing is set. `accent` is a colour as `#rrggbb`. Days are whole; `dossier_days` is 0 where
    dossiers are kept until somebody deletes them. Versions change with what they stand for.
    """

    company_name: str = ""
    accent: str = ""
    logo_version: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    contact_place: str = ""
    contact_hours: str = ""
    default_agency: str = "07407"
    is_agency_locked: bool = False
    agencies_version: str = ""
    form01_url: str = ""
    channel: str = VSSID
    notice: str = ""
    notice_date: str = ""
    is_notice_public: bool = False
    code_text: str = ""
    draft_days: int = 14
    photo_days: int = 30
    dossier_days: int = 0

    def __post_init__(self):
        for each in fields(self):
            if type(getattr(self, each.name)) is not each.type:
                raise ValueError(f"{each.name} is a {each.type.__name__}")
        days = (self.draft_days, self.photo_days, self.dossier_days + 1)
        if not all(1 <= count <= LONGEST_KEPT + 1 for count in days):
            raise ValueError("a number of days cannot be kept")
        if self.channel not in CHANNELS or not _COLOUR.fullmatch(self.accent):
            raise ValueError("no such channel or colour")

    @property
    def brand_version(self) -> str:
        """What changes with colour and logo; empty where both are ours."""
        return f"{self.accent.removeprefix('#')}{self.logo_version}"

    @property
    def contact(self) -> str:
        """Whom of HR to ask, where and when, on one line; empty where nothing is set."""
        return " · ".join(filter(None, (self.contact_name, self.contact_phone, self.contact_place, self.contact_hours)))


_defaults = _last = Preferences()


def use(company_name: str, default_agency: str, form01_url: str = "") -> None:
    """Take these where no page was saved yet."""
    global _defaults, _last
    given = {"company_name": company_name, "default_agency": default_agency, "form01_url": form01_url}
    _defaults = _last = replace(Preferences(), **given)


def current() -> Preferences:
    """The preferences as they are now."""
    global _last
    if database.obj is None or database.is_closed():
        return _last
    with suppress(DatabaseError):
        _last = _kept()
    return _last


def logo() -> bytes:
    """The logo as a small JPEG; nothing where there is none."""
    row = Setting.get_or_none(Setting.name == _LOGO)
    return b64decode(row.value) if row else b""


def change(action: str, logo: bytes | None = None, **changes) -> Preferences:
    """Set these, and note it in the audit log as `action`. Raises `ValueError` for what cannot be set.

    `logo` is a small JPEG, or nothing to have none.
    """
    if logo is not None:
        changes["logo_version"] = hashlib.sha256(logo).hexdigest()[:10] if logo else ""
    with database.atomic():
        # Of two pages that are saved together, the second must not undo the first.
        take_turns(_NAME)
        changed = replace(_kept(), **changes)
        # Only what was set in a page: the environment goes on giving the rest.
        kept = json.loads(_text()) | changes
        Setting.keep(_NAME, json.dumps(kept, ensure_ascii=False, sort_keys=True))
        if logo is not None:
            Setting.keep(_LOGO, b64encode(logo).decode())
        audit.note(action)
    return changed


def _kept() -> Preferences:
    return _read(_text(), _defaults)


def _text() -> str:
    row = Setting.get_or_none(Setting.name == _NAME)
    return row.value if row else "{}"


@lru_cache(maxsize=8)
def _read(text: str, defaults: Preferences) -> Preferences:
    # A later version may have set what this one does not know.
    names = {each.name for each in fields(Preferences)}
    return replace(defaults, **{name: value for name, value in json.loads(text).items() if name in names})
