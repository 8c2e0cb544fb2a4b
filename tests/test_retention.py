"""What is kept no longer than its time: drafts, photos after filing, dossiers that are over; each night, once."""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from peewee import OperationalError

from desk import requests, way
from models import Dossier, Envelope, Event, Photo, Request, Setting, Staff, database
from services import corrections, nightly, preferences, retention, submissions, vault
from services.history import APPLICANT
from tests.desk import add, lines
from tests.dossiers import file_one, refuse_every_deletion, ticket_of
from tests.test_at_rest import at_rest
from wizard.flows import FLOWS
from wizard.journey import Journey

DAY = 24 * 60 * 60
SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])


@pytest.fixture
def clock():
    # The second of November 2026, eight in the morning in Vietnam.
    with time_machine.travel("2026-11-02 08:00+07:00", tick=True) as clock:
        yield clock


@pytest.fixture
def lan(clock, app) -> Staff:
    """Somebody of the HR department."""
    return add("lan", "department")


@pytest.fixture
def dossier(lan) -> Dossier:
    with database.connection_context():
        return file_one("0912345601")


def move(mover, dossier: Dossier, *names: str) -> None:
    with database.connection_context():
        for name in names:
            way.move(mover, dossier, name, Dossier.get_by_id(dossier.id).status)


def purge() -> dict[str, int]:
    with database.connection_context():
        return retention.purge()


def keep(**periods: int) -> None:
    with database.connection_context():
        preferences.change("change_retention", **periods)


def kept() -> tuple[int, int]:
    """How many dossiers and photos there are."""
    with database.connection_context():
        return Dossier.select().count(), Photo.select().count()


# Photos


def test_photos_go_thirty_days_after_filing_and_the_dossier_stays(clock, lan, dossier):
    move(lan, dossier, "sign", "file")
    clock.shift(30 * DAY)
    assert purge()["photos"] == 0
    clock.shift(DAY)
    assert purge()["photos"] == 3
    assert purge()["photos"] == 0
    assert kept() == (1, 0)
    assert ("system", "expire_photos", dossier.reference, "ok") in lines()


def test_photos_of_what_was_never_filed_stay_however_old(clock, lan, dossier):
    move(lan, dossier, "sign", "forward")
    clock.shift(400 * DAY)
    assert purge()["photos"] == 0


def test_the_days_are_those_that_were_set(clock, lan, dossier):
    keep(photo_days=5)
    move(lan, dossier, "sign", "file")
    clock.shift(6 * DAY)
    assert purge()["photos"] == 3


def test_photos_of_a_dossier_that_was_sent_back_wait_until_it_is_filed_again(clock, lan, dossier):
    move(lan, dossier, "sign", "file", "reject")
    clock.shift(60 * DAY)
    assert purge()["photos"] == 0
    move(lan, dossier, "sign", "file")
    clock.shift(30 * DAY)
    assert purge()["photos"] == 0
    clock.shift(DAY)
    assert purge()["photos"] == 3


def test_photos_of_what_was_withdrawn_or_came_by_another_way_go_too(clock, lan, dossier):
    with database.connection_context():
        other = file_one("0912345602")
    move(lan, dossier, "withdraw")
    move(APPLICANT, other, "confirm")
    clock.shift(31 * DAY)
    assert purge()["photos"] == 6
    assert kept() == (2, 0)


def test_pages_show_the_day_and_then_that_the_photos_are_gone(clock, sign_in, lan, dossier):
    admin = sign_in("department")
    page = f"/staff/dossiers/{dossier.reference}"
    assert "Ảnh sẽ xoá 30 ngày sau khi nộp cho cơ quan BHXH." in admin.open(page).text
    move(lan, dossier, "sign", "file")
    assert "Ảnh sẽ xoá sau ngày 02/12/2026." in admin.open(page).text
    clock.shift(31 * DAY)
    purge()
    admin.client.post("/staff/sign-out")
    later = sign_in("admin")
    assert "Ảnh đã xoá vì hết thời gian lưu giữ." in later.open(page).text
    assert later.page.select("figure") == []


def test_what_was_read_from_cards_goes_with_their_photos_and_the_answers_stay(clock, lan, dossier):
    with database.connection_context():
        opened = submissions.open_dossier(dossier)
        state = {"answers": opened.answers, "changed": opened.changed, "cards": {"id_front": {"full_name": "LAN"}}}
        sealed = vault.seal(dossier.envelope, "dossier.answers", json.dumps(state).encode())
        Dossier.update(answers=sealed).where(Dossier.id == dossier.id).execute()
    move(lan, dossier, "sign", "file")
    clock.shift(31 * DAY)
    purge()
    with database.connection_context():
        left = submissions.open_dossier(Dossier.get_by_id(dossier.id))
    assert (left.cards, left.answers) == ({}, opened.answers)


def test_a_correction_of_a_dossier_without_photos_asks_for_them_again(clock, lan, dossier):
    move(lan, dossier, "sign", "file")
    clock.shift(31 * DAY)
    purge()
    move(lan, dossier, "reject")
    with database.connection_context():
        draft = corrections.begin(ticket_of(dossier))
    assert Journey(FLOWS["adult"], draft.answers).next.name == "photos"
    assert "agency" in draft.answers


# Dossiers


def test_dossiers_stay_until_somebody_says_for_how_long(clock, lan, dossier):
    move(lan, dossier, "sign", "file", "issue")
    clock.shift(4000 * DAY)
    assert purge()["dossiers"] == 0
    keep(dossier_days=365)
    assert purge()["dossiers"] == 1
    assert kept() == (0, 0)
    with database.connection_context():
        assert Envelope.select().count() == Event.select().count() == 0
    assert ("system", "expire_dossier", dossier.reference, "ok") in lines()


def test_a_dossier_goes_so_many_days_after_it_was_over_and_its_page_tells_the_day(clock, sign_in, lan, dossier):
    keep(dossier_days=60)
    admin = sign_in("department")
    page = f"/staff/dossiers/{dossier.reference}"
    assert "Hồ sơ sẽ xoá 60 ngày sau khi có tài khoản hoặc rút hồ sơ." in admin.open(page).text
    clock.shift(600)
    move(lan, dossier, "sign", "file", "issue")
    assert "Hồ sơ sẽ xoá sau ngày 01/01/2027." in admin.open(page).text
    clock.shift(60 * DAY)
    assert purge()["dossiers"] == 0
    clock.shift(DAY)
    assert purge()["dossiers"] == 1


def test_a_dossier_that_is_not_over_stays_however_old(clock, lan, dossier):
    keep(dossier_days=1)
    move(lan, dossier, "sign", "file")
    clock.shift(400 * DAY)
    assert purge()["dossiers"] == 0


def test_a_dossier_about_which_somebody_waits_for_an_answer_stays_until_they_have_it(clock, lan, dossier):
    keep(dossier_days=1)
    move(lan, dossier, "withdraw")
    with database.connection_context():
        asked = requests.ask(dossier, requests.RIGHTS["correct"], "Sai số nhà.")
    clock.shift(3 * DAY)
    assert purge()["dossiers"] == 0
    with database.connection_context():
        requests.refuse(lan, asked.id, "Đã rút.")
    assert purge()["dossiers"] == 1
    with database.connection_context():
        assert Request.get_by_id(asked.id).words is None


@SQLITE_ONLY
def test_of_expired_photos_and_dossiers_no_byte_is_left_in_the_files(clock, environ, lan, dossier):
    keep(dossier_days=60)
    move(lan, dossier, "sign", "file", "issue")
    with database.connection_context():
        photos = [bytes(row.image) for row in Photo.select()]
    clock.shift(31 * DAY)
    purge()
    with database.connection_context():
        rest = [bytes(Dossier.get().answers), bytes(Envelope.get().wrapped_key)]
    left = at_rest(environ)
    assert not any(secret in left for secret in photos)
    assert all(secret in left for secret in rest)
    clock.shift(31 * DAY)
    purge()
    left = at_rest(environ)
    assert not any(secret in left for secret in rest)


# Drafts


def test_pages_say_for_how_long_a_draft_is_kept(sign_in, plain):
    sign_in("admin").open("/staff/settings/retention").submit({"draft_days": "21"})
    assert "bản nháp giữ 21 ngày" in plain.fill_until("declaration").text
    assert "được giữ 21 ngày" in plain.submit(press="Xong").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("draft_days", "0", "Nhập một số nguyên từ 1 đến 90."),
        ("draft_days", "", "Nhập một số nguyên từ 1 đến 90."),
        ("photo_days", "4", "Nhập một số nguyên từ 5 đến 365."),
        ("photo_days", "ba mươi", "Nhập một số nguyên từ 5 đến 365."),
        ("dossier_days", "3651", "Nhập một số nguyên từ 0 đến 3650."),
        ("dossier_days", "1,5", "Nhập một số nguyên từ 0 đến 3650."),
    ],
)
def test_a_period_that_cannot_be_is_refused_and_stays_in_its_field(sign_in, field, value, sentence):
    admin = sign_in("admin").open("/staff/settings/retention").submit({field: value}, status=422)
    assert admin.errors() == [sentence]
    assert admin.value(field) == value


def test_an_emptied_period_for_dossiers_keeps_them_for_good(sign_in):
    admin = sign_in("admin")
    admin.open("/staff/settings/retention").submit({"dossier_days": "365"})
    assert admin.open("/staff/settings/retention").value("dossier_days") == "365"
    admin.submit({"dossier_days": ""})
    with database.connection_context():
        assert preferences.current().dossier_days == 0
    assert "hồ sơ đến khi có yêu cầu xoá" in admin.text


# Each night


def test_the_night_is_worked_once_a_day_whoever_comes_first(clock, app):
    with ThreadPoolExecutor(4) as processes:
        done = [counts for counts in processes.map(lambda _: nightly.work(), range(8)) if counts is not None]
    assert len(done) == 1
    clock.shift(DAY)
    assert nightly.work() is not None
    assert nightly.work() is None


def test_nothing_is_done_between_midnight_and_two(clock, app):
    clock.move_to("2026-11-03 01:59+07:00")
    assert nightly.work() is None
    clock.move_to("2026-11-03 02:00+07:00")
    assert nightly.work() is not None


def test_the_night_deletes_and_logs_counts_only(clock, lan, dossier, caplog):
    move(lan, dossier, "sign", "file")
    clock.shift(31 * DAY)
    with caplog.at_level(logging.INFO, "quay.nightly"):
        assert nightly.work()["photos"] == 3
    assert "photos 3" in caplog.text
    assert dossier.reference not in caplog.text
    assert kept() == (1, 0)


def test_a_night_that_fails_is_tried_again(clock, lan, dossier):
    move(lan, dossier, "sign", "file")
    clock.shift(31 * DAY)
    with database.connection_context():
        refuse_every_deletion()
    with pytest.raises(Exception, match="refused"):
        nightly.work()
    assert kept() == (1, 3)
    with database.connection_context():
        assert Setting.get_or_none(Setting.name == "purged_on") is None


def test_the_thread_works_by_itself_goes_on_after_a_failure_and_ends_when_told(app, monkeypatch, caplog):
    tries, twice = [], threading.Event()

    def fail():
        tries.append(1)
        if len(tries) == 2:
            twice.set()
        raise OperationalError("DETAIL: Failing row contains (0912345601)")

    monkeypatch.setattr(nightly, "work", fail)
    stopped = nightly.start(every=0.01)
    assert twice.wait(10)
    stopped.set()
    assert "OperationalError" in caplog.text
    assert "0912345601" not in caplog.text


def test_the_command_purges_and_tells_how_many(clock, app, lan, dossier):
    move(lan, dossier, "sign", "file")
    clock.shift(31 * DAY)
    result = app.test_cli_runner().invoke(args=["purge"])
    assert "photos: 3\n" in result.output
    assert kept() == (1, 0)
