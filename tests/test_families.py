"""Families at the desk, in any order: a few fixed runs here; a thousand others by `python -m benchmarks families`."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.families import Desk, machine

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
RUNS, STEPS = 16, 30


@SQLITE_ONLY
def test_whatever_families_and_hr_do_in_whatever_order_nothing_is_lost_doubled_or_sent_unfit(app):
    desk = Desk(app)
    few = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine(desk), settings=few)
    seen = desk.world.seen
    # They did get somewhere.
    for what in ("adults submitted", "childs submitted", "moves", "came back", "POST 409", "POST 422"):
        assert seen[what], what
