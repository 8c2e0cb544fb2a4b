"""From review to receipt: once, whole, and only what was seen."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine

from models import Code, Dossier, Draft, Photo, database
from services import drafts, submissions
from services.codes import CodeRefused
from services.drafts import Change, Conflict, DraftGone
from services.photos import Photo as Picture
from tests.answers import PERSON
from tests.browser import Browser
from tests.dossiers import file_one, fill, send_code

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])


def reference_at(app, address: str) -> str:
    return Browser(app).open(address).page.select_one("[data-reference]").get_text(strip=True)


def test_twenty_equal_confirmations_at_once_make_one_dossier_and_one_receipt(app, code):
    for phone in ("0912345671", "0912345672", "0912345673"):
        plain = Browser(app).fill_until("declaration").answer("declaration", phone=phone)
        plain.answer("photos").answer("agency").submit()
        data = {"step_token": plain.token, "code": code()}
        together = Barrier(20)

        def confirm(_, data=data, together=together):
            together.wait()
            return app.test_client().post("/register/adult/confirm", data=data)

        with ThreadPoolExecutor(20) as people:
            answers = list(people.map(confirm, range(20)))
        assert {answer.status_code for answer in answers} == {303}
        assert len({reference_at(app, answer.headers["Location"]) for answer in answers}) == 1
    with database.connection_context():
        assert (Dossier.select().count(), Draft.select().count(), Photo.select().count()) == (3, 0, 9)


def test_what_changed_after_the_review_is_reviewed_again_before_it_is_submitted(plain, app, code):
    plain.fill_until("review").submit()
    other = Browser(app).open(plain.url.replace("confirm", "declaration")).submit({"full_name": "Nguyễn Tên Mới"})
    assert other.step == "review"
    sent = code()
    plain.submit({"code": sent})
    assert plain.step == "review" and "Nguyễn Tên Mới" in plain.text
    with database.connection_context():
        assert Dossier.select().count() == 0
    # The code was not spent: it proves the phone, whatever the name.
    assert plain.submit().submit({"code": sent}).heading == "Đã nhận hồ sơ của bạn"


def test_what_is_no_code_costs_no_try(plain):
    plain.fill_until("review").submit()
    for typed in ("", "12345", "1234567", "abcdef", "12 34 5", "١٢٣٤٥٦", "'; --"):
        plain.submit({"code": typed}, status=422)
        assert plain.errors()
    with database.connection_context():
        assert Code.get().tries_left == 5


def test_a_wrong_code_says_how_many_tries_are_left_and_the_right_one_still_works(browser, code):
    browser.fill_until("review").submit()
    sent = code()
    browser.submit({"code": wrong(sent)}, status=422)
    assert "còn 4 lần" in browser.page.select_one(".summary").get_text()
    browser.submit({"code": f" {sent[:3]} {sent[3:]}"})
    assert browser.heading == "Đã nhận hồ sơ của bạn"


def test_a_code_is_good_for_five_minutes_and_then_another_one_must_be_sent(plain, code):
    with time_machine.travel("2026-11-23 08:00", tick=True) as clock:
        plain.fill_until("review").submit()
        sent = code()
        clock.shift(5 * 60 + 1)
        plain.submit({"code": sent}, status=422)
        assert "Hãy gửi mã mới" in plain.text
        plain.submit(press="Gửi mã mới").submit({"code": code()})
    assert plain.heading == "Đã nhận hồ sơ của bạn"


def test_the_code_of_one_draft_does_not_submit_another(app, code):
    anna = Browser(app).fill_until("review").submit()
    annas = code()
    binh = Browser(app).fill_until("declaration").answer("declaration", phone="0987654321")
    binh.answer("photos").answer("agency").submit()
    binh.submit({"code": annas}, status=422)
    assert anna.submit({"code": annas}).heading == "Đã nhận hồ sơ của bạn"


def test_a_code_works_once(app):
    with database.connection_context():
        draft = fill("0912345678")
        code = send_code(draft)
        first = submissions.submit(draft.ticket("confirm"), list(draft.answers), code)
        assert submissions.submit(draft.ticket("confirm"), list(draft.answers), "000000") == first
        second = fill("0912345678")
        with pytest.raises(CodeRefused):
            submissions.submit(second.ticket("confirm"), list(second.answers), code)


def test_only_the_answers_and_photos_of_the_route_are_submitted(app):
    with database.connection_context():
        draft = fill("0912345678")
        route = list(draft.answers)
        stray = Change({"secret": "no longer asked"}, photos={"birth_certificate": Picture(b"x", b"x", 1, 1)})
        draft = drafts.save(draft.ticket("guardian"), "adult", stray)
        code = send_code(draft)
        dossier = submissions.submit(draft.ticket("confirm"), route, code)
        opened = submissions.open_dossier(dossier)
        assert list(opened.answers) == list(opened.changed) == route
        assert set(submissions.opinions(dossier)) == {"portrait", "id_front", "id_back"}
        assert submissions.photo(dossier, "portrait").endswith(b"portrait")
        assert submissions.photo(dossier, "birth_certificate") is None


def test_a_draft_that_was_closed_or_never_was_is_not_submitted(app):
    with database.connection_context():
        draft = fill("0912345678")
        code = send_code(draft)
        drafts.close(draft.ticket())
        for gone in (draft, drafts.begin("adult")):
            with pytest.raises(DraftGone):
                submissions.submit(gone.ticket("confirm"), list(draft.answers), code)
        assert Dossier.select().count() == 0


def test_another_revision_than_the_reviewed_one_is_not_submitted(app):
    with database.connection_context():
        draft = fill("0912345678")
        reviewed = draft.ticket("confirm")
        drafts.save(draft.ticket("agency"), "adult", Change({"agency": "079", "email_copy": False, "email": ""}))
        with pytest.raises(Conflict):
            submissions.submit(reviewed, list(draft.answers), send_code(draft))
        assert Code.get().tries_left == 5


def test_references_are_unlike_each_other_and_hold_no_character_that_is_misread(app, monkeypatch):
    assert not set(submissions.REFERENCE_ALPHABET) & set("AEIOU0O1I2Z5S8BQ")
    monkeypatch.setattr(submissions, "REFERENCE_ALPHABET", "CD")
    monkeypatch.setattr(submissions, "REFERENCE_LENGTH", 2)
    with database.connection_context():
        references = [file_one(f"091234560{n}").reference for n in range(4)]
    assert sorted(references) == ["CC", "CD", "DC", "DD"]


def test_the_printed_code_names_reference_and_revision_and_cannot_be_made_up(app):
    with database.connection_context():
        one, two = file_one("0912345601"), file_one("0912345602")
        ours, others = submissions.sheet_code(one), submissions.sheet_code(two)
        assert ours == submissions.sheet_code(one)
        assert ours.split(":")[:3] == ["QUAY1", one.reference, "1"]
        assert ours.split(":")[3] != others.split(":")[3]
        one.revision = 2
        assert submissions.sheet_code(one).split(":")[3] != ours.split(":")[3]


def test_the_dossier_is_found_by_what_was_declared_but_tells_no_number(app):
    with database.connection_context():
        dossier = file_one("0912345678", full_name="Đặng  Thị Ước")
        row = Dossier.select().where(Dossier.id == dossier.id).dicts().get()
    assert row["search_name"] == "dang thi uoc"
    for value in (PERSON["social_insurance_code"], PERSON["id_number"], "0912345678"):
        assert value not in str(row)


@SQLITE_ONLY
def test_every_connection_to_sqlite_keeps_what_was_acknowledged(app):
    wanted = {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 10_000}
    together = Barrier(8)

    def read(_):
        with database.connection_context():
            found = {name: database.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in wanted}
            together.wait()
            return found

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(read, range(8))) == [wanted] * 8


def wrong(code: str) -> str:
    """Six digits that are not the code."""
    return f"{(int(code) + 1) % 1_000_000:06}"
