"""A mail server on loopback, as real as `aiosmtpd` is: with STARTTLS and passwords, and as ill as it is told."""

import asyncio
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

USER, PASSWORD = "vssid@congty.vn", "mat khau: @/?#"


class MailServer:
    """What it took stands in `mails`, whom for in `envelopes`, and every password that it was told in `passwords`.

    `answers` holds by verb (`MAIL`, `RCPT`, `DATA`) what it answers instead of taking; `drops` is whether it closes the
    line after it has taken a mail, before it says so.
    """

    def __init__(self, *, ssl: ssl.SSLContext | None = None, **settings):
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.passwords: list[str] = []
        self.sessions: list[Session] = []
        self.answers: dict[str, str] = {}
        self.drops = False
        self._loop = asyncio.new_event_loop()

        def line() -> SMTP:
            return SMTP(
                self,
                hostname="mail",
                authenticator=self.authenticate,
                loop=self._loop,
                **{"enable_SMTPUTF8": True, **settings},
            )

        self._server = self._loop.run_until_complete(self._loop.create_server(line, "127.0.0.1", 0, ssl=ssl))
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._close())
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        # What was cancelled closes its line in the next turn.
        await asyncio.sleep(0)

    def __enter__(self):
        return self

    def __exit__(self, *_problem):
        self.stop()

    # What aiosmtpd asks.

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if "RCPT" in self.answers:
            return self.answers["RCPT"].format(address=address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.sessions.append(session)
        self.envelopes.append(envelope)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        if self.drops:
            server.transport.abort()
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, data) -> AuthResult:
        """Whether it is the one user that there is."""
        self.passwords.append(data.password.decode())
        is_known = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=is_known, handled=False)


class Authority:
    """Whoever signs certificates in this company; `ca` is the file that tells of it."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")])
        certificate = self._signed(self._name, self._key, [], is_authority=True)
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(certificate.public_bytes(Encoding.PEM))

    def context(self, *hosts: str) -> ssl.SSLContext:
        """What a server with a certificate for these hosts speaks TLS with."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
        certificate = self._signed(name, key, names)
        path = self._folder / f"{hosts[0]}.pem"
        path.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + certificate.public_bytes(Encoding.PEM)
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(path)
        return context

    def _signed(self, name, key, names, *, is_authority=False):
        at = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(at - timedelta(days=3650))
            .not_valid_after(at + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())


class Silent:
    """Listens, and says what it is told and then nothing; `drip` says it byte by byte, for ever."""

    def __init__(self, words: bytes = b"", *, drips: bool = False):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._words, self._drips = words, drips
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_problem):
        self._stopped.set()
        # Closed alone, it would go on listening for the one who waits.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        try:
            line, _address = self._socket.accept()
            with line:
                line.sendall(self._words)
                while self._drips and not self._stopped.wait(0.05):
                    line.sendall(b"x")
                self._stopped.wait(60)
        except OSError:
            return
