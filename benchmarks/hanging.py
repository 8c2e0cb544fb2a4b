"""Pages while fifty messages hang in a gateway that never answers: the 95th percentile, which may be one second.

A real server and its own worker; four people at once read the guide, ask for codes, and look whether they were sent.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

import app as application
import config
import models
import tokens
from benchmarks.harness import row
from models import Message, database
from tests.dossiers import fill
from tests.gateways import Gateway, Phone, until
from tests.server import Server

HANGING, PEOPLE, CLIENTS = 50, 50, 4
MOST = 1.0
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def measure() -> Iterator[str]:
    """How long each kind of page takes."""
    with Gateway(Phone().answer) as gateway, tempfile.TemporaryDirectory(prefix="quay-benchmark-") as folder:
        gateway.mood = "hang"
        environ = {"QUAY_DATA": f"{folder}/data", "QUAY_SMS_URL": f"smsgate://a:b@127.0.0.1:{gateway.port}"}
        drafts = _declare(environ, HANGING + PEOPLE)
        server = Server(Path(folder), environ).wait()
        try:
            for draft in drafts[:HANGING]:
                _send_code(server, draft)
            until(lambda: gateway.hanging >= CLIENTS, "the worker waits for the gateway")
            yield _row("GET /", lambda _draft: server.ask("GET", "/")[0], drafts, 200)
            yield _row("POST send-code", lambda draft: _send_code(server, draft), drafts[HANGING:], 303)
            yield _row("GET confirm", lambda draft: _look(server, draft), drafts, 200)
        finally:
            gateway.release()
            server.stop()
        yield row("messages that hung meanwhile", str(_waiting(environ)), f"of {HANGING + PEOPLE}, none was taken")


def _declare(environ: dict[str, str], count: int) -> list:
    application.create_app(config.read(environ))
    with database.connection_context():
        drafts = [fill(f"09123{number:05}") for number in range(count)]
    models.close()
    return drafts


def _send_code(server: Server, draft) -> int:
    form = urlencode({"step_token": tokens.sign_step(draft.ticket("send-code"))})
    return server.ask("POST", "/register/adult/send-code", form, FORM)[0]


def _look(server: Server, draft) -> int:
    return server.ask("GET", f"/register/adult/confirm?t={tokens.sign_page(draft.ticket('confirm'))}")[0]


def _row(what: str, visit: Callable[[object], int], drafts: list, status: int) -> str:
    def timed(draft) -> float:
        began_at = time.perf_counter()
        if visit(draft) != status:
            raise RuntimeError(f"{what} was not answered with {status}")
        return time.perf_counter() - began_at

    with ThreadPoolExecutor(CLIENTS) as people:
        taken = list(people.map(timed, drafts))
    p95 = quantiles(taken, n=20)[-1]
    words = (
        f"s of {MOST:.0f}, {'met' if p95 <= MOST else 'MISSED'}; median {median(taken):.3f}, slowest {max(taken):.3f}"
    )
    return row(f"{what}: 95th percentile", f"{p95:.3f}", words)


def _waiting(environ: dict[str, str]) -> int:
    models.use(config.read(environ).database_url)
    with database.connection_context():
        count = Message.select().where(Message.state == Message.WAITING).count()
    models.close()
    return count
