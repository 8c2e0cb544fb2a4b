"""The outbox: a message goes out if and only if what it speaks of was kept, and at least once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from peewee import OperationalError

from models import Message, Setting, Unit, database, now
from services import outbox, vault
from services.outbox import Letter, Report, Sender, SendFailed, health, reports, sending
from services.outbox.worker import Worker
from tests.gateways import until

LETTER = Letter("0912345678", {"text": "xin chao"})
HOUR, DAY = 60 * 60, 24 * 60 * 60


class Postman(Sender):
    """A sender that does what it is told, and remembers."""

    place = "postman"

    def __init__(self, *, tells: bool = False, is_at_once: bool = False):
        self.tells = tells
        self.is_at_once = is_at_once
        self.sent: list[str] = []
        self.problem: Exception | None = None
        self.report: Report | None = None

    def send(self, letter, key):
        if self.problem:
            raise self.problem
        self.sent.append(key)
        return f"id-{key[:4]}"

    def look(self, key, gateway_id):
        return self.report


@pytest.fixture
def postman(app):
    postman = Postman()
    outbox.use({outbox.SMS: postman})
    return postman


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def connected(app):
    with database.connection_context():
        yield


def post(**more) -> Message:
    return outbox.post(outbox.SMS, "code", LETTER, **more)


def work() -> str | None:
    """What a worker does with the message that is due; gives its key."""
    claim = sending.claim_next()
    if claim is None:
        return None
    sending.record(claim, sending.attempt(claim))
    return claim.key


def again(row: Message) -> Message:
    return Message.get_by_id(row.id)


def test_a_message_of_a_transaction_that_fails_is_never_sent(postman, connected):
    with database.atomic() as transaction:
        post()
        transaction.rollback()
    assert work() is None
    assert Message.select().count() == 0


def test_a_message_is_sent_once_and_its_gateways_name_is_kept(postman, connected):
    row = post()
    assert work() == row.key
    assert work() is None
    row = again(row)
    assert (row.state, row.gateway_id, row.answer, row.tries) == ("sent", f"id-{row.key[:4]}", "", 1)
    assert postman.sent == [row.key]


def test_neither_number_nor_words_can_be_read_in_the_database(postman, connected):
    row = post()
    assert b"0912345678" not in bytes(row.content) and b"xin chao" not in bytes(row.content)
    assert outbox.letter_of(again(row)) == LETTER


def test_a_message_about_a_registration_is_destroyed_with_its_envelope(postman, connected):
    envelope = vault.new_envelope("a" * 32)
    row = post(envelope=envelope)
    assert outbox.letter_of(again(row)) == LETTER
    envelope.delete_instance()
    assert Message.select().count() == 0


def test_of_many_workers_one_claims_a_message(postman, connected):
    for _ in range(20):
        post()

    def claim(_):
        with database.connection_context():
            found = sending.claim_next()
            return found.key if found else None

    with ThreadPoolExecutor(8) as workers:
        keys = [key for key in workers.map(claim, range(40)) if key]
    assert len(keys) == len(set(keys)) == 20


def test_what_a_dead_worker_left_is_taken_up_when_its_lease_is_over(postman, connected, clock):
    row = post()
    assert sending.claim_next().number == 1
    clock.shift(sending.LEASE)
    assert work() is None
    clock.shift(1)
    assert work() == row.key
    assert again(row).state == Message.SENT


def test_a_worker_that_was_too_slow_does_not_spoil_what_a_later_one_is_doing(postman, connected, clock):
    row = post()
    slow = sending.claim_next()
    clock.shift(sending.LEASE + 1)
    late = sending.claim_next()
    sending.record(slow, sending.Outcome(answer="silent"))
    assert (again(row).state, again(row).answer, again(row).leased_until) == ("waiting", "", now() + sending.LEASE)
    sending.record(late, sending.Outcome(gateway_id="x"))
    assert again(row).state == Message.SENT


def test_what_a_slow_worker_got_taken_after_all_is_sent(postman, connected, clock):
    row = post()
    slow = sending.claim_next()
    clock.shift(sending.LEASE + 1)
    later = sending.claim_next()
    sending.record(slow, sending.Outcome(gateway_id="x"))
    sending.record(later, sending.Outcome(answer="silent"))
    assert (again(row).state, again(row).gateway_id) == ("sent", "x")


def test_tries_come_at_growing_pauses_and_end(postman, connected, clock):
    row = post()
    postman.problem = SendFailed("silent")
    for number, pause in enumerate(sending.PAUSES, 1):
        assert work() == row.key
        assert (again(row).state, again(row).answer, again(row).tries) == ("waiting", "silent", number)
        clock.shift(pause - 1)
        assert work() is None
        clock.shift(1)
    assert work() == row.key
    assert again(row).state == Message.FAILED
    clock.shift(DAY)
    assert work() is None


def test_what_no_try_mends_is_not_tried_again(postman, connected):
    row = post()
    postman.problem = SendFailed("refused", "146 Sai template", is_final=True)
    work()
    assert (again(row).state, again(row).answer) == ("failed", "refused 146 Sai template")


def test_a_sender_that_stumbles_is_a_failure_like_others(postman, connected):
    row = post()
    postman.problem = KeyError("0912345678")
    work()
    assert (again(row).state, again(row).answer) == ("waiting", "stumbled KeyError")


def test_what_a_gateway_says_is_kept_without_the_number_it_quotes(postman, connected, caplog):
    row = post()
    postman.problem = SendFailed("refused", "not to +84 912 345 678\nor 0912345678, code 22")
    work()
    assert again(row).answer == "refused not to … or …, code 22"
    assert "345" not in caplog.text


def test_a_message_whose_time_is_over_is_not_sent(postman, connected, clock):
    late, failing = post(until=now() + 10), post(until=now() + 10)
    Message.update(answer="silent").where(Message.id == failing.id).execute()
    clock.shift(11)
    work()
    work()
    assert postman.sent == []
    assert [(again(row).state, again(row).answer) for row in (late, failing)] == [
        ("failed", "expired"),
        ("failed", "silent"),
    ]


def test_a_withdrawn_message_is_not_sent(postman, connected):
    row = post()
    outbox.withdraw(row.id)
    assert work() is None
    assert again(row).state == Message.DROPPED


def test_a_message_withdrawn_while_it_goes_out_counts_as_sent(postman, connected):
    row = post()
    claim = sending.claim_next()
    outbox.withdraw(row.id)
    sending.record(claim, sending.attempt(claim))
    assert again(row).state == Message.SENT


def test_a_message_that_cannot_be_read_fails_and_stops_nobody(postman, connected):
    broken, whole = post(), post()
    Message.update(content=b"x" * 40).where(Message.id == broken.id).execute()
    assert (work(), work()) == (None, whole.key)
    assert (again(broken).state, again(broken).answer) == ("failed", "unreadable")


def test_sent_again_it_is_a_new_message_with_the_same_words(postman, connected):
    row = post()
    fresh = outbox.again(row)
    assert fresh.key != row.key and outbox.letter_of(fresh) == LETTER


def test_health_is_the_last_success_and_the_last_failure(postman, connected, clock):
    assert health.of(outbox.SMS) == health.Health()
    post()
    work()
    taken_at = now()
    assert health.of(outbox.SMS).is_well
    clock.shift(5)
    post()
    postman.problem = SendFailed("status", "HTTP 500")
    work()
    known = health.of(outbox.SMS)
    assert (known.taken_at, known.failed_at, known.answer, known.is_well) == (taken_at, now(), "status HTTP 500", False)


def test_messages_are_forgotten_after_five_weeks_but_not_while_they_wait(postman, connected, clock):
    sent, waiting = post(), post()
    work()
    clock.shift(36 * DAY)
    assert outbox.purge() == 1
    assert [row.id for row in Message.select()] == [waiting.id]
    assert sent.id != waiting.id


def test_what_waits_for_a_gateway_that_is_gone_ends_with_its_time(postman, connected, clock):
    late, waiting = post(until=now() + 300), post()
    outbox.use({})
    outbox.send_out(late)
    clock.shift(301)
    outbox.purge()
    assert [(again(row).state, again(row).answer) for row in (late, waiting)] == [
        ("failed", "expired"),
        ("waiting", ""),
    ]


def test_to_whom_a_message_went_is_forgotten_after_a_week(postman, connected, clock):
    sent, waiting = post(), post(until=0)
    sending.record(claim := sending.claim_next(), sending.attempt(claim))
    clock.shift(7 * DAY + 1)
    assert outbox.purge() == 0
    assert (outbox.recipient_of(again(sent)), outbox.recipient_of(again(waiting))) == ("", LETTER.to)


def test_a_month_is_counted_by_the_calendar_of_vietnam(postman, connected):
    with time_machine.travel("2026-11-30 23:59:59+07:00", tick=False) as clock:
        post()
        work()
        post()
        assert outbox.sent_this_month(outbox.SMS) == 2
        clock.shift(1)
        assert outbox.sent_this_month(outbox.SMS) == 0
        work()
        assert outbox.sent_this_month(outbox.SMS) == 1


# What became of them


def look() -> str | None:
    asked = reports.claim_look()
    if asked is None:
        return None
    report = reports.ask_after(asked)
    if report:
        outbox.note(asked.key, report)
    return asked.key


def sent_and_told(postman: Postman) -> Message:
    postman.tells = True
    row = post()
    work()
    return row


def test_a_gateway_is_asked_until_it_knows(postman, connected, clock):
    row = sent_and_told(postman)
    assert look() is None
    clock.shift(sending.FIRST_LOOK)
    assert (look(), look()) == (row.key, None)
    clock.shift(5)
    postman.report = Report(is_delivered=True)
    assert look() == row.key
    assert (again(row).state, again(row).delivered_at) == ("sent", now())
    clock.shift(HOUR)
    assert look() is None


def test_a_gateway_is_asked_ever_more_seldom_and_for_a_day(postman, connected, clock):
    sent_and_told(postman)
    asked = 0
    for _ in range(2 * DAY // 300):
        clock.shift(300)
        asked += look() is not None
    # Every five minutes at first, every quarter of an hour for six hours, then every hour until the day is over.
    assert 40 <= asked <= 48


def test_what_a_gateway_lost_has_failed(postman, connected, clock):
    row = sent_and_told(postman)
    clock.shift(5)
    postman.report = Report(reason="lost", detail="0912345678 absent")
    look()
    assert (again(row).state, again(row).answer) == ("failed", "lost … absent")


def test_what_was_passed_on_is_not_asked_after_any_more(postman, connected, clock):
    row = sent_and_told(postman)
    clock.shift(5)
    postman.report = Report()
    look()
    clock.shift(DAY)
    assert (look(), again(row).state, again(row).delivered_at) == (None, "sent", None)


def test_what_is_reported_twice_counts_once_and_the_first_word_stands(postman, connected, clock):
    row = sent_and_told(postman)
    assert outbox.note(row.key, Report(is_delivered=True))
    at = again(row).delivered_at
    clock.shift(60)
    assert not outbox.note(row.key, Report(is_delivered=True))
    assert not outbox.note(row.key, Report(reason="lost"))
    assert (again(row).state, again(row).delivered_at) == ("sent", at)
    assert not outbox.note("f" * 32, Report(is_delivered=True))


# Threads


def test_a_worker_sends_what_is_posted_and_stops_when_told(postman):
    worker = Worker(threads=2, pause=0.01).start()
    with database.connection_context():
        rows = [post() for _ in range(10)]
    until(lambda: len(postman.sent) == 10, "all are sent")
    worker.stop()
    assert set(postman.sent) == {row.key for row in rows}
    with database.connection_context():
        last = post()
    assert last.key not in postman.sent


def test_a_sender_that_never_waits_needs_no_worker(postman, connected):
    postman.is_at_once = True
    with database.atomic():
        row = post()
    outbox.send_out(row)
    assert again(row).state == Message.SENT


def test_a_worker_outlives_what_should_never_happen(postman, monkeypatch, caplog):
    def stumble():
        monkeypatch.undo()
        raise RuntimeError("0912345678")

    monkeypatch.setattr("services.outbox.worker.claim_next", stumble)
    worker = Worker(threads=1, pause=0.01).start()
    with database.connection_context():
        row = post()
    until(lambda: postman.sent == [row.key], "it goes on")
    worker.stop()
    assert "outbox: RuntimeError" in caplog.text and "0912" not in caplog.text


def test_a_database_that_is_busy_for_a_moment_makes_no_message_go_twice(postman, monkeypatch):
    real, failures = sending.record, iter([OperationalError("database is locked")] * 2)

    def record(claim, outcome):
        for problem in failures:
            raise problem
        real(claim, outcome)

    monkeypatch.setattr("services.outbox.worker.record", record)
    monkeypatch.setattr("services.outbox.worker.AGAIN", (0, 0, 0))
    worker = Worker(threads=1, pause=0.01).start()
    with database.connection_context():
        row = post()

    def is_sent():
        with database.connection_context():
            return again(row).state == Message.SENT

    until(is_sent, "the outcome is written")
    worker.stop()
    assert postman.sent == [row.key]


def test_units_that_are_gone_take_no_message_along(postman, connected):
    unit = Unit.create(name="Xưởng May 1")
    row = post(unit_id=unit.id)
    unit.delete_instance()
    assert again(row).unit_id is None
    assert Setting.select().where(Setting.name.startswith("outside.")).count() == 0
