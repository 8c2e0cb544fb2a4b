"""Limits on trying: each try is counted, in the database and before anything is compared."""

from models import Attempt, database, now, take_turns
from services import vault

TURN = "attempts"


class TooMany(Exception):
    """The limit is reached; `retry_after` is in seconds."""

    def __init__(self, retry_after: int):
        super().__init__("too many tries")
        self.retry_after = retry_after


def spend(purpose: str, subject: str, limits: tuple[tuple[int, int], ...]) -> bool:
    """Count one try at `purpose` for `subject`; give whether it was the last that the limits allow for now.

    `limits` are pairs of tries and seconds. Raises `TooMany` when one is reached already; such a try is not counted.
    """
    hashed = vault.keyed_hash(purpose, subject)
    with database.atomic():
        take_turns(TURN)
        at = now()
        made = [(most, window, Attempt.count_since(purpose, hashed, at - window)) for most, window in limits]
        waits = [window for most, window, count in made if count >= most]
        if waits:
            raise TooMany(max(waits))
        Attempt.create(purpose=purpose, subject=hashed)
    return any(count + 1 >= most for most, _window, count in made)


def forget(purpose: str, subject: str) -> None:
    """Let the tries at `purpose` for `subject` count no more: one has succeeded."""
    Attempt.delete().where(
        (Attempt.purpose == purpose) & (Attempt.subject == vault.keyed_hash(purpose, subject))
    ).execute()
