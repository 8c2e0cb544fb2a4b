"""From the PC to the phone: a QR, pictures from there, and the PC's page that shows them as they arrive."""

from io import BytesIO
from urllib.parse import urljoin, urlsplit

import pytest
import time_machine

from tests.answers import PERSON, jpeg, upload
from tests.browser import Browser

ADDRESS = "http://quay.lan:8000"


@pytest.fixture
def app(make_app):
    return make_app(QUAY_PUBLIC_URL=ADDRESS)


@pytest.fixture
def pc(app):
    return Browser(app).fill_until("photos").follow("Chụp bằng điện thoại")


def phone_of(app, pc) -> Browser:
    """Scan the QR: read it from the page as a camera would."""
    address = read_qr(pc.page.select_one("svg.qr"))
    assert address.startswith(ADDRESS)
    return Browser(app).open(address.removeprefix(ADDRESS))


def read_qr(svg) -> str:
    import re

    import zxingcpp
    from PIL import Image, ImageDraw

    side = int(float(svg["viewbox"].split()[2]))
    picture = Image.new("L", (side, side), 255)
    draw = ImageDraw.Draw(picture)
    x = y = 0.0
    (path,) = svg.select("path[stroke]")
    for letter, numbers in re.findall(r"([Mmhv])([-\d. ]*)", path["d"]):
        values = [float(number) for number in numbers.split()]
        if letter == "M":
            x, y = values
        elif letter == "m":
            x, y = x + values[0], y + values[1]
        else:
            draw.rectangle((x, int(y), x + values[0] - 1, int(y)), fill=0)
            x += values[0]
    return zxingcpp.read_barcodes(picture.resize((side * 8, side * 8), Image.Resampling.NEAREST))[0].text


def arrivals(pc) -> str:
    return urljoin(pc.url, pc.page.select_one("[hx-trigger^=every]")["hx-get"])


def test_pictures_taken_on_the_phone_appear_on_the_pc(app, pc):
    phone = phone_of(app, pc)
    assert pc.client.get(arrivals(pc)).status_code == 204
    phone.submit({"portrait": upload()}, form=phone.page.form)
    assert "đã có" in phone.text
    pc.open(arrivals(pc))
    assert pc.page.select_one("#photo-portrait img")
    phone.submit(
        {"id_front": upload("a.jpg", jpeg(seed=1)), "id_back": upload("b.jpg", jpeg(seed=2))}, form=phone.page.form
    )
    pc.open(arrivals(pc))
    assert len(pc.page.select(".photo img")) == 3
    assert pc.submit().step == "agency"


def test_both_may_send_pictures_at_the_same_time(app, pc):
    phone = phone_of(app, pc)
    phone.submit({"portrait": upload()}, form=phone.page.form)
    pc.submit({"id_front": upload("a.jpg", jpeg(seed=1))}, press="Lưu ảnh")
    assert len(pc.page.select(".photo img")) == 2


def test_the_link_shows_and_sends_these_photos_alone(app, pc):
    phone = phone_of(app, pc)
    for value in PERSON.values():
        assert value not in phone.text
    query = urlsplit(phone.url).query
    for path in ("register/adult/photos", "register/adult/declaration", "register/adult/review"):
        phone.client.get(f"/{path}?{query}")
        assert Browser(app).open(f"/{path}?{query}", 403)
    refused = phone.client.post("/register/adult/photos", data={"step_token": phone.token, "portrait": upload()})
    assert refused.status_code == 403


def test_the_link_is_good_for_fifteen_minutes_however_often_it_is_used(app):
    with time_machine.travel("2026-11-23 08:00Z", tick=False) as clock:
        pc = Browser(app).fill_until("photos").follow("Chụp bằng điện thoại")
        phone = phone_of(app, pc)
        clock.shift(14 * 60)
        phone.submit({"portrait": upload()}, form=phone.page.form)
        clock.shift(2 * 60)
        phone.submit({"id_front": upload()}, form=phone.page.form, status=409)
        pc.open(arrivals(pc))
        assert pc.page.select_one("#photo-portrait img") and not pc.page.select_one("svg.qr")


def test_the_link_dies_with_the_draft(app, pc):
    phone = phone_of(app, pc)
    pc.submit(press="Xong")
    phone.submit({"portrait": upload()}, form=phone.page.form, status=409)


def test_a_broken_picture_gets_its_sentence_on_the_phone(app, pc):
    phone = phone_of(app, pc)
    phone.submit({"portrait": (BytesIO(b"not a picture"), "a.jpg")}, form=phone.page.form, status=422)
    assert "không phải ảnh" in phone.text


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:8000", "http://localhost:8000"])
def test_where_no_phone_could_reach_us_the_page_says_what_to_set_and_shows_no_qr(make_app, address):
    pc = Browser(make_app(QUAY_PUBLIC_URL=address)).fill_until("photos").follow("Chụp bằng điện thoại")
    assert "QUAY_PUBLIC_URL" in pc.text
    assert not pc.page.select("svg.qr")


def test_a_picture_that_was_replaced_elsewhere_is_not_overwritten(app, pc):
    phone = phone_of(app, pc)
    other = phone_of(app, pc)
    phone.submit({"portrait": upload()}, form=phone.page.form)
    other.submit({"portrait": upload("b.jpg", jpeg(seed=7))}, form=other.page.form, status=409)
    assert "từ máy khác" in other.text


def test_the_phone_takes_the_photos_of_a_child(app):
    pc = Browser(app).fill_until("photos", "child").follow("Chụp bằng điện thoại")
    phone = phone_of(app, pc)
    assert phone.asked == {"portrait", "birth_certificate"}
    phone.submit({"portrait": upload(), "birth_certificate": upload(data=jpeg(seed=7))})
    assert len(pc.open(arrivals(pc)).page.select("figure img")) == 2
    pc.open(pc.url.replace("/photos/arrivals", "/photos"))
    assert pc.submit().step == "agency"
