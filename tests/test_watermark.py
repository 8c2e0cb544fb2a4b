"""The name across a photo: there, everywhere, for each viewer his own, and no way for anybody else to ask for it."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops

from models import database
from services import photos, submissions
from services.photos import PhotoRefused, mark
from tests.answers import jpeg
from tests.desk import add, enter
from tests.dossiers import file_one

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("L")


def grey(width: int, height: int, level: int = 128) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), (level,) * 3).save(out, "JPEG", quality=95)
    return out.getvalue()


@pytest.mark.parametrize("size", [(1600, 1200), (1200, 1600), (320, 240), (200, 1600)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_the_name_stands_in_every_part_of_a_picture_of_any_shape_and_shade(size, level):
    plain = grey(*size, level)
    seen = opened(photos.marked(plain, "lan.nguyen · 25/11/2026 19:20"))
    assert seen.size == size
    change = ImageChops.difference(seen, opened(plain)).point(lambda value: 255 * (value > 12))
    width, height = size
    parts = [(0, 0, width, height // 2), (0, height // 2, width, height)]
    assert all(change.crop(part).getbbox() for part in parts)
    # Light: most of the picture is as it was.
    assert change.histogram()[255] < 0.25 * width * height


def test_any_text_is_written_on_one_line_and_none_breaks_it():
    for text in ("Đặng Thị Ước", "a\nb\n", "x" * 5000, "中文😀", "-"):
        assert opened(photos.marked(jpeg(), text)).size == (1200, 900)


def test_nobody_can_ask_for_it_by_what_they_send_as_a_photo():
    with pytest.raises(PhotoRefused):
        photos.prepare(mark.asked(jpeg(), "somebody else"))


@SQLITE_ONLY
def test_each_viewer_sees_their_own_name_and_what_is_kept_stays_as_it_was(app):
    with database.connection_context():
        dossier = file_one("0912345601")
        kept = submissions.photo(dossier, "portrait")
    seen = {kept}
    for name in ("lan", "minh"):
        add(name)
        answer = enter(app, name).client.get(f"/staff/dossiers/{dossier.reference}/photos/portrait")
        assert answer.mimetype == "image/jpeg" and opened(answer.data).size == (320, 240)
        seen.add(answer.data)
    assert len(seen) == 3
    with database.connection_context():
        assert submissions.photo(dossier, "portrait") == kept


@SQLITE_ONLY
def test_without_the_name_no_photo_is_shown(app, monkeypatch):
    from views.staff import dossiers

    def refuse(_jpeg, _text):
        raise PhotoRefused(photos.Reason.TOO_HARD)

    with database.connection_context():
        dossier = file_one("0912345601")
    add()
    lan = enter(app)
    monkeypatch.setattr(dossiers, "marked", refuse)
    answer = lan.client.get(f"/staff/dossiers/{dossier.reference}/photos/portrait")
    assert answer.status_code == 503 and b"\xff\xd8\xff" not in answer.data
