"""What messages cost: a number of them for each calendar month, after which HR reads codes out.

Counted in the transaction that makes the message, so that the last one is the last however many ask at once.
"""

from dataclasses import dataclass

from services import outbox

# Shares of the month's number, in per cent, from which HR is told.
WARNINGS = (50, 75, 100)

_per_month = 0


@dataclass(frozen=True, slots=True)
class Meter:
    """So many messages went out this month, of so many that may (0: as many as there are)."""

    sent: int
    most: int

    @property
    def share(self) -> int:
        """In whole per cent; 0 without a limit."""
        return self.sent * 100 // self.most if self.most else 0

    @property
    def warning(self) -> int:
        """The highest of `WARNINGS` that was reached, or 0."""
        return max((warning for warning in WARNINGS if warning <= self.share), default=0)

    @property
    def is_spent(self) -> bool:
        """Whether no further message may go out this month."""
        return self.warning == WARNINGS[-1]


def use(per_month: int) -> None:
    """Set how many messages may go out each month; 0 sets no limit."""
    global _per_month
    _per_month = per_month


def read() -> Meter:
    """How it stands now."""
    return Meter(outbox.sent_this_month(outbox.SMS), _per_month)
