"""Wiring: settings, keys, database, views. `python app.py` serves."""

import logging
import signal
import socket
import sys
import time

import waitress
from flask import Flask, g, request
from flask_babel import Babel
from flask_compress import Compress
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from jinja2 import StrictUndefined
from peewee import DatabaseError
from werkzeug.middleware.proxy_fix import ProxyFix

import commands
import config
import models
import tokens
import views
from models import database
from services import (
    accounts,
    agencies,
    audit,
    backfill,
    code_limits,
    nightly,
    official,
    outbox,
    preferences,
    retention,
    sms,
    vault,
)
from services.sms import meter
from views.security import PHOTO_BODY

log = logging.getLogger("quay")


def create_app(settings: config.Settings | None = None) -> Flask:
    """Make the application; reads the environment unless `settings` are given.

    Raises `config.WrongSetting` or `vault.WrongDataKey`; a command ends with their sentence instead.
    """
    try:
        return _make(settings or config.read())
    except (config.WrongSetting, vault.WrongDataKey) as problem:
        if config.is_command():
            sys.exit(str(problem))
        raise


def _make(settings: config.Settings) -> Flask:
    _open(settings)
    app = Flask(__name__)
    _configure(app, settings)
    Htmx(app)
    Babel(app, locale_selector=lambda: "vi")
    Compress(app)
    app.extensions["csrf"] = CSRFProtect(app)
    views.init_app(app)
    commands.init_app(app)
    app.before_request(_connect)
    app.teardown_request(_disconnect)
    app.after_request(_log_access)
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)
    return app


def _open(settings: config.Settings) -> None:
    tokens.use(settings.secret_keys)
    vault.use(settings.data_key)
    sms.use(settings.public_url)
    outbox.use(_senders(settings))
    meter.use(settings.sms_per_month)
    code_limits.use(settings.codes_per_day)
    _trust(settings.form01_url)
    try:
        models.use(settings.database_url)
    except DatabaseError as problem:
        reason = str(problem).partition("\n")[0]
        raise config.WrongSetting(f"QUAY_DATABASE_URL, QUAY_DATA: the database cannot be used ({reason}).") from problem
    preferences.use(settings.company_name, settings.default_agency, settings.form01_url)
    with database.connection_context():
        if agencies.find(settings.default_agency) is None:
            raise config.WrongSetting(
                "QUAY_DEFAULT_AGENCY: write the code of an agency that is listed at the desk, such as 07407."
            )
        vault.check_key()
        retention.purge()
        backfill.catch_up()


def _trust(form01_url: str) -> None:
    try:
        official.use(form01_url)
    except ValueError as problem:
        raise config.WrongSetting(
            "QUAY_FORM01_URL: write the address of a PDF file, such as https://cong.example.vn/mau-01.pdf."
        ) from problem


def _senders(settings: config.Settings) -> dict[str, outbox.Sender]:
    if not settings.sms_url:
        return {}
    # A gateway outside calls back only where it can be sure of whom it calls.
    reports_to = f"{settings.public_url}/messages" if settings.public_url.startswith("https://") else ""
    try:
        return {outbox.SMS: sms.sender(settings.sms_url, reports_to)}
    except (ImportError, ValueError) as problem:
        reason = "pip install apprise" if isinstance(problem, ImportError) else str(problem)
        raise config.WrongSetting(f"QUAY_SMS_URL: this gateway cannot be used ({reason}).") from problem


def _configure(app: Flask, settings: config.Settings) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        SESSION_COOKIE_NAME="quay_staff",
        # Only the desk has a session; the public pages are never even sent its cookie.
        SESSION_COOKIE_PATH="/staff",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        # The public forms are guarded by their signed token; the desk calls the guard itself.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"],
    )


def _connect() -> None:
    g.began_at = time.monotonic()
    # Until it is known that somebody of the staff asks.
    audit.begin(audit.APPLICANT)
    if request.endpoint != "static":
        database.connect(reuse_if_open=True)


def _disconnect(_problem) -> None:
    audit.begin(audit.SYSTEM)
    if not database.is_closed():
        database.close()


def _log_access(response):
    # The path alone: the query may hold a token, and no address of ours holds anything personal.
    if request.endpoint != "static":
        spent = (time.monotonic() - g.get("began_at", time.monotonic())) * 1000
        path = request.url_rule.rule if request.url_rule else "(no such address)"
        log.info("%s %s %s %.0f ms", request.method, path, response.status_code, spent)
    return response


def _welcome(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    print(f"Quầy VssID: {settings.address}/")
    if settings.host not in config.LOOPBACK:
        print(f"  on the network: http://{_address_on_network()}:{settings.port}/")
    else:
        print("  for this machine only; set QUAY_HOST=0.0.0.0 to open it to the network.")
    print(f"  HR's desk: {settings.address}/staff/")
    with database.connection_context():
        token = accounts.first_token()
    if token:
        print(f"  Make the first administrator here, once: {settings.address}/staff/first/{token}")
    sys.stdout.flush()


def _address_on_network() -> str:
    """This machine's address as others see it; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return socket.gethostname()


def main() -> None:
    """Serve until stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        app = create_app()
    except (config.WrongSetting, vault.WrongDataKey) as problem:
        sys.exit(str(problem))
    server = _listen(app)
    # Only now: a second start by mistake must not replace the one-time address that the first one has printed.
    _welcome(app)
    nightly.start()
    official.start()
    worker = outbox.Worker().start()
    signal.signal(signal.SIGTERM, _leave)
    server.run()
    worker.stop()


def _leave(_signal, _frame) -> None:
    """As if Ctrl-C was pressed: what is under way is ended, and no message is left half sent."""
    raise SystemExit


def _listen(app: Flask):
    settings = app.config["SETTINGS"]
    try:
        return waitress.create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=8,
            ident=None,
            max_request_body_size=PHOTO_BODY + 1024 * 1024,
            # Larger than any body that is let in, so that no upload is ever spooled to a file.
            inbuf_overflow=PHOTO_BODY + 2 * 1024 * 1024,
            # A large answer is sent in pieces and waits for a slow line, so that none is spooled to a file either.
            outbuf_high_watermark=1024 * 1024,
            outbuf_overflow=16 * 1024 * 1024,
        )
    except (OSError, ValueError) as problem:
        sys.exit(f"QUAY_HOST, QUAY_PORT: cannot listen at {settings.host}:{settings.port} ({problem}).")


if __name__ == "__main__":
    main()
