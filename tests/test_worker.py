"""The worker as a process of its own: it sends what others wrote, ends when asked, and may die at any moment."""

import pytest

from models import Message, database
from services import outbox
from services.outbox import Letter
from tests.gateways import Gateway, Phone, SpeedSms, until
from tests.server import WorkerProcess

COUNT = 24
# So that what a dead worker held is free again soon.
SHORT_LEASE = "from services.outbox import sending, worker; sending.LEASE = 1; worker.PAUSE = 0.05"


def write(count: int = COUNT) -> list[str]:
    with database.connection_context():
        rows = [
            outbox.post(outbox.SMS, "test", Letter(f"09123456{number:02}", {"text": f"tin {number}"}))
            for number in range(count)
        ]
    return [row.key for row in rows]


def states() -> list[str]:
    with database.connection_context():
        return [row.state for row in Message.select().order_by(Message.id)]


class Murderous:
    """A gateway at whose n-th message the worker dies: before it is taken, or after, when the answer is lost."""

    def __init__(self, gateway, at: dict[int, str]):
        self.gateway = gateway
        self.at = at
        self.worker = None
        self.seen = 0

    def answer(self, method, path, body):
        self.seen += method == "POST"
        moment = self.at.pop(self.seen, "") if method == "POST" else ""
        if moment == "before":
            self._murder()
            return 500, {}
        told = self.gateway.answer(method, path, body)
        if moment == "after":
            self._murder()
        return told

    def _murder(self):
        self.worker.process.kill()
        # The answer comes only when nobody is left to hear it.
        self.worker.process.wait(30)


def survive(environ, murderous: Murderous) -> None:
    """Start a worker again whenever it died, until all is sent."""
    for _ in range(10):
        murderous.worker = WorkerProcess(environ, SHORT_LEASE)
        until(
            lambda: murderous.worker.process.poll() is not None or set(states()) == {Message.SENT},
            "it dies, or all is sent",
        )
        if murderous.worker.process.poll() is None:
            assert murderous.worker.stop() == 0
            return
        murderous.worker.kill()
    raise AssertionError("it died too often")


def start(make_app, environ, gateway: Gateway, url: str) -> dict[str, str]:
    settings = {**environ, "QUAY_SMS_URL": url.replace("HOST", f"127.0.0.1:{gateway.port}")}
    make_app(QUAY_SMS_URL=settings["QUAY_SMS_URL"])
    return settings


def test_a_worker_may_die_at_any_moment_and_a_gateway_that_knows_keys_has_each_message_once(make_app, environ):
    phone = Phone()
    murderous = Murderous(phone, {5: "before", 13: "after"})
    with Gateway(murderous.answer) as gateway:
        settings = start(make_app, environ, gateway, "smsgate://a:b@HOST")
        keys = write()
        survive(settings, murderous)
    assert not murderous.at, "it died twice"
    assert sorted(phone.taken) == sorted(keys)
    assert states() == [Message.SENT] * COUNT


@pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
def test_where_a_gateway_knows_no_keys_only_what_was_in_its_hands_goes_twice(make_app, environ):
    speedsms = SpeedSms()
    murderous = Murderous(speedsms, {7: "after"})
    with Gateway(murderous.answer) as gateway:
        settings = start(make_app, environ, gateway, "speedsms://token@HOST")
        write()
        survive(settings, murderous)
    said = [body["content"] for body in speedsms.taken]
    assert set(said) == {f"tin {number}" for number in range(COUNT)}
    # At the moment of death each of the worker's threads had one message in hand.
    assert COUNT < len(said) <= COUNT + 4


def test_two_workers_share_the_work_and_end_when_asked(make_app, environ):
    phone = Phone()
    with Gateway(phone.answer) as gateway:
        settings = start(make_app, environ, gateway, "smsgate://a:b@HOST")
        workers = [WorkerProcess(settings), WorkerProcess(settings)]
        keys = write()
        until(lambda: set(states()) == {Message.SENT}, "all is sent")
        assert [worker.stop() for worker in workers] == [0, 0]
    posted = [body["id"] for _method, _path, body, _headers in gateway.asked("POST")]
    assert sorted(posted) == sorted(keys)
