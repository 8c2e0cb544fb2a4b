"""How the server asks a worker to write a name across a photo: as a file behind a sign that no picture begins with.

`photos.prepare` sends no file on that does not begin as a picture, so nobody else can ask.
"""

_SIGN = b"mark\n"
_LONGEST = 120


def asked(jpeg: bytes, text: str) -> bytes:
    """What to send to a worker for `text` to be written across `jpeg`."""
    line = " ".join(text.split())[:_LONGEST]
    return _SIGN + line.encode() + b"\n" + jpeg


def is_asked(data: bytes) -> bool:
    """Whether this is such a question, not a photo that somebody sent."""
    return data.startswith(_SIGN)


def told(data: bytes) -> tuple[bytes, str]:
    """The picture and the text of a question."""
    line, _newline, jpeg = data.removeprefix(_SIGN).partition(b"\n")
    return jpeg, line.decode()
