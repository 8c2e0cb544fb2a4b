"""Asking for a code to look up: a phone that somebody declared, against one that nobody did, in turn on a real server.

Whether a phone is known must not show in the time that the answer takes. The goal is a difference of the medians of
less than ten milliseconds; each phone is asked for once, for a second code within a minute is another case.
"""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from statistics import median

from benchmarks.harness import compare, row
from benchmarks.installation import served
from benchmarks.phone import Phone, Wire
from tests.answers import PERSON
from tests.browser import Browser

PAIRS = 40
MOST = 0.010


def measure() -> Iterator[str]:
    """The times of both, and how far their medians are apart."""
    with served() as (port, messages), closing(Wire(port)) as wire:
        phone = Phone(wire.carry, wire.origin, "gzip")
        known = [f"0912{number:06}" for number in range(PAIRS + 1)]
        for number in known:
            _declare(phone, number)
        unknown = [f"0987{number:06}" for number in range(PAIRS + 1)]
        compared = compare(lambda: _ask(phone, known.pop()), lambda: _ask(phone, unknown.pop()), PAIRS)
        time.sleep(1)
        sent = {json.loads(path.read_text("utf-8"))["to"] for path in messages.glob("*.json")}
    yield compared.row("POST /lookup, a phone that is known", "one that is not")
    apart = abs(median(compared.ours) - median(compared.baseline))
    verdict = "met" if apart < MOST else "MISSED"
    yield row("medians apart", f"{apart / MOST:.2f}", f"{apart * 1000:.2f} of {MOST * 1000:.0f} ms, {verdict}")
    yield row("of them sent a message", f"{len(sent) / (PAIRS + 1):.2f}", f"{len(sent)}, each to a phone that is known")


def _declare(phone: Phone, number: str) -> None:
    Browser(phone).fill_until("declaration").submit({**PERSON, "phone": number})


def _ask(phone: Phone, number: str) -> float:
    browser = Browser(phone).open("/lookup")
    form = browser.page.select_one("main form[method=post]")
    fields = {"step_token": form.select_one("[name=step_token]")["value"], "phone": number}
    began_at = time.perf_counter()
    answer = phone.post(form["action"], data=fields, headers={}, content_type="multipart/form-data")
    taken = time.perf_counter() - began_at
    if answer.status_code != 303:
        raise RuntimeError(f"POST /lookup: {answer.status_code}")
    return taken
