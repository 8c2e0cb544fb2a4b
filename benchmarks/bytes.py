"""What a phone sends and receives: the first visit, the whole way of an adult, the heaviest page; against the budgets.

Counted on the socket of a real server, as Chrome on Android asks: gzip as over http, br as over https (TLS itself is
not counted). The first visit is the bodies as served; the whole way is every header and body, both ways, with static
files once. A photo's own bytes, up and down as a preview, are counted apart: what a picture weighs is not the page's
doing. A kB is 1,000 bytes.
"""

from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from urllib.parse import quote

from benchmarks import photo
from benchmarks.harness import goal, row
from benchmarks.installation import served
from benchmarks.phone import Exchange, Phone, Wire
from tests.browser import Browser
from tests.messages import newest_code

FIRST_VISIT, WITH_SCRIPTS, WHOLE_WAY, ONE_PAGE = 10_000, 28_000, 100_000, 8_000
KINDS = ("portrait", "id_front", "id_back")
# What somebody types into the field of the commune, pause by pause.
TYPED = ("Lái", "Lái Th", "Lái Thiêu")


def measure() -> Iterator[str]:
    """The same walk twice: once with gzip, once with br."""
    pictures = [photo.plainly(photo.jpeg(seed)) for seed in range(len(KINDS))]
    for encoding in ("gzip", "br"):
        with served() as (port, messages), closing(Wire(port)) as wire:
            phone = Phone(wire.carry, wire.origin, encoding)
            form01 = walk(phone, messages, pictures)
        yield from _rows(phone.exchanges, f"{encoding:<4}", form01)


def walk(phone: Phone, messages, pictures: list[bytes]) -> Exchange:
    """From the guide to the receipt with htmx, as a person with a phone does; gives the fetching of Form 01 alone."""
    person = Browser(phone).open("/")
    person.htmx = True
    person.follow("Đăng ký cho tôi")
    person.answer("prepare")
    for text in TYPED:
        phone.suggest(f"/communes?commune={quote(text)}")
    person.answer("declaration")
    for kind, picture in zip(KINDS, pictures, strict=True):
        person.submit({kind: (BytesIO(picture), "photo.jpg")}, press="Lưu ảnh")
    person.submit().answer("agency").submit(press="gửi mã")
    person.submit({"code": newest_code(messages)})
    if person.heading != "Đã nhận hồ sơ của bạn":
        raise RuntimeError(f"The walk ended at: {person.heading}")
    person.follow("Tải tờ khai")
    return phone.exchanges.pop()


def _rows(exchanges: list[Exchange], encoding: str, form01: Exchange) -> Iterator[str]:
    guide, static = exchanges[0], [each for each in exchanges if each.path.startswith("/static/")]
    sheet = next(each for each in static if each.path.endswith(".css"))
    scripts = [each for each in static if each.path.endswith(".js")]
    for what, parts, most in (
        ("first visit, HTML and CSS", [guide, sheet], FIRST_VISIT),
        ("first visit with all scripts", [guide, sheet, *scripts], WITH_SCRIPTS),
    ):
        with_headers = f"; with headers {sum(each.received for each in parts):,}"
        yield goal(f"{encoding} {what}", sum(each.body for each in parts), most, with_headers)
    whole = sum(each.without_photos for each in exchanges)
    sent = sum(each.sent - each.photos_sent for each in exchanges)
    yield goal(f"{encoding} whole way without photos", whole, WHOLE_WAY, f"; {len(exchanges)} requests, {sent:,} sent")
    pages = [each for each in exchanges if each not in static]
    heaviest = max(pages, key=lambda each: each.received - each.photos_received)
    weight = heaviest.received - heaviest.photos_received
    yield goal(f"{encoding} heaviest page, with headers", weight, ONE_PAGE, f": {heaviest.path}")
    previews, uploads = sum(each.photos_received for each in exchanges), sum(each.photos_sent for each in exchanges)
    yield row(
        f"{encoding} previews of three photos",
        f"{previews / whole:.2f}",
        f"{previews:,} bytes against the whole way; the photos themselves, sent: {uploads:,}",
    )
    yield row(f"{encoding} Form 01", f"{form01.received / whole:.2f}", f"{form01.received:,} bytes against the same")
