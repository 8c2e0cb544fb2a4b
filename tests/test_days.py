"""Time limits as people count them: whole days in Vietnam, from Monday to Friday where the law says working days."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.days import VIETNAM, after_days, after_working_days, local

MOMENTS = st.integers(min_value=946_684_800, max_value=4_102_444_800)
COUNTS = st.integers(min_value=1, max_value=30)


def at(text: str) -> int:
    """The second of a moment in Vietnam."""
    return int(datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=VIETNAM).timestamp())


def day(seconds: int) -> str:
    return local(seconds).strftime("%a %d/%m/%Y %H:%M:%S")


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("23/11/2026 08:00", "Wed 25/11/2026 23:59:59"),
        ("25/11/2026 23:59", "Fri 27/11/2026 23:59:59"),
        ("26/11/2026 00:00", "Mon 30/11/2026 23:59:59"),
        ("27/11/2026 17:00", "Tue 01/12/2026 23:59:59"),
        ("28/11/2026 09:00", "Tue 01/12/2026 23:59:59"),
        ("29/11/2026 23:59", "Tue 01/12/2026 23:59:59"),
        ("31/12/2026 08:00", "Mon 04/01/2027 23:59:59"),
    ],
)
def test_two_working_days_leave_out_saturday_and_sunday(asked, due):
    assert day(after_working_days(at(asked), 2)) == due


def test_a_day_begins_at_midnight_in_vietnam_and_not_in_greenwich():
    evening = int(datetime(2026, 11, 23, 17, 0, tzinfo=UTC).timestamp())
    assert day(after_days(evening - 1, 10)) == "Thu 03/12/2026 23:59:59"
    assert day(after_days(evening, 10)) == "Fri 04/12/2026 23:59:59"


@given(MOMENTS, COUNTS)
def test_a_limit_in_days_ends_with_the_last_second_of_its_day(asked, count):
    due = after_days(asked, count)
    assert (local(due).date() - local(asked).date()).days == count
    assert local(due + 1).date() == local(due).date() + timedelta(days=1)


@given(MOMENTS, COUNTS)
def test_a_limit_in_working_days_leaves_exactly_so_many_of_them(asked, count):
    due = after_working_days(asked, count)
    after = [
        local(asked).date() + timedelta(days=n) for n in range(1, (local(due).date() - local(asked).date()).days + 1)
    ]
    assert len([each for each in after if each.isoweekday() <= 5]) == count
    assert local(due).isoweekday() <= 5
    assert local(due + 1).date() == local(due).date() + timedelta(days=1)


@given(MOMENTS, COUNTS)
def test_working_days_are_never_fewer_days_and_a_later_question_is_never_due_earlier(asked, count):
    assert after_working_days(asked, count) >= after_days(asked, count)
    assert after_working_days(asked + 3600, count) >= after_working_days(asked, count)
