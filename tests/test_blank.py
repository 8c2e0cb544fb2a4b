"""What a file must be before anybody is given it: a PDF that opens and does nothing else."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.form01 import render
from services.official.blank import Blank, check
from services.official.why import NoBlank, Why
from services.official.worker import answer
from tests.portal import ACTIVE, CAPTCHA, changed, encrypted, official_pdf


def refusal(data: bytes, **how) -> Why:
    with pytest.raises(NoBlank) as caught:
        check(data, **how)
    return caught.value.why


def test_a_good_file_is_known_by_its_pages_and_its_first_page():
    found = check(official_pdf())
    assert found.pages == 2
    assert found.thumbnail.startswith(b"\xff\xd8\xff") and len(found.thumbnail) > 2000


@pytest.mark.parametrize("what", ACTIVE)
def test_a_file_that_would_do_something_is_refused(what):
    data = ACTIVE[what]()
    assert refusal(data) is Why.ACTIVE


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (lambda: b"", Why.EMPTY),
        (lambda: CAPTCHA, Why.WEB_PAGE),
        (lambda: b"<html>" + official_pdf(), Why.WEB_PAGE),
        (lambda: b"PK\x03\x04" + bytes(100), Why.NOT_PDF),
        (lambda: b"\n" + official_pdf(), Why.NOT_PDF),
        (lambda: b"%PDF-1.7\n" + bytes(5000), Why.BROKEN),
        (lambda: official_pdf()[:-100], Why.BROKEN),
        (lambda: official_pdf()[: len(official_pdf()) // 2], Why.BROKEN),
        (lambda: encrypted("người"), Why.ENCRYPTED),
        (lambda: encrypted(""), Why.ENCRYPTED),
        (lambda: changed(lambda pdf: pdf.pages.__delitem__(slice(None))), Why.NO_PAGE),
        (lambda: changed(lambda pdf: [pdf.pages.append(pdf.pages[0]) for _ in range(20)]), Why.TOO_MANY_PAGES),
    ],
    ids=[
        *("empty", "captcha", "html first", "zip", "line first", "zeros"),
        *("cut", "half", "locked", "open", "0", "21"),
    ],
)
def test_what_is_no_good_file_is_refused_by_name(data, why):
    assert refusal(data()) is why


def test_a_file_that_keeps_its_opener_busy_is_given_up():
    sleepy = "import sys,time; sys.stdout.buffer.write(b'ready'); sys.stdout.flush(); time.sleep(60)"
    assert refusal(official_pdf(), seconds=0.3, command=(sys.executable, "-c", sleepy)) is Why.TOO_HARD


@pytest.mark.parametrize(
    "answer",
    [b"", b"\xff\0\0\0\0\0\0", b"\0\0\1\xff\xff\xff\xff", b"\0\0\1\0\0\0\4junk", b"\0\0\0\0\0\0\4\xff\xd8\xff\xd9"],
    ids=["nothing", "no such reason", "too long", "no picture", "no page"],
)
def test_an_opener_that_a_file_has_taken_over_is_not_believed(answer):
    taken = f"import sys; sys.stdout.buffer.write(b'ready' + {answer!r})"
    assert refusal(official_pdf(), command=(sys.executable, "-c", taken)) is Why.TOO_HARD


@settings(max_examples=30)
@given(st.integers(0, len(render()) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_taken_or_refused_and_nothing_else(place, change):
    data = bytearray(render())
    data[place] ^= change
    assert isinstance(answer(bytes(data)), (Blank, Why))
