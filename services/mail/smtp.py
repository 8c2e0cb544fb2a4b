"""The company's mail server, spoken to by SMTP, and the only importer of `smtplib`.

Nothing is said in the clear: where the server offers no TLS, or no certificate that can be trusted, neither password
nor mail is given to it. Only a server on this very machine that asks for no password may be spoken to without.
"""

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlsplit

from models import Message
from services.deadline import Deadline
from services.mail import message
from services.mail.message import Unwritable, Words
from services.outbox import Letter, Sender, SendFailed

# For each thing that the server is asked, and for all of them together; a lease is longer.
SECONDS = 5
SECONDS_FOR_ALL = 30
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PORTS = {"smtp": 587, "smtps": 465}
NOBODY = "vssid@localhost"


class MailSender(Sender):
    """Sends by the server at `url`; `compose` has the words for each message."""

    def __init__(self, url: str, compose: Callable[[Message, Letter], Words]):
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query.replace("+", "%2B")))
        self._host = parts.hostname
        self._port = parts.port or PORTS[parts.scheme]
        self._is_tls = parts.scheme == "smtps"
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = asked.get("from") or self._user or NOBODY
        self._trusted = ssl.create_default_context(cafile=asked.get("ca"))
        self._compose = compose
        self.place = f"{self._host}:{self._port} ({self._sender})"

    def complete(self, row: Message, letter: Letter) -> Letter:
        """The letter with its words, which are not kept in the outbox."""
        return replace(letter, said={"words": self._compose(row, letter)})

    def send(self, letter: Letter, key: str) -> str:
        """Hand over the mail. Raises `SendFailed`."""
        try:
            to = message.address(letter.to)
        except Unwritable as problem:
            raise SendFailed("recipient", is_final=True) from problem
        mail = message.made(letter.said["words"], self._sender, to, key)
        with Deadline(SECONDS_FOR_ALL) as deadline:
            line = self._line(deadline)
            try:
                self._open(line)
                line.send_message(mail, self._sender, [to.addr_spec])
                _part(line)
            except (smtplib.SMTPException, OSError) as problem:
                raise failure(problem, is_late=deadline.is_over) from problem
            finally:
                line.close()
        return mail["Message-ID"].strip("<>")[:64]

    def _line(self, deadline: Deadline) -> smtplib.SMTP:
        # Neither this machine's own name nor a wait for it.
        domain = self._sender.rpartition("@")[2]
        name = domain if "." in domain else "[127.0.0.1]"
        # Without a host nothing is opened yet.
        if self._is_tls:
            line = _TlsLine(local_hostname=name, timeout=SECONDS, context=self._trusted)
        else:
            line = _Line(local_hostname=name, timeout=SECONDS)
        line.deadline = deadline
        return line

    def _open(self, line: smtplib.SMTP) -> None:
        # As `starttls` needs it, too: whose certificate it must be.
        line._host = self._host
        status, words = line.connect(self._host, self._port)
        if status != 220:
            raise smtplib.SMTPConnectError(status, words)
        line.ehlo_or_helo_if_needed()
        if not self._is_tls and not (self._host in LOOPBACK and not self._user):
            if not line.has_extn("starttls"):
                raise NoTls
            line.starttls(context=self._trusted)
            line.ehlo()
        if self._user:
            self._sign_in(line)

    def _sign_in(self, line: smtplib.SMTP) -> None:
        """Once: `login` would try a wrong password in every way that is offered, and some servers lock the account."""
        offered = line.esmtp_features.get("auth", "").upper().split()
        line.user, line.password = self._user, self._password
        if "PLAIN" in offered:
            line.auth("PLAIN", line.auth_plain)
        elif "LOGIN" in offered:
            line.auth("LOGIN", line.auth_login)
        else:
            raise smtplib.SMTPNotSupportedError("no AUTH PLAIN, no AUTH LOGIN")


class _Watched:
    """A line that is cut off in the middle of whatever it is told when the time for all of it is over."""

    deadline: Deadline

    def _get_socket(self, host, port, timeout):
        line = super()._get_socket(host, port, timeout)
        self.deadline.watch(line)
        return line


class _Line(_Watched, smtplib.SMTP):
    pass


class _TlsLine(_Watched, smtplib.SMTP_SSL):
    pass


class NoTls(smtplib.SMTPException):
    """The server would have everything said in the clear."""


def failure(problem: Exception, *, is_late: bool = False) -> SendFailed:
    """What a server or a line did, in our words. Where it said "never" (5xx) to this mail, no try will help."""
    if is_late or isinstance(problem, TimeoutError):
        return SendFailed("silent")
    if isinstance(problem, NoTls):
        return SendFailed("open_line")
    if isinstance(problem, ssl.SSLError):
        return SendFailed("certificate")
    if isinstance(problem, smtplib.SMTPServerDisconnected):
        return SendFailed("silent" if "timed out" in str(problem) else "dropped")
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        [(status, words)] = problem.recipients.values()
        return _answered("recipient", status, words, is_final=True)
    if isinstance(problem, smtplib.SMTPNotSupportedError):
        # No way to sign in that we know, or an address that this server cannot write to.
        return SendFailed("unsupported", str(problem))
    if isinstance(problem, smtplib.SMTPResponseException):
        return _answered(*_kind(problem), is_final=isinstance(problem, smtplib.SMTPDataError))
    is_ours = isinstance(problem, (ConnectionResetError, BrokenPipeError, ConnectionAbortedError))
    return SendFailed("dropped" if is_ours else "unreachable")


def _kind(problem: smtplib.SMTPResponseException) -> tuple[str, int, bytes]:
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        reason = "credentials"
    elif isinstance(problem, smtplib.SMTPSenderRefused):
        reason = "sender"
    else:
        reason = "refused"
    return reason, problem.smtp_code, problem.smtp_error


def _answered(reason: str, status: int, words: bytes | str, *, is_final: bool) -> SendFailed:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    is_passing = 400 <= status < 500
    return SendFailed("later" if is_passing else reason, f"{status} {said}", is_final=is_final and not is_passing)


def _part(line: smtplib.SMTP) -> None:
    """Say goodbye; whatever becomes of that, the mail was taken."""
    with suppress(smtplib.SMTPException, OSError):
        line.quit()
