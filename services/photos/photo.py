"""What comes out: a Photo, or a Reason why there is none; and what may be done to a photo afterwards."""

from dataclasses import dataclass
from enum import Enum

# A frame is told in parts of the picture, so that it means the same on a thumbnail.
WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Frame:
    """What is kept of a portrait, three wide and four high: its middle and its width, in 1/10,000 of the picture.

    Any numbers name a good frame: it is moved and made smaller until it lies within the picture.
    """

    x: int
    y: int
    width: int

    def box(self, width: int, height: int, least: int = 1) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in a picture of this size; at least `least` pixels wide where there are so many.

        The page shows this very box; `static/crop.js` reckons the same.
        """
        across = max(1, min(width, height * 3 // 4, max(least, round(self.width * width / WHOLE))))
        down = min(height, round(across * 4 / 3))
        left = min(max(0, round(self.x * width / WHOLE - across / 2)), width - across)
        top = min(max(0, round(self.y * height / WHOLE - down / 2)), height - down)
        return left, top, left + across, top + down


CENTRE = Frame(WHOLE // 2, WHOLE // 2, WHOLE)


@dataclass(frozen=True, slots=True)
class Edit:
    """How a photo is made from the one that was sent: turned clockwise by so many quarters, then cut to a frame."""

    quarters: int = 0
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker does with a file: edit one that it has prepared, or prepare it and maybe read the card on it."""

    edit: Edit | None = None
    reads_card: bool = False


PREPARE = Task()


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured in the pixels; `advice` judges by it.

    `sharpness`: how much of its whole height the steepest steps rise within three pixels, in 1/1,000; `light` and
    `shade`: the grey (0 to 255) that 5 % of the picture exceed, and the one that 0.5 % do not; `glare`: the largest
    patch of light, and `fill`: the part that holds what is drawn or printed, in 1/1,000 of the picture.
    """

    sharpness: int
    light: int
    shade: int
    glare: int
    fill: int


@dataclass(frozen=True, slots=True)
class Photo:
    """A prepared picture: upright sRGB pixels as JPEG, its thumbnail as JPEG, and its size in pixels.

    `texts` are the texts of the cards whose QR codes were found on it; None where nobody looked for any. `edit` says
    how it was made of another one, None where it is as it was sent.
    """

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int
    measures: Measures | None = None
    edit: Edit | None = None
    texts: tuple[str, ...] | None = None


class Reason(Enum):
    """Why a file was refused."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"  # in bytes
    NOT_A_PHOTO = "not_a_photo"  # none of the accepted kinds
    BROKEN = "broken"  # one of them by its first bytes, but cut short or corrupt
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"  # in pixels
    TOO_HARD = "too_hard"  # a limit on time or memory was reached, or the decoder died of it


class PhotoRefused(Exception):
    """No photo can be made of this file; `reason` says why, in no human language."""

    def __init__(self, reason: Reason):
        super().__init__(reason.value)
        self.reason = reason
