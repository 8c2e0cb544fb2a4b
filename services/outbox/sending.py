"""Taking messages out of the outbox: claimed for a while, handed to their sender, and marked with what it said."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from models import Message, database, locked, now
from services import vault
from services.outbox import health
from services.outbox.letters import Letter, letter_of
from services.outbox.sender import Sender, SendFailed, answer_of

# How long a worker has for one message; its gateway answers within seconds or not at all.
LEASE = 60

# Seconds before each further try: a gateway that is restarted is back soon, one that is broken not today.
PAUSES = (5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600)

# Before a gateway is first asked what became of a message that it took.
FIRST_LOOK = 5

# What says nothing of a gateway.
NOT_THE_GATEWAYS = {"expired", "unreadable", "recipient"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this worker alone sends now: the try's number tells it from a later worker's claim."""

    id: int
    key: str
    means: str
    until: int
    answer: str
    letter: Letter
    number: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try: taken by the gateway, which calls it `gateway_id`, or not, as `answer` tells."""

    gateway_id: str = ""
    answer: str = ""
    is_final: bool = False


_senders: dict[str, Sender] = {}


def use(by_means: dict[str, Sender]) -> None:
    """Send each means ("sms", "mail") by this sender; the others wait."""
    _senders.clear()
    _senders.update(by_means)


def senders() -> dict[str, Sender]:
    """The senders by their means."""
    return _senders


def sends(means: str) -> bool:
    """Whether messages of this means can be sent at all."""
    return means in _senders


def deliver(row: Message) -> None:
    """Send a message that was just committed, if its sender never waits; all others are the worker's."""
    if row.means not in _senders or not _senders[row.means].is_at_once:
        return
    claim = _claimed(Message.id == row.id)
    if claim:
        record(claim, attempt(claim))


def claim_next() -> Claim | None:
    """Claim the message that is due the longest; None when none is."""
    return _claimed(Message.means.in_(list(_senders)))


@contextmanager
def first_of(query) -> Iterator[Message | None]:
    """The first message that the query finds and nobody else has in hand, in a transaction; None when there is none."""
    # Mostly there is nothing, and then no turn as writer is taken from anybody.
    if not query.exists():
        yield None
        return
    with database.atomic():
        yield locked(query, skip=True).first()


def attempt(claim: Claim) -> Outcome:
    """Hand a claimed message to its gateway. Needs no database, and raises nothing that a gateway may cause."""
    if claim.until and now() > claim.until:
        return Outcome(answer=claim.answer or "expired", is_final=True)
    try:
        return Outcome(gateway_id=_senders[claim.means].send(claim.letter, claim.key))
    except SendFailed as problem:
        return Outcome(answer=str(problem), is_final=problem.is_final)
    except Exception as problem:  # An adapter that stumbles must not stop all other messages.
        return Outcome(answer=answer_of("stumbled", type(problem).__name__))


def record(claim: Claim, outcome: Outcome) -> None:
    """Write down what became of a try.

    Whoever was so slow that another has claimed the message since only matters if the gateway took it.
    """
    with database.atomic():
        if outcome.answer:
            _record_failure(claim, outcome)
        else:
            _record_taken(claim, outcome)


def _record_taken(claim: Claim, outcome: Outcome) -> None:
    at = now()
    changes = {"sent_at": at, "answer": "", "gateway_id": outcome.gateway_id[:64], "leased_until": 0}
    changes["due_at"] = at + FIRST_LOOK if _senders[claim.means].tells else 0
    Message.update(state=Message.SENT, **changes).where(
        (Message.id == claim.id) & (Message.state != Message.SENT)
    ).execute()
    health.note_taken(claim.means)


def _record_failure(claim: Claim, outcome: Outcome) -> None:
    log.warning("message %s (%s, try %s) was not taken: %s", claim.id, claim.means, claim.number, outcome.answer)
    if outcome.is_final or claim.number > len(PAUSES):
        changes = {"state": Message.FAILED}
    else:
        changes = {"due_at": now() + PAUSES[claim.number - 1]}
    Message.update(leased_until=0, answer=outcome.answer, **changes).where(
        (Message.id == claim.id) & (Message.tries == claim.number) & (Message.state == Message.WAITING)
    ).execute()
    if outcome.answer.partition(" ")[0] not in NOT_THE_GATEWAYS:
        health.note_failed(claim.means, outcome.answer)


def _claimed(which) -> Claim | None:
    at = now()
    due = (Message.state == Message.WAITING) & (Message.due_at <= at) & (Message.leased_until < at)
    query = Message.select().where(due & which).order_by(Message.due_at, Message.id).limit(1)
    with first_of(query) as row:
        if row is None:
            return None
        number = row.tries + 1
        Message.update(leased_until=at + LEASE, tries=number).where(Message.id == row.id).execute()
    return _complete(row, number)


def _complete(row: Message, number: int) -> Claim | None:
    """The claim with all that its sender needs; None where there is nothing to send, for a reason that is kept."""
    claim = Claim(row.id, row.key, row.means, row.until, row.answer, Letter("", {}), number)
    try:
        return replace(claim, letter=_senders[row.means].complete(row, letter_of(row)))
    except vault.Unreadable:
        record(claim, Outcome(answer="unreadable", is_final=True))
    except Exception as problem:  # A message whose words cannot be made must not stop all others.
        record(claim, Outcome(answer=answer_of("stumbled", type(problem).__name__)))
    return None
