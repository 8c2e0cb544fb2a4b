"""Wrong codes close a phone, whoever enters them (docs/decisions/0035).

Counted by phone and by what the code is for, for a day. Call all of it in the transaction that looks at the code.
"""

from collections import defaultdict

from models import Attempt, now

WRONG = "code"
FREE = 5
PER_DAY = 10
# The fifth wrong try closes the phone for a quarter of an hour, each further one for twice as long as the last.
LOCK = 15 * 60
DAY = 24 * 60 * 60


def closed_for(hashed: str, purpose: str) -> int:
    """For how many seconds no code is looked at for the phone with this hash; 0 while it is open."""
    at = now()
    wrong = Attempt.select(Attempt.made_at).where(_of(hashed, purpose) & (Attempt.made_at > at - DAY))
    return _wait([row.made_at for row in wrong.order_by(Attempt.made_at)], at)


def closed() -> list[tuple[str, str]]:
    """Every phone that is closed, by its hash, with what its codes are for."""
    at, times = now(), defaultdict(list)
    wrong = Attempt.select().where(Attempt.purpose.startswith(f"{WRONG} ") & (Attempt.made_at > at - DAY))
    for row in wrong.order_by(Attempt.made_at):
        times[row.subject, row.purpose.removeprefix(f"{WRONG} ")].append(row.made_at)
    return [phone for phone, made in times.items() if _wait(made, at)]


def count_wrong(hashed: str, purpose: str) -> None:
    """A wrong code was entered for this phone."""
    Attempt.create(purpose=f"{WRONG} {purpose}", subject=hashed)


def forget(hashed: str, purpose: str) -> None:
    """HR has seen whose phone it is, and opens it."""
    Attempt.delete().where(_of(hashed, purpose)).execute()


def _wait(times: list[int], at: int) -> int:
    if len(times) >= PER_DAY:
        return max(1, times[-PER_DAY] + DAY - at)
    return max(0, times[-1] + LOCK * 2 ** (len(times) - FREE) - at) if len(times) >= FREE else 0


def _of(hashed: str, purpose: str):
    return (Attempt.purpose == f"{WRONG} {purpose}") & (Attempt.subject == hashed)
