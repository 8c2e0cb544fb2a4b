"""What we think of photos: of good real ones, of real ones and drawn cards that were spoilt; and what a page says."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter

from models import Photo, database
from services import photos
from services.photos import advice
from tests.answers import jpeg, upload
from tests.browser import Browser
from tests.cards import Sample
from tests.test_photos import as_file

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
REAL = [
    *sorted(CORPUS.glob("phone/*")),
    *sorted(CORPUS.glob("orientation/*_1.jpg")),
    *(CORPUS / "heic" / name for name in ("arrow.heic", "parfait.heic", "iphone_13_pro_max.HEIC", "IMG_5195.HEIC")),
]
SMALL = {"astronaut.png", "grace_hopper.jpg"}
LYING = {"Apple iPhone 5.jpg", "HMD_Nokia_8.3_5G.jpg", "jolla.jpg", "Landscape_1.jpg"}
SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])

with_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real photos is not here")
each_real = pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)


def failed(kind, data):
    checks = advice.checks(kind, photos.prepare(data))
    assert set(checks) == {"size", "sharp", "light", "glare", "upright" if kind == "portrait" else "fills"}
    return {name for name, is_met in checks.items() if not is_met}


def spoilt(path, change):
    """The picture as it is kept, changed, as a file."""
    picture = Image.open(io.BytesIO(photos.prepare(path.read_bytes()).jpeg))
    return as_file(change(picture), quality=90)


def blurred(radius):
    return lambda picture: picture.filter(ImageFilter.GaussianBlur(radius))


def with_lamp(picture):
    """A lamp's mirror image."""
    width, height = picture.size
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).ellipse((width * 0.4, height * 0.4, width * 0.6, height * 0.6), fill=255)
    picture.paste("white", mask=mask.filter(ImageFilter.GaussianBlur(width * 0.02)))
    return picture


def on_a_desk(picture):
    """The picture as a small thing on an even ground."""
    desk = Image.new("RGB", picture.size, (150, 130, 110))
    small = picture.resize((picture.width * 2 // 5, picture.height * 2 // 5))
    desk.paste(small, (picture.width // 3, picture.height // 3))
    return desk


def card(wear="clean", hardness=0.5, kind="cccd", seed=3):
    return as_file(Sample(seed, kind, wear, hardness).photo().convert("RGB"), quality=90)


# --- No false alarm


@with_corpus
@each_real
def test_a_good_real_photo_is_not_complained_about(path):
    assert failed("portrait", path.read_bytes()) == ({"upright"} if path.name in LYING else set())
    assert failed("id_front", path.read_bytes()) == ({"size"} if path.name in SMALL else set())


@pytest.mark.parametrize("wear", ["clean", "rotated", "tilted", "compressed"])
@pytest.mark.parametrize("kind", ["cccd", "can_cuoc", "health"])
def test_a_card_that_can_be_read_is_not_complained_about(wear, kind):
    for hardness in (0, 0.5, 1):
        assert failed("id_front", card(wear, hardness, kind)) == set(), hardness


@pytest.mark.parametrize("lines", [3, 30])
def test_a_scan_on_white_paper_is_not_complained_about(lines):
    paper = Image.new("RGB", (1240, 1600), "white")
    for line in range(lines):
        ImageDraw.Draw(paper).text((100, 100 + 1400 * line // lines), "GIẤY KHAI SINH " * 3, fill=30, font_size=34)
    assert failed("birth_certificate", as_file(paper)) == set()


# --- What is seen


@with_corpus
@each_real
def test_a_real_photo_that_was_blurred_is_not_sharp(path):
    assert "sharp" in failed("portrait", spoilt(path, blurred(3)))


@with_corpus
@each_real
def test_a_real_photo_in_the_dark_is_dark(path):
    assert "light" in failed("portrait", spoilt(path, lambda picture: picture.point(lambda value: value * 0.35)))


@with_corpus
@each_real
def test_a_real_photo_that_was_washed_out_is(path):
    assert "glare" in failed("portrait", spoilt(path, lambda picture: picture.point(lambda value: 160 + value * 0.37)))


@pytest.mark.parametrize("kind", ["cccd", "can_cuoc", "health"])
def test_cards_that_cannot_be_read_are_named_by_what_ails_them(kind):
    assert failed("id_front", card("blurred", 1.6, kind)) >= {"sharp"}
    assert failed("id_front", card("dim", 0.5, kind)) >= {"light"}
    assert failed("id_front", card("far", 0.8, kind)) == {"fills"}
    clean = Image.open(io.BytesIO(card(kind=kind)))
    assert failed("id_front", as_file(with_lamp(clean.copy()))) == {"glare"}
    assert failed("id_front", as_file(on_a_desk(clean))) == {"fills"}
    assert "size" in failed("id_front", as_file(clean.resize((640, 480))))


def test_an_empty_picture_is_neither_sharp_nor_of_any_strength():
    assert failed("id_front", as_file(Image.new("RGB", (1600, 1200), (128, 128, 128)))) == {"sharp", "glare"}


def test_a_picture_of_the_smallest_and_of_the_thinnest_kind_is_measured():
    for picture in (Image.new("RGB", (200, 200)), Image.new("RGB", (1600, 200), "white")):
        assert "size" in failed("portrait", as_file(picture))


# --- What a person sees of it


@pytest.fixture
def at_photos(browser):
    """At the photos, with a front side that is blurred."""
    browser.fill_until("photos")
    return browser.submit({"id_front": upload("mo.jpg", light_card(6))}, press="Lưu ảnh")


def light_card(blur=0):
    """A card of few bytes, which the test's browser sends without a temporary file."""
    picture = Image.open(io.BytesIO(card())).resize((1200, 900))
    return as_file(picture.filter(ImageFilter.GaussianBlur(blur)), quality=60)


def said(browser, kind="id_front"):
    return [item.get_text(" ", strip=True) for item in browser.page.select(f"#photo-{kind} .checks li")]


def rest(browser):
    return browser.submit(
        {"portrait": upload(data=jpeg(900, 1200)), "id_back": upload(data=light_card())}, press="Lưu ảnh"
    )


def test_each_check_is_shown_as_met_or_not(at_photos):
    assert said(at_photos) == [
        "✓ Đủ lớn",
        "✓ Đủ sáng",
        "✓ Không lóa",
        "✓ Gần kín khung hình",
        "✗ Chưa đủ nét. Giữ chắc tay, chạm vào màn hình để lấy nét.",
    ]
    again = at_photos.page.select_one("#photo-id_front a[data-retake]")
    assert at_photos.page.select_one(again["href"])["type"] == "file"
    rest(at_photos)
    assert said(at_photos, "id_back") == [
        "✓ Đủ lớn", "✓ Đủ nét", "✓ Đủ sáng", "✓ Không lóa", "✓ Gần kín khung hình"
    ]  # fmt: skip
    assert said(at_photos, "portrait")[-1] == "✓ Ảnh đứng"


def test_advice_is_no_gate_and_hr_is_told(at_photos, code, sign_in):
    rest(at_photos).submit().submit()
    assert at_photos.step == "review" and "Chưa đủ nét." in at_photos.text
    at_photos.submit(press="gửi mã xác nhận").submit({"code": code()})
    reference = at_photos.page.select_one("[data-reference]").get_text(strip=True)
    desk = sign_in().open(f"/staff/dossiers/{reference}")
    assert [note.get_text(strip=True) for note in desk.page.select("figcaption .note")] == [
        "Chưa đủ nét. Người khai gửi mà không chọn gì."
    ]


def test_a_photo_that_shall_be_used_anyway_is_not_asked_about_again(at_photos, code, sign_in):
    at_photos.submit(press="Vẫn dùng ảnh này")
    assert at_photos.step == "photos" and "Bạn đã chọn vẫn dùng ảnh này." in at_photos.text
    assert not at_photos.page.select("#photo-id_front [data-retake], #photo-id_front [name=accept]")
    rest(at_photos).submit().submit()
    assert "Bạn chọn vẫn dùng: Chưa đủ nét." in at_photos.text
    at_photos.submit(press="gửi mã xác nhận").submit({"code": code()})
    reference = at_photos.page.select_one("[data-reference]").get_text(strip=True)
    assert "Chưa đủ nét. Người khai chọn vẫn dùng ảnh này." in sign_in().open(f"/staff/dossiers/{reference}").text


def test_a_turn_does_not_ask_again_but_a_new_picture_does(at_photos):
    at_photos.submit(press="Vẫn dùng ảnh này").submit(press="Xoay phải")
    assert "Bạn đã chọn vẫn dùng ảnh này." in at_photos.text
    at_photos.submit({"id_front": upload(data=jpeg(300, 400))}, press="Lưu ảnh")
    assert "Vẫn dùng ảnh này" in at_photos.text and "Bạn đã chọn" not in at_photos.text


def test_what_becomes_worse_by_an_edit_is_asked_about_again(browser):
    browser.fill_until("photos").submit({"portrait": upload(data=jpeg(400, 400))}, press="Lưu ảnh")
    assert said(browser, "portrait")[-1].startswith("✗ Ảnh nhỏ")
    browser.submit(press="Vẫn dùng ảnh này").submit(press="Cắt ảnh 3×4")
    assert "Bạn đã chọn vẫn dùng ảnh này." in browser.text
    browser.submit({"portrait": upload(data=jpeg(300, 400))}, press="Lưu ảnh")
    browser.submit(press="Vẫn dùng ảnh này").submit(press="Xoay phải")
    assert [line for line in said(browser, "portrait") if "Ảnh nằm ngang" in line]
    assert "Bạn đã chọn" not in browser.text


def test_a_lying_portrait_becomes_upright_by_a_cut(browser):
    browser.fill_until("photos").submit({"portrait": upload()}, press="Lưu ảnh")
    assert "✗ Ảnh nằm ngang. Xoay ảnh, hoặc cắt theo khung 3×4." in said(browser, "portrait")
    browser.submit(press="Cắt ảnh 3×4")
    assert "✓ Ảnh đứng" in said(browser, "portrait")


def test_a_photo_that_was_replaced_elsewhere_is_not_accepted_unseen(app, at_photos):
    other = Browser(app).open(at_photos.url)
    at_photos.submit({"id_front": upload(data=jpeg(300, 400))}, press="Lưu ảnh")
    other.submit(press="Vẫn dùng ảnh này", status=409)
    with database.connection_context():
        assert Photo.get(Photo.kind == "id_front").accepted_at is None


def test_accepting_twice_is_accepting_once(at_photos):
    form, button = at_photos._form("Vẫn dùng ảnh này")
    for _ in range(2):
        data = at_photos._values(form, {}, button)
        assert at_photos.client.post(at_photos.url, data=data).status_code == 303
    with database.connection_context():
        assert Photo.get(Photo.kind == "id_front").accepted_at


@SQLITE_ONLY
@pytest.mark.parametrize("kind", ["portrait", "passport", "", "id_front portrait"])
def test_a_photo_that_is_not_there_cannot_be_accepted(at_photos, kind):
    data = {"step_token": at_photos.token, "action": "save", "accept": kind}
    assert at_photos.client.post(at_photos.url, data=data).status_code == 303


@SQLITE_ONLY
def test_photos_from_before_there_were_checks_are_shown_without(at_photos):
    with database.connection_context():
        Photo.update(checks=None).execute()
    assert said(at_photos.reload()) == []
    assert "Chụp lại" not in at_photos.text
