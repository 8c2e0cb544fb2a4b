"""The only reader of the environment.

`read()` gives a `Settings`; a value that cannot be right raises `WrongSetting`, whose sentence names the variable and
says what to write instead, so that a wrong setting stops the start and not somebody's registration.
"""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104  recognised, never chosen for anybody
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?/?")


class WrongSetting(Exception):
    """A setting that cannot be used; the message is one sentence for the administrator."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between two installations."""

    data: Path
    database_url: str = field(repr=False)
    secret_keys: tuple[str, ...] = field(repr=False)
    data_key: bytes = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    embed_origins: tuple[str, ...] = ()
    behind_proxy: bool = False
    sms_url: str = field(default="", repr=False)
    company_name: str = ""
    default_agency: str = "07407"
    codes_per_day: int = 300
    form01_url: str = ""
    sms_per_month: int = 0

    @property
    def address(self) -> str:
        """The address that people on the network type, without a final slash."""
        host = "localhost" if self.host in EVERYWHERE else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def is_known_to_others(self) -> bool:
        """Whether `public_url` is an address that another device could open."""
        host = urlsplit(self.public_url).hostname
        return host is not None and host not in LOOPBACK


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read every `QUAY_…` variable; make the data folder and the two keys where they do not exist yet.

    Raises `WrongSetting` with a sentence that names the variable.
    """
    data = Path(environ.get("QUAY_DATA") or "instance").resolve()
    _make_folder(data)
    return Settings(
        data=data,
        database_url=_database_url(environ, data),
        secret_keys=_secret_keys(environ, data),
        data_key=_data_key(environ, data),
        host=environ.get("QUAY_HOST") or "127.0.0.1",
        port=_whole_number(environ, "QUAY_PORT", 8000, 1, 65535),
        public_url=_public_url(environ),
        embed_origins=_embed_origins(environ),
        behind_proxy=_yes_or_no(environ, "QUAY_BEHIND_PROXY"),
        sms_url=_sms_url(environ),
        company_name=(environ.get("QUAY_COMPANY_NAME") or "").strip(),
        default_agency=environ.get("QUAY_DEFAULT_AGENCY") or "07407",
        codes_per_day=_whole_number(environ, "QUAY_CODES_PER_DAY", 300, 1, 1_000_000),
        form01_url=(environ.get("QUAY_FORM01_URL") or "").strip(),
        sms_per_month=_whole_number(environ, "QUAY_SMS_PER_MONTH", 0, 0, 10_000_000),
    )


def staff_password(environ: Mapping[str, str] = os.environ) -> str:
    """The password for `staff add` where nobody can type one; empty when it is to be asked for."""
    return environ.get("QUAY_STAFF_PASSWORD") or ""


def is_command(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the application is made for a command of `flask`, whose reader wants a sentence and no traceback."""
    return environ.get("FLASK_RUN_FROM_CLI") == "true"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as problem:
        raise WrongSetting(f"QUAY_DATA: cannot make the folder {folder} ({problem.strerror}).") from problem


def _database_url(environ, data: Path) -> str:
    url = environ.get("QUAY_DATABASE_URL") or f"sqlite:///{data / 'quay.db'}"
    parts = _parts("QUAY_DATABASE_URL", url)
    is_sqlite = parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1
    is_postgresql = parts.scheme == "postgresql" and parts.hostname and len(parts.path) > 1
    if not is_sqlite and not is_postgresql:
        raise WrongSetting("QUAY_DATABASE_URL: write postgresql://user:password@host/name, or leave it out for SQLite.")
    return url


def _secret_keys(environ, data: Path) -> tuple[str, ...]:
    text = _secret(environ, "QUAY_SECRET_KEY") or _kept_secret("QUAY_SECRET_KEY", data / "secret.key")
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    if not keys or min(map(len, keys)) < 32:
        raise WrongSetting("QUAY_SECRET_KEY: every key needs at least 32 characters.")
    return keys


def _data_key(environ, data: Path) -> bytes:
    text = _secret(environ, "QUAY_DATA_KEY") or _kept_secret("QUAY_DATA_KEY", data / "data.key")
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise WrongSetting("QUAY_DATA_KEY: write 64 hexadecimal digits (256 bits).")
    return bytes.fromhex(text)


def _secret(environ, name: str) -> str:
    """A secret given directly, or in the file that `NAME_FILE` names."""
    if path := environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise WrongSetting(f"{name}_FILE: cannot read {path}.") from problem
    return (environ.get(name) or "").strip()


def _kept_secret(name: str, path: Path) -> str:
    """The secret in `path`, made at the first start and readable by its owner only."""
    try:
        if not path.exists():
            _make_secret(path)
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise WrongSetting(f"{name}: cannot read or make {path}.") from problem


def _make_secret(path: Path) -> None:
    """Whole or not at all, and never over another one: two processes that start together agree on one secret."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    except OSError:
        # A file system that knows no links.
        os.replace(part, path)
    part.unlink(missing_ok=True)


def _whole_number(environ, name: str, default: int, least: int, most: int) -> int:
    text = (environ.get(name) or str(default)).strip()
    if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise WrongSetting(f"{name}: write a whole number from {least} to {most}, not “{text}”.")
    return int(text)


def _yes_or_no(environ, name: str) -> bool:
    text = (environ.get(name) or "no").strip().lower()
    if text not in {"yes", "no", "1", "0", "true", "false"}:
        raise WrongSetting(f"{name}: write yes or no, not “{text}”.")
    return text in {"yes", "1", "true"}


def _parts(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as problem:
        # Not in its own words: there may be a password in it.
        raise WrongSetting(f"{name}: this is not an address that can be read.") from problem
    return parts


def _origin(name: str, text: str) -> str:
    # Strict, because it goes into a header, where a semicolon or a star would say something else.
    if not ORIGIN.fullmatch(text):
        raise WrongSetting(f"{name}: “{text}” is not an address such as https://intranet.congty.vn.")
    _parts(name, text)
    return text.rstrip("/")


def _public_url(environ) -> str:
    text = (environ.get("QUAY_PUBLIC_URL") or "").strip()
    return _origin("QUAY_PUBLIC_URL", text) if text else ""


def _embed_origins(environ) -> tuple[str, ...]:
    return tuple(_origin("QUAY_EMBED_ORIGINS", text) for text in (environ.get("QUAY_EMBED_ORIGINS") or "").split())


def _sms_url(environ) -> str:
    url = (environ.get("QUAY_SMS_URL") or "").strip()
    parts = _parts("QUAY_SMS_URL", url)
    if not url:
        return url
    scheme = "apprise" if parts.scheme.startswith("apprise+") else parts.scheme
    if scheme not in SMS_URLS:
        raise WrongSetting(
            f"QUAY_SMS_URL: write {', '.join(example for example, _fits in SMS_URLS.values())}; "
            "or leave it out to read codes out at the desk."
        )
    example, fits = SMS_URLS[scheme]
    # Not the address itself: it holds a password.
    if not fits(parts, dict(parse_qsl(parts.query))):
        raise WrongSetting(f"QUAY_SMS_URL: this address is not complete; it looks like {example}.")
    return url


def _is_folder(parts: SplitResult, asked: dict) -> bool:
    return parts.netloc in {"", "localhost"} and len(parts.path) > 1 and asked.keys() <= {"sent", "error"}


def _is_phone(parts: SplitResult, _asked: dict) -> bool:
    return bool(parts.hostname and parts.username and parts.password) and parts.path in {"", "/"}


def _is_esms(parts: SplitResult, asked: dict) -> bool:
    kind = asked.get("type", "2")
    is_named = kind == "8" or (kind == "2" and bool(asked.get("brandname")))
    return _is_phone(parts, asked) and is_named and asked.get("sandbox", "0") in {"0", "1"}


def _is_speedsms(parts: SplitResult, asked: dict) -> bool:
    kind = asked.get("type", "2")
    is_named = kind in {"2", "4"} or (kind in {"3", "5"} and bool(asked.get("sender")))
    return bool(parts.hostname and parts.username) and parts.path in {"", "/"} and is_named


def _is_apprise(parts: SplitResult, _asked: dict) -> bool:
    return "{to}" in parts.geturl() and len(parts.scheme) > len("apprise+")


# By scheme: what such an address looks like, and whether one is complete.
SMS_URLS: dict[str, tuple[str, Callable[[SplitResult, dict], bool]]] = {
    "file": ("file:///folder", _is_folder),
    "gammu": ("gammu:///outbox-folder", _is_folder),
    "smsgate": ("smsgate://user:password@phone:8080", _is_phone),
    "esms": ("esms://key:secret@rest.esms.vn?brandname=NAME&type=2", _is_esms),
    "speedsms": ("speedsms://token@api.speedsms.vn?type=3&sender=NAME", _is_speedsms),
    "apprise": ("apprise+service://…/{to}", _is_apprise),
}
