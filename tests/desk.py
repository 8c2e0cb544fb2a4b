"""Somebody of HR at the desk: made, signed in, with and without a second factor."""

import pyotp

from models import Audit, Staff, database
from services import accounts, secondfactor
from tests.browser import Browser

PASSWORD = "một câu dễ nhớ"


def add(username: str = "lan", role: str = "department", unit: str | None = None) -> Staff:
    """Make an account."""
    with database.connection_context():
        return accounts.add(username, PASSWORD, role, unit)


def enter(app, username: str = "lan", password: str = PASSWORD, status: int = 200) -> Browser:
    """Go through the first step of signing in."""
    return Browser(app).open("/staff/sign-in").submit({"username": username, "password": password}, status=status)


def turn_on(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Turn the second factor on as a person does; gives the app on the phone and the recovery codes."""
    browser.open("/staff/account/totp")
    app = pyotp.TOTP(browser.page.select_one("[data-secret]").get_text().replace(" ", ""))
    browser.submit({"totp": app.now()})
    return app, [code.get_text() for code in browser.page.select(".recovery code")]


def second_factor(staff: Staff) -> tuple[pyotp.TOTP, list[str]]:
    """The same without pages."""
    app = pyotp.TOTP(secondfactor.new_secret())
    with database.connection_context():
        return app, secondfactor.turn_on(staff, app.secret, app.now())


def lines(**where) -> list[tuple[str, str, str, str]]:
    """Actor, action, object and result of every line of the audit log, oldest first."""
    with database.connection_context():
        query = Audit.select().order_by(Audit.seq)
        for name, value in where.items():
            query = query.where(getattr(Audit, name) == value)
        return [(row.actor, row.action, row.object, row.result) for row in query]
