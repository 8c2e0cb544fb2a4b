"""How a figure is taken: ours and the baseline in turn, a ratio for each pair, the median of the ratios."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Compared:
    """What two things took, pair by pair, in seconds."""

    ours: list[float]
    baseline: list[float]

    @property
    def ratios(self) -> list[float]:
        """Ours over the baseline, of each pair."""
        return [mine / theirs for mine, theirs in zip(self.ours, self.baseline, strict=True)]

    def row(self, what: str, against: str) -> str:
        """The ratio first; the times are for information."""
        ratios = self.ratios
        times = f"{_milliseconds(median(self.ours))} against {_milliseconds(median(self.baseline))} for {against}"
        return row(
            what, f"{median(ratios):.2f}", f"({min(ratios):.2f}–{max(ratios):.2f}, {len(ratios)} pairs)  {times}"
        )


def compare(ours: Callable[[], float], baseline: Callable[[], float], pairs: int) -> Compared:
    """Do both in turn so many times, after one turn that does not count; each tells the seconds that it took."""
    ours()
    baseline()
    taken = [(ours(), baseline()) for _ in range(pairs)]
    return Compared([mine for mine, _theirs in taken], [theirs for _mine, theirs in taken])


def seconds(work: Callable[..., object], *given, clock: Callable[[], float] = time.perf_counter) -> float:
    """How long `work` takes for each of what is given, on average; made ready before the clock runs."""
    began_at = clock()
    for each in given:
        work(each)
    return (clock() - began_at) / len(given)


def goal(what: str, count: int, most: int, more: str = "") -> str:
    """A count of bytes against the most that it may be."""
    verdict = "met" if count <= most else "MISSED"
    return row(what, f"{count / most:.2f}", f"{count:,} of {most:,} bytes, {verdict}{more}")


def row(what: str, figure: str, words: str) -> str:
    """One line of the table."""
    return f"{what:<44} {figure:>7}  {words}"


def _milliseconds(time_taken: float) -> str:
    return f"{time_taken * 1000:.2f} ms"
