"""Families at the desk, in any order: a thousand runs that nobody has planned, each request judged; faults are counted.

The figure is the share of the runs that hold; the first one that does not is printed and ends it. Other runs each time.
`QUAY_FAMILY_RUNS` says how many.
"""

import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import app as application
import config
import models
from benchmarks.harness import row
from services import accounts
from tests.families import Desk, machine

RUNS, STEPS = 1000, 20
MEMORY = Path("/dev/shm")


def measure() -> Iterator[str]:
    """So many runs, and what was seen in them."""
    runs = int(os.environ.get("QUAY_FAMILY_RUNS", RUNS))
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
    seen = desk.world.seen
    yield row("runs that hold", "1.00", f"{seen['runs']:,} runs, {seen['requests']:,} requests, no fault")
    for what in sorted(seen.keys() - {"runs", "requests"}):
        yield row(f"  {what}", "", f"{seen[what]:,}")
