"""What is kept of the official blank: one from the portal, one that HR has uploaded, and how the tries went."""

import secrets
from hashlib import sha256
from itertools import takewhile

from models import OfficialFetch, OfficialForm, Staff, database, now, take_turns
from services import audit, preferences
from services.official.address import place_of
from services.official.blank import Blank
from services.official.fetching import NEVER_SEEN, Mark
from services.official.why import Why

PORTAL, UPLOADED = "portal", "uploaded"
# How a try ended well: with a file, or with the word that it is still the same.
TAKEN, SAME = "taken", "same"

DAY = 24 * 60 * 60
# After so many failures in a row the next try comes after so many seconds; after more, once a day.
PAUSES = (5 * 60, 15 * 60, 60 * 60, 4 * 60 * 60, 12 * 60 * 60)
# Longer than any try takes. Whoever has not ended by then is gone.
LEASE = 2 * 60
# Tries that are kept, for whoever wants to see how it went.
KEPT = 20

_TURN = "official form"
_LIGHT = [field for field in OfficialForm._meta.sorted_fields if field.name != "pdf"]


def offered() -> OfficialForm | None:
    """The official blank that is given out, without its bytes; the one that HR has uploaded comes first."""
    return kept(UPLOADED) or kept(PORTAL)


def kept(source: str) -> OfficialForm | None:
    """The blank of this source, without its bytes. One that came from another address than today's is none."""
    row = _row(source)
    url = preferences.current().form01_url
    is_of_today = row is not None and (source == UPLOADED or (url and row.url == url))
    return row if is_of_today else None


def pdf_of(row: OfficialForm) -> bytes:
    """The bytes of a blank that is kept; of its successor where that has come meanwhile, nothing where it is gone."""
    found = OfficialForm.select(OfficialForm.pdf).where(OfficialForm.source == row.source).first()
    return bytes(found.pdf) if found else b""


def tries() -> list[OfficialFetch]:
    """The last tries, newest first."""
    return list(OfficialFetch.select().order_by(OfficialFetch.id.desc()).limit(KEPT))


def place() -> str:
    """The host of today's address; empty where none is set."""
    url = preferences.current().form01_url
    return place_of(url).name if url else ""


def newest_failure() -> OfficialFetch | None:
    """The last try at today's address that ended badly."""
    url = preferences.current().form01_url
    return next((row for row in tries() if row.url == url and row.outcome not in {"", TAKEN, SAME}), None)


def newest_try() -> OfficialFetch | None:
    """The last try at today's address."""
    newest = _newest()
    return newest if newest and newest.url == preferences.current().form01_url else None


def claim(*, is_asked: bool = False) -> OfficialFetch | None:
    """Begin a try if one is due, or asked for, and nobody is at it; else, and where there is no address, None."""
    url = preferences.current().form01_url
    # Most looks end here, without holding anybody up.
    if not url or not _is_free(url, _newest(), is_asked):
        return None
    with database.atomic():
        take_turns(_TURN)
        newest = _newest()
        if not _is_free(url, newest, is_asked):
            return None
        if newest and newest.ended_at is None:
            _end(newest, Why.INTERRUPTED.value, "", now())
        row = OfficialFetch.create(url=url)
        OfficialFetch.delete().where(OfficialFetch.id <= row.id - KEPT).execute()
    return row


def known(url: str) -> Mark:
    """How the portal marked what is kept of this address."""
    row = _row(PORTAL)
    return Mark(row.etag, row.last_modified) if row and row.url == url else NEVER_SEEN


def failed(fetch: OfficialFetch, outcome: str, detail: str = "") -> None:
    """Note how a try failed; the next one waits the longer, the more have failed."""
    with database.atomic():
        take_turns(_TURN)
        earlier = [row.outcome for row in tries() if row.id < fetch.id and row.url == fetch.url]
        count = len(list(takewhile(lambda each: each not in {TAKEN, SAME}, earlier)))
        pause = PAUSES[count] if count < len(PAUSES) else DAY
        _end(fetch, outcome, detail, now() + _about(pause))


def confirmed(fetch: OfficialFetch) -> None:
    """Note that the portal still has the same file."""
    with database.atomic():
        take_turns(_TURN)
        if _end(fetch, SAME, "", now() + _about(DAY)):
            mine = (OfficialForm.source == PORTAL) & (OfficialForm.url == fetch.url)
            OfficialForm.update(seen_at=now()).where(mine).execute()


def taken(fetch: OfficialFetch, data: bytes, blank: Blank, mark: Mark) -> None:
    """Keep what the portal gave; the audit log tells when it is another file than before."""
    with database.atomic():
        take_turns(_TURN)
        last = _row(PORTAL)
        is_same = last is not None and (last.url, last.sha256) == (fetch.url, sha256(data).hexdigest())
        if not _end(fetch, SAME if is_same else TAKEN, "", now() + _about(DAY)):
            return
        marks = {"etag": mark.etag, "last_modified": mark.last_modified}
        if is_same:
            OfficialForm.update(seen_at=now(), **marks).where(OfficialForm.source == PORTAL).execute()
            return
        _keep(PORTAL, data, blank, url=fetch.url, **marks)
        audit.note("renew_official")


def upload(staff: Staff, data: bytes, blank: Blank) -> None:
    """Give out this one, whatever the portal has, until it is removed."""
    with database.atomic():
        take_turns(_TURN)
        _keep(UPLOADED, data, blank, staff=staff)
        audit.note("upload_official")


def remove() -> None:
    """Give out the portal's again."""
    with database.atomic():
        take_turns(_TURN)
        OfficialForm.delete().where(OfficialForm.source == UPLOADED).execute()
        audit.note("remove_official")


def _row(source: str) -> OfficialForm | None:
    return OfficialForm.select(*_LIGHT).where(OfficialForm.source == source).first()


def _newest() -> OfficialFetch | None:
    return OfficialFetch.select().order_by(OfficialFetch.id.desc()).first()


def _is_under_way(fetch: OfficialFetch | None) -> bool:
    """Whether somebody is at it."""
    return fetch is not None and fetch.ended_at is None and abs(now() - fetch.began_at) < LEASE


def _is_free(url: str, newest: OfficialFetch | None, is_asked: bool) -> bool:
    """Whether a try may begin now. Another address than the last one is not kept waiting."""
    if _is_under_way(newest):
        return False
    # Later than that was reckoned by a clock that went wrong.
    is_waiting = newest is not None and now() < (newest.due_at or 0) <= now() + 2 * DAY
    return is_asked or not is_waiting or newest.url != url


def _about(seconds: int) -> int:
    """Up to a tenth more, so that a thousand desks do not all ask at the same second."""
    return seconds + secrets.randbelow(seconds // 10)


def _end(fetch: OfficialFetch, outcome: str, detail: str, due_at: int) -> bool:
    """End the try; give whether it was not ended before, by somebody who took it for lost."""
    clean = "".join(each for each in detail if each.isprintable())[:100]
    mine = (OfficialFetch.id == fetch.id) & OfficialFetch.ended_at.is_null()
    change = {"outcome": outcome, "detail": clean, "ended_at": now(), "due_at": due_at}
    return bool(OfficialFetch.update(**change).where(mine).execute())


def _keep(source: str, data: bytes, blank: Blank, **more) -> None:
    OfficialForm.delete().where(OfficialForm.source == source).execute()
    OfficialForm.create(
        source=source,
        pdf=data,
        thumbnail=blank.thumbnail,
        sha256=sha256(data).hexdigest(),
        size=len(data),
        pages=blank.pages,
        **more,
    )
