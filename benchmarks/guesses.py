"""10,000 guesses at one phone's codes: how many are looked at (at most ten), how many messages a stranger can cause.

Over HTTP against a real server, from many threads, over 50 drafts of one phone, each request with an address of its
own in X-Forwarded-For; the server is killed and started again in the middle.
"""

import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import app as application
import config
import models
import tokens
from benchmarks.harness import row
from models import Attempt, Code, database
from services import code_limits, codes, tries
from services.drafts import phone_hash
from tests.dossiers import fill
from tests.messages import messages
from tests.server import Server

GUESSES, DRAFTS, CLIENTS = 10_000, 50, 8
NUMBERS, CAP = 500, 300
PAIRS = 60
PHONE, KNOWN, UNKNOWN = "0912345678", "0987000001", "0987000002"
TOKEN = re.compile(r'name="step_token"[^>]* value="([^"]+)"')


def measure() -> Iterator[str]:
    """What a stranger gets out of it."""
    with tempfile.TemporaryDirectory(prefix="quay-benchmark-") as name:
        folder = Path(name)
        sms = folder / "sms"
        environ = {
            "QUAY_DATA": f"{folder}/data",
            "QUAY_SMS_URL": sms.as_uri(),
            "QUAY_CODES_PER_DAY": str(CAP),
        }
        drafts = _declare(environ)
        stranger = Stranger(folder, environ)
        try:
            yield from _guess(stranger, environ, drafts, sms)
            yield from _numbers(stranger, sms)
            yield _times(stranger)
        finally:
            stranger.server.stop()


class Stranger:
    """Asks a server that may have been started anew meanwhile; each time from another made-up address."""

    def __init__(self, folder: Path, environ: dict[str, str]):
        self._folder, self._environ = folder, environ
        self.server = Server(folder, environ).wait()
        self._asked = 0

    def restart(self) -> None:
        """Kill the server and start it again."""
        self.server.kill()
        self.server = Server(self._folder, self._environ).wait()

    def post(self, path: str, **form: str) -> int:
        """Send a form until somebody answers; gives the status."""
        self._asked += 1
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": f"10.{self._asked // 65536 % 256}.{self._asked // 256 % 256}.{self._asked % 256}",
        }
        for _ in range(3000):
            try:
                return self.server.ask("POST", path, urlencode(form), headers)[0]
            except (OSError, HTTPException):
                time.sleep(0.01)
        raise AssertionError("nobody answers")

    def token(self, path: str) -> str:
        """The hidden field of a page."""
        return TOKEN.search(self.server.ask("GET", path)[2])[1]


def _declare(environ: dict[str, str]) -> list:
    application.create_app(config.read(environ))
    with database.connection_context():
        drafts = [fill(PHONE) for _ in range(DRAFTS)]
        for number in range(NUMBERS):
            fill(f"09123{number:05}")
        fill(KNOWN)
    models.close()
    return drafts


def _guess(stranger: Stranger, environ, drafts, sms: Path) -> Iterator[str]:
    send = [tokens.sign_step(draft.ticket("send-code")) for draft in drafts]
    confirm = [tokens.sign_step(draft.ticket("confirm")) for draft in drafts]

    def guess(number: int) -> int:
        if number == GUESSES // 2:
            stranger.restart()
        draft = number % DRAFTS
        if number % 100 == draft:
            stranger.post("/register/adult/send-code", step_token=send[draft])
        return stranger.post("/register/adult/confirm", step_token=confirm[draft], code=f"{number:06}")

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = Counter(clients.map(guess, range(GUESSES)))
    models.use(config.read(environ).database_url)
    with database.connection_context():
        looked_at = Attempt.select().where(Attempt.purpose.startswith(tries.WRONG)).count()
        most = max((codes.TRIES - code.tries_left for code in Code.select()), default=0)
        sent = Code.select().where(Code.phone_hash == phone_hash(PHONE)).count()
    models.close()
    told = ", ".join(f"{count} × {status}" for status, count in sorted(answers.items()))
    yield row(f"{GUESSES:,} guesses: looked at", str(looked_at), f"of 10, {_verdict(looked_at, 10)}; {told}")
    yield row("  most at one code", str(most), f"of {codes.TRIES}, {_verdict(most, codes.TRIES)}")
    yield row("  messages to this phone", str(sent), f"of {code_limits.PER_DAY}, {_verdict(sent, code_limits.PER_DAY)}")
    yield row("  files that the gateway got", str(len(messages(sms))), "the same number")


def _numbers(stranger: Stranger, sms: Path) -> Iterator[str]:
    token = stranger.token("/lookup")

    def ask(number: int) -> int:
        return stranger.post("/lookup", step_token=token, phone=f"09123{number:05}")

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = Counter(clients.map(ask, range(NUMBERS)))
    count = len(messages(sms))
    told = ", ".join(f"{many} × {status}" for status, many in sorted(answers.items()))
    words = f"of {CAP} a day for all, {'met' if count == CAP else 'MISSED'}; {told}"
    yield row(f"{NUMBERS} numbers asked for: messages in all", str(count), words)


def _times(stranger: Stranger) -> str:
    """The cap is reached, so both are refused alike; what is compared is the way there."""
    token, taken = stranger.token("/lookup"), {KNOWN: [], UNKNOWN: []}
    for _ in range(PAIRS):
        for phone, times in taken.items():
            began_at = time.perf_counter()
            stranger.post("/lookup", step_token=token, phone=phone)
            times.append(time.perf_counter() - began_at)
    known, unknown = (median(times) * 1000 for times in taken.values())
    apart = abs(known - unknown)
    words = f"ms of 10, {_verdict(apart, 10)}; {known:.1f} against {unknown:.1f} ms"
    return row("a known phone and an unknown one, apart", f"{apart:.1f}", words)


def _verdict(seen: float, most: float) -> str:
    return "met" if seen <= most else "MISSED"
