"""Fetching it again once a day, and whenever somebody asks: always by a thread that nobody waits for.

Every process looks now and then whether a try is due; the first that claims it makes it.
"""

import logging
import threading

from peewee import PeeweeException

from models import OfficialFetch, database
from services.official import blank, keeping
from services.official.address import place_of
from services.official.fetching import fetch
from services.official.why import NoBlank, Why

# Between two looks, in seconds; a look is one small query.
EVERY = 10

log = logging.getLogger("quay.official")

_given = ""
_open: set[threading.Thread] = set()


def use(url: str) -> None:
    """Trust this address of the environment, wherever it lies. Raises `ValueError` for what is no address."""
    global _given
    if url:
        place_of(url)
    _given = url


def start(every: float = EVERY) -> threading.Event:
    """Begin; the thread ends with the process, or when the event that is given back is set."""
    stopped = threading.Event()
    threading.Thread(target=_run, args=(stopped, every), name="official", daemon=True).start()
    return stopped


def begin() -> None:
    """Begin a try that somebody asks for, if nobody is at it and there is an address; another thread makes it."""
    claimed = keeping.claim(is_asked=True)
    if claimed:
        thread = threading.Thread(target=_attempt, args=(claimed,), name="official-now", daemon=True)
        _open.add(thread)
        thread.start()


def settle() -> None:
    """Wait for the tries that were begun here."""
    for thread in list(_open):
        thread.join()


def work(*, is_asked: bool = False) -> OfficialFetch | None:
    """Make a try, if one is due or asked for; give how it ended, None where there was nothing to do."""
    with database.connection_context():
        claimed = keeping.claim(is_asked=is_asked)
    if claimed is None:
        return None
    _attempt(claimed)
    with database.connection_context():
        return OfficialFetch.get_or_none(OfficialFetch.id == claimed.id)


def _run(stopped: threading.Event, every: float) -> None:
    while not stopped.is_set():
        try:
            work()
        except Exception as problem:  # Whatever it was, tomorrow must not go without.
            log.error("the official form: %s", type(problem).__name__)
        stopped.wait(every)


def _attempt(claimed: OfficialFetch) -> None:
    """Make the try. Where not even its end can be noted, the claim lapses and somebody else tries again."""
    try:
        _take(claimed)
    except NoBlank as refused:
        _note_failure(claimed, refused.why, refused.detail)
    except Exception as problem:
        _note_failure(claimed, Why.FAULT, type(problem).__name__)
    finally:
        _open.discard(threading.current_thread())


def _take(claimed: OfficialFetch) -> None:
    """Fetch, check and keep; without a connection in hand while the portal is waited for."""
    with database.connection_context():
        known = keeping.known(claimed.url)
    answer = fetch(claimed.url, known, is_trusted=claimed.url == _given)
    found = blank.check(answer.data) if answer.data is not None else None
    with database.connection_context():
        if found is None:
            keeping.confirmed(claimed)
        else:
            keeping.taken(claimed, answer.data, found, answer.mark)


def _note_failure(claimed: OfficialFetch, why: Why, detail: str) -> None:
    log.warning("the official form was not fetched: %s", why.value)
    try:
        with database.connection_context():
            keeping.failed(claimed, why.value, detail)
    except PeeweeException as problem:
        log.error("the official form: %s", type(problem).__name__)
