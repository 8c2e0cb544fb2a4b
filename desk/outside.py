"""What the desk leans on outside of itself: whether it does its work, and a try."""

from dataclasses import dataclass

from models import Message, Staff, database, now, take_turns
from services import codes, official, outbox
from services.outbox import Letter, health
from services.outbox.health import Health
from services.sms import meter

TEST = "test"
TESTS_PER_HOUR = 5
HOUR = 60 * 60
# A test that nobody has answered for so long will not be answered while somebody looks.
SOON = 60


class CannotTry(Exception):
    """Enough tests were sent in the last hour, none may be sent any more this month, or there is nothing to try."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What it is known by (empty where none is set), its last success and failure, and whether a try is under way."""

    place: str
    health: Health
    is_busy: bool = False

    @property
    def state(self) -> str:
        """`unset`, `untried`, `well` or `failing`."""
        if not self.place:
            return "unset"
        if not self.health.taken_at and not self.health.failed_at:
            return "untried"
        return "well" if self.health.is_well else "failing"


def of(means: str) -> Outside:
    """How what sends this means does."""
    sender = outbox.senders().get(means)
    if sender is None:
        return Outside("", Health())
    under_way = _tests(means).where((Message.state == Message.WAITING) & (Message.created_at > now() - SOON))
    return Outside(sender.place, health.of(means), under_way.where(Message.answer == "").exists())


def portal() -> Outside:
    """How the portal does that has the official Form 01; `answer` is the outcome of the last failure and its detail."""
    place, newest, kept = official.place(), official.newest_try(), official.kept(official.PORTAL)
    bad = official.newest_failure()
    answer = f"{bad.outcome} {bad.detail}".strip() if bad else ""
    seen = Health(kept.seen_at if kept else 0, bad.ended_at if bad else 0, answer)
    return Outside(place, seen, newest is not None and newest.ended_at is None)


def ask_portal() -> None:
    """Have it asked once more. Raises `CannotTry`."""
    if not official.place():
        raise CannotTry
    official.begin()


def send_test(staff: Staff, means: str, letter: Letter) -> None:
    """Send a test message, to be seen by whoever asked for it. Raises `CannotTry`."""
    with database.atomic():
        # The same turn as for codes: both are counted against the month.
        take_turns(codes.TURN)
        recent = _tests(means).where(Message.created_at > now() - HOUR)
        is_spent = means == outbox.SMS and meter.read().is_spent
        if is_spent or not outbox.sends(means) or recent.count() >= TESTS_PER_HOUR:
            raise CannotTry
        row = outbox.post(means, TEST, letter, unit_id=staff.unit_id, until=now() + HOUR)
    outbox.send_out(row)


def _tests(means: str):
    return Message.select().where((Message.means == means) & (Message.purpose == TEST))
