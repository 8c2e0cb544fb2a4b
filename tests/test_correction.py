"""A dossier that comes back, or that its owner corrects: the same reference, the same history, nothing lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine

import desk.requests
from desk import way
from models import Code, Dossier, Draft, Envelope, Event, Photo, database
from services import accounts, corrections, drafts, history, requests, retention, submissions, vault
from services.drafts import Change
from services.history import Note
from services.submissions import NotCorrectable
from services.vault import Unreadable
from tests.answers import PERSON, jpeg, upload
from tests.browser import Browser
from tests.dossiers import correct, file_one, forget_codes, send_code, ticket_of
from tests.test_at_rest import at_rest

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
DAY = 24 * 60 * 60
UNIT = "Xưởng May 1"


@pytest.fixture
def clerk(app):
    with database.connection_context():
        return accounts.add("phong", "một câu dễ nhớ", "department")


@pytest.fixture
def send_back(clerk):
    """HR returns the only dossier."""

    def make(*steps: str, text="", reasons=("mismatch",)):
        with database.connection_context():
            row = Dossier.get()
            way.move(clerk, row, "return", row.status, Note(text, reasons, steps))

    return make


def again(browser: Browser, code) -> Browser:
    """From the review to the receipt."""
    with database.connection_context():
        forget_codes()
    return browser.submit().submit({"code": code()})


def counts() -> tuple[int, ...]:
    with database.connection_context():
        return tuple(table.select().count() for table in (Dossier, Envelope, Draft, Photo))


def opened() -> submissions.OpenDossier:
    with database.connection_context():
        return submissions.open_dossier(Dossier.get())


# HR returns, the applicant corrects


def test_what_hr_marked_is_asked_again_and_the_dossier_goes_its_way_anew(browser, submitted, send_back, code):
    reference = submitted(browser)
    receipt = browser.url
    send_back("declaration", text="Ngày sinh lệch", reasons=("mismatch", "code_wrong"))
    browser.open(receipt)
    assert browser.heading == "Hồ sơ cần bạn sửa"
    for told in ("không khớp với dữ liệu", "Mã số BHXH sai", "Ngày sinh lệch", "Thông tin của bạn"):
        assert told in browser.text
    browser.submit(press="Sửa hồ sơ")
    assert (browser.step, browser.value("full_name")) == ("declaration", PERSON["full_name"])
    assert "Ngày sinh lệch" in browser.page.select_one("div.note").get_text()
    browser.submit({"full_name": "Nguyễn Thị Hồng Nhung Mới"})
    assert browser.step == "review" and "đang sửa hồ sơ đã gửi" in browser.text
    again(browser, code)
    assert browser.heading == "Đã nhận hồ sơ của bạn"
    assert browser.page.select_one("[data-reference]").get_text(strip=True) == reference
    assert [li.get_text(" ", strip=True).split(".")[0] for li in browser.page.select(".events li")] == [
        "Bạn gửi hồ sơ",
        "Nhân sự trả lại hồ sơ để bạn sửa",
        "Bạn gửi lại hồ sơ đã sửa",
    ]
    dossier = opened()
    assert (dossier.row.status, dossier.row.revision, dossier.row.full_name) == (
        "submitted",
        2,
        "Nguyễn Thị Hồng Nhung Mới",
    )
    assert counts() == (1, 1, 0, 3)
    browser.open(receipt, 409)


def test_only_marked_photos_are_asked_and_the_others_are_kept(plain, submitted, send_back, code):
    submitted(plain)
    receipt = plain.url
    with database.connection_context():
        before = {kind: submissions.photo(Dossier.get(), kind) for kind in ("portrait", "id_front", "id_back")}
    send_back("photos", reasons=("photo",))
    plain.open(receipt).submit(press="Sửa hồ sơ")
    assert plain.step == "photos" and len(plain.page.select("figure img")) == 3
    again(plain.submit({"id_back": upload(data=jpeg(seed=77))}), code)
    with database.connection_context():
        after = {kind: submissions.photo(Dossier.get(), kind) for kind in before}
        assert submissions.opinions(Dossier.get()).keys() == {"portrait", "id_front", "id_back"}
    assert [kind for kind in before if before[kind] != after[kind]] == ["id_back"]


def test_several_steps_are_asked_one_after_the_other_and_any_other_can_be_changed(plain, submitted, send_back, code):
    submitted(plain)
    receipt = plain.url
    send_back("agency", "declaration")
    plain.open(receipt).submit(press="Sửa hồ sơ")
    assert plain.step == "declaration"
    assert plain.submit().step == "agency"
    assert plain.submit().step == "review"
    plain.open(plain.page.select_one("a[href*=photos]")["href"]).submit({"portrait": upload(data=jpeg(seed=78))})
    assert again(plain, code).heading == "Đã nhận hồ sơ của bạn"


def test_while_it_is_corrected_hr_sees_the_dossier_as_it_was_submitted(app, submitted, send_back, sign_in):
    plain = Browser(app)
    reference = submitted(plain)
    receipt = plain.url
    send_back("declaration")
    plain.open(receipt).submit(press="Sửa hồ sơ").submit({"full_name": "Trần Thị Khác", "address": "1 đường Mới"})
    desk = sign_in().open(f"/staff/dossiers/{reference}")
    assert desk.heading == PERSON["full_name"] and PERSON["address"] in desk.text
    assert "đang sửa hồ sơ" in desk.text and "Trần Thị Khác" not in desk.text
    assert plain.open(receipt).page.find("button", string="Sửa tiếp")


def test_a_mistake_can_be_corrected_before_hr_takes_the_signed_paper(browser, app, submitted, sign_in, clerk, code):
    reference = submitted(browser)
    with database.connection_context():
        way.move(clerk, Dossier.get(), "print", "submitted")
        old_sheet = submissions.sheet_code(Dossier.get())
    browser.open(browser.url).submit(press="Sửa hồ sơ")
    assert browser.step == "review"
    again(browser.follow("Sửa Họ và tên").submit({"full_name": "Nguyễn Thị Hồng"}), code)
    with database.connection_context():
        new_sheet = submissions.sheet_code(Dossier.get())
    assert (old_sheet.split(":")[:3], new_sheet.split(":")[:3]) == (
        ["QUAY1", reference, "1"],
        ["QUAY1", reference, "2"],
    )
    assert "bản 2" in sign_in().open(f"/staff/dossiers/{reference}").text


@pytest.mark.parametrize("state", ["signed", "forwarded", "filed", "issued", "withdrawn"])
def test_what_has_gone_on_is_not_corrected_any_more(plain, submitted, clerk, state):
    submitted(plain)
    token = plain.token
    with database.connection_context():
        for name in {
            "signed": ["sign"],
            "forwarded": ["sign", "forward"],
            "filed": ["sign", "file"],
            "issued": ["sign", "file", "issue"],
            "withdrawn": ["withdraw"],
        }[state]:
            way.move(clerk, Dossier.get(), name, Dossier.get().status)
    assert "Sửa hồ sơ" not in plain.open(plain.url).text
    answer = plain.client.post("/receipt/correct", data={"step_token": token})
    assert answer.status_code == 409 and "chưa thay được" in answer.text
    assert counts() == (1, 1, 0, 3)


def test_a_correction_that_comes_too_late_is_kept_and_goes_on_when_hr_returns_the_dossier(
    browser, submitted, clerk, send_back, code
):
    submitted(browser)
    receipt = browser.url
    browser.submit(press="Sửa hồ sơ").follow("Sửa Họ và tên").submit({"full_name": "Nguyễn Thị Hồng"})
    with database.connection_context():
        forget_codes()
    browser.submit()
    late = browser.url
    with database.connection_context():
        way.move(clerk, Dossier.get(), "sign", "submitted")
    browser.submit({"code": code()}, status=409)
    assert "nhờ Nhân sự trả lại" in browser.text
    assert opened().row.full_name == PERSON["full_name"]
    send_back("agency")
    browser.open(receipt).submit(press="Sửa tiếp")
    assert browser.step == "agency"
    assert "Nguyễn Thị Hồng" in browser.submit().text
    browser.open(late)
    with database.connection_context():
        forget_codes()
    browser.submit(press="Gửi mã mới").submit({"code": code()})
    assert browser.heading == "Đã nhận hồ sơ của bạn"
    assert opened().row.full_name == "Nguyễn Thị Hồng"


def test_a_second_press_goes_on_with_the_same_correction_and_asks_no_answered_step_again(plain, submitted, send_back):
    with time_machine.travel("2026-11-23 08:00", tick=True) as clock:
        submitted(plain)
        receipt = plain.url
        send_back("declaration", "agency")
        clock.shift(1)
        plain.open(receipt).submit(press="Sửa hồ sơ").submit({"address": "1 đường Mới"})
        clock.shift(1)
        plain.open(receipt).submit(press="Sửa tiếp")
        assert plain.step == "agency"
    assert counts() == (1, 2, 1, 6)


def test_of_many_presses_at_once_one_correction_is_begun(plain, app, submitted, send_back):
    submitted(plain)
    send_back("declaration")
    token, together = plain.token, Barrier(6)

    def press(_):
        together.wait()
        return app.test_client().post("/receipt/correct", data={"step_token": token}).status_code

    with ThreadPoolExecutor(6) as hands:
        assert set(hands.map(press, range(6))) == {303}
    assert counts() == (1, 2, 1, 6)


def test_a_step_that_another_device_has_just_answered_is_not_asked_again(app):
    with database.connection_context():
        stale = corrections.begin(ticket_of(file_one("0912345678")))
        answer = {"agency": "079", "email_copy": False, "email": ""}
        drafts.save(stale.ticket("agency"), "adult", Change(answer))
        draft = corrections.ask_again(stale, {"agency": {"agency": "07407"}, "declaration": dict(PERSON)})
        assert draft.answers["agency"] == answer
        assert "declaration" not in draft.answers and draft.typed["declaration"] == PERSON


def test_a_repeated_resubmission_gives_the_same_receipt_and_one_new_revision(app):
    with database.connection_context():
        file_one("0912345678")
        draft = corrections.begin(ticket_of(Dossier.get()))
        forget_codes()
        code = send_code(draft)
    together = Barrier(8)

    def confirm(_):
        with database.connection_context():
            together.wait()
            return submissions.submit(draft.ticket("confirm"), list(draft.answers), code).reference

    with ThreadPoolExecutor(8) as hands:
        references = set(hands.map(confirm, range(8)))
    with database.connection_context():
        assert references == {Dossier.get().reference}
        assert (Dossier.get().revision, Event.select().count()) == (2, 2)


def test_of_a_resubmission_and_a_clerk_at_the_same_moment_one_is_first_and_the_other_is_told(app, clerk):
    outcomes = set()
    for number in range(6):
        with database.connection_context():
            dossier = file_one(f"09123456{number:02}")
            draft = corrections.begin(ticket_of(dossier))
            forget_codes()
            code = send_code(draft)
        together = Barrier(2)

        def resubmit(draft=draft, code=code, together=together):
            with database.connection_context():
                together.wait()
                try:
                    return submissions.submit(draft.ticket("confirm"), list(draft.answers), code).revision
                except NotCorrectable:
                    return None

        def take_paper(dossier=dossier, together=together):
            with database.connection_context():
                together.wait()
                try:
                    return way.move(clerk, dossier, "sign", "submitted", seq=1).status
                except way.MovedOn:
                    return None

        with ThreadPoolExecutor(2) as hands:
            first, second = hands.submit(resubmit), hands.submit(take_paper)
        outcomes.add((first.result(), second.result()))
        with database.connection_context():
            row = Dossier.get_by_id(dossier.id)
            assert (row.revision, row.status) in {(2, "submitted"), (1, "signed")}
    assert outcomes <= {(2, None), (None, "signed")}


# Nothing is lost, and what was replaced is gone


def test_a_correction_that_lapses_leaves_the_dossier_and_its_history(plain, submitted, send_back):
    with time_machine.travel("2026-11-01 08:00", tick=True) as clock:
        reference = submitted(plain)
        send_back("declaration", text="Ghi chú")
        plain.open(plain.url).submit(press="Sửa hồ sơ")
        clock.shift(15 * DAY)
        with database.connection_context():
            assert retention.purge()["drafts"] == 1
            dossier = submissions.open_dossier(Dossier.get())
            assert dossier.answers["declaration"]["full_name"] == PERSON["full_name"]
            assert submissions.photo(dossier.row, "portrait")
            assert history.entries(dossier.row)[-1].note.text == "Ghi chú"
            assert dossier.row.reference == reference
            assert corrections.begin(dossier.ticket()).answers["declaration"]["phone"] == PERSON["phone"]
    assert counts() == (1, 2, 1, 6)


def test_with_a_dossier_its_correction_goes_too(app):
    with database.connection_context():
        dossier = file_one("0912345678")
        corrections.begin(ticket_of(dossier))
        dossier.envelope.delete_instance()
        tables = (Dossier, Envelope, Draft, Photo, Event)
        assert [table.select().count() for table in tables] == [0] * len(tables)


def test_what_was_replaced_cannot_be_read_any_more_but_its_history_can(app, clerk):
    with database.connection_context():
        before = file_one("0912345678", full_name="Nguyễn Tên Cũ")
        key, sealed = before.envelope, bytes(before.answers)
        photo = bytes(Photo.get(Photo.kind == "portrait").image)
        way.move(clerk, before, "return", "submitted", Note("Số CCCD sai"))
        after = correct(before)
        assert not Envelope.select().where(Envelope.id == key.id).exists()
        for envelope in Envelope.select():
            for field, old in (("dossier.answers", sealed), ("photo.portrait", photo)):
                with pytest.raises(Unreadable):
                    vault.unseal(envelope, field, old)
        assert [entry.note.text for entry in history.entries(after)] == ["", "Số CCCD sai", ""]
        assert submissions.photo(after, "portrait").endswith(b"portrait")


def test_what_was_asked_for_by_right_is_still_read_after_a_correction(app):
    with database.connection_context():
        before = file_one("0912345678")
        desk.requests.ask(before, desk.requests.RIGHTS["correct"], "Sai số nhà.")
        after = correct(before)
        assert [each.words for each in requests.of_dossier(after)] == ["Sai số nhà."]


@SQLITE_ONLY
def test_nothing_of_what_was_replaced_is_left_in_the_file(app, environ):
    with database.connection_context():
        before = file_one("0912345678")
        gone = [bytes(before.envelope.wrapped_key), bytes(before.answers)]
        gone += [bytes(row.image) for row in Photo.select()]
        assert all(each in at_rest(environ) for each in gone)
        correct(before)
    assert not any(each in at_rest(environ) for each in gone)


def test_consents_keep_the_moment_at_which_they_were_given(app):
    with time_machine.travel("2026-11-23 08:00", tick=True) as clock, database.connection_context():
        before = submissions.open_dossier(file_one("0912345678"))
        clock.shift(DAY)
        after = submissions.open_dossier(correct(before.row))
        assert after.changed["prepare"][1] == before.changed["prepare"][1]
        assert after.row.submitted_at >= before.row.submitted_at + DAY


def test_a_failure_in_the_middle_of_resubmitting_changes_nothing(app, monkeypatch):
    with database.connection_context():
        dossier = file_one("0912345678")
        draft = corrections.begin(ticket_of(dossier))
        forget_codes()
        code = send_code(draft)
        monkeypatch.setattr(history, "write", lambda *_given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            submissions.submit(draft.ticket("confirm"), list(draft.answers), code)
        monkeypatch.undo()
        assert (Dossier.get().revision, Dossier.get().envelope_id) == (1, dossier.envelope_id)
        assert submissions.open_dossier(Dossier.get()).answers == submissions.open_dossier(dossier).answers
        assert submissions.submit(draft.ticket("confirm"), list(draft.answers), code).revision == 2


def test_the_new_phone_is_the_one_that_proves_itself_and_finds_the_dossier(plain, app, submitted, send_back, code):
    reference = submitted(plain)
    send_back("declaration")
    plain.open(plain.url).submit(press="Sửa hồ sơ").submit({"phone": "0987654321"})
    again(plain, code)
    with database.connection_context():
        assert Code.get().phone_hash == Dossier.get().phone_hash == submissions.phone_hash("0987654321")
        forget_codes()
    found = Browser(app).open("/lookup").submit({"phone": "0987654321"}).submit({"code": code()})
    assert reference in found.text


def test_without_the_receipts_token_nothing_is_corrected_or_confirmed(app):
    with database.connection_context():
        file_one("0912345601", full_name="Nguyễn Một")
    for token in ("", "WzFd.aaaaaa.bbbb"):
        assert app.test_client().post("/receipt/correct", data={"step_token": token}).status_code == 403
        assert app.test_client().post("/receipt/account", data={"step_token": token}).status_code == 403
    assert counts() == (1, 1, 0, 3)
