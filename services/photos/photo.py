"""What comes out: a Photo, or a Reason why there is none."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Photo:
    """A prepared picture: upright sRGB pixels as JPEG, its thumbnail as JPEG, and its size in pixels.

    `texts` are the texts of the cards whose QR codes were found on it; None where nobody looked for any.
    """

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int
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
