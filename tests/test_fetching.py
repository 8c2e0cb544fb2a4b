"""One request to the portal: whatever it does, it is over in time, within its size, and nowhere else."""

import socket
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.official import fetching
from services.official.address import PORTS, followed, is_allowed, place_of
from services.official.fetching import NEVER_SEEN, Mark, fetch
from services.official.why import NoBlank, Why
from tests.portal import CAPTCHA, Authority, Portal, official_pdf

SHORT = 0.4


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Long enough for an honest answer on a busy machine."""
    monkeypatch.setattr(fetching, "SECONDS", 20)


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(fetching, "SECONDS", SHORT)


def refusal(url: str, *, is_trusted: bool = True) -> NoBlank:
    with pytest.raises(NoBlank) as caught:
        fetch(url, is_trusted=is_trusted)
    return caught.value


@pytest.fixture
def portal():
    with Portal() as portal:
        yield portal


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority, monkeypatch):
    """This machine trusts our authority, as a company's machines trust their own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    return authority


# What is good


def test_the_file_comes_with_its_mark(portal):
    answer = fetch(portal.url, is_trusted=True)
    assert (answer.data, answer.mark) == (official_pdf(), Mark('"1"'))
    path, headers = portal.requests[0]
    assert path == "/tep/mau-01.pdf"
    assert headers["Host"] == f"localhost:{portal.port}"
    assert not {"Cookie", "Authorization", "If-None-Match"} & set(headers)


def test_a_file_that_has_not_changed_is_not_sent_again(portal):
    assert fetch(portal.url, Mark('"1"', "yesterday"), is_trusted=True).data is None
    assert portal.requests[0][1]["If-Modified-Since"] == "yesterday"
    assert fetch(portal.url, Mark('"0"'), is_trusted=True).data == official_pdf()


@pytest.mark.parametrize("mood", ["chunks", "gzip"])
def test_the_same_file_may_come_in_other_clothes(portal, mood):
    portal.mood = mood
    assert fetch(portal.url, is_trusted=True).data == official_pdf()


def test_a_page_that_calls_itself_a_pdf_is_handed_on_to_whoever_looks_at_files(portal):
    portal.mood = "captcha"
    assert fetch(portal.url, is_trusted=True).data == CAPTCHA


def test_a_mark_that_could_not_be_sent_back_is_none(portal):
    portal.etag = '"' + "x" * 300 + '"'
    assert fetch(portal.url, is_trusted=True).mark == NEVER_SEEN


# What fails


@pytest.mark.parametrize(
    ("mood", "why"),
    [
        ("error", "status 500"),
        ("gone", "status 404"),
        ("unasked_304", "status 304"),
        ("truncated", "dropped"),
        ("truncated_chunks", "dropped"),
        ("gzip_cut", "dropped"),
        ("hang_up", "dropped"),
        ("says_huge", "too_large"),
        ("huge", "too_large"),
        ("gzip_bomb", "too_large"),
        ("gzip_tail", "too_large"),
        ("packed_otherwise", "garbled br, gzip"),
        ("not_gzip", "garbled"),
        ("no_http", "garbled"),
    ],
)
def test_what_is_no_whole_file_is_refused_by_name(portal, mood, why):
    portal.mood = mood
    assert str(refusal(portal.url)) == why


@pytest.mark.parametrize("mood", ["hang", "drip_head", "drip_body"])
def test_the_time_is_for_all_of_it_however_the_portal_stretches_it(hurried, portal, mood):
    portal.mood = mood
    began_at = time.monotonic()
    assert refusal(portal.url).why is Why.SILENT
    assert time.monotonic() - began_at < SHORT + 5


def test_the_time_ends_a_portal_that_never_finishes_tls(hurried):
    with socket.create_server(("127.0.0.1", 0)) as server:
        # It takes the line, and says nothing.
        assert refusal(f"https://localhost:{server.getsockname()[1]}/a.pdf").why is Why.SILENT


def test_the_time_also_ends_a_name_server_that_does_not_answer(hurried, monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(fetching.socket, "getaddrinfo", lambda *_given, **_more: answered.wait(60) and [])
    assert refusal("http://cong.example.vn/a.pdf").why is Why.SILENT
    answered.set()


def test_a_portal_that_is_not_there(monkeypatch):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert refusal(f"http://127.0.0.1:{nobody.getsockname()[1]}/a.pdf").why is Why.UNREACHABLE

    def unknown(*_given, **_more):
        raise socket.gaierror

    monkeypatch.setattr(fetching.socket, "getaddrinfo", unknown)
    assert refusal("http://khong-co.example/a.pdf").why is Why.UNKNOWN_HOST


def test_of_two_addresses_the_second_serves_where_the_first_does_not(portal, monkeypatch):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.2", 0))
        ways = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", address)
            for address in (nobody.getsockname(), ("127.0.0.1", portal.port))
        ]
        monkeypatch.setattr(fetching.socket, "getaddrinfo", lambda *_given, **_more: ways)
        assert fetch("http://cong.example.vn/a.pdf", is_trusted=True).data == official_pdf()
    assert portal.requests[0][1]["Host"] == "cong.example.vn"


# Certificates


def test_https_with_a_certificate_that_this_machine_trusts(trusted):
    with Portal(certificate=trusted.certificate()) as portal:
        assert fetch(portal.url, is_trusted=True).data == official_pdf()


@pytest.mark.parametrize(
    ("host", "days", "why"),
    [("localhost", 0, Why.EXPIRED), ("cong-khac.example.vn", 1, Why.OTHER_NAME)],
)
def test_a_certificate_that_is_over_or_of_somebody_else_is_refused(trusted, host, days, why):
    with Portal(certificate=trusted.certificate(host, days)) as portal:
        assert refusal(portal.url).why is why
        assert portal.requests == [], "nothing was asked"


def test_a_certificate_that_nobody_here_trusts_is_refused(authority):
    with Portal(certificate=authority.certificate()) as portal:
        assert refusal(portal.url).why is Why.UNTRUSTED
        assert portal.requests == []


def test_a_portal_without_tls_where_tls_was_said(portal):
    assert refusal(portal.url.replace("http:", "https:")).why is Why.NO_TLS


def test_a_time_that_is_over_in_the_midst_of_tls_is_told_as_that(trusted, hurried):
    with Portal("drip_body", trusted.certificate()) as portal:
        assert refusal(portal.url).why is Why.SILENT


# Redirects


def test_a_redirect_on_the_same_host_is_followed(portal):
    portal.mood, portal.location = "redirect", "/well"
    assert fetch(portal.url, is_trusted=True).data == official_pdf()


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://evil.example/a.pdf", "elsewhere evil.example"),
        ("//evil.example/a.pdf", "elsewhere evil.example"),
        ("http://127.0.0.1:{port}/well", "elsewhere 127.0.0.1:{port}"),
        ("http://localhost:1/well", "elsewhere localhost:1"),
        ("http://a:b@localhost:{port}/well", "elsewhere http://a:b@localhost:{port}/well"),
        ("file:///etc/passwd", "elsewhere file:///etc/passwd"),
        ("ftp://localhost/a.pdf", "elsewhere ftp://localhost/a.pdf"),
        ("javascript:alert(1)", "elsewhere javascript:alert(1)"),
        ("http://[::1", "elsewhere http://[::1"),
        ("/again", "in_circles"),
    ],
)
def test_a_redirect_elsewhere_is_not_followed(portal, location, why):
    portal.mood, portal.location = "redirect", location.format(port=portal.port)
    assert str(refusal(portal.url)) == why.format(port=portal.port)
    assert len(portal.requests) == (1 + fetching.MOST_REDIRECTS if why == "in_circles" else 1)
    assert {path for path, _headers in portal.requests} <= {"/tep/mau-01.pdf", "/again"}


def test_a_redirect_may_lead_from_http_to_https_and_never_back():
    place = place_of("http://cong.example.vn/a.pdf")
    secured = followed(place, "https://CONG.example.vn/b.pdf#page=1")
    assert (secured.scheme, secured.port, secured.target) == ("https", 443, "/b.pdf")
    with pytest.raises(NoBlank) as caught:
        followed(secured, "http://cong.example.vn/a.pdf")
    assert caught.value.why is Why.DOWNGRADED


# Where it may go


def test_an_address_that_was_typed_in_a_page_may_not_lead_into_the_network(portal):
    assert refusal(portal.url, is_trusted=False).why is Why.PRIVATE
    assert portal.requests == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    ways = [(socket.AF_INET, 1, 6, "", (host, 80)) for host in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(fetching.socket, "getaddrinfo", lambda *_given, **_more: ways)
    assert refusal("http://cong.example.vn/a.pdf", is_trusted=False).why is Why.PRIVATE


@pytest.mark.parametrize(
    ("address", "for_all", "for_trusted"),
    [
        ("8.8.8.8", True, True),
        ("2001:4860:4860::8888", True, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("10.1.2.3", False, True),
        ("192.168.1.1", False, True),
        ("100.64.0.1", False, True),
        ("fd00::1", False, True),
        ("::ffff:127.0.0.1", False, True),
        ("64:ff9b::7f00:1", False, True),
        ("2002:7f00:1::", False, True),
        # Where clouds keep the keys of their machines.
        ("169.254.169.254", False, False),
        ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
    ],
)
def test_which_addresses_are_asked(address, for_all, for_trusted):
    assert is_allowed(address, is_trusted=False) is for_all
    assert is_allowed(address, is_trusted=True) is for_trusted


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cong.example.vn/a.pdf",
        "file:///etc/passwd",
        "ftp://cong.example.vn/a.pdf",
        "https://",
        "https:///a.pdf",
        "https://ten:mat-khau@cong.example.vn/a.pdf",
        "https://cong.example.vn:99999/a.pdf",
        "https://cong example.vn/a.pdf",
        "https://cong.example.vn/a\r\nX: y",
        "https://[::1",
        "https://..",
        "https://" + "a" * 500,
    ],
)
def test_what_is_no_address_of_a_file(url):
    with pytest.raises(ValueError, match=r".*"):
        place_of(url)


def test_an_address_is_asked_for_as_browsers_do():
    place = place_of("HTTPS://Cổng.Example.VN/tệp mẫu.pdf?a=1&b=%20 x")
    assert (place.host, place.port) == ("xn--cng-qmz.example.vn", 443)
    assert place.target == "/t%E1%BB%87p%20m%E1%BA%ABu.pdf?a=1&b=%20%20x"
    assert place_of("http://[2001:db8::1]:8080").name == "[2001:db8::1]:8080"
    assert place_of("https://cong.example.vn/a.pdf#page=1").target == "/a.pdf"


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://", "//", "/"]))
def test_wherever_a_redirect_leads_it_is_the_same_host_or_refused(text, before):
    place = place_of("https://cong.example.vn/a.pdf")
    try:
        led = followed(place, before + text)
    except NoBlank:
        return
    assert (led.host, led.scheme, led.port) == ("cong.example.vn", "https", PORTS["https"])
    assert led.target.isascii() and not set(led.target) & set(" \r\n")
