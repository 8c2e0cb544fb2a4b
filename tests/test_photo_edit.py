"""Photos that are turned and cut: what becomes of the pixels, and how a person does it and undoes it."""

import base64
import json
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from models import Draft, Photo, database
from services import album, drafts, holdings, photos, vault
from services.photos import CENTRE, Edit, Frame, PhotoRefused, Reason, limits
from tests.answers import jpeg, upload
from tests.browser import Browser
from tests.test_handoff import ADDRESS, phone_of
from tests.test_photos import as_file, check, corners, difference, noise, opened, quarters

RED, LIME, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)
SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
PHOTOS = "/register/adult/photos"


# --- The pixels


@pytest.mark.parametrize(
    ("times", "seen"),
    [
        (0, [RED, LIME, BLUE, YELLOW]),
        (1, [BLUE, RED, YELLOW, LIME]),
        (2, [YELLOW, BLUE, LIME, RED]),
        (3, [LIME, YELLOW, RED, BLUE]),
    ],
)
def test_a_photo_is_turned_clockwise(times, seen):
    photo = photos.edit(photos.prepare(as_file(quarters())).jpeg, Edit(times))
    check(photo)
    assert (photo.width, photo.height) == [(640, 480), (480, 640)][times % 2]
    assert corners(photo.jpeg) == corners(photo.thumbnail) == seen


def test_a_photo_that_is_not_changed_is_the_very_same():
    sent = photos.prepare(jpeg())
    assert photos.edit(sent.jpeg, Edit()).jpeg == sent.jpeg


def test_the_same_edit_gives_the_same_bytes():
    sent = photos.prepare(jpeg()).jpeg
    assert photos.edit(sent, Edit(1, CENTRE)) == photos.edit(sent, Edit(1, CENTRE))


@pytest.mark.parametrize(
    ("size", "cut"), [((1200, 900), (675, 900)), ((900, 1600), (900, 1200)), ((900, 900), (675, 900))]
)
def test_the_largest_frame_in_the_middle(size, cut):
    sent = photos.prepare(as_file(Image.linear_gradient("L").resize(size).convert("RGB")))
    photo = photos.edit(sent.jpeg, Edit(0, CENTRE))
    check(photo)
    assert (photo.width, photo.height) == cut
    left, top = ((whole - kept) // 2 for whole, kept in zip(size, cut, strict=True))
    wanted = opened(sent.jpeg).crop((left, top, left + cut[0], top + cut[1]))
    assert difference(opened(photo.jpeg), wanted) < 2


def test_a_frame_is_cut_where_it_stands_after_the_turn():
    picture = Image.new("RGB", (1200, 900), "white")
    ImageDraw.Draw(picture).rectangle((0, 600, 299, 899), fill="red")
    turned = photos.edit(photos.prepare(as_file(picture)).jpeg, Edit(1, Frame(0, 0, 3333)))
    # Turned clockwise, the lower left corner is the upper left one.
    assert (turned.width, turned.height) == (300, 400)
    assert opened(turned.jpeg).getpixel((20, 20))[1] < 60
    assert opened(turned.jpeg).getpixel((280, 380))[1] > 200


@given(
    st.builds(Frame, st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 65535)),
    st.integers(200, 1600),
    st.integers(200, 1600),
)
def test_any_frame_comes_to_lie_within_the_picture_three_wide_and_four_high(frame, width, height):
    left, top, right, bottom = frame.box(width, height, limits.SHORTEST_SIDE)
    assert 0 <= left < right <= width and 0 <= top < bottom <= height
    assert abs((right - left) * 4 - (bottom - top) * 3) <= 3
    assert right - left >= min(limits.SHORTEST_SIDE, width, height * 3 // 4)


def test_a_picture_that_hardly_compresses_keeps_the_bounds_when_it_is_edited():
    sent = photos.prepare(as_file(noise(1600, 1600), quality=95))
    for how in (Edit(), Edit(1), Edit(2, CENTRE)):
        check(photos.edit(sent.jpeg, how))


@pytest.mark.parametrize("junk", [b"", b"\xff\xd8\xff junk", as_file(Image.new("RGB", (2000, 2000)))])
def test_what_we_have_not_made_is_not_edited(junk):
    with pytest.raises(PhotoRefused) as refused:
        photos.edit(junk, Edit(1))
    assert refused.value.reason in {Reason.BROKEN, Reason.TOO_MANY_PIXELS}


# --- A person


@pytest.fixture
def at_photos(browser):
    """At the photos, with a portrait that lies on its side."""
    browser.fill_until("photos")
    return browser.submit({"portrait": upload()}, press="Lưu ảnh")


def kept(kind="portrait"):
    with database.connection_context():
        return Photo.get(Photo.kind == kind)


def size():
    row = kept()
    return row.width, row.height


def picture():
    """The photo as it is kept, unsealed."""
    row = kept()
    with database.connection_context():
        return vault.unseal(row.envelope, "photo.portrait", row.image)


def shown(browser):
    return browser.page.select_one("#photo-portrait img")["src"]


def test_a_portrait_is_turned_cut_and_taken_back(at_photos):
    first, sent = shown(at_photos), picture()
    assert at_photos.page.select_one("svg.frame path")["d"] == "M0 0H1200V900H0ZM262 0V900H937V0Z"
    assert "675 × 900 điểm ảnh" in at_photos.text
    at_photos.submit(press="Xoay phải")
    assert size() == (900, 1200) and shown(at_photos) != first
    at_photos.submit(press="Xoay trái")
    assert size() == (1200, 900)
    assert kept().original is None and picture() == sent
    at_photos.submit(press="Xoay trái").submit(press="Xoay trái").submit(press="Cắt ảnh 3×4")
    assert size() == (675, 900)
    assert not at_photos.page.select("svg.frame") and at_photos.step == "photos"
    at_photos.submit(press="Dùng lại ảnh gốc")
    assert size() == (1200, 900), "turned as it was"
    at_photos.submit(press="Xoay phải").submit(press="Xoay phải")
    assert picture() == sent


def test_the_frame_says_what_is_cut(at_photos):
    at_photos.submit({"frame": "2000 5000 2500"}, press="Cắt ảnh 3×4")
    assert size() == (300, 400)
    assert kept().edit == "0 2000 5000 2500"


@pytest.mark.parametrize("frame", ["", "x", "1 2", "-5 0 0", "99999 99999 99999", "0 0 0", "1" * 400])
@SQLITE_ONLY
def test_a_frame_that_makes_no_sense_still_cuts_three_by_four(at_photos, frame):
    at_photos.submit({"frame": frame}, press="Cắt ảnh 3×4")
    width, height = size()
    assert (width >= 200, abs(width * 4 - height * 3) <= 3) == (True, True)


@pytest.mark.parametrize(
    "edit", ["portrait", "portrait 4", "portrait -1", "portrait x cut", "passport 1", "id_back 1", " "]
)
@SQLITE_ONLY
def test_an_edit_that_makes_no_sense_changes_nothing(at_photos, edit):
    before = kept().image
    data = {"step_token": at_photos.token, "action": "save", "edit": edit}
    assert at_photos.client.post(at_photos.url, data=data).status_code == 303
    assert kept().image == before


def test_a_photo_that_is_sent_with_a_turn_of_another_is_kept_too(at_photos):
    at_photos.submit({"id_front": upload()}, press="Xoay phải")
    assert size() == (900, 1200) and kept("id_front").width == 1200


def test_a_new_picture_is_not_turned_by_the_button_for_the_old_one(at_photos):
    at_photos.submit({"portrait": upload("b.jpg", jpeg(800, 1000))}, press="Xoay phải")
    assert size() == (800, 1000) and kept().original is None


def test_documents_are_turned_but_offer_no_frame(at_photos):
    at_photos.submit({"id_front": upload()}, press="Lưu ảnh")
    block = at_photos.page.select_one("#photo-id_front")
    words = [button.get_text(" ", strip=True) for button in block.select("button[name=edit]")]
    assert words == ["Xoay trái CCCD mặt trước", "Xoay phải CCCD mặt trước"]


def test_pressed_twice_it_is_turned_once(at_photos):
    form, button = at_photos._form("Xoay phải")
    data = at_photos._values(form, {}, button)
    for _ in range(2):
        assert at_photos.client.post(at_photos.url, data=data).status_code == 303
    assert size() == (900, 1200) and kept().edit == "1"


def test_of_two_tabs_the_second_sees_what_the_first_has_done(app, at_photos):
    other = Browser(app).open(at_photos.url)
    at_photos.submit(press="Xoay phải")
    other.submit(press="Cắt ảnh 3×4", status=409)
    assert "vừa được lưu ở nơi khác" in other.text
    assert size() == (900, 1200)
    other.submit(press="Cắt ảnh 3×4")
    assert size() == (900, 1200) and kept().edit == "1 5000 5000 10000"


def test_a_photo_that_was_replaced_elsewhere_is_not_turned(app, at_photos):
    other = Browser(app).open(at_photos.url)
    at_photos.submit({"portrait": upload("b.jpg", jpeg(1000, 800))}, press="Lưu ảnh")
    other.submit(press="Xoay phải", status=409)
    assert size() == (1000, 800)


def test_a_photo_that_was_removed_elsewhere_is_not_turned(app, at_photos):
    other = Browser(app).open(at_photos.url)
    at_photos.submit(press="Xoá ảnh này")
    other.submit(press="Xoay phải")
    with database.connection_context():
        assert Photo.select().count() == 0


def test_the_phone_turns_and_cuts_too(make_app):
    app = make_app(QUAY_PUBLIC_URL=ADDRESS)
    pc = Browser(app).fill_until("photos").follow("Chụp bằng điện thoại")
    phone = phone_of(app, pc)
    phone.submit({"portrait": upload()}, form=phone.page.form)
    phone.submit(press="Xoay phải").submit(press="Cắt ảnh 3×4")
    assert phone.heading == "Chụp ảnh cho hồ sơ" and "Dùng lại ảnh gốc" in phone.text
    assert size() == (900, 1200)
    pc.open(pc.url)
    assert shown(pc) == shown(phone)
    pc.submit(press="Dùng lại ảnh gốc")
    phone.submit(press="Xoay trái", status=409)
    assert "từ máy khác" in phone.text


def test_whatever_is_cut_away_is_sealed_and_forgotten_when_it_is_submitted(plain, code):
    plain.fill_until("photos").answer("photos", portrait=upload()).open(PHOTOS + plain.url[plain.url.index("?") :])
    plain.submit(press="Cắt ảnh 3×4")
    row = kept()
    with database.connection_context():
        whole = album.edited(row.envelope_id, "portrait", Edit())
    assert (whole.width, whole.height) == (1200, 900)
    assert bytes(row.original)[:3] != b"\xff\xd8\xff" and whole.jpeg[:200] not in bytes(row.original)
    plain.submit().submit().submit().submit({"code": code()})
    assert plain.heading == "Đã nhận hồ sơ của bạn"
    row = kept()
    assert (row.original, row.edit) == (None, None)
    with database.connection_context():
        assert album.edited(row.envelope_id, "portrait", Edit()).width == 675


@SQLITE_ONLY
def test_htmx_is_given_the_one_photo_that_it_takes(at_photos):
    at_photos.submit({"id_front": upload()}, press="Lưu ảnh")
    form, button = at_photos._form("Xoay phải")
    headers = {"HX-Request": "true", "HX-Target": "photo-portrait"}
    data = at_photos._values(form, {}, button)
    answer = at_photos.client.post(at_photos.url, data=data, headers=headers)
    part = BeautifulSoup(at_photos.client.get(answer.headers["Location"], headers=headers).text, "lxml")
    assert [each["id"] for each in part.select(".photo")] == ["photo-portrait"]
    assert part.select_one("#step_token")["value"] != at_photos.token
    assert part.select_one("h2[tabindex='-1']")
    # Answers that take the whole place are whole: here, that of a page which is behind.
    data["edit"] = "portrait 2"
    behind = BeautifulSoup(at_photos.client.post(at_photos.url, data=data, headers=headers).text, "lxml")
    assert len(behind.select(".photo")) == 3


@SQLITE_ONLY
def test_a_worker_that_fails_leaves_the_photo_as_it_is_and_says_so(at_photos, monkeypatch):
    def fail(jpeg, how):
        raise PhotoRefused(Reason.TOO_HARD)

    monkeypatch.setattr(photos, "edit", fail)
    at_photos.submit(press="Xoay phải", status=422)
    assert at_photos.errors() == [
        "Máy không mở được ảnh này. Chụp lại bằng máy ảnh của điện thoại, hoặc chọn ảnh khác."
    ]
    assert size() == (1200, 900)


@SQLITE_ONLY
def test_hr_is_served_the_cut_picture(plain, code, sign_in):
    plain.fill_until("photos").answer("photos", portrait=upload()).open(PHOTOS + plain.url[plain.url.index("?") :])
    plain.submit(press="Cắt ảnh 3×4").submit().submit().submit().submit({"code": code()})
    reference = plain.page.select_one("[data-reference]").get_text(strip=True)
    served = sign_in().client.get(f"/staff/dossiers/{reference}/photos/portrait").data
    assert Image.open(BytesIO(served)).size == (675, 900)


@SQLITE_ONLY
def test_whoever_asks_what_is_held_is_given_the_whole_picture_too(at_photos):
    at_photos.submit(press="Cắt ảnh 3×4")
    with database.connection_context():
        row = kept()
        draft = drafts.unsealed(Draft.get())
        held = json.loads(holdings.as_json(holdings.hold(draft.ticket())))["photos"][0]
        whole = vault.unseal(row.envelope, "original.portrait", row.original)
    assert base64.b64decode(held["before_it_was_edited_base64"]) == whole
    assert held["checks"]["upright"] is True and held["accepted_at"] is None
