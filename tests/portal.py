"""The portal on loopback, well and in every way in which it fails; and a certificate authority of our own."""

import gzip
import io
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pikepdf import Array, Dictionary, Encryption, Name

from services.form01 import Form01, render

CAPTCHA = b"<!DOCTYPE html><html><body>Nh\xe1\xba\xadp m\xc3\xa3 ki\xe1\xbb\x83m tra</body></html>"
LINK = Dictionary(
    Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI="https://baohiemxahoi.gov.vn")
)


@cache
def official_pdf(version: int = 1) -> bytes:
    """A good file: two pages and a link to the web, which is nothing that a viewer would do by itself."""

    def change(pdf):
        pdf.pages.append(pdf.pages[0])
        pdf.pages[0].Annots = Array([LINK])

    return changed(change, Form01(reference=f"MAU{version}"))


def changed(change, form: Form01 | None = None, **how) -> bytes:
    """A good PDF after `change`, saved as `how` says."""
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(render(form or Form01()))) as pdf:
        change(pdf)
        pdf.save(file, **how)
    return file.getvalue()


def encrypted(user: str) -> bytes:
    """A PDF that opens only with this password; with none, it still is encrypted."""
    return changed(lambda pdf: None, encryption=Encryption(owner="chủ", user=user))


def _open_action(pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="x = 1;;")


def _launch(pdf) -> None:
    pdf.pages[0].AA = Dictionary(O=Dictionary(S=Name.Launch, F="cmd.exe"))


def _names(pdf) -> None:
    script = Dictionary(S=Name.JavaScript, JS="this.print()")
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=["x", script]))


def _submit(pdf) -> None:
    action = Dictionary(S=Name.SubmitForm, F="https://evil.example")
    pdf.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)])


def _attach(pdf) -> None:
    pdf.attachments["chay-thu.exe"] = b"MZ"


def _fillable(pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=[], XFA=pdf.make_stream(b"<xdp/>"))


def _hidden_deep(pdf) -> None:
    thing = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
    for _ in range(50):
        thing = Array([Dictionary(Next=thing)])
    pdf.Root.Somewhere = thing


ACTIVE = {
    "a script that runs when it is opened": lambda: changed(_open_action),
    "the same among packed objects": lambda: changed(
        _open_action, object_stream_mode=pikepdf.ObjectStreamMode.generate
    ),
    # Of the same length, so that everything stays where the file says it is.
    "the same with its name written otherwise": lambda: (
        changed(_open_action).replace(b"/S /JavaScript", b"/S /J#61vaScript").replace(b"1;;)", b"1)")
    ),
    "a script among its names": lambda: changed(_names),
    "a script fifty levels deep": lambda: changed(_hidden_deep),
    "a program that is started": lambda: changed(_launch),
    "a form that is sent off": lambda: changed(_submit),
    "an attached file": lambda: changed(_attach),
    "a form of the second kind": lambda: changed(_fillable),
}


def bomb() -> bytes:
    """64 MB of zeros in some 64 kB."""
    return gzip.compress(bytes(64 * 1024 * 1024))


class Portal:
    """Answers every GET as `mood` says (a method `_<mood>` of this class); `pdf` is its file.

    `certificate` is the path of a certificate with its key; with one it speaks https.
    """

    def __init__(self, mood: str = "well", certificate: Path | None = None, address: str = "127.0.0.1"):
        self.mood = mood
        self.pdf = official_pdf()
        self.etag = '"1"'
        self.location = ""
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._hanging = threading.Semaphore(0)
        self._released = threading.Event()
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                portal.requests.append((self.path, dict(self.headers)))
                self.close_connection = True
                with suppress(OSError):
                    getattr(portal, f"_{portal.mood}")(self)

            def log_message(self, *_words):
                """Nothing."""

        self._server = _Quiet((address, 0), Handler)
        self.scheme = "https" if certificate else "http"
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate:
            self.present(certificate)
            self._server.socket = self._context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def present(self, certificate: Path) -> None:
        """Show this certificate from now on."""
        self._context.load_cert_chain(certificate)

    @property
    def url(self) -> str:
        """Where the file lies."""
        return f"{self.scheme}://localhost:{self.port}/tep/mau-01.pdf"

    def __enter__(self):
        return self

    def __exit__(self, *_problem):
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def release(self) -> None:
        """Let go of those that hang."""
        self._released.set()

    def hangs(self) -> bool:
        """Wait until somebody waits for it."""
        return self._hanging.acquire(timeout=20)

    # Moods

    def _well(self, handler) -> None:
        if self.etag and handler.headers.get("If-None-Match") == self.etag:
            self._answer(handler, b"", 304)
        else:
            self._answer(handler, self.pdf, more={"ETag": self.etag})

    def _error(self, handler) -> None:
        self._answer(handler, b"<html>500</html>", 500)

    def _gone(self, handler) -> None:
        self._answer(handler, b"<html>404</html>", 404)

    def _unasked_304(self, handler) -> None:
        self._answer(handler, b"", 304)

    def _captcha(self, handler) -> None:
        self._answer(handler, CAPTCHA)

    def _redirect(self, handler) -> None:
        if handler.path == "/well":
            self._well(handler)
        else:
            self._answer(handler, b"", 302, {"Location": self.location})

    def _hang(self, _handler) -> None:
        self._hanging.release()
        self._released.wait(60)

    def _drip_head(self, handler) -> None:
        self._drip(handler, b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000)

    def _drip_body(self, handler) -> None:
        self._head(handler, 200, {"Content-Length": str(len(self.pdf)), "Connection": "close"})
        self._drip(handler, self.pdf)

    def _truncated(self, handler) -> None:
        self._head(handler, 200, {"Content-Length": str(len(self.pdf))})
        handler.wfile.write(self.pdf[:-100])

    def _truncated_chunks(self, handler) -> None:
        self._head(handler, 200, {"Transfer-Encoding": "chunked"})
        handler.wfile.write(b"%x\r\n%s\r\n" % (1000, self.pdf[:1000]))

    def _cut(self, handler) -> None:
        # Nobody is told how long it should have been.
        self._head(handler, 200, {})
        handler.wfile.write(self.pdf[: len(self.pdf) // 2])

    def _chunks(self, handler) -> None:
        self._head(handler, 200, {"Transfer-Encoding": "chunked"})
        for begin in range(0, len(self.pdf), 5000):
            piece = self.pdf[begin : begin + 5000]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n")

    def _says_huge(self, handler) -> None:
        self._head(handler, 200, {"Content-Length": str(6 * 1024 * 1024)})
        handler.wfile.write(b"%PDF-1.7\n")

    def _huge(self, handler) -> None:
        self._head(handler, 200, {})
        handler.wfile.write(b"%PDF-1.7\n" + bytes(6 * 1024 * 1024))

    def _gzip(self, handler) -> None:
        self._answer(handler, gzip.compress(self.pdf), more={"Content-Encoding": "gzip"})

    def _gzip_cut(self, handler) -> None:
        self._answer(handler, gzip.compress(self.pdf)[:-10], more={"Content-Encoding": "gzip"})

    def _gzip_bomb(self, handler) -> None:
        self._answer(handler, bomb(), more={"Content-Encoding": "gzip"})

    def _gzip_tail(self, handler) -> None:
        self._answer(handler, gzip.compress(self.pdf) + bytes(6 * 1024 * 1024), more={"Content-Encoding": "gzip"})

    def _packed_otherwise(self, handler) -> None:
        self._answer(handler, b"x", more={"Content-Encoding": "br, gzip"})

    def _not_gzip(self, handler) -> None:
        self._answer(handler, self.pdf, more={"Content-Encoding": "gzip"})

    def _no_http(self, handler) -> None:
        handler.wfile.write(b"220 ftp.example ready\r\n")

    def _hang_up(self, handler) -> None:
        handler.connection.close()

    # How it is done

    def _answer(self, handler, body: bytes, status: int = 200, more: dict[str, str] | None = None) -> None:
        self._head(
            handler,
            status,
            {"Content-Type": "application/pdf", "Content-Length": str(len(body)), **(more or {})},
        )
        handler.wfile.write(body)

    def _head(self, handler, status: int, headers: dict[str, str]) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()

    def _drip(self, handler, data: bytes) -> None:
        for byte in data:
            handler.wfile.write(bytes([byte]))
            if self._released.wait(0.02):
                return


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that refuses our certificate is no news."""


class Authority:
    """Signs certificates; `path` is its own, for whoever trusts it."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Quay thu nghiem")])
        self.path = folder / "ca.pem"
        self.path.write_bytes(self._signed(self._name, self._key, is_authority=True))

    def certificate(self, host: str = "localhost", days: int = 1) -> Path:
        """A certificate with its key for this host, good for so many days from now; of none it is over."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        path = self._folder / f"{host}-{days}.pem"
        path.write_bytes(self._signed(name, key, host, days) + _pem(key))
        return path

    def _signed(self, name, key, host: str = "", days: int = 1, *, is_authority: bool = False) -> bytes:
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=2))
            .not_valid_after(now + timedelta(days=days) - timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if host:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _pem(key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
