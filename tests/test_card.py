"""A card instead of typing, and a card held against what was typed: through the pages and the real photo worker."""

import json
import re
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from models import database
from services import drafts, holdings, idcard, photos, readings, submissions
from services.drafts import Change
from services.photos import Photo, Task
from services.photos.photo import Measures
from services.photos.pool import Pool
from services.readings import Reading
from tests.answers import PERSON, good, jpeg, upload
from tests.browser import Browser
from tests.cards import SEED, Person, photo_of, photo_saying
from tests.dossiers import JPEG, fill
from tokens import Ticket

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
NHUNG = "074190001234|271828182|Nguyễn Thị Hồng Nhung|15081990|Nữ|{}|20042021"
READ = Task(reads_card=True)
MEASURES = Measures(1000, 255, 0, 3, 900)
HERE = "12/3 đường Nguyễn Văn Tiết, khu phố Bình Hòa, Lái Thiêu, Thuận An, Bình Dương"


def person(kind: str = "cccd") -> Person:
    return Person.of(SEED, new=kind == "can_cuoc")


def at_card(browser: Browser) -> Browser:
    """Up to the page that asks for a card."""
    return browser.fill_until("declaration").submit(press="Chụp hoặc quét thẻ")


def show(browser: Browser, data: bytes, status: int = 200) -> Browser:
    """Give a photo on that page."""
    return browser.submit({"card_photo": upload("the.jpg", data)}, status=status)


def photos_with(**changed) -> dict:
    return good("photos") | {kind: upload(f"{kind}.jpg", data) for kind, data in changed.items()}


def draft_of(browser: Browser):
    """The draft that the browser's page is about."""
    with database.connection_context():
        return drafts.open_draft(tokens.check_page(re.search(r"[?&]t=([^&#]+)", browser.url)[1]))


def holdings_of(draft) -> dict:
    """All that is held about the draft, as its person may take it along."""
    with database.connection_context():
        return json.loads(holdings.as_json(holdings.hold(draft.ticket())))


def display(name: str) -> str:
    return idcard.Card("", name).display_name


class TestBeforeTheDeclaration:
    @pytest.mark.parametrize(("kind", "side"), [("cccd", "trước"), ("can_cuoc", "sau")])
    def test_the_photo_of_an_id_card_fills_it_in_and_is_kept(self, browser, kind, side):
        show(at_card(browser), photo_of(kind))
        whose = person(kind)
        assert browser.step == "declaration"
        assert f"giữ ảnh làm ảnh mặt {side}" in browser.text
        assert browser.value("full_name") == display(whose.full_name)
        assert browser.value("id_number") == whose.id_number
        assert whose.address.startswith(browser.value("address")) and browser.value("address")
        assert (browser.value("social_insurance_code"), browser.value("phone")) == ("", "")
        marked = {hint["id"] for hint in browser.page.select(".hint[id]") if "Theo mã QR trên thẻ" in hint.text}
        assert marked >= {"full_name-hint", "id_number-hint", "address-hint"}
        assert "social_insurance_code-hint" not in marked
        browser.submit({"phone": PERSON["phone"], "social_insurance_code": "0120878811"})
        assert browser.step == "photos"
        assert browser.page.select_one(f"img[alt*='mặt {side}']")

    def test_a_health_card_gives_the_code_and_its_photo_is_not_kept(self, browser):
        show(at_card(browser), photo_of("health"))
        assert browser.value("social_insurance_code") == person().social_insurance_code
        assert browser.value("full_name") == display(person().full_name)
        assert "ảnh không được giữ lại" in browser.text
        marked = {hint["id"] for hint in browser.page.select(".hint[id]") if "Theo mã QR trên thẻ" in hint.text}
        assert marked >= {"full_name-hint", "social_insurance_code-hint", "address-hint", "commune-hint"}
        assert draft_of(browser).photos == {}

    def test_an_id_card_and_a_health_card_fill_in_what_the_other_does_not_say(self, browser):
        show(at_card(browser), photo_of("cccd"))
        show(browser.submit(press="Chụp hoặc quét thẻ"), photo_of("health"))
        assert browser.value("id_number") == person().id_number
        assert browser.value("social_insurance_code") == person().social_insurance_code
        assert "Dùng thông tin trên thẻ?" not in browser.text
        assert browser.submit({"phone": PERSON["phone"]}).step == "photos"

    def test_the_commune_is_chosen_only_where_it_is_certain(self, browser):
        show(at_card(browser), photo_saying(NHUNG.format(HERE)))
        assert browser.value("commune") == "Phường Lái Thiêu, TP. Hồ Chí Minh"
        assert browser.value("address") == "12/3 đường Nguyễn Văn Tiết, khu phố Bình Hòa"

    def test_where_the_commune_is_not_certain_the_person_chooses_it(self, browser):
        show(at_card(browser), photo_saying(NHUNG.format("Số 1, Xã Không Đâu, Huyện Lạ, Tỉnh Hà Nam")))
        assert (browser.value("commune"), browser.value("address")) == ("", "Số 1, Xã Không Đâu, Huyện Lạ, Tỉnh Hà Nam")
        browser.submit({"phone": PERSON["phone"], "social_insurance_code": "0120878811"}, status=422)
        assert browser.errors() == ["Nhập xã hoặc phường nơi bạn ở."]

    def test_what_was_typed_before_stays_and_where_it_differs_is_asked(self, browser):
        browser.fill_until("declaration")
        browser.submit({"full_name": "Trần Văn Khác", "phone": "0912345678"}, press="Chụp hoặc quét thẻ")
        show(browser, photo_of("cccd"))
        assert (browser.value("full_name"), browser.value("phone")) == ("Trần Văn Khác", "0912345678")
        assert browser.value("id_number") == person().id_number
        assert f"Trên thẻ: {display(person().full_name)}" in browser.text
        browser.submit({"social_insurance_code": "0120878811"}, press="Dùng các giá trị")
        assert browser.value("full_name") == display(person().full_name)
        assert browser.value("social_insurance_code") == "0120878811"
        assert "Đã dùng các giá trị bạn chọn" in browser.text and "Dùng thông tin trên thẻ?" not in browser.text

    def test_everything_can_be_corrected_afterwards(self, browser):
        show(at_card(browser), photo_of("cccd"))
        browser.submit({**PERSON, "full_name": "Tên Đã Sửa"})
        assert browser.step == "photos"
        assert draft_of(browser).answers["declaration"]["full_name"] == "Tên Đã Sửa"

    def test_a_photo_without_a_card_is_not_kept_and_the_page_says_how_to_go_on(self, browser):
        show(at_card(browser), jpeg(), 422)
        assert "Chưa đọc được mã QR" in browser.errors()[0] and "chụp gần hơn" in browser.errors()[0]
        assert "Điền sẵn từ thẻ" in browser.heading
        browser.follow("Tôi tự gõ")
        assert browser.step == "declaration"
        assert (draft_of(browser).photos, draft_of(browser).cards) == ({}, {})

    def test_what_is_no_photo_at_all_is_refused_in_the_words_of_the_photos(self, browser):
        show(at_card(browser), b"no picture", 422)
        assert "không phải ảnh" in browser.errors()[0]

    def test_nothing_given_says_what_to_give(self, browser):
        at_card(browser).submit(status=422)
        assert "Chụp hoặc chọn ảnh thẻ" in browser.errors()[0]

    def test_a_code_that_is_no_card_fills_nothing_in(self, browser):
        show(at_card(browser), photo_saying("https://example.com/079190001234|x"), 422)
        assert draft_of(browser).typed == {}

    def test_the_cards_of_two_people_in_one_photo_fill_nothing_in(self):
        texts = [Person.of(seed).identity_text() for seed in (1, 2)]
        assert readings.of_texts(texts) is None
        assert readings.of_texts([texts[0], Person.of(1).health_text()]).id_number == Person.of(1).id_number

    def test_it_cannot_be_reached_before_the_consents(self, plain):
        plain.fill_until("declaration")
        card = plain.url.replace("declaration", "card")
        plain.open(card)
        assert plain.heading == "Điền sẵn từ thẻ"
        plain.start().submit({"consent_processing": True}, status=422)
        plain.open(card.partition("?")[0], 403)

    def test_a_photo_that_is_too_large_leaves_the_page_as_it_is(self, plain):
        at_card(plain)
        # Not handed to the test client as a file, for it would lay it on the disk.
        answer = plain.client.post(
            plain.url, data=bytes(27 * 1024 * 1024), content_type="multipart/form-data; boundary=x"
        )
        assert answer.status_code == 413
        assert "Ảnh vừa gửi quá lớn" in answer.text and "Điền sẵn từ thẻ" in answer.text

    def test_a_page_that_is_behind_overwrites_nothing(self, app):
        one, other = Browser(app), Browser(app)
        at_card(one)
        other.open(one.url.replace("card", "declaration")).answer("declaration", full_name="Trần Văn Khác")
        show(one, photo_of("health"))
        assert draft_of(one).answers["declaration"]["full_name"] == "Trần Văn Khác"
        assert "Dùng thông tin trên thẻ?" in one.text


class TestAScanner:
    """It types the text and presses Enter."""

    def test_an_id_card_is_taken(self, browser):
        at_card(browser).submit({"scanned": person().identity_text()})
        assert browser.value("id_number") == person().id_number
        assert draft_of(browser).photos == {}

    def test_a_health_card_is_taken(self, browser):
        at_card(browser).submit({"scanned": person().health_text()})
        assert browser.value("social_insurance_code") == person().social_insurance_code

    def test_what_it_garbles_is_mended_where_that_is_certain(self, plain):
        text = NHUNG.format("Hà Nam").encode().decode("latin-1")
        at_card(plain).submit({"scanned": f"\ufeff{text}\r"})
        assert plain.value("full_name") == "Nguyễn Thị Hồng Nhung"

    def test_what_is_no_card_gets_a_sentence_and_the_box_is_empty_for_the_next_try(self, browser):
        at_card(browser).submit({"scanned": "079190004321|x|<b>"}, status=422)
        assert "không phải của thẻ" in browser.errors()[0]
        assert browser.value("scanned") == ""
        assert "079190004321" not in browser.response.text

    def test_the_box_is_kept_by_no_browser_and_in_no_address(self, plain):
        box = at_card(plain).page.select_one("input[name=scanned]")
        assert box["autocomplete"] == "off"
        assert box.find_parent("form")["method"] == "post"
        plain.submit({"scanned": person().identity_text()})
        assert person().id_number not in plain.url

    @given(st.text(max_size=2500))
    def test_any_text_gives_a_page_and_never_a_made_up_value(self, text):
        reading = readings.of_texts([text])
        assert reading is None or idcard.parse(text)

    @given(st.data())
    def test_a_damaged_text_gives_what_the_card_says_or_nothing(self, data):
        whose = Person.of(data.draw(st.integers(0, 40)))
        whole = list(whose.identity_text())
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(1, 3))] = data.draw(st.sampled_from(["", "?", "|", "\ufffd", "Ã"]))
        reading = readings.of_texts(["".join(whole)])
        if reading and reading.commune:
            # A commune is only ever one that the list has.
            assert readings.communes.find(reading.commune_code).label == reading.commune


class TestBesidePhotos:
    """The card is read on the photos of the ID card, and held against what was typed."""

    def to_photos(self, browser, **typed) -> Browser:
        return browser.fill_until("declaration").answer("declaration", **typed)

    def test_a_difference_is_offered_side_by_side_and_can_be_taken(self, browser):
        self.to_photos(browser, full_name="Nguyễn Thị Hòng Nhung", employee_code="NV 7")
        browser.submit(photos_with(id_front=photo_saying(NHUNG.format(HERE))))
        assert browser.step == "agency"
        assert "Trên thẻ: Nguyễn Thị Hồng Nhung Bạn khai: Nguyễn Thị Hòng Nhung" in browser.text
        assert "Số CCCD" not in [legend.text for legend in browser.page.select("legend")]
        browser.submit(press="Dùng các giá trị")
        assert browser.step == "agency"
        declared = draft_of(browser).answers["declaration"]
        assert declared == {
            **PERSON,
            "full_name": "Nguyễn Thị Hồng Nhung",
            "commune_code": "25966",
            "employee_code": "NV 7",
            "from_card": False,
        }
        browser.submit({"agency": "07407"})
        assert browser.step == "review" and "Dùng thông tin trên thẻ?" not in browser.text

    def test_keeping_mine_is_remembered_until_another_card_is_read(self, browser):
        self.to_photos(browser).submit(photos_with(id_front=photo_of("cccd")))
        browser.submit(press="Giữ như tôi đã khai")
        assert "Đã giữ như bạn khai" in browser.text
        assert draft_of(browser).answers["declaration"]["full_name"] == PERSON["full_name"]
        photos_page = browser.url.replace("agency", "photos")
        browser.open(photos_page).submit({"id_front": upload("same.jpg", photo_of("cccd"))}, press="Lưu ảnh")
        assert "Dùng thông tin trên thẻ?" not in browser.text
        browser.submit({"id_front": upload("other.jpg", photo_of("cccd", 8))}, press="Lưu ảnh")
        assert f"Trên thẻ: {Person.of(8).id_number}" in browser.text

    def test_it_is_asked_on_the_photos_page_as_soon_as_the_photo_is_there(self, browser):
        self.to_photos(browser).submit({"id_back": upload("b.jpg", photo_of("can_cuoc"))}, press="Lưu ảnh")
        assert browser.step == "photos"
        assert f"Trên thẻ: {person('can_cuoc').id_number}" in browser.page.select_one("#cards").get_text(
            " ", strip=True
        )
        assert browser.page.select_one("#photo-id_back a[href='#cards']")
        inputs = browser.page.select("input[type=file]")
        assert all(each.find_parent(class_="photo")["hx-select-oob"] == "#step_token,#cards" for each in inputs)

    def test_it_is_no_gate(self, browser):
        self.to_photos(browser).submit(photos_with(id_front=photo_of("cccd"))).answer("agency")
        assert browser.step == "review"
        assert "Dùng thông tin trên thẻ?" in browser.text
        browser.submit(press="gửi mã xác nhận")
        assert browser.step == "confirm"

    def test_the_review_can_take_it_over_too(self, browser):
        self.to_photos(browser).submit(photos_with(id_front=photo_of("cccd"))).answer("agency")
        browser.submit({"card_full_name": "typed", "card_address": "card"}, press="Dùng các giá trị")
        assert browser.step == "review"
        declared = draft_of(browser).answers["declaration"]
        assert (declared["full_name"], declared["id_number"]) == (PERSON["full_name"], person().id_number)
        assert person().address.startswith(declared["address"]) and declared["commune"] in browser.text
        assert declared["phone"] == PERSON["phone"]

    def test_an_address_whose_commune_is_not_certain_is_taken_and_the_commune_asked(self, browser):
        self.to_photos(browser)
        browser.submit(photos_with(id_front=photo_saying(NHUNG.format("Số 1, Xã Không Đâu, Huyện Lạ, Tỉnh Hà Nam"))))
        browser.submit({"card_address": "card"}, press="Dùng các giá trị")
        assert browser.step == "declaration"
        assert (browser.value("address"), browser.value("commune")) == ("Số 1, Xã Không Đâu, Huyện Lạ, Tỉnh Hà Nam", "")
        assert browser.value("phone") == PERSON["phone"]
        browser.submit({"commune": PERSON["commune"]})
        assert browser.step == "agency"

    def test_where_it_agrees_nothing_is_asked_and_the_review_says_so(self, browser):
        self.to_photos(browser).submit(photos_with(id_front=photo_saying(NHUNG.format(HERE)))).answer("agency")
        assert browser.step == "review" and "Dùng thông tin trên thẻ?" not in browser.text
        rows = [row.get_text(" ", strip=True) for row in browser.page.select(".rows > div")]
        agreeing = [row for row in rows if "Khớp với mã QR trên thẻ" in row]
        assert [row.split(" Nguyễn")[0].split(" 074")[0] for row in agreeing[:2]] == [
            "Họ và tên",
            "Số CCCD hoặc hộ chiếu",
        ]
        assert not any("0120878811" in row for row in agreeing)

    def test_the_portrait_is_not_looked_at(self, plain):
        self.to_photos(plain).submit(photos_with(portrait=photo_of("cccd")))
        assert draft_of(plain).cards == {}

    def test_what_was_read_goes_with_its_photo(self, browser):
        self.to_photos(browser).submit({"id_front": upload("f.jpg", photo_of("cccd"))}, press="Lưu ảnh")
        assert draft_of(browser).cards["id_front"]["id_number"] == person().id_number
        browser.submit({"id_front": upload("f.jpg", jpeg())}, press="Lưu ảnh")
        assert draft_of(browser).cards == {}
        browser.submit({"id_front": upload("f.jpg", photo_of("cccd"))}, press="Lưu ảnh")
        browser.submit(press="Xoá ảnh này CCCD mặt trước")
        assert draft_of(browser).cards == {}
        assert "Dùng thông tin trên thẻ?" not in browser.text

    @pytest.mark.parametrize(
        ("kind", "slot", "advice"),
        [("health", "id_front", "thẻ BHYT"), ("cccd", "id_back", "mặt kia"), ("can_cuoc", "id_front", "mặt kia")],
    )
    def test_a_photo_in_the_wrong_place_is_pointed_out(self, plain, kind, slot, advice):
        self.to_photos(plain).submit({slot: upload("x.jpg", photo_of(kind))}, press="Lưu ảnh")
        assert advice in plain.page.select_one(f"#photo-{slot} .note").text

    def test_a_page_that_is_behind_shows_both_values_and_overwrites_nothing(self, app):
        one, other = Browser(app), Browser(app)
        self.to_photos(one).submit(photos_with(id_front=photo_of("cccd")))
        other.open(one.url.replace("agency", "declaration")).submit({"full_name": "Trần Văn Khác"})
        one.submit(press="Dùng các giá trị", status=409)
        assert one.value("full_name") == display(person().full_name) and "Trần Văn Khác" in one.text
        assert draft_of(other).answers["declaration"]["full_name"] == "Trần Văn Khác"

    def test_a_card_that_came_after_the_page_is_not_taken_unseen(self, app):
        one, other = Browser(app), Browser(app)
        self.to_photos(one).submit(photos_with(id_front=photo_of("cccd")))
        other.open(one.url.replace("agency", "photos"))
        other.submit({"id_front": upload("o.jpg", photo_of("cccd", 8))}, press="Lưu ảnh")
        one.submit(press="Dùng các giá trị")
        assert draft_of(one).answers["declaration"]["id_number"] == PERSON["id_number"]
        assert f"Trên thẻ: {Person.of(8).id_number}" in one.text

    def test_what_was_typed_on_the_page_meanwhile_is_kept(self, browser):
        self.to_photos(browser).submit(photos_with(id_front=photo_of("cccd")))
        browser.submit({"email": "nhung@congty.vn"}, press="Giữ như tôi đã khai")
        assert browser.value("email") == "nhung@congty.vn"


class TestTheDesk:
    def test_hr_sees_where_the_applicant_kept_another_value_than_the_card_has(self, plain, code, sign_in):
        plain.fill_until("declaration").answer("declaration")
        plain.submit(photos_with(id_front=photo_saying(NHUNG.format(HERE).replace("Hồng", "Hường"))))
        plain.submit(press="Giữ như tôi đã khai").answer("agency").submit().submit({"code": code()})
        desk = sign_in("department").open("/staff/").follow(PERSON["full_name"])
        rows = {row.dt.text: row.dd.get_text(" ", strip=True) for row in desk.page.select(".rows > div")}
        assert "Mã QR trên thẻ ghi: Nguyễn Thị Hường Nhung" in rows["Họ và tên"]
        assert rows["Số CCCD hoặc hộ chiếu"] == "074190001234 Khớp với mã QR trên thẻ"

    def test_the_person_sees_what_was_read_among_all_that_is_held(self, plain, code):
        plain.fill_until("declaration").answer("declaration")
        plain.submit(photos_with(id_front=photo_of("cccd"))).answer("agency")
        draft = draft_of(plain)
        held = holdings_of(draft)
        assert held["read_from_cards"]["id_front"]["id_number"] == person().id_number
        plain.open(f"/rights/data?t={tokens.sign_rights(draft.ticket('rights'))}")
        assert person().id_number in plain.text and "Đọc được từ mã QR trên thẻ" in plain.text

    def test_a_dossier_without_a_card_says_nothing_about_one(self, plain, submitted, sign_in):
        submitted(plain)
        desk = sign_in("department").open("/staff/").follow(PERSON["full_name"])
        assert "mã QR" not in desk.text

    @SQLITE_ONLY
    def test_what_was_read_on_a_photo_that_is_not_submitted_is_not_submitted_either(self, app):
        kept = {source: {"kind": "cccd"} for source in ("id_front", "identity", "elsewhere")}
        assert set(readings.submitted(kept, {"id_front": True})) == {"id_front", "identity"}


@SQLITE_ONLY
def test_a_photo_that_was_only_turned_keeps_what_was_read_on_it(app):
    with database.connection_context():
        draft = fill("0912345601")
        said = (person().identity_text(),)
        for texts, expected in ((said, person().id_number), (None, person().id_number), ((), None)):
            picture = Photo(JPEG + repr(texts).encode(), JPEG, 640, 480, MEASURES, texts=texts)
            draft = drafts.save(draft.ticket("photos"), "adult", Change(photos={"id_front": picture}))
            assert draft.cards.get("id_front", {}).get("id_number") == expected


@SQLITE_ONLY
def test_texts_of_a_worker_that_are_no_card_are_not_kept(app):
    with database.connection_context():
        draft = fill("0912345601")
        picture = Photo(JPEG, JPEG, 640, 480, MEASURES, texts=("x" * 2000, "079190004321", "|" * 50))
        assert drafts.save(draft.ticket("photos"), "adult", Change(photos={"id_front": picture})).cards == {}


@SQLITE_ONLY
def test_what_was_read_in_a_closed_session_is_not_kept(app):
    with database.connection_context():
        draft = fill("0912345601")
        with pytest.raises(drafts.DraftGone):
            drafts.keep_reading(Ticket(draft.id, "another"), "identity", Reading("cccd"))
        assert drafts.open_draft(draft.ticket()).cards == {}


@SQLITE_ONLY
def test_a_dossier_from_before_cards_were_read_can_be_opened(app, monkeypatch):
    from tests.dossiers import file_one

    with database.connection_context():
        row = file_one("0912345601")
        dumps = submissions.json.loads
        monkeypatch.setattr(
            submissions.json, "loads", lambda text: {k: v for k, v in dumps(text).items() if k != "cards"}
        )
        assert submissions.open_dossier(row).cards == {}


def test_the_worker_reads_a_card_only_where_it_is_asked_to():
    data = photo_of("cccd")
    assert photos.prepare(data).texts is None
    assert photos.prepare(data, True).texts == (person().identity_text(),)
    assert photos.prepare(jpeg(), True).texts == ()


@pytest.mark.parametrize(
    ("size", "seen"), [((4032, 3024), "4032 3024"), ((8160, 6120), "4080 3060"), ((900, 700), "900 700")]
)
def test_the_reader_is_given_more_pixels_than_are_kept(size, seen):
    """A card that was photographed from far away: what is kept of it may have too few pixels for its code."""
    program = (
        "from services import cardreader\n"
        "cardreader.read = lambda image: ['%d %d' % image.size]\n"
        "from services.photos import worker\n"
        "worker.main()\n"
    )
    pool = Pool(size=1, command=(sys.executable, "-c", program))
    try:
        photo = pool.prepare(jpeg(*size), READ)
    finally:
        pool.close()
    assert photo.texts == (seen,)
    assert max(photo.width, photo.height) == min(1600, size[0])


def test_a_photo_is_good_whatever_happens_to_the_reader():
    program = (
        "from services import cardreader\n"
        "def read(image): raise MemoryError\n"
        "cardreader.read = read\n"
        "from services.photos import worker\n"
        "worker.main()\n"
    )
    pool = Pool(size=1, command=(sys.executable, "-c", program))
    try:
        assert pool.prepare(jpeg(), READ).texts == ()
    finally:
        pool.close()


CERTAIN = [
    ("Lái Thiêu, Thuận An, Bình Dương", "20042021", ("", "25966")),
    ("5 Trần Phú, Lái Thiêu, Thuận An, Bình Dương", "20042021", ("5 Trần Phú", "25966")),
    ("5 Trần Phú, Phường Lái Thiêu, TP. Hồ Chí Minh", "20042021", ("5 Trần Phú", "25966")),
    ("5 Trần Phú, Phường Lái Thiêu, TP. Hồ Chí Minh", "01092025", ("5 Trần Phú", "25966")),
    ("Xóm 1, Xã Đình Cao, Huyện Phù Cừ, Tỉnh Hưng Yên", "01092025", ("Xóm 1", "12424")),
]
UNCERTAIN = [
    # Written the old way on a new card, or "Thuận An" is the commune of today and "Lái Thiêu" a quarter of it.
    ("5 Trần Phú, Lái Thiêu, Thuận An, Bình Dương", "01092025"),
    ("Thuận An, Bình Dương", "20042021"),
    ("Xã Lạ, Thuận An, Bình Dương", "20042021"),
    ("Xã Lạ, Thuận An, Bình Dương", "01092025"),
    ("Hà Nam", "20042021"),
]


class TestTheCommune:
    @pytest.mark.parametrize(("address", "issued", "expected"), CERTAIN)
    def test_is_taken_from_old_and_new_addresses(self, address, issued, expected):
        reading = readings.of_texts([NHUNG.format(address).replace("20042021", issued)])
        assert (reading.address, reading.commune_code) == expected

    @pytest.mark.parametrize(("address", "issued"), UNCERTAIN)
    def test_is_left_to_the_person_where_it_may_be_another(self, address, issued):
        reading = readings.of_texts([NHUNG.format(address).replace("20042021", issued)])
        assert (reading.address, reading.commune, reading.commune_code) == (address, "", "")

    @given(st.integers(0, 300), st.sampled_from(["cccd", "can_cuoc"]))
    def test_is_one_that_the_address_names(self, seed, kind):
        whose = Person.of(seed, new=kind == "can_cuoc")
        reading = readings.of_texts([whose.identity_text(kind)])
        assert whose.address.startswith(reading.address)
        if reading.commune:
            rest = whose.address.removeprefix(reading.address).lstrip(", ")
            assert [match.commune.code for match in readings.communes.resolve(rest)] == [reading.commune_code]


class TestReadings:
    CARD = Reading("cccd", "Nguyễn Thị Hồng Nhung", "074190001234", "", "5 Trần Phú", "Phường Lái Thiêu", "25966")

    def test_of_a_card_only_what_the_declaration_asks_is_kept(self):
        kept = {}
        readings.put(kept, "id_front", readings.of_texts([NHUNG.format(HERE)]))
        said = " ".join(str(value) for value in kept["id_front"].values())
        assert "271828182" not in said and "15081990" not in said and "1990-08-15" not in said and "Nữ" not in said

    def test_a_card_is_asked_about_once_wherever_it_is_read(self):
        kept = {}
        readings.put(kept, "identity", replace(self.CARD, settled=True))
        readings.put(kept, "id_front", self.CARD)
        assert readings.open_question(kept, {"full_name": "Ai Khác"}) is None
        readings.put(kept, "id_front", replace(self.CARD, id_number="074190001235"))
        source, found = readings.open_question(kept, {"full_name": "Ai Khác"})
        assert (source, [each.field for each in found]) == ("id_front", ["full_name", "id_number", "address"])

    def test_a_declaration_that_was_not_begun_is_not_asked_about(self):
        kept = {}
        readings.put(kept, "identity", self.CARD)
        assert readings.open_question(kept, {}) is None

    def test_a_health_card_is_not_held_against_an_address(self):
        card = Reading("health", "Nguyễn Thị Hồng Nhung", "", "0120878811", "Chỗ Cũ")
        assert (
            readings.differences(card, {"full_name": "nguyễn thị hồng nhung", "social_insurance_code": "0120878811"})
            == []
        )

    def test_what_is_filled_in_is_only_what_is_blank_and_asked(self):
        typed = {"full_name": "Tên Khác", "commune": "Phường An Phú"}
        filled = readings.filled(self.CARD, typed, ["full_name", "id_number", "address", "commune"])
        assert filled == {**typed, "id_number": "074190001234"}
