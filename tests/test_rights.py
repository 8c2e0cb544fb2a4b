"""Dữ liệu của bạn: whoever proved the phone sees everything, takes it along, asks for what the law allows."""

import json
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine

import tokens
from desk import requests
from desk.requests import RIGHTS
from forms.requests import WORDING
from models import Code, Dossier, Draft, Envelope, Photo, Request, database
from services import code_limits, codes, drafts, holdings, submissions
from services.drafts import DraftGone
from services.requests import opened
from tests.answers import PERSON
from tests.browser import Browser
from tests.dossiers import CONSENT, JPEG, file_one, fill, refuse_every_deletion, ticket_of

PHONE = PERSON["phone"]
FORWARDING = str(WORDING["withdraw_forwarding"].title)


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-27 08:00:00+07:00", tick=True) as traveller:
        yield traveller


def rights_of(own) -> str:
    """The address of the page about a draft or a dossier."""
    ticket = ticket_of(own) if isinstance(own, Dossier) else own.ticket()
    return f"/rights?t={tokens.sign_rights(ticket)}"


@pytest.fixture
def dossier(app):
    with database.connection_context():
        return file_one(PHONE)


@pytest.fixture
def draft(app):
    with database.connection_context():
        return fill(PHONE)


def at_page(browser: Browser, own) -> Browser:
    with database.connection_context():
        address = rights_of(own)
    return browser.open(address)


# Seeing


def test_from_the_receipt_all_that_was_declared_can_be_read(browser, submitted):
    reference = submitted(browser)
    browser.follow("Dữ liệu của bạn").follow("Xem tất cả")
    for value in PERSON.values():
        assert value in browser.text
    assert reference in browser.text
    for words in (
        "Tôi đồng ý để công ty thu thập",
        "phiên bản 2026-11",
        "Ảnh chân dung: 900 × 1200",
        "Mã xác nhận để gửi hồ sơ",
    ):
        assert words in browser.text
    pictures = browser.page.select("figure img")
    assert len(pictures) == 3 and all(picture["src"].startswith("data:image/jpeg") for picture in pictures)


def test_the_json_holds_what_was_typed_and_the_very_photos(plain, submitted, code):
    reference = submitted(plain)
    sent = code()
    plain.follow("Dữ liệu của bạn").follow("Sửa thông tin").submit({"words": "Số nhà đúng là 12/4.\nCảm ơn."})
    plain.follow("Tải tất cả")
    assert plain.response.headers["Content-Disposition"] == f'attachment; filename="du-lieu-{reference}.json"'
    held = json.loads(plain.response.text)
    assert held["registration"]["reference"] == reference
    assert {name: held["answers"]["declaration"][name] for name in PERSON} == PERSON
    assert [each["name"] for each in held["consents"]] == ["consent_processing", "consent_forwarding"]
    assert all(each["version"] == "2026-11" and each["given_at"].endswith("+07:00") for each in held["consents"])
    with database.connection_context():
        row = Dossier.get()
        kept = {kind: submissions.photo(row, kind) for kind in submissions.opinions(row)}
    assert {each["kind"]: b64decode(each["jpeg_base64"]) for each in held["photos"]} == kept
    assert all(each["bytes"] == len(kept[each["kind"]]) for each in held["photos"])
    assert [(each["right"], each["words"]) for each in held["requests"]] == [
        ("correct", "Số nhà đúng là 12/4.\nCảm ơn.")
    ]
    assert len(held["codes_sent"]) == 1 and held["codes_sent"][0]["entered_at"]
    assert sent not in plain.response.text


def test_a_draft_shows_what_is_typed_but_not_right_yet_too(app, code, clock):
    plain = Browser(app).fill_until("agency")
    plain.open(plain.url.replace("agency", "declaration")).submit({"id_number": "sai!!"}, press="Quay lại")
    clock.shift(61)
    owner = Browser(app).open("/lookup").submit({"phone": PHONE}).submit({"code": code()})
    owner.follow("Dữ liệu của bạn").follow("Xem tất cả")
    assert "sai!!" in owner.text and "Ảnh chân dung: 900 × 1200" in owner.text


def test_a_token_of_any_other_purpose_opens_nothing(plain, dossier, draft):
    with database.connection_context():
        others = [tokens.sign_receipt(ticket_of(dossier)), tokens.sign_page(draft.ticket())]
        others += [tokens.sign_step(draft.ticket("rights")), tokens.sign_lookup(ticket_of(dossier)), "forged", ""]
    for token in others:
        for path in ("", "/data", "/data.json", "/consents", "/ask/delete", "/delete-draft"):
            plain.open(f"/rights{path}?t={token}", 403)
            assert PERSON["full_name"] not in plain.text


@pytest.mark.parametrize("pressed", [0, 1], ids=["dossier", "draft"])
def test_xong_closes_the_pages_of_draft_and_dossier_wherever_it_is_pressed(app, dossier, draft, pressed):
    browsers = [at_page(Browser(app), own) for own in (dossier, draft)]
    addresses = [browser.url for browser in browsers]
    browsers[pressed].submit(press="Xong")
    for address in addresses:
        browsers[pressed].open(address, 409)


def test_what_cannot_be_asked_for_is_not_found_and_a_draft_needs_no_desk(plain, dossier, draft):
    with database.connection_context():
        ours, drafts_ = (rights_of(own).partition("=")[2] for own in (dossier, draft))
    plain.open(f"/rights/ask/everything?t={ours}", 404)
    plain.open(f"/rights/ask/delete?t={drafts_}", 409)
    plain.open(f"/rights/delete-draft?t={ours}", 409)


# Asking


def test_each_right_says_what_follows_and_is_put_on_the_desk_with_its_day(browser, dossier, clock):
    due = {"correct": "07/12/2026", "restrict": "12/12/2026", "delete": "17/12/2026"}
    due |= dict.fromkeys(("withdraw_forwarding", "withdraw_processing"), "12/12/2026")
    assert due.keys() == RIGHTS.keys() == WORDING.keys()
    for name, wording in WORDING.items():
        at_page(browser, dossier).follow(str(wording.title))
        for sentence in wording.follows:
            assert str(sentence) in browser.text
        browser.submit({"words": f"Lời của tôi về {name}"})
        assert browser.heading == "Dữ liệu của bạn"
        card = browser.page.select_one(f"#{name}").get_text(" ", strip=True)
        assert f"Lời của tôi về {name}" in card
        assert f"tiếp nhận chậm nhất ngày 01/12/2026, trả lời chậm nhất ngày {due[name]}" in card
    with database.connection_context():
        assert Request.select().count() == len(RIGHTS)
        assert {row.reference for row in Request.select()} == {dossier.reference}


def test_what_must_be_said_must_be_said_and_what_is_too_long_is_kept_for_shortening(browser, dossier):
    at_page(browser, dossier).follow("Sửa thông tin").submit({"words": " \n "}, status=422)
    assert browser.errors() == ["Viết rõ bạn yêu cầu điều gì."]
    browser.submit({"words": "dài " * 501}, status=422)
    assert "2000" in browser.errors()[0] and browser.value("words").split() == ["dài"] * 501
    browser.submit({"words": "Đúng là 12/4."})
    at_page(browser, dossier).follow(str(WORDING["delete"].title)).submit()
    with database.connection_context():
        assert sorted(row.right for row in Request.select()) == ["correct", "delete"]


def test_the_same_request_twice_is_one_and_says_what_was_written_last(browser, dossier):
    for typed, said in (("một", "một"), ("hai", "hai"), (None, "hai")):
        at_page(browser, dossier).follow(FORWARDING).submit({"words": typed} if typed else {})
        with database.connection_context():
            assert opened(Request.get()).words == said
            assert Request.select().count() == 1
    at_page(browser, dossier).follow(FORWARDING)
    assert "Bạn đã gửi yêu cầu này" in browser.text and browser.value("words") == "hai"


def test_of_twenty_equal_requests_at_once_one_is_kept(app, dossier):
    plain = at_page(Browser(app), dossier).follow("Xoá hồ sơ")
    data, together = {"step_token": plain.token, "words": "một lần thôi"}, Barrier(20)

    def ask(_):
        together.wait()
        return app.test_client().post("/rights/ask/delete", data=data).status_code

    with ThreadPoolExecutor(20) as people:
        assert set(people.map(ask, range(20))) == {303}
    with database.connection_context():
        assert Request.select().count() == 1


def test_a_form_for_one_right_asks_for_no_other(app, dossier):
    plain = at_page(Browser(app), dossier).follow("Sửa thông tin")
    answer = plain.client.post("/rights/ask/delete", data={"step_token": plain.token, "words": "x"})
    assert answer.status_code == 403
    with database.connection_context():
        assert Request.select().count() == 0


def test_a_consent_that_was_taken_back_says_so_on_its_record(browser, dossier, clock):
    at_page(browser, dossier).follow("Bản ghi sự đồng ý")
    assert CONSENT["text"] in browser.text and "0912 345 678" in browser.text
    assert "xác nhận bằng mã một lần khi gửi hồ sơ, lúc" in browser.text
    assert "Đã rút lại" not in browser.text
    at_page(browser, dossier).follow(FORWARDING).submit()
    at_page(browser, dossier).follow("Bản ghi sự đồng ý")
    taken_back = [
        card.get_text() for card in browser.page.select(".card") if "Đã rút lại lúc 27/11/2026" in card.get_text()
    ]
    assert len(taken_back) == 1


# Deleting a draft


def test_the_owner_deletes_a_draft_at_once_and_nothing_of_it_opens_any_more(browser, app, draft):
    with database.connection_context():
        other, review = fill("0987654321"), f"/register/adult/review?t={tokens.sign_page(draft.ticket())}"
    at_page(browser, draft)
    before = browser.url
    browser.follow("Xoá bản nháp")
    token = browser.token
    assert browser.submit().heading == "Đã xoá bản nháp"
    for address in (before, review):
        browser.open(address, 409)
    assert app.test_client().post("/rights/delete-draft", data={"step_token": token}).status_code == 303
    with database.connection_context():
        assert [row.envelope_id for row in Draft.select()] == [row.id for row in Envelope.select()] == [other.id]
        assert Photo.select().count() == 3


def test_a_draft_that_was_submitted_or_closed_meanwhile_is_not_deleted(app, code):
    walking = Browser(app).fill_until("review").submit()
    with database.connection_context():
        row = Draft.get()
        token = tokens.sign_step(drafts.unsealed(row).ticket("delete-draft"))
    walking.submit({"code": code()})
    assert app.test_client().post("/rights/delete-draft", data={"step_token": token}).status_code == 409
    with database.connection_context():
        assert Dossier.select().count() == 1
        other = fill("0987654321")
        drafts.close(other.ticket())
        with pytest.raises(DraftGone):
            holdings.delete_draft(other.ticket())
        assert Draft.select().count() == 1


def test_deleting_a_draft_keeps_the_limits_on_codes_but_neither_name_nor_code(app):
    plain = Browser(app).fill_until("review").submit()
    with database.connection_context():
        before = Code.get()
        assert bytes(before.secret)
        draft = drafts.unsealed(Draft.get())
    at_page(plain, draft).follow("Xoá bản nháp").submit()
    with database.connection_context():
        kept = Code.get()
        assert (bytes(kept.secret), kept.phone_hash, kept.sent_at) == (b"", before.phone_hash, before.sent_at)
        assert not Code.live(before.sent_at + 1).exists()
    for _ in range(code_limits.PER_HOUR):
        Browser(app).fill_until("review").submit()
    with database.connection_context():
        sent = [row.delivery for row in Code.select().order_by(Code.id)]
    assert sent == [codes.SMS] * code_limits.PER_HOUR + [codes.HELD]


def test_a_deletion_that_cannot_be_finished_deletes_nothing(app, draft):
    with database.connection_context():
        refuse_every_deletion()
    plain = at_page(Browser(app), draft).follow("Xoá bản nháp").submit(status=500)
    with database.connection_context():
        assert (Draft.select().count(), Photo.select().count()) == (1, 3)
    assert at_page(plain, draft).heading == "Dữ liệu của bạn"


def test_what_is_held_of_others_is_never_part_of_it(app):
    with database.connection_context():
        anna, binh = file_one("0912345601", full_name="Nguyễn Thị An-na"), file_one("0912345602")
        requests.ask(binh, RIGHTS["correct"], "chuyện của Bình")
        held = holdings.as_json(holdings.hold(ticket_of(anna)))
    assert "0912345601" in held and "0912345602" not in held and "chuyện của Bình" not in held
    photos = json.loads(held)["photos"]
    assert len(photos) == 3 and all(b64decode(each["jpeg_base64"]).startswith(JPEG) for each in photos)
