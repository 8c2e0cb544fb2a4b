"""What the server does once a day by itself: delete what is older than its time.

Every process has such a thread; the first that claims the day does the work. It is done after two in the morning, or as
soon as the server runs again.
"""

import logging
import threading

from models import Setting, database, now, take_turns
from services import retention
from services.days import local

EVERY = 10 * 60
HOUR = 2

_CLAIM = "purged_on"

log = logging.getLogger("quay.nightly")


def start(every: float = EVERY) -> threading.Event:
    """Begin; the thread ends with the process, or when the event that is given back is set."""
    stopped = threading.Event()
    threading.Thread(target=_run, args=(stopped, every), name="nightly", daemon=True).start()
    return stopped


def work() -> dict[str, int] | None:
    """Purge, if it is time and nobody has done it today; give the counts, None where there was nothing to do."""
    with database.connection_context():
        if local(now()).hour < HOUR or not _claim(_today()):
            return None
        try:
            deleted = retention.purge()
        except BaseException:
            _give_back()
            raise
    log.info("purged: %s", ", ".join(f"{what} {count}" for what, count in deleted.items()))
    return deleted


def _run(stopped: threading.Event, every: float) -> None:
    while not stopped.wait(every):
        try:
            work()
        except Exception as problem:  # Whatever it was, the next night must not go without.
            # Tried again the next time; not in the problem's own words: a database quotes the row that it refused.
            log.error("the nightly purge failed: %s", type(problem).__name__)


def _today() -> str:
    return local(now()).date().isoformat()


def _claim(day: str) -> bool:
    with database.atomic():
        take_turns(_CLAIM)
        kept = Setting.get_or_none(Setting.name == _CLAIM)
        if kept and kept.value >= day:
            return False
        Setting.keep(_CLAIM, day)
    return True


def _give_back() -> None:
    Setting.delete().where(Setting.name == _CLAIM).execute()
