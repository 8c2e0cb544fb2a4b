"""Which kind of picture a file is, judged by its first bytes: names and declared types are whatever a client says."""

from enum import Enum


class Kind(Enum):
    """The kinds that are accepted."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"


_HEVC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_ANY_CODEC_BRANDS = {b"mif1", b"msf1"}
_AV1_BRANDS = {b"avif", b"avis"}


def kind_of(data: bytes) -> Kind | None:
    """Return the kind of picture that `data` begins like, or None."""
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[4:8] == b"ftyp" and _is_heic(data):
        return Kind.HEIC
    return None


def _is_heic(data: bytes) -> bool:
    """Read the brands of an ISO media file: the major one, a version, then the compatible ones."""
    major = data[8:12]
    if major in _ANY_CODEC_BRANDS:
        # These brands also head AVIF files, which no decoder here reads; the compatible brands tell them apart.
        end = min(int.from_bytes(data[:4]), 256)
        compatible = {data[at : at + 4] for at in range(16, end, 4)}
        return not compatible & _AV1_BRANDS
    return major in _HEVC_BRANDS
