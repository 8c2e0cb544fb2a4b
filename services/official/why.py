"""Why there is no official blank."""

from enum import Enum


class Why(Enum):
    """What became of a try, where nothing good did; `forms.official` has the words."""

    # On the way to the portal
    UNKNOWN_HOST = "unknown_host"
    PRIVATE = "private"  # an address inside a network, which only the environment may name
    UNREACHABLE = "unreachable"
    SILENT = "silent"  # not done within the time
    DROPPED = "dropped"  # the line broke, or less came than was told
    EXPIRED = "expired"  # the certificate, or our clock
    OTHER_NAME = "other_name"  # the certificate is somebody else's
    UNTRUSTED = "untrusted"  # the certificate is signed by nobody whom this machine trusts
    NO_TLS = "no_tls"
    # What it answered
    STATUS = "status"
    ELSEWHERE = "elsewhere"  # sent on to another host, port or kind of address
    DOWNGRADED = "downgraded"  # sent on from https to http
    IN_CIRCLES = "in_circles"
    GARBLED = "garbled"
    TOO_LARGE = "too_large"
    # What is wrong with the file
    EMPTY = "empty"
    WEB_PAGE = "web_page"
    NOT_PDF = "not_pdf"
    BROKEN = "broken"
    ENCRYPTED = "encrypted"
    ACTIVE = "active"  # it would run or open something
    NO_PAGE = "no_page"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_HARD = "too_hard"
    # Our own fault
    INTERRUPTED = "interrupted"  # whoever fetched is gone
    FAULT = "fault"


class NoBlank(Exception):
    """There is none to be had; `why`, and what that alone does not say, such as a status."""

    def __init__(self, why: Why, detail: str = ""):
        super().__init__(f"{why.value} {detail}".strip())
        self.why = why
        self.detail = detail
