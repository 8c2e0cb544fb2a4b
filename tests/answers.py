"""One good answer per step; a step without one fails the tests by name."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw


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


def good(step_name: str) -> dict:
    """A good answer for the step; files are made anew each time, for they are read once."""
    return {
        "prepare": {"consent_processing": True, "consent_forwarding": True},
        "declaration": dict(PERSON),
        "photos": {
            "portrait": upload("portrait.jpg", jpeg(900, 1200)),
            "id_front": upload("id_front.jpg", jpeg(seed=1)),
            "id_back": upload("id_back.jpg", jpeg(seed=2)),
        },
        "agency": {"agency": "07407"},
    }[step_name]
