"""Who is signed in: the only module that knows the session's keys, and what a view of the desk may say of itself."""

import json
import time

from flask import abort, g, redirect, render_template, session, url_for

from forms.staff import CodeStepForm, FirstAdministratorForm, SignInForm
from services import accounts, vault

IDLE = 30 * 60
ABSOLUTE = 12 * 60 * 60
# Between the password and the code.
HALF_WAY = 5 * 60

_ID, _MARK, _SINCE, _SEEN, _HALF, _ONCE = "id", "mark", "since", "seen", "half", "once"


def open_to_all(view):
    """Mark a view that needs no account."""
    view.is_open_to_all = True
    return view


def open_to_newcomers(view):
    """Mark a view for somebody who has yet to replace a temporary password."""
    view.is_open_to_newcomers = True
    return view


def shows_nobody(view):
    """Mark a view whose page shows nobody's data, so that looking at it leaves no line in the audit log."""
    view.shows_nobody = True
    return view


def for_role(*roles: str):
    """Mark a view that is for these roles alone."""

    def mark(view):
        view.roles = roles
        return view

    return mark


def signed_in():
    """The account of this browser, or None; notes that it was seen."""
    at = int(time.time())
    if _ID not in session:
        return None
    if at - session[_SEEN] > IDLE or at - session[_SINCE] > ABSOLUTE:
        session.clear()
        return None
    staff = accounts.current(session[_ID], session[_MARK])
    if staff is None:
        session.clear()
        return None
    session[_SEEN] = at
    return staff


def stay(staff_id: int) -> None:
    """Keep this browser signed in though the account's sessions were ended."""
    session[_MARK] = accounts.mark_of(staff_id)


def keep_once(what: str, values: list[str]) -> None:
    """Keep `values` for the page that comes next and no other: sealed, for the cookie lies readable on a disk."""
    sealed = vault.seal_for_desk("once", json.dumps([what, values]).encode())
    session[_ONCE] = sealed.hex()


def take_once(what: str) -> list[str]:
    """What `keep_once` was given for `what`; nothing the second time."""
    sealed = session.pop(_ONCE, "")
    if not sealed:
        return []
    kept, values = json.loads(vault.unseal_for_desk("once", bytes.fromhex(sealed)))
    return values if kept == what else []


def add_to(bp) -> None:
    """Register the views about signing in."""
    bp.route("/sign-in", methods=["GET", "POST"])(sign_in)
    bp.route("/sign-in/code", methods=["GET", "POST"], endpoint="sign_in_code")(code)
    bp.route("/first/<token>", methods=["GET", "POST"])(first)
    bp.post("/sign-out")(sign_out)


@open_to_all
@shows_nobody
def sign_in():
    """Ask for name and password."""
    form = SignInForm()
    refused, status = None, 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                return enter(accounts.sign_in(form.username.data, form.password.data, form.totp.data or ""))
            except accounts.CodeNeeded as needed:
                return _half_way(needed.staff)
            except accounts.SignInRefused as problem:
                refused, status = problem, status_of(problem)
    return render_template("staff/sign_in.html", form=form, refused=refused), status, retry_after(refused)


@open_to_all
@shows_nobody
def code():
    """Ask for the code of the second factor, within five minutes after the password."""
    staff = _staff_half_way()
    if staff is None:
        return redirect(url_for("staff.sign_in"), 303)
    form = CodeStepForm()
    refused, status = None, 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                return enter(accounts.enter_code(staff, form.totp.data))
            except accounts.SignInRefused as problem:
                refused, status = problem, status_of(problem)
    return render_template("staff/code.html", form=form, refused=refused), status, retry_after(refused)


@open_to_all
@shows_nobody
def first(token):
    """Make the first administrator; the address works once."""
    if not accounts.is_first_token(token):
        abort(404)
    form = FirstAdministratorForm()
    if form.is_submitted() and form.validate():
        try:
            return enter(accounts.add_first(token, form.username.data, form.password.data))
        except accounts.NotFirst:
            abort(404)
    return render_template("staff/first.html", form=form, token=token), 422 if form.errors else 200


@open_to_newcomers
def sign_out():
    """Forget who is signed in, here and wherever else this account is."""
    accounts.sign_out(g.staff)
    session.clear()
    return redirect(url_for("staff.sign_in"), 303)


def enter(staff):
    """Begin a session for this account, and show the desk."""
    # A new session at every sign-in: nothing that was planted before it survives.
    session.clear()
    at = int(time.time())
    session.update({_ID: staff.id, _MARK: staff.session, _SINCE: at, _SEEN: at})
    return redirect(url_for("staff.home"), 303)


def status_of(refused) -> int:
    """422 for what was wrong, 429 for too often."""
    return 429 if refused.retry_after else 422


def retry_after(refused) -> dict[str, str]:
    """The header that says when to try again."""
    return {"Retry-After": str(refused.retry_after)} if refused and refused.retry_after else {}


def _half_way(staff):
    session.clear()
    session[_HALF] = [staff.id, staff.session, int(time.time())]
    return redirect(url_for("staff.sign_in_code"), 303)


def _staff_half_way():
    staff_id, mark, since = session.get(_HALF) or (0, "", 0)
    return accounts.current(staff_id, mark) if time.time() - since <= HALF_WAY else None
