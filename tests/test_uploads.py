"""Photos as they are sent: disguised, misnamed, too large, broken, one by one or together. No disk is touched."""

from io import BytesIO

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from models import TABLES, Photo, database
from tests.answers import PERSON, jpeg, upload
from tests.browser import Browser
from tests.heic import HEIC
from tests.messages import newest_code
from tests.server import Server

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
PHOTOS = "/register/adult/photos"
NOT_PHOTOS = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "tiff": b"II*\x00\x08\x00\x00\x00",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) run",
    "bmp": b"BM" + bytes(60),
    "zip": b"PK\x03\x04" + bytes(60),
    "program": b"MZ" + bytes(60),
    "avif": b"\x00\x00\x00\x1cftypavif" + bytes(60),
    "text": "Đây không phải ảnh".encode(),
}
NAMES = {
    "a path": "../../../../etc/cron.d/x.jpg",
    "a path of Windows": "..\\..\\windows\\system32\\x.jpg",
    "very long": "x" * 300 + ".jpg",
    "turned round": "\u202egpj.exe",
    "with a NUL": "anh.php\0.jpg",
    "with quotes and lines": 'a"; filename="b.exe\r\nX-Evil: 1.jpg',
    "an address": "http://evil.example/x.jpg",
    "only dots": "...",
}


@pytest.fixture
def at_photos(app):
    return Browser(app).fill_until("photos")


def send(browser: Browser, status: int, fields: dict, mimetype: str = "image/jpeg", **more) -> Browser:
    """One multipart POST of the step, as a browser makes it; each field is one or several `(data, name)`."""
    data = {"step_token": browser.token, "action": "save", **more}
    for field, files in fields.items():
        files = files if isinstance(files, list) else [files]
        data[field] = [FileStorage(BytesIO(content), name, content_type=mimetype) for content, name in files]
    body, kind = encoded(data)
    browser._take(browser.client.post(browser.url, data=body, content_type=kind), browser.url, status)
    return browser


def encoded(data: dict) -> tuple[bytes, str]:
    """The body of a multipart form, and its type; the test client's own would pass by a temporary file."""
    stream, _length, boundary = stream_encode_multipart(data, use_tempfile=False)
    return stream.read(), f'multipart/form-data; boundary="{boundary}"'


def kinds() -> set[str]:
    with database.connection_context():
        return {row.kind for row in Photo.select(Photo.kind)}


def everything_kept() -> bytes:
    with database.connection_context():
        return repr([list(table.select().tuples()) for table in TABLES]).encode()


@SQLITE_ONLY
@pytest.mark.parametrize("disguise", NOT_PHOTOS)
def test_what_only_calls_itself_a_photo_is_refused_beside_its_field(at_photos, disguise):
    send(at_photos, 422, {"portrait": (NOT_PHOTOS[disguise], "anh.jpg")})
    assert at_photos.errors() == ["Tệp này không phải ảnh. Chọn ảnh JPEG, PNG, WebP hoặc HEIC."]
    assert at_photos.page.select_one("#photo-portrait p.error")
    assert kinds() == set()


@SQLITE_ONLY
def test_an_empty_file_is_refused_and_no_file_is_not_a_mistake_when_saving(at_photos):
    send(at_photos, 422, {"portrait": (b"", "anh.jpg")})
    assert kinds() == set()
    send(at_photos, 422, {"portrait": (b"", "")}, action="continue")
    assert len(at_photos.errors()) == 3


@SQLITE_ONLY
@pytest.mark.parametrize("name", NAMES)
def test_a_strange_name_does_no_harm_and_is_forgotten(at_photos, name):
    send(at_photos, 200, {"portrait": (jpeg(), NAMES[name])})
    assert kinds() == {"portrait"}
    # Parts so long that ciphertext does not hold them by chance.
    for part in ("etc/cron", "system32", "evil.example", "anh.php", "gpj.exe", "b.exe", "X-Evil", "xxxxxxxx"):
        assert part.encode() not in everything_kept()


@SQLITE_ONLY
@pytest.mark.parametrize("mimetype", ["text/html", "image/svg+xml", "application/x-msdownload", "x" * 200])
def test_what_a_browser_says_about_the_kind_is_not_believed(at_photos, mimetype):
    send(at_photos, 200, {"portrait": (jpeg(), "anh.html")}, mimetype)
    assert kinds() == {"portrait"}


@SQLITE_ONLY
@pytest.mark.parametrize(("name", "mimetype"), [("IMG_0001.jpg", "image/jpeg"), ("anh", "application/octet-stream")])
def test_a_heic_is_known_by_its_content_and_comes_out_upright(at_photos, name, mimetype):
    send(at_photos, 200, {"portrait": (HEIC, name)}, mimetype)
    with database.connection_context():
        kept = Photo.get()
    assert (kept.kind, kept.width, kept.height) == ("portrait", 240, 320)


@SQLITE_ONLY
def test_of_two_files_in_one_field_one_is_kept(at_photos):
    send(at_photos, 200, {"portrait": [(jpeg(seed=1), "a.jpg"), (NOT_PHOTOS["html"], "b.jpg")]})
    assert kinds() == {"portrait"}


@SQLITE_ONLY
def test_words_in_a_field_for_a_file_and_files_in_fields_for_words_are_just_mistakes(at_photos):
    data = {"step_token": at_photos.token, "portrait": "/etc/passwd", "action": "continue"}
    at_photos._take(at_photos.client.post(PHOTOS, data=data), PHOTOS, 422)
    plain = Browser(at_photos.client.application).fill_until("declaration")
    for field in PERSON:
        data = {**PERSON, field: upload(data=jpeg(400, 300)), "step_token": plain.token}
        plain._take(plain.client.post("/register/adult/declaration", data=data), plain.url, 422)
        assert plain.errors()


@SQLITE_ONLY
def test_a_field_that_the_step_does_not_ask_for_is_ignored(at_photos):
    send(at_photos, 422, {"passport": (jpeg(), "a.jpg")}, action="continue")
    send(at_photos, 422, {}, action="continue", remove="passport")
    assert kinds() == set()


# Large


@SQLITE_ONLY
def test_a_photo_over_8_mb_is_refused_beside_its_field_and_the_others_are_kept(at_photos):
    large = jpeg() + bytes(8_000_001 - len(jpeg()))
    send(at_photos, 422, {"portrait": (jpeg(), "a.jpg"), "id_front": (large, "b.jpg")})
    assert at_photos.errors() == ["Ảnh lớn hơn 8 MB. Chụp lại ở cỡ nhỏ hơn hoặc chọn ảnh khác."]
    assert kinds() == {"portrait"}


def test_a_request_that_is_too_large_altogether_gets_a_page_from_which_one_goes_on(app):
    plain = Browser(app).fill_until("photos")
    send(plain, 200, {"portrait": (jpeg(), "a.jpg")})
    send(plain, 413, {"id_front": (bytes(27 * 1024 * 1024), "b.jpg")})
    assert "gửi từng ảnh một" in plain.page.select_one(".summary").get_text()
    assert plain.page.select_one("#photo-portrait img")
    assert plain.answer("photos").step == "agency"


@SQLITE_ONLY
def test_a_photo_without_a_line_end_for_long_is_not_too_large(at_photos):
    send(at_photos, 200, {"portrait": (jpeg() + b"\n" + bytes(1_000_000), "a.jpg")})
    assert kinds() == {"portrait"}


@SQLITE_ONLY
def test_a_too_large_request_with_no_way_back_still_has_a_page(at_photos):
    at_photos.url = PHOTOS
    send(at_photos, 413, {"id_front": (bytes(27 * 1024 * 1024), "b.jpg")})
    assert "Những gì đã lưu vẫn còn" in at_photos.text


@SQLITE_ONLY
@pytest.mark.parametrize("rest", [b"\r\n", b"\n", b"\r", b"\r\n--", b"\xff"], ids=repr)
def test_a_photo_is_taken_whole_whatever_its_bytes_look_like(at_photos, rest):
    """The parts of a form are separated by lines that begin so; a picture is full of such beginnings."""
    send(at_photos, 200, {"portrait": (jpeg() + rest * 100_000, "a.jpg")})
    assert kinds() == {"portrait"}


# One by one, replaced, removed


def test_of_three_sent_together_the_good_ones_are_kept_and_the_broken_one_is_named(app):
    plain = Browser(app).fill_until("photos")
    broken = {"id_front": (jpeg()[:5000], "b.jpg")}
    send(plain, 422, {"portrait": (jpeg(), "a.jpg"), **broken, "id_back": (jpeg(seed=3), "c.jpg")}, action="continue")
    assert plain.errors() == ["Ảnh bị hỏng hoặc tải lên chưa hết. Chọn lại ảnh, hoặc chụp ảnh mới."]
    assert plain.page.select_one("#photo-id_front p.error")
    assert kinds() == {"portrait", "id_back"}
    plain.submit({"id_front": upload()})
    assert plain.step == "agency"


@SQLITE_ONLY
@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_photos_go_one_at_a_time_without_pressing_a_button_and_nobody_is_told_off_for_the_others(at_photos, htmx):
    at_photos.htmx = htmx
    for count, kind in enumerate(("portrait", "id_front", "id_back"), start=1):
        answer = at_photos.client.post(
            PHOTOS, data={"step_token": at_photos.token, "action": "save", kind: upload()}, headers=at_photos._headers()
        )
        assert answer.status_code == 303
        at_photos.open(answer.headers["Location"])
        assert (at_photos.step, at_photos.errors()) == ("photos", [])
        assert len(at_photos.page.select("figure img")) == count
    assert at_photos.submit().step == "agency"


@SQLITE_ONLY
def test_a_photo_is_replaced_and_removed(at_photos):
    at_photos.answer("photos").open(at_photos.url.replace("agency", "photos"))
    first = at_photos.page.select_one("#photo-portrait img")["src"]
    send(at_photos, 200, {"portrait": (jpeg(seed=90), "neu.jpg")})
    assert at_photos.page.select_one("#photo-portrait img")["src"] != first
    at_photos.submit(press="Xoá ảnh này")
    assert kinds() == {"id_front", "id_back"}
    at_photos.submit(status=422)
    assert len(at_photos.errors()) == 1 and "chân dung" in at_photos.errors()[0]


# What comes out again


@SQLITE_ONLY
def test_what_hr_is_served_is_clean_upright_and_cannot_act(app, tmp_path, sign_in):
    picture = Image.new("RGB", (800, 600), "blue")
    picture.paste("red", (0, 0, 400, 300))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "CANARY-CAMERA"
    exif.get_ifd(0x8825)[2] = (21.0, 2.0, 3.0)
    file = BytesIO()
    picture.save(file, "JPEG", exif=exif, comment=b"CANARY <script>alert(1)</script>", quality=95)
    polyglot = file.getvalue() + b"PK\x03\x04CANARY<?php"
    plain = Browser(app).fill_until("photos")
    plain.answer("photos", portrait=(BytesIO(polyglot), "anh.jpg.php"))
    reference = finish(plain, tmp_path / "sms")
    answer = sign_in().client.get(f"/staff/dossiers/{reference}/photos/portrait")
    for trace in (b"CANARY", b"<script", b"PK\x03\x04", b"<?php", b"Exif", b"\xff\xfe", b"\xff\xe1", b"ICC_PROFILE"):
        assert trace not in answer.data
    with Image.open(BytesIO(answer.data)) as served:
        assert served.size == (600, 800) and served.getpixel((590, 10))[0] > 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{reference}-portrait.jpg"'


# Never on disk


@SQLITE_ONLY
@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
def test_the_server_takes_photos_where_no_temporary_file_can_be_made(app, environ, tmp_path, chunked):
    plain = Browser(app).fill_until("photos")
    picture = FileStorage(BytesIO(jpeg() + bytes(5_000_000)), "a.jpg")
    body, kind = encoded({"step_token": plain.token, "action": "save", "portrait": picture})
    more = {"encode_chunked": True} if chunked else {}
    headers = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(len(body))}
    server = Server(tmp_path, environ, before="import tempfile; tempfile.tempdir = '/nowhere/at/all'")
    try:
        sent = [body[at : at + 60_000] for at in range(0, len(body), 60_000)] if chunked else body
        status, location, _text = server.wait().ask("POST", PHOTOS, sent, {**headers, "Content-Type": kind}, **more)
    finally:
        server.stop()
    assert (status, "saved=portrait" in location) == (303, True), server.output
    assert kinds() == {"portrait"}


def finish(browser: Browser, folder) -> str:
    """From the page after the photos to the receipt; gives the reference."""
    browser.answer("agency").submit().submit({"code": newest_code(folder)})
    return browser.page.select_one("[data-reference]").get_text(strip=True)
