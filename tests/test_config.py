"""A wrong setting stops the start, with a sentence that names it; a right one is never guessed at."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

import config
import tokens
from config import WrongSetting
from tests.server import ROOT, Server, clean_environ
from tokens import Ticket

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
WRONG = {
    "QUAY_PORT": ["0", "65536", "-1", "80a", "８０", "9" * 5000, "1.5"],
    "QUAY_SMS_PER_MONTH": ["-1", "many", "10000001"],
    "QUAY_CODES_PER_DAY": ["0", "many", "1000001"],
    "QUAY_BEHIND_PROXY": ["maybe", "2", "on"],
    "QUAY_PUBLIC_URL": ["dangky.congty.vn", "ftp://congty.vn", "https://", "https://congty.vn/quay", "http://[::1"],
    "QUAY_EMBED_ORIGINS": [
        "intranet",
        "https://a.vn,https://b.vn",
        "https://*.congty.vn",
        "*",
        "https://a.vn;script-src",
        "https://a.vn/trang",
        "https://ten:matkhau@a.vn",
        "https://a.vn 'unsafe-inline'",
        "https://a.vn:99999",
        "javascript://a.vn",
    ],
    "QUAY_DATABASE_URL": [
        "mysql://a/b",
        "postgresql://",
        "postgresql://host",
        "postgresql:///name",
        "postgresql://host:port/name",
        "sqlite://quay.db",
        "sqlite:///",
        "/var/quay.db",
        "postgresql://[::1/name",
    ],
    "QUAY_SECRET_KEY": ["short", "x" * 31, ",", f"{'x' * 40},short"],
    "QUAY_SECRET_KEY_FILE": ["/no/such/file", "/"],
    "QUAY_DATA_KEY": ["x" * 64, "a" * 63, "a" * 65, "A" * 64],
    "QUAY_DATA_KEY_FILE": ["/no/such/file"],
    "QUAY_SMS_URL": [
        "sms.example",
        "https://gateway",
        "file://folder",
        "file://host/folder",
        "file://",
        "smsgate://[a",
        "smsgate://192.168.1.5:8080",
        "smsgate://user:p@192.168.1.5:99999",
        "smsgate://user:p@192.168.1.5/message",
        "gammu://host/outbox",
        "gammu://",
        "gammu:///out?folder=x",
        "esms://key@rest.esms.vn?brandname=x",
        "esms://key:secret@rest.esms.vn",
        "esms://key:secret@rest.esms.vn?type=1&brandname=x",
        "esms://key:secret@rest.esms.vn?brandname=x&sandbox=yes",
        "speedsms://api.speedsms.vn?type=2",
        "speedsms://token@api.speedsms.vn?type=3",
        "speedsms://token@api.speedsms.vn?type=9&sender=x",
        "apprise+json://host/sms",
        "apprise+://{to}",
    ],
}


@pytest.fixture
def read(tmp_path):
    """Read settings as `read(QUAY_PORT="80")`, with a data folder of their own."""
    return lambda **environ: config.read({"QUAY_DATA": str(tmp_path / "data"), **environ})


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_refused_by_a_sentence_that_names_it(read, name, value):
    with pytest.raises(WrongSetting, match=rf"^{name}: .+\.$"):
        read(**{name: value})


@pytest.mark.parametrize(
    "url",
    [
        "file:///folder",
        "file://localhost/folder",
        "gammu:///var/spool/gammu/outbox?sent=/a&error=/b",
        "smsgate://quay:secret@192.168.1.5",
        "smsgate://quay:secret@[fe80::1]:8080/",
        "esms://key:secret@rest.esms.vn?brandname=May%20Binh%20Minh",
        "esms://key:secret@rest.esms.vn?type=8&sandbox=1",
        "speedsms://token@api.speedsms.vn",
        "speedsms://token@api.speedsms.vn?type=5&sender=device",
        "apprise+twilio://sid:token@15555555555/{to}",
    ],
)
def test_every_gateway_has_an_address(read, url):
    assert read(QUAY_SMS_URL=url).sms_url == url


@pytest.mark.parametrize("url", ["esms://key:sesame@rest.esms.vn", "smsgate://a:sesame@phone:port"])
def test_a_refused_gateway_keeps_its_password_to_itself(read, url):
    with pytest.raises(WrongSetting) as refusal:
        read(QUAY_SMS_URL=url)
    assert "sesame" not in str(refusal.value)


@SQLITE_ONLY
@pytest.mark.parametrize(
    ("name", "value"), [("QUAY_DEFAULT_AGENCY", "99999"), ("QUAY_DATABASE_URL", "postgresql://127.0.0.1:1/quay")]
)
def test_what_only_the_start_can_tell_is_refused_likewise(make_app, name, value):
    with pytest.raises(WrongSetting, match=rf"{name}.+\.$") as refusal:
        make_app(**{name: value})
    assert "\n" not in str(refusal.value)


@SQLITE_ONLY
def test_a_file_that_is_no_database_is_refused_likewise(make_app, environ):
    (Path(environ["QUAY_DATA"]) / "quay.db").write_bytes(b"this is no database" * 500)
    with pytest.raises(WrongSetting, match="QUAY_DATA"):
        make_app()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for data in ("file", "file/data"):
        with pytest.raises(WrongSetting, match="QUAY_DATA"):
            config.read({"QUAY_DATA": str(tmp_path / data)})


@pytest.mark.parametrize(("kept", "name"), [("secret.key", "QUAY_SECRET_KEY"), ("data.key", "QUAY_DATA_KEY")])
@pytest.mark.parametrize("damage", ["empty", "binary", "folder"])
def test_a_damaged_key_file_is_refused_and_never_replaced(read, tmp_path, kept, name, damage):
    path = tmp_path / "data" / kept
    if damage == "folder":
        path.mkdir(parents=True)
    else:
        path.parent.mkdir()
        path.write_bytes({"empty": b"", "binary": b"\xff\xfe\0"}[damage])
    with pytest.raises(WrongSetting, match=name):
        read()
    assert path.is_dir() or path.stat().st_size < 4


def test_nothing_set_is_a_whole_installation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = config.read({})
    assert settings.data == tmp_path / "instance"
    assert (settings.host, settings.port, settings.address) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert (settings.embed_origins, settings.behind_proxy, settings.sms_url) == ((), False, "")
    assert config.read(dict.fromkeys(("QUAY_PORT", "QUAY_HOST", "QUAY_SMS_URL", "QUAY_SECRET_KEY"), "")) == settings


def test_right_values_are_taken_as_they_are(read):
    settings = read(
        QUAY_EMBED_ORIGINS="https://intranet.congty.vn/  http://portal:8080 http://[::1]:81",
        QUAY_PUBLIC_URL="https://dangky.congty.vn/",
        QUAY_BEHIND_PROXY=" Yes ",
        QUAY_SMS_URL="file:///var/sms",
        QUAY_DATABASE_URL="postgresql://quay:p%40ss@db:5433/quay",
    )
    assert settings.embed_origins == ("https://intranet.congty.vn", "http://portal:8080", "http://[::1]:81")
    assert settings.address == "https://dangky.congty.vn" and settings.behind_proxy
    assert settings.is_known_to_others and not read(QUAY_PUBLIC_URL="http://localhost:8000").is_known_to_others


def test_no_secret_is_shown_when_settings_are_printed(read):
    settings = read(
        QUAY_SECRET_KEY="s" * 40,
        QUAY_DATA_KEY="da" * 32,
        QUAY_DATABASE_URL="postgresql://quay:sesame@db/quay",
        QUAY_SMS_URL="file:///sesame",
    )
    assert not any(secret in repr(settings) for secret in ("s" * 40, "da" * 32, "\\xda", "sesame"))


# Keys


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_keys_are_made_once_and_readable_by_their_owner_only(read, tmp_path):
    first = read()
    for name in ("secret.key", "data.key"):
        assert stat.S_IMODE((tmp_path / "data" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert read() == first
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["data.key", "secret.key"]


def test_processes_that_start_together_agree_on_their_keys(tmp_path):
    for n in range(10):
        together = Barrier(12)

        def start(_, data=str(tmp_path / str(n)), together=together):
            together.wait()
            return config.read({"QUAY_DATA": data})

        with ThreadPoolExecutor(12) as processes:
            settings = list(processes.map(start, range(12)))
        assert len({(each.secret_keys, each.data_key) for each in settings}) == 1


def test_a_secret_may_stand_in_a_file_which_comes_first(read, tmp_path):
    (tmp_path / "signing").write_text(f" {'n' * 40},{'o' * 40}\n")
    (tmp_path / "data-key").write_text("ab" * 32 + "\n")
    settings = read(
        QUAY_SECRET_KEY_FILE=str(tmp_path / "signing"),
        QUAY_SECRET_KEY="x" * 40,
        QUAY_DATA_KEY_FILE=str(tmp_path / "data-key"),
    )
    assert settings.secret_keys == ("n" * 40, "o" * 40)
    assert settings.data_key == bytes.fromhex("ab" * 32)
    assert not list((tmp_path / "data").iterdir())


def test_the_first_key_signs_and_all_are_accepted(read):
    tokens.use(read(QUAY_SECRET_KEY="o" * 40).secret_keys)
    old = tokens.sign_page(Ticket("id", "session"))
    tokens.use(read(QUAY_SECRET_KEY=f"{'n' * 40}, {'o' * 40}").secret_keys)
    new = tokens.sign_page(Ticket("id", "session"))
    assert tokens.check_page(old) == tokens.check_page(new)
    tokens.use(("o" * 40,))
    with pytest.raises(tokens.BadToken):
        tokens.check_page(new)


# The program


def started(tmp_path, **environ) -> subprocess.CompletedProcess:
    """`python app.py`, which is expected to stop at once."""
    environ = {**clean_environ(), "QUAY_DATA": str(tmp_path / "data"), **environ}
    return subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)


def test_the_program_ends_with_the_sentence_and_nothing_else(tmp_path):
    done = started(tmp_path, QUAY_PORT="eighty")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "QUAY_PORT: write a whole number from 1 to 65535, not “eighty”.\n"


def test_a_port_that_is_taken_is_named_and_the_first_address_of_the_other_server_stays_good(tmp_path):
    server = Server(tmp_path, {"QUAY_DATA": str(tmp_path / "data")})
    try:
        first = next(line for line in server.wait().output.splitlines() if "/staff/first/" in line).split()[-1]
        done = started(tmp_path, QUAY_PORT=str(server.port))
        assert done.returncode == 1 and "QUAY_PORT" in done.stderr and "Traceback" not in done.stderr
        assert server.ask("GET", "/staff/first/" + first.rpartition("/")[2])[0] == 200
    finally:
        server.stop()
