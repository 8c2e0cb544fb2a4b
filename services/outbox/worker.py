"""The worker: a few threads that send what is due, in the server or in a process of their own."""

import logging
import threading
import time

from peewee import PeeweeException

from models import Message, database
from services.outbox.reports import ask_after, claim_look, note
from services.outbox.sending import Claim, Outcome, attempt, claim_next, deliver, record

# One gateway that hangs must not hold back the messages of another.
THREADS = 4
# Between two looks into the outbox, in seconds; what this process itself has written is sent without waiting.
PAUSE = 2
# Between the tries to write down that a message was taken; a message whose outcome is unknown is sent again.
AGAIN = (0.5, 2, 5, 10)

log = logging.getLogger(__name__)

_awake = threading.Condition()


def send_out(row: Message) -> None:
    """Have a message sent that was just committed: at once if its sender never waits, else by a worker that is woken.

    Where this process has no worker, another one finds the message at its next look.
    """
    deliver(row)
    with _awake:
        _awake.notify()


class Worker:
    """Sends until it is stopped. Any number of workers may share one database."""

    def __init__(self, threads: int = THREADS, pause: float = PAUSE):
        self._pause = pause
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._run, name=f"outbox-{n}", daemon=True) for n in range(threads)]

    def start(self) -> "Worker":
        """Begin to send."""
        for thread in self._threads:
            thread.start()
        return self

    def stop(self, seconds: float = 10) -> None:
        """Begin no further message, and wait for those under way."""
        self._stopped.set()
        with _awake:
            _awake.notify_all()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        while not self._stopped.is_set():
            if not self._do_one():
                with _awake:
                    if not self._stopped.is_set():
                        _awake.wait(self._pause)

    def _do_one(self) -> bool:
        """Send one message, or ask after one; give whether there was anything to do."""
        try:
            return self._send_one() or self._ask_after_one()
        except PeeweeException as problem:
            log.error("outbox: %s", str(problem).partition("\n")[0])
        except Exception as problem:  # A thread that ends would send nothing any more.
            log.error("outbox: %s", type(problem).__name__)
        return False

    def _send_one(self) -> bool:
        with database.connection_context():
            claim = claim_next()
        if claim is None:
            return False
        # The gateway is waited for without a connection in hand.
        self._record(claim, attempt(claim))
        return True

    def _ask_after_one(self) -> bool:
        with database.connection_context():
            look = claim_look()
        if look is None:
            return False
        report = ask_after(look)
        if report:
            with database.connection_context():
                note(look.key, report)
        return True

    def _record(self, claim: Claim, outcome: Outcome) -> None:
        for pause in AGAIN:
            try:
                with database.connection_context():
                    record(claim, outcome)
            except PeeweeException:
                self._stopped.wait(pause)
            else:
                return
        log.error("outbox: the outcome of message %s could not be written", claim.id)
