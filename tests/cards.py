"""People who do not exist, their cards, and photos of these as phones take them; all the same for the same seed.

The QR codes are real and say what real ones say; the rest of a card is drawn only to be in the way as the real thing
is: lines of print, a portrait, a chip, letters for machines, a patterned ground, a table below. Figures from these
photos rank readers; they do not foretell how many real cards will be read.
"""

import csv
import io
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path

import segno
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

from services.idcard import Card

ROOT = Path(__file__).parents[1]
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Dương", "Kpă", "Giàng")
MIDDLE = ("Thị", "Văn", "Hữu", "Đức", "Ngọc", "Minh", "Quốc", "Thanh", "Hồng", "Xuân", "Thuỳ", "Bảo")
GIVEN = ("An", "Bình", "Châu", "Dũng", "Đạt", "Giang", "Hương", "Khuê", "Mỹ", "Oanh", "Phước", "Quỳnh", "Tuyết")
STREETS = ("Nguyễn Văn Tiết", "Cách Mạng Tháng Tám", "Lý Thường Kiệt", "30/4", "Trần Hưng Đạo", "Đ. 3/2")
GROUPS = ("Tổ 5", "Khu phố Bình Hòa", "Ấp Chiến Thắng", "Thôn Đông", "Xóm 1", "Tổ dân phố 12")

SEED = 7  # of the person whose card the pages are shown
MILLIMETRES = 85.6, 54.0
DOTS = 5  # a module of the code, on the drawn card
QUIET = 4  # modules around the code
KINDS = ("cccd", "can_cuoc", "health")
SIZES = ((1600, 1010), (1600, 1200), (2016, 1512), (2400, 1800), (4032, 3024))  # of photos, in pixels


@cache
def _places() -> tuple[list[str], list[str]]:
    """The last parts of addresses: as they were until June 2025, and today's."""

    def rows(name):
        with (ROOT / "data" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    districts = {row["number"]: row for row in rows("former_districts.csv")}
    provinces = {row["code"]: row["name"] for row in rows("provinces.csv")}
    former = [(row["name"], districts[row["district_number"]]) for row in rows("former_communes.csv")]
    return (
        [f"{name}, {district['name']}, {district['province']}" for name, district in former if district["name"]],
        [f"{row['name']}, {provinces[row['province_code']]}" for row in rows("communes.csv")],
    )


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist."""

    seed: int
    full_name: str
    id_number: str
    old_id_number: str
    social_insurance_code: str
    birth_date: date
    sex: str
    address: str
    issued_on: date

    @classmethod
    def of(cls, seed: int, new: bool = False) -> "Person":
        """The person with this seed, whose card is `new` (of 2024) or an older chip card."""
        numbers = random.Random(seed)
        woman = numbers.random() < 0.5
        born = date(1955, 1, 1) + timedelta(days=numbers.randrange(365 * 55))
        first = date(2024, 7, 1) if new else date(2021, 3, 1)
        century = 2 * (born.year // 100 - 19) + woman
        name = [numbers.choice(FAMILY), *numbers.sample(MIDDLE, numbers.choice((1, 2))), numbers.choice(GIVEN)]
        street = f"{numbers.randrange(1, 400)}/{numbers.randrange(1, 90)} {numbers.choice(STREETS)}"
        return cls(
            seed=seed,
            full_name=" ".join(name).upper() if numbers.random() < 0.3 else " ".join(name),
            id_number=f"0{numbers.randrange(1, 97):02d}{century}{born.year % 100:02d}{numbers.randrange(10**6):06d}",
            old_id_number=f"{numbers.randrange(10**9):09d}" if numbers.random() < 0.6 else "",
            social_insurance_code=f"{numbers.randrange(10**10):010d}",
            birth_date=born,
            sex="Nữ" if woman else "Nam",
            address=f"{street}, {numbers.choice(GROUPS)}, {numbers.choice(_places()[new])}",
            issued_on=first + timedelta(days=numbers.randrange(365)),
        )

    def identity_text(self, kind: str = "cccd") -> str:
        """What the code of the ID card says: seven fields, and four more on a card of 2024."""
        dates = f"{self.birth_date:%d%m%Y}", f"{self.issued_on:%d%m%Y}"
        fields = [self.id_number, self.old_id_number, self.full_name, dates[0], self.sex, self.address, dates[1]]
        return "|".join(fields + [""] * 4 if kind == "can_cuoc" else fields)

    def reordered_text(self) -> str:
        """The order of the circular of 2024, which no card seen so far has: number, name, sex, birth, …, old number."""
        dates = f"{self.birth_date:%d%m%Y}", f"{self.issued_on:%d%m%Y}"
        fields = [self.id_number, self.full_name, self.sex, dates[0], self.address, dates[1], self.old_id_number, ""]
        return "|".join(fields)

    def health_text(self, number: str = "") -> str:
        """What the code of the paper health card says."""
        code = self.social_insurance_code
        fields = [number or code, _hexed(self.full_name), f"{self.birth_date:%d/%m/%Y}", "12"[self.sex == "Nữ"]]
        fields += [_hexed(self.address), "74 - 012", f"{self.issued_on:%d/%m/%Y}", "-", f"{self.issued_on:%d/%m/%Y}"]
        fields += [f"7407{code}", "-", "4", "01/07/2026", f"{self.seed:016x}-7102", "$"]
        return "|".join(fields)

    def vssid_text(self) -> str:
        """What VssID's health card says."""
        return f"{self.social_insurance_code}|{_hexed(self.full_name)}"

    def text(self, kind: str) -> str:
        """The text of a card of this kind."""
        if kind == "health":
            return self.health_text()
        return self.vssid_text() if kind == "vssid" else self.identity_text(kind)

    def card(self, kind: str) -> Card:
        """What is to be read from it."""
        name, code = self.full_name, self.social_insurance_code
        if kind == "vssid":
            return Card(kind, name, social_insurance_code=code)
        rest = self.birth_date, self.sex, self.address, self.issued_on
        if kind == "health":
            return Card(kind, name, "", "", code, *rest)
        return Card(kind, name, self.id_number, self.old_id_number, "", *rest)


def _hexed(text: str) -> str:
    return text.encode().hex()


@dataclass(frozen=True)
class Sample:
    """One photo of one card; `hardness` goes from 0 to 1 within each kind of wear."""

    seed: int
    kind: str
    wear: str
    hardness: float

    @property
    def name(self) -> str:
        """For the list of tests."""
        return f"{self.wear}-{self.hardness:.2f}-{self.kind}"

    @cached_property
    def person(self) -> Person:
        """Whose card it is."""
        return Person.of(self.seed, new=self.kind == "can_cuoc")

    @property
    def text(self) -> str:
        """What its QR code says."""
        return self.person.text(self.kind)

    @property
    def card(self) -> Card:
        """What is to be read from it."""
        return self.person.card(self.kind)

    def photo(self) -> Image.Image:
        """The picture as the photo worker has it before it shrinks it: decoded, never above 2400 pixels."""
        return _photo(self)


@cache
def photo_of(kind: str, seed: int = SEED) -> bytes:
    """The file of a good photo of the card of this kind, of the person with this seed."""
    return _file(Sample(seed, kind, "clean", 0.25).photo())


@cache
def photo_saying(text: str) -> bytes:
    """The file of a photo of nothing but a QR code."""
    picture = Image.new("RGB", (1000, 800), "lightgrey")
    picture.paste(qr(text), (100, 100))
    return _file(picture)


def _file(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return file.getvalue()


def samples(each: int = 8, seed: int = 0) -> list[Sample]:
    """So many photos of every kind of wear, from easy to hopeless."""
    return [
        Sample(seed + 100 * row + column, KINDS[(row + column) % 3], wear, column / max(1, each - 1))
        for row, wear in enumerate(WEARS)
        for column in range(each)
    ]


# --- The card


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(ROOT / "data" / "fonts" / "Tinos-Regular.ttf", size)


def qr(text: str) -> Image.Image:
    """The QR code with its quiet zone, `DOTS` pixels a module."""
    file = io.BytesIO()
    # The mask is given because weighing all eight takes most of the time.
    code = segno.make(text, error="m", mask=len(text) % 8, encoding="utf-8", boost_error=False, micro=False)
    code.save(file, kind="png", scale=DOTS, border=QUIET)
    return Image.open(file).convert("L")


def _drawn(sample: Sample) -> tuple[Image.Image, tuple[float, float]]:
    """The card, and where the middle of its code lies, in parts of its width and height."""
    numbers = random.Random(sample.seed)
    code = qr(sample.text)
    # The code of an ID card is some 12 mm wide, that of a health card 18 mm; the quiet zone comes on top.
    wide = 18.0 if sample.kind == "health" else 12.0
    scale = (code.width - 2 * QUIET * DOTS) / wide
    size = round(MILLIMETRES[0] * scale), round(MILLIMETRES[1] * scale)
    card = Image.new("L", size, 205)
    draw = ImageDraw.Draw(card)
    for line in range(0, size[0], 9):
        swing = 40 * math.sin(line / 90)
        draw.line((line, 0, line + 80 + swing, size[1]), fill=196, width=2)

    def print_line(left, top, height, text):
        draw.text((left * scale, top * scale), text, fill=50, font=_font(round(height * scale)))

    if sample.kind == "can_cuoc":
        place = 70.0, 4.0
        for row in range(3):
            print_line(5, 36 + 5 * row, 5, "".join(numbers.choice("<<<<<VNM0123456789") for _ in range(24)))
        draw.rounded_rectangle((6 * scale, 8 * scale, 18 * scale, 18 * scale), 9, fill=150, outline=90, width=3)
    else:
        place = (63.0, 24.0) if sample.kind == "health" else (69.5, 4.0)
        draw.rectangle((4 * scale, 22 * scale, 23 * scale, 47 * scale), fill=140)
        draw.ellipse((8 * scale, 25 * scale, 19 * scale, 38 * scale), fill=95)
        for row in range(6):
            text = (sample.person.full_name, sample.person.address, sample.person.id_number)[row % 3]
            print_line(26, 22 + 4.5 * row, 3, text[:24])
    print_line(20, 4, 3.5, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA")
    print_line(24, 9, 2.5, "Độc lập - Tự do - Hạnh phúc")
    card.paste(code, (round(place[0] * scale) - QUIET * DOTS, round(place[1] * scale) - QUIET * DOTS))
    return card, ((place[0] + wide / 2) / MILLIMETRES[0], (place[1] + wide / 2) / MILLIMETRES[1])


# --- The photo


@dataclass
class _Shot:
    """How a photo is taken; every kind of wear changes some of it."""

    numbers: random.Random
    size: tuple[int, int]
    angle: float  # degrees
    tilt: float = 0.0  # how much shorter the far edge is than the near one
    fill: float = 0.9  # of the photo's width, or of what the angle leaves
    blur: float = 0.0  # modules of the code
    shake: float = 0.0  # modules of the code
    light: float = 1.0
    noise: float = 4.0  # of 255, from peak to peak
    glare: float = 0.0
    quality: int = 85


def _easy(_shot: _Shot, _hard: float) -> None:
    pass


def _rotated(shot: _Shot, hard: float) -> None:
    shot.angle = 20 + 320 * hard


def _tilted(shot: _Shot, hard: float) -> None:
    shot.tilt = 0.12 + 0.48 * hard
    shot.angle = shot.numbers.uniform(-25, 25)


def _blurred(shot: _Shot, hard: float) -> None:
    shot.blur = 0.25 + 0.5 * hard


def _shaken(shot: _Shot, hard: float) -> None:
    shot.shake = 0.6 + 1.6 * hard


def _dim(shot: _Shot, hard: float) -> None:
    shot.light, shot.noise = 0.3 - 0.22 * hard, 18 + 20 * hard


def _glaring(shot: _Shot, hard: float) -> None:
    shot.glare = 0.6 + 0.4 * hard


def _compressed(shot: _Shot, hard: float) -> None:
    shot.size, shot.quality = (1024, 768), round(60 - 45 * hard)


def _far(shot: _Shot, hard: float) -> None:
    shot.fill = 0.6 - 0.35 * hard


def _everything(shot: _Shot, hard: float) -> None:
    shot.angle, shot.tilt = shot.numbers.uniform(-40, 40), 0.1 + 0.15 * hard
    shot.blur, shot.light, shot.noise = 0.2 + 0.2 * hard, 0.6 - 0.3 * hard, 10 + 14 * hard
    shot.glare, shot.quality = 0.3 + 0.3 * hard, 60


WEARS: dict[str, Callable[[_Shot, float], None]] = {
    "clean": _easy,
    "rotated": _rotated,
    "tilted": _tilted,
    "blurred": _blurred,
    "shaken": _shaken,
    "dim": _dim,
    "glare": _glaring,
    "compressed": _compressed,
    "far": _far,
    "combined": _everything,
}


def _photo(sample: Sample) -> Image.Image:
    numbers = random.Random(sample.seed + 7)
    # The clean ones have every size, the worn ones two that are common.
    size = SIZES[round(sample.hardness * 4)] if sample.wear == "clean" else numbers.choice(SIZES[1:3])
    shot = _Shot(numbers, size, numbers.uniform(-4, 4))
    WEARS[sample.wear](shot, sample.hardness)
    card, middle = _drawn(sample)
    corners = _corners(shot)
    module = math.dist(corners[0], corners[1]) * DOTS / card.width
    photo = _table(shot)
    _lay(photo, card, corners)
    if shot.glare:
        _let_shine(photo, shot, _within(corners, middle), module)
    photo = photo.filter(ImageFilter.GaussianBlur(max(0.5, shot.blur * module)))
    if shot.shake:
        photo = _moved(photo, shot.shake * module, numbers.uniform(0, math.pi))
    photo = photo.point(lambda value: round(6 + value * shot.light * 0.96))
    photo = ImageOps.colorize(_grained(photo, shot), (4, 6, 10), (250, 255, 246))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=shot.quality)
    photo = Image.open(file)
    if max(photo.size) > 2400:
        photo.draft("RGB", (photo.width // 2, photo.height // 2))
    photo.load()
    return photo


def _corners(shot: _Shot) -> list[tuple[float, float]]:
    """Where the card's corners lie in the photo, from the upper left clockwise."""
    width, height = MILLIMETRES
    angle = math.radians(shot.angle)
    cos, sin = math.cos(angle), math.sin(angle)
    box = abs(width * cos) + abs(height * sin), abs(width * sin) + abs(height * cos)
    scale = min(shot.fill * shot.size[0] / box[0], 0.95 * shot.size[1] / box[1])
    found = []
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        nearer = 1 - shot.tilt * (1 - y) / 2
        across, down = x * width / 2 * nearer, y * height / 2 * (1 - shot.tilt / 2)
        found.append(
            (
                shot.size[0] / 2 + scale * (across * cos - down * sin),
                shot.size[1] / 2 + scale * (across * sin + down * cos),
            )
        )
    return found


def _lay(photo: Image.Image, card: Image.Image, corners: list[tuple[float, float]]) -> None:
    """Put the card into the photo, so that its corners come to lie there."""
    box = [bound(corner[axis] for corner in corners) for bound, axis in ((min, 0), (min, 1), (max, 0), (max, 1))]
    left, top, right, bottom = (round(value) for value in box)
    corners = [(x - left, y - top) for x, y in corners]
    size = right - left, bottom - top
    shape = Image.new("L", size)
    ImageDraw.Draw(shape).polygon(corners, fill=255)
    turned = card.transform(
        size, Image.Transform.PERSPECTIVE, _perspective(corners, card.size), Image.Resampling.BILINEAR
    )
    photo.paste(turned, (left, top), shape)


def _perspective(corners: list[tuple[float, float]], size: tuple[int, int]) -> list[float]:
    """The eight coefficients by which Pillow fetches each pixel of the photo from the card."""
    width, height = size
    rows = []
    for (x, y), (u, v) in zip(corners, ((0, 0), (width, 0), (width, height), (0, height)), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for at in range(8):
        pivot = max(range(at, 8), key=lambda row: abs(rows[row][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for row in range(8):
            if row != at:
                rows[row] = [value - rows[row][at] * mine for value, mine in zip(rows[row], rows[at], strict=True)]
    return [row[8] for row in rows]


def _within(corners: list[tuple[float, float]], at: tuple[float, float]) -> tuple[float, float]:
    """A place of the card in the photo; exact enough for a patch of light."""
    weights = ((1 - at[0]) * (1 - at[1]), at[0] * (1 - at[1]), at[0] * at[1], (1 - at[0]) * at[1])
    return tuple(sum(weight * corner[axis] for weight, corner in zip(weights, corners, strict=True)) for axis in (0, 1))


def _table(shot: _Shot) -> Image.Image:
    """Wood, more or less: noise at several scales, with stripes."""
    table = Image.new("L", shot.size, 110)
    for columns, rows, strength in ((7, 5, 0.5), (24, 150, 0.35), (200, 150, 0.2)):
        noise = Image.frombytes("L", (columns, rows), shot.numbers.randbytes(columns * rows))
        table = Image.blend(table, noise.resize(shot.size, Image.Resampling.BILINEAR), strength)
    return table


def _let_shine(photo: Image.Image, shot: _Shot, middle: tuple[float, float], module: float) -> None:
    """A broad shine over the code, and a small lamp in it that hides part of it altogether."""
    mask = Image.new("L", (shot.size[0] // 4, shot.size[1] // 4))
    for modules, strength, softness in ((45, 0.97 * shot.glare, 3), (2 + 15 * shot.glare, 1, 10)):
        radius = modules * module / 4
        x, y = (value / 4 + shot.numbers.uniform(-0.4, 0.4) * radius for value in middle)
        spot = Image.new("L", mask.size)
        ImageDraw.Draw(spot).ellipse(
            (x - radius, y - 0.7 * radius, x + radius, y + 0.7 * radius), round(255 * strength)
        )
        mask = ImageChops.lighter(mask, spot.filter(ImageFilter.GaussianBlur(radius / softness)))
    photo.paste(252, mask=mask.resize(shot.size, Image.Resampling.BILINEAR))


def _moved(photo: Image.Image, way: float, direction: float) -> Image.Image:
    """The mean of the photo along a short way."""
    steps = max(2, round(way) + 1)
    mean = photo
    for step in range(1, steps):
        far = way * step / (steps - 1)
        x, y = far * math.cos(direction), far * math.sin(direction)
        moved = photo.transform(photo.size, Image.Transform.AFFINE, (1, 0, x, 0, 1, y), Image.Resampling.BILINEAR)
        mean = Image.blend(mean, moved, 1 / (step + 1))
    return mean


def _grained(photo: Image.Image, shot: _Shot) -> Image.Image:
    """Noise as a sensor makes it, added to both sides of the true value."""
    width, height = photo.size
    grain = ImageChops.offset(_grain(), shot.numbers.randrange(2400), shot.numbers.randrange(1800))
    grain = grain.crop((0, 0, width, height)).point(lambda value: round(value * shot.noise / 128))
    return ImageChops.add(photo, grain, 1, -round(shot.noise))


@cache
def _grain() -> Image.Image:
    """The largest photo's noise: the mean of two even ones."""
    numbers, size = random.Random(0), SIZES[-1]
    return ImageChops.add(*(Image.frombytes("L", size, numbers.randbytes(size[0] * size[1])) for _ in range(2)), 2)
