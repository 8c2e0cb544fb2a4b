"""Others while twenty people upload slowly: the guide's times, against the same server when it is idle.

Twenty connections send a photo of 3 MB each at 50 kB/s and never finish; meanwhile another client asks for the guide a
hundred times, one after the other. For the choice of the server: slow clients must not hold its threads.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from statistics import median, quantiles

from benchmarks.harness import Compared
from benchmarks.installation import HOST, served

PAIRS = 5
CLIENTS = 20
BODY = 3_000_000
BYTES_PER_SECOND = 50_000
REQUESTS = 100
# Between two requests of the guide, so that a hundred of them see many packets of the uploads.
PAUSE = 0.015
TICK = 0.02


def measure() -> Iterator[str]:
    """The median and the 95th percentile."""
    with served() as (port, _messages):
        _guide(port)
        loaded, idle = [], []
        for _ in range(PAIRS):
            with _uploads(port):
                loaded.append(_guide(port))
            idle.append(_guide(port))
    for what, share in (("median", median), ("95th percentile", _p95)):
        compared = Compared([share(times) for times in loaded], [share(times) for times in idle])
        yield compared.row(f"GET / during {CLIENTS} slow uploads, {what}", "the idle server")


def _guide(port: int) -> list[float]:
    """How long each answer took."""
    times = []
    with closing(HTTPConnection(HOST, port, timeout=30)) as connection:
        for _ in range(REQUESTS):
            time.sleep(PAUSE)
            began_at = time.perf_counter()
            connection.request("GET", "/", headers={"Accept-Encoding": "gzip, deflate, br"})
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - began_at)
            if answer.status != 200:
                raise RuntimeError(f"The guide answered {answer.status}")
    return times


@contextmanager
def _uploads(port: int) -> Iterator[None]:
    """Uploads that go on as long as the block does."""
    head = (
        f"POST /register/adult/photos HTTP/1.1\r\nHost: {HOST}:{port}\r\nContent-Length: {BODY}\r\n"
        "Content-Type: multipart/form-data; boundary=photos\r\n\r\n"
        '--photos\r\nContent-Disposition: form-data; name="portrait"; filename="photo.jpg"\r\n\r\n'
    )
    stopped = threading.Event()
    with ExitStack() as opened:
        clients = [opened.enter_context(socket.create_connection((HOST, port))) for _ in range(CLIENTS)]
        for client in clients:
            client.sendall(head.encode())
        sender = threading.Thread(target=_send, args=(clients, stopped))
        sender.start()
        try:
            yield
        finally:
            stopped.set()
            sender.join()


def _send(clients: list[socket.socket], stopped: threading.Event) -> None:
    piece = bytes(int(BYTES_PER_SECOND * TICK))
    while not stopped.wait(TICK):
        for client in clients:
            client.sendall(piece)


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]
