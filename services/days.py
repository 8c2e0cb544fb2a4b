"""Days as Vietnam counts them: one time zone, no summer time; a time limit ends with its last day."""

from datetime import UTC, date, datetime, time, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))
SATURDAY = 5


def local(seconds: int) -> datetime:
    """A second since 1970 by the clock of Vietnam."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(VIETNAM)


def month_began(seconds: int) -> int:
    """The first second of the month of `seconds`."""
    return int(local(seconds).replace(day=1, hour=0, minute=0, second=0).timestamp())


def after_days(seconds: int, count: int) -> int:
    """The last second of the day that comes `count` days after the one of `seconds`."""
    return _end_of(local(seconds).date() + timedelta(days=count))


def after_working_days(seconds: int, count: int) -> int:
    """The last second of the `count`-th day from Monday to Friday after the day of `seconds`.

    Public holidays are not known here, so they count as working days: the limit is never told too late.
    """
    day = local(seconds).date()
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return _end_of(day)


def _end_of(day: date) -> int:
    return int(datetime.combine(day, time(23, 59, 59), VIETNAM).timestamp())
