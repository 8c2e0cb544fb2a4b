"""The list of agencies as the administrator keeps it: brought in from a file after it was looked at, closed, opened.

Agencies are matched by their code and never deleted, for dossiers name them. What was read from a file waits for an
hour under a key made of its content; the newest file takes the place of one that still waits.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from models import ListedAgency, Setting, database, now
from services import agencies, preferences
from services.agencies import Agency

WAITS = 60 * 60

_WAITING = "agencies_upload"


class UploadGone(Exception):
    """It was written or discarded, its hour is over, or another file has taken its place."""


class IsDefault(Exception):
    """The default agency cannot be closed."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits: what it says of each agency (by column, empty where it says nothing), and what is wrong.

    `errors` are row number, column and what to do.
    """

    key: str
    rows: list[dict[str, str]]
    errors: list[tuple[int, str, str]]

    @property
    def new(self) -> list[Agency]:
        """The agencies that are not listed yet, as they would be."""
        return [_after(row) for row in self.rows if agencies.find(row["code"]) is None]

    @property
    def changed(self) -> list[tuple[Agency, Agency]]:
        """The agencies that would become different: as they are, and as they would be."""
        pairs = ((agencies.find(row["code"]), _after(row)) for row in self.rows)
        return [(before, after) for before, after in pairs if before not in (None, after)]

    @property
    def wrong(self) -> int:
        """How many rows are left out."""
        return len({number for number, _label, _said in self.errors})

    @property
    def unchanged(self) -> int:
        """How many agencies stay as they are."""
        return len(self.rows) - len(self.new) - len(self.changed)


def stage(rows: Iterable[dict[str, str]], errors: Iterable[tuple[int, str, str]] = ()) -> Upload:
    """Keep these rows until they are confirmed."""
    kept = {"rows": list(rows), "errors": [[number, str(label), str(said)] for number, label, said in errors]}
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True)
    key = hashlib.sha256(text.encode()).hexdigest()[:32]
    Setting.keep(_WAITING, json.dumps({"key": key, "at": now(), **kept}, ensure_ascii=False))
    return uploaded(key)


def uploaded(key: str) -> Upload:
    """What waits under this key. Raises `UploadGone`."""
    waiting = _waiting()
    if waiting is None or waiting["key"] != key or waiting["at"] <= now() - WAITS:
        raise UploadGone
    return Upload(key, waiting["rows"], [tuple(error) for error in waiting["errors"]])


def confirm(action: str, key: str) -> tuple[int, int]:
    """Write what waits, and note it as `action`; give how many agencies are new and how many changed.

    Raises `UploadGone`.
    """
    with database.atomic():
        upload = uploaded(key)
        new, changed = upload.new, [after for _before, after in upload.changed]
        for agency in (*new, *changed):
            _keep(agency)
        discard(key)
        _changed(action)
    return len(new), len(changed)


def discard(key: str) -> None:
    """Forget what waits under this key; a second time changes nothing."""
    waiting = _waiting()
    if waiting and waiting["key"] == key:
        Setting.delete().where(Setting.name == _WAITING).execute()


def set_open(action: str, agency: Agency, is_open: bool) -> None:
    """Let an agency take registrations or none, and note it as `action`. Raises `IsDefault`."""
    if not is_open and agency.code == preferences.current().default_agency:
        raise IsDefault
    with database.atomic():
        _keep(replace(agency, is_open=is_open))
        _changed(action)


def purge() -> int:
    """Delete what has waited for more than its hour; give how many."""
    waiting = _waiting()
    if waiting is None or waiting["at"] > now() - WAITS:
        return 0
    return Setting.delete().where(Setting.name == _WAITING).execute()


def _waiting() -> dict | None:
    row = Setting.get_or_none(Setting.name == _WAITING)
    return json.loads(row.value) if row else None


def _after(row: dict[str, str]) -> Agency:
    """The agency as the row would leave it; an empty cell changes nothing, and a closed one stays closed."""
    before = agencies.find(row["code"])
    said = {name: value for name, value in row.items() if value and name != "communes"}
    known = {**(asdict(before) if before else {"former_name": "", "address": ""}), **said}
    communes = tuple(row.get("communes", "").split())
    return Agency(**{**known, "communes": communes or (before.communes if before else ())})


def _keep(agency: Agency) -> None:
    row = {**asdict(agency), "communes": " ".join(agency.communes)}
    changes = [ListedAgency._meta.fields[name] for name in row if name != "code"]
    ListedAgency.insert(**row).on_conflict(conflict_target=[ListedAgency.code], preserve=changes).execute()


def _changed(action: str) -> None:
    # Never the same twice: whoever has read the list of one version may keep it.
    preferences.change(action, agencies_version=secrets.token_hex(8))
