"""What is kept of a mail until it is sent: to whom, and no more of the rest than cannot be looked up then."""

from services.outbox import Letter


def code_letter(address: str, code: str, minutes: int) -> Letter:
    """The mail that brings a code."""
    return Letter(address, {"code": code, "minutes": minutes})


def form01_letter(address: str) -> Letter:
    """The mail with Form 01 of the dossier that its row speaks of."""
    return Letter(address, {})


def news_letter(address: str, seq: int) -> Letter:
    """The mail that tells of the event with this number."""
    return Letter(address, {"seq": seq})


def invitation_letter(address: str, link: str, until: str) -> Letter:
    """The mail with a personal link that is good until the day `until`."""
    return Letter(address, {"link": link, "until": until})


def test_letter(address: str) -> Letter:
    """A mail by which HR sees that mail arrives."""
    return Letter(address, {})
