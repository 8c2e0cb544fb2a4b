"""Others while twenty people send photos, slowly or all at once: the guide's times, against the same server when idle.

Slowly: twenty connections send a photo of 3 MB each at 50 kB/s and never finish; meanwhile another client asks for the
guide a hundred times, one after the other. All at once: twenty photos of 200 kB, as a phone's own script makes them,
arrive together and are prepared; meanwhile the guide is asked for until the last is answered. For the choice of the
server: neither slow clients nor the work on photos may hold all of its threads.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from io import BytesIO
from statistics import median, quantiles

from werkzeug.test import EnvironBuilder

from benchmarks import photo
from benchmarks.harness import Compared
from benchmarks.installation import HOST, served
from benchmarks.phone import Phone, Wire
from tests.browser import Browser

PAIRS = 4
CLIENTS = 20
BODY = 3_000_000
BYTES_PER_SECOND = 50_000
REQUESTS = 100
# Between two requests of the guide, so that a hundred of them see many packets of the uploads.
PAUSE = 0.015
TICK = 0.02
KINDS = ("portrait", "id_front", "id_back")


def measure() -> Iterator[str]:
    """The median, the 95th percentile and the slowest."""
    with served() as (port, _messages):
        _guide(port)
        slowly, at_once, idle = [], [], []
        for _ in range(PAIRS):
            with _uploads(port):
                slowly.append(_guide(port))
            idle.append(_guide(port))
        people = [_person_with_photos_to_send(port) for _ in range(CLIENTS)]
        picture = photo.plainly(photo.jpeg())
        for kind in KINDS:
            at_once.append(_guide_during_arrivals(port, people, kind, picture))
    shares = (("median", median), ("95th percentile", _p95), ("slowest", max))
    for what, loaded in (("slow uploads", slowly), ("photos at once", at_once)):
        for name, share in shares:
            compared = Compared([share(each) for each in loaded], [share(each) for each in idle[: len(loaded)]])
            yield compared.row(f"GET / during {CLIENTS} {what}, {name}", "the idle server")


def _guide(port: int, goes_on: Callable[[int], bool] = lambda done: done < REQUESTS) -> list[float]:
    """How long each answer took."""
    times = []
    with closing(HTTPConnection(HOST, port, timeout=60)) as connection:
        while goes_on(len(times)):
            time.sleep(PAUSE)
            began_at = time.perf_counter()
            connection.request("GET", "/", headers={"Accept-Encoding": "gzip, deflate, br"})
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - began_at)
            if answer.status != 200:
                raise RuntimeError(f"The guide answered {answer.status}")
    return times


def _person_with_photos_to_send(port: int) -> tuple[str, str]:
    """The address and the token of a photos page; the token is good for one photo of each kind."""
    with closing(Wire(port)) as wire:
        person = Browser(Phone(wire.carry, wire.origin, "gzip")).fill_until("photos")
    return person.url, person.token


def _guide_during_arrivals(port: int, people: list[tuple[str, str]], kind: str, picture: bytes) -> list[float]:
    statuses = []

    def send(url: str, token: str) -> None:
        form = EnvironBuilder(
            method="POST", data={"step_token": token, "action": "save", kind: (BytesIO(picture), "photo.jpg")}
        ).get_environ()
        with closing(HTTPConnection(HOST, port, timeout=60)) as connection:
            connection.request("POST", url, form["wsgi.input"].read(), {"Content-Type": form["CONTENT_TYPE"]})
            statuses.append(connection.getresponse().status)

    senders = [threading.Thread(target=send, args=person) for person in people]
    for sender in senders:
        sender.start()
    times = _guide(port, lambda done: not done or any(sender.is_alive() for sender in senders))
    for sender in senders:
        sender.join()
    if set(statuses) != {303} or len(statuses) != len(people):
        raise RuntimeError(f"The photos were answered {statuses}")
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
    return quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
