"""One good answer per step; a step without one fails the tests by name."""

from datetime import timedelta
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

from views.words import today


@cache
def jpeg(width: int = 1200, height: int = 900, seed: int = 0) -> bytes:
    """A photo-like JPEG: a gradient, so that it compresses as a picture does, with strokes that are sharp."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    for left in range(width // 20, width, width // 40):
        ImageDraw.Draw(image).line((left, height // 20, left, height - height // 20), fill=(60, 50, 40), width=3)
    ImageDraw.Draw(image).ellipse((100 + seed, 100, 500 + seed, 500), fill=(180, 120 + seed % 100, 90))
    out = BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def upload(name: str = "anh.jpg", data: bytes | None = None):
    """What a file field is given."""
    return BytesIO(jpeg() if data is None else data), name


PERSON = {
    "full_name": "Nguyễn Thị Hồng Nhung",
    "social_insurance_code": "0120878811",
    "id_number": "074190001234",
    "phone": "0912345678",
    "address": "12/3 đường Nguyễn Văn Tiết, khu phố Bình Hòa",
    "commune": "Phường Lái Thiêu, TP. Hồ Chí Minh",
}


def code_of(phone: str) -> str:
    """A social insurance code for whoever has this phone: one person has one dossier."""
    return PERSON["social_insurance_code"] if phone == PERSON["phone"] else f"7{phone[-9:]}"


PARENT = {
    "phone": "0912345678",
    "guardian_full_name": "Trần Đức Ưng",
    "guardian_social_insurance_code": "7912345678",
    "guardian_id_number": "074088001234",
    "address": PERSON["address"],
    "commune": PERSON["commune"],
}
KINDS = {"adult": ("portrait", "id_front", "id_back"), "child": ("portrait", "birth_certificate")}


def born(years: int, days: int = 0) -> str:
    """The birth date of somebody who became so old `days` days ago, counted on Vietnam's calendar."""
    then = today() - timedelta(days)
    return f"{then.replace(year=then.year - years, day=min(then.day, 28)):%d/%m/%Y}"


def child() -> dict[str, str]:
    """A child of three, who need not be asked."""
    return {
        "full_name": "Trần Minh Khôi",
        "social_insurance_code": "7921234567",
        "birth_date": born(3, days=40),
        "relation": "father",
    }


def good(step_name: str, flow: str = "adult") -> dict:
    """A good answer for the step; files are made anew each time, for they are read once.

    A step that asks in stages has the answers of all of them, without the code that it sends.
    """
    return {
        "prepare": {"consent_processing": True, "consent_forwarding": True},
        "declaration": dict(PERSON),
        "guardian": dict(PARENT),
        "child": child(),
        "photos": {
            kind: upload(f"{kind}.jpg", jpeg(900, 1200) if kind == "portrait" else jpeg(seed=n))
            for n, kind in enumerate(KINDS[flow])
        },
        "agency": {"agency": "07407"},
    }[step_name]
