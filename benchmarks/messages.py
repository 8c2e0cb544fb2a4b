"""500 codes asked for while server and worker are killed again and again: lost (must be none), sent twice for nothing.

Real processes on one database, and a gateway on loopback that speaks as the Android phone does. Every kill is `kill -9`
at a random moment. A code counts as asked for when its page was answered; then its message must reach the gateway.
"""

import random
import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode

import app as application
import config
import models
from benchmarks.harness import row
from models import Code, Message, database
from services.drafts import phone_hash
from tests.dossiers import fill
from tests.gateways import Gateway, Phone
from tests.server import Server, WorkerProcess

COUNT = 500
CLIENTS = 4
BETWEEN_KILLS = (0.5, 2.5)
SHORT_LEASE = "from services.outbox import sending; sending.LEASE = 6"
TOKEN = re.compile(r'name="step_token"[^>]* value="([^"]+)"')


def measure() -> Iterator[str]:
    """What became of the messages."""
    phones = [f"09123{number:05}" for number in range(COUNT)]
    app = Phone()
    with Gateway(app.answer) as gateway, tempfile.TemporaryDirectory(prefix="quay-benchmark-") as folder:
        environ = {
            "QUAY_DATA": f"{folder}/data",
            "QUAY_SMS_URL": f"smsgate://a:b@127.0.0.1:{gateway.port}",
            "QUAY_CODES_PER_DAY": str(10 * COUNT),
        }
        _declare(environ, phones)
        kills = _storm(Path(folder), environ, phones)
        states, lost, keys = _look(environ, phones)
        posts = Counter(body["id"] for _method, _path, body, _headers in gateway.asked("POST"))
    lost += len(keys - app.taken.keys())
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    yield row(f"{COUNT} codes, {sum(kills.values())} kills: lost", str(lost), f"{told}; {_verdict(lost)}")
    needless = len(app.taken.keys() - keys)
    yield row("  sent though nobody asked", str(needless), _verdict(needless))
    twice = sum(count > 1 for count in posts.values())
    words = f"the phone has each once; {kills['worker']} kills of the worker, {kills['server']} of the server"
    yield row("  handed over again after a kill", str(twice), words)


def _declare(environ: dict[str, str], phones: list[str]) -> None:
    """A draft for each phone, so that it is known."""
    application.create_app(config.read(environ))
    with database.connection_context():
        for phone in phones:
            fill(phone)
    models.close()


def _storm(folder: Path, environ: dict[str, str], phones: list[str]) -> Counter:
    """Ask for all codes while processes die; gives how often each kind did."""
    chance, kills, over = random.Random(7), Counter(), threading.Event()
    running = {"server": Server(folder, environ, SHORT_LEASE).wait(), "worker": WorkerProcess(environ, SHORT_LEASE)}
    starts = {
        "server": lambda: Server(folder, environ, SHORT_LEASE).wait(),
        "worker": lambda: WorkerProcess(environ, SHORT_LEASE),
    }

    def murder() -> None:
        while not over.wait(chance.uniform(*BETWEEN_KILLS)):
            kind = chance.choice(("server", "worker"))
            running[kind].kill()
            kills[kind] += 1
            running[kind] = starts[kind]()

    murderer = threading.Thread(target=murder)
    murderer.start()
    try:
        with ThreadPoolExecutor(CLIENTS) as people:
            list(people.map(lambda phone: _ask(running, phone), phones))
    finally:
        over.set()
        murderer.join()
    _settle(environ)
    for process in running.values():
        process.stop()
    return kills


def _ask(running: dict, phone: str) -> None:
    """Ask for a code until the page is answered, as somebody who presses again would."""
    for _ in range(600):
        try:
            server = running["server"]
            token = TOKEN.search(server.ask("GET", "/lookup")[2])[1]
            body = urlencode({"step_token": token, "phone": phone})
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            if server.ask("POST", "/lookup", body, headers)[0] == 303:
                return
        except (OSError, HTTPException, TypeError):
            pass
        time.sleep(0.1)
    raise AssertionError("a page was never answered")


def _settle(environ: dict[str, str]) -> None:
    models.use(config.read(environ).database_url)
    for _ in range(600):
        with database.connection_context():
            if not Message.select().where(Message.state == Message.WAITING).exists():
                break
        time.sleep(0.2)
    models.close()


def _look(environ: dict[str, str], phones: list[str]) -> tuple[Counter, int, set[str]]:
    """The states of all messages, how many phones have none that was sent, and the keys of those that were."""
    models.use(config.read(environ).database_url)
    with database.connection_context():
        states = Counter(message.state for message in Message.select())
        sent = {code.phone_hash for code in Code.select().join(Message).where(Message.state == Message.SENT)}
        keys = {message.key for message in Message.select().where(Message.state == Message.SENT)}
    lost = sum(phone_hash(phone) not in sent for phone in phones)
    models.close()
    return states, lost, keys


def _verdict(count: int) -> str:
    return "met" if count == 0 else "MISSED"
