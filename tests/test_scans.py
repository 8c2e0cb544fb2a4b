"""Scans become pages: what is read from good and bad ones, and what strangers' files cannot do."""

import io
import sys
import zlib
from random import Random

import pikepdf
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from services import scans
from services.form01 import Form01, render_all
from services.scans import MAX_PAGES, ScanRefused, Why, reading, wire
from services.scans.page import Page
from tests.answers import jpeg
from tests.heic import HEIC
from tests.paper import as_jpeg, as_pdf, beside, pictures, signed, with_code, worn

CODES = tuple(f"QUAY1:CC{number:06}:1:0123456789" for number in range(24))


@pytest.fixture(scope="module")
def sheets() -> list[Image.Image]:
    """Two dozen forms, printed, signed and laid on the glass."""
    forms = (Form01(full_name=f"Người {code[8:14]}", reference=code[6:14], sheet_code=code) for code in CODES)
    return [signed(picture) for picture in pictures(render_all(forms))]


def read(data: bytes, **more) -> list[Page]:
    return list(scans.read(data, **more))


def told(data: bytes, **more) -> list[Page] | Why:
    """The pages, or why there are none."""
    try:
        return read(data, **more)
    except ScanRefused as refused:
        return refused.why


def changed(pdf: bytes, **saving) -> bytes:
    """The PDF written anew."""
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(file, **saving)
    return file.getvalue()


def empty_pages(count: int, box=(0, 0, 595, 842)) -> bytes:
    file = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(count):
            document.add_blank_page(page_size=box[2:])
        document.save(file)
    return file.getvalue()


# What is read


def test_every_sheet_of_a_worn_pile_is_read_and_none_as_another(sheets):
    numbers = Random(11)
    pages = read(as_pdf([worn(sheet, numbers) for sheet in sheets]))
    assert [page.texts for page in pages] == [(code,) for code in CODES]
    assert [page.number for page in pages] == list(range(1, 25))
    assert not [page for page in pages if page.has_foreign]


def test_a_page_is_kept_small_upright_and_clean(sheets):
    colour = sheets[0].convert("RGB")
    for turned in (colour, colour.rotate(180), colour.rotate(90, expand=True), colour.rotate(270, expand=True)):
        (page,) = read(as_pdf([turned], quality=95))
        picture = page.picture
        assert len(picture.jpeg) <= 400_000 and len(picture.thumbnail) <= 12_000
        kept = Image.open(io.BytesIO(picture.jpeg))
        assert kept.size == (picture.width, picture.height) and kept.size[0] < kept.size[1] == 1600
        assert not kept.getexif() and "comment" not in kept.info
        (code,) = zxingcpp.read_barcodes(kept)
        # The code stands at the foot, on the left.
        assert code.position.top_left.y > 1200 and code.position.top_left.x < 300
        assert abs(code.orientation) < 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_phones_photo_of_a_sheet_is_read(sheets, kind):
    picture, file = sheets[3].rotate(4, expand=True, fillcolor=90), io.BytesIO()
    picture.save(file, kind)
    (page,) = read(file.getvalue())
    assert page.texts == (CODES[3],) and page.picture.jpeg.startswith(b"\xff\xd8")


def test_a_heic_is_opened():
    (page,) = read(HEIC)
    assert (page.texts, page.picture.width) == ((), 240)


def test_a_photo_that_lies_on_its_side_by_its_exif_is_read(sheets):
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    sheets[0].rotate(90, expand=True).save(file, "JPEG", exif=exif)
    (page,) = read(file.getvalue())
    assert page.texts == (CODES[0],) and page.picture.height > page.picture.width


def test_foreign_codes_are_told_apart_and_their_texts_stay_in_the_worker(sheets):
    pages = read(as_pdf([with_code("https://example.com/secret"), sheets[1], with_code("QUAY1:" + "Đ" * 9)]))
    assert [(page.texts, page.has_foreign) for page in pages] == [((), True), ((CODES[1],), False), ((), True)]


def test_two_sheets_in_one_picture_are_both_read(sheets):
    (page,) = read(as_pdf([beside(sheets[0], sheets[1])]))
    assert set(page.texts) == {CODES[0], CODES[1]}


def test_a_page_without_a_readable_code_has_its_picture_and_no_text(sheets):
    pages = read(as_pdf([Image.new("L", sheets[0].size, 255), sheets[0].filter(ImageFilter.GaussianBlur(12))]))
    assert [(page.texts, page.has_foreign) for page in pages] == [((), False)] * 2
    assert all(page.picture for page in pages)


# What is refused


def test_a_file_that_is_no_scan_is_refused_with_its_reason(sheets):
    pdf = as_pdf(sheets[:1])
    assert told(b"") is Why.EMPTY
    assert told(b"PK\x03\x04 a word processor's file") is Why.UNKNOWN
    assert told(changed(pdf, encryption=pikepdf.Encryption(owner="chủ", user="khách"))) is Why.ENCRYPTED
    assert told(b"%PDF-1.7\n" + bytes(5000)) is Why.BROKEN
    assert told(empty_pages(MAX_PAGES + 1)) is Why.TOO_MANY_PAGES
    assert told(empty_pages(1000)) is Why.TOO_MANY_PAGES


def test_a_pdf_that_anybody_may_open_is_read_although_it_is_encrypted(sheets):
    owned = changed(as_pdf(sheets[:1]), encryption=pikepdf.Encryption(owner="chủ", user=""))
    assert [page.texts for page in read(owned)] == [(CODES[0],)]


def test_a_pdf_cut_off_gives_what_is_left_or_is_refused(sheets):
    pdf = as_pdf(sheets[:3])
    for part in range(1, 8):
        answer = told(pdf[: len(pdf) * part // 8])
        assert answer is Why.BROKEN or {text for page in answer for text in page.texts} <= set(CODES[:3])


def test_a_broken_photo_is_a_page_without_a_picture():
    assert read(jpeg()[:2000]) == [Page(1, None)]
    assert read(as_jpeg(Image.new("L", (30, 3000), 255))) == [Page(1, None)]


@pytest.mark.parametrize("size", [(3, 3), (3, 14_400), (14_400, 3), (14_400, 14_400)])
def test_a_page_of_any_size_harms_nothing(size):
    (page,) = read(empty_pages(1, (0, 0, *size)))
    assert page.texts == () and (page.picture is None or page.picture.width <= 1600)


def test_a_page_whose_picture_would_fill_all_memory_is_passed_over(sheets):
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(as_pdf(sheets[:2]))) as document:
        (image,) = document.pages[0].Resources.XObject.values()
        # 590 MB of white, in a few bytes.
        side, white = 14_000, bytes((129, 255))
        image.write(
            zlib.compress(white * (side * side * 3 // 128)),
            filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.RunLengthDecode]),
        )
        image.Width, image.Height, image.ColorSpace = side, side, pikepdf.Name.DeviceRGB
        document.save(file)
    first, second = read(file.getvalue())
    assert first.texts == () and second.texts == (CODES[1],)


# The worker


def worker(body: str) -> tuple[str, ...]:
    """A command that says it is ready, takes the file, and then does this."""
    lines = (
        "import os, sys, time",
        "from services.photos.wire import send_greeting",
        "from services.scans import wire",
        "from services.scans.page import Page, Why",
        "files, answers = sys.stdin.buffer, sys.stdout.buffer",
        "send_greeting(answers)",
        "data, first = wire.receive_file(files)",
        body,
    )
    return (sys.executable, "-c", "\n".join(lines))


def test_the_pages_after_one_that_kills_the_worker_are_read_by_a_fresh_one():
    dies = worker(
        "wire.send_opened(answers, 5)\n"
        "for number in range(first, 6):\n"
        "    if number in (2, 4): os._exit(1)\n"
        "    wire.send_page(answers, Page(number, None, (f'QUAY1:{number}',)))"
    )
    texts = [page.texts for page in read(b"x", command=dies)]
    assert texts == [("QUAY1:1",), (), ("QUAY1:3",), (), ("QUAY1:5",)]


def test_a_worker_that_always_dies_ends_with_every_page_told():
    dies = worker("wire.send_opened(answers, 9)\nos._exit(1)")
    assert read(b"x", command=dies) == [Page(number, None) for number in range(1, 10)]


def test_a_worker_that_never_answers_is_killed():
    sleeps = worker("wire.send_opened(answers, 3)\ntime.sleep(600)")
    assert read(b"x", seconds=1, command=sleeps) == [Page(number, None) for number in range(1, 4)]


def test_a_page_that_takes_too_much_of_the_processor_is_passed_over_and_one_that_waits_for_it_is_not():
    """A busy machine gives a worker little time in a second; that is not the page's fault."""
    busy = worker(
        "from services.photos.worker import allow_time\n"
        "wire.send_opened(answers, 3)\n"
        "for number in range(first, 4):\n"
        "    allow_time(1)\n"
        "    if number == 1: time.sleep(2.1)\n"
        "    while number == 2: pass\n"
        "    wire.send_page(answers, Page(number, None, (f'QUAY1:{number}',)))"
    )
    assert [page.texts for page in read(b"x", command=busy)] == [("QUAY1:1",), (), ("QUAY1:3",)]


def test_every_page_tells_how_many_there_are(sheets):
    assert [(page.number, page.count) for page in read(as_pdf(sheets[:3]))] == [(1, 3), (2, 3), (3, 3)]


def test_a_worker_that_never_opens_the_file_is_killed():
    assert told(b"x", seconds=1, command=worker("time.sleep(600)")) is Why.BROKEN


@pytest.mark.parametrize(
    "lie",
    [
        "answers.write(bytes([0, 0xff, 0xff]))",  # 65,535 pages
        "answers.write(bytes([99, 0, 0]))",  # a reason that there is not
        "wire.send_opened(answers, 1); answers.write(bytes([0, 0, 255]))",  # 255 codes
        "wire.send_opened(answers, 1); answers.write(bytes([0, 0, 1, 5]) + b'hello')",  # a text that is not ours
        "wire.send_opened(answers, 1); answers.write(bytes([0, 0, 1, 7]) + b'QUAY1:\\xff')",
        "wire.send_opened(answers, 1); answers.write(bytes([1, 0, 0]) + bytes(4) + b'\\xff' * 8)",  # 4 GB of JPEG
        "wire.send_opened(answers, 1); answers.write(bytes([1, 0, 0, 0, 9, 0, 9, 0, 0, 0, 4, 0, 0, 0, 0]) + b'GIF8')",
    ],
)
def test_a_worker_that_was_taken_over_is_not_believed(lie):
    assert told(b"x", command=worker(lie + "; answers.flush()")) in (Why.BROKEN, [Page(1, None)])


def test_only_one_file_is_read_at_a_time(monkeypatch, sheets):
    monkeypatch.setattr(reading, "WAIT_SECONDS", 0.1)
    pdf = as_pdf(sheets[:2])
    pages = scans.read(pdf)
    assert next(pages).texts == (CODES[0],)
    assert told(pdf) is Why.BUSY
    pages.close()
    assert [page.texts for page in read(pdf)] == [(CODES[0],), (CODES[1],)]


def test_a_file_too_large_for_the_wire_is_refused_there(monkeypatch):
    monkeypatch.setattr(wire, "MAX_BYTES", 10)
    pipe = io.BytesIO()
    wire.send_file(pipe, bytes(11), 1)
    pipe.seek(0)
    with pytest.raises(wire.Garbled):
        wire.receive_file(pipe)
