"""Families at the desk, in any order: a thousand runs that nobody has planned, each request judged; faults are counted.

The figure is the share of the runs that hold; the first one that does not is printed and ends it. They are other runs
each time, shared out among the processors. `tests/families.py` tells what may happen, `tests/world.py` what may not.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import app as application
import config
import models
from benchmarks.harness import row
from services import accounts
from tests.families import Desk, machine

RUNS, STEPS, PROCESSES = 1000, 12, 2
MEMORY = Path("/dev/shm")


def measure() -> Iterator[str]:
    """So many runs, and what was seen in them."""
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as processes:
        seen = sum(processes.map(live, [RUNS // PROCESSES] * PROCESSES), Counter())
    yield row("runs that hold", "1.00", f"{seen['runs']:,} runs, {seen['requests']:,} requests, no fault")
    for what in sorted(seen.keys() - {"runs", "requests"}):
        yield row(f"  {what}", "", f"{seen[what]:,}")


def live(runs: int) -> Counter:
    """So many runs at a desk of their own; what was seen. Raises whatever fault is found."""
    # scrypt is slow on purpose, and HR signs in all the time.
    accounts.check_password_hash = cache(accounts.check_password_hash)
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        data = Path(folder) / "data"
        data.mkdir(mode=0o700)
        environ = {"QUAY_DATA": str(data), "QUAY_SMS_URL": (Path(folder) / "sms").as_uri()}
        desk = Desk(application.create_app(config.read(environ)))
        many = settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(machine(desk), settings=many)
        models.close()
    return desk.world.seen
