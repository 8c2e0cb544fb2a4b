"""Who is signed in: the only module that knows the session's keys."""

import time

from flask import abort, g, redirect, render_template, session, url_for

from forms.staff import FirstAdministratorForm, SignInForm
from services import accounts

IDLE = 30 * 60
ABSOLUTE = 12 * 60 * 60

_ID, _MARK, _SINCE, _SEEN = "id", "mark", "since", "seen"


def open_to_all(view):
    """Mark a view that needs no account."""
    view.is_open_to_all = True
    return view


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


def add_to(bp) -> None:
    """Register the views about signing in."""
    bp.route("/sign-in", methods=["GET", "POST"])(sign_in)
    bp.route("/first/<token>", methods=["GET", "POST"])(first)
    bp.post("/sign-out")(sign_out)


@open_to_all
def sign_in():
    """Ask for name and password."""
    form = SignInForm()
    refused, status = None, 200
    if form.is_submitted():
        status = 422
        if form.validate():
            try:
                return _enter(accounts.sign_in(form.username.data, form.password.data))
            except accounts.SignInRefused as problem:
                refused, status = problem, 429 if problem.retry_after else 422
    headers = {"Retry-After": str(refused.retry_after)} if refused and refused.retry_after else {}
    return render_template("staff/sign_in.html", form=form, refused=refused), status, headers


@open_to_all
def first(token):
    """Make the first administrator; the address works once."""
    if not accounts.is_first_token(token):
        abort(404)
    form = FirstAdministratorForm()
    if form.is_submitted() and form.validate():
        try:
            return _enter(accounts.add_first(token, form.username.data, form.password.data))
        except accounts.NotFirst:
            abort(404)
    return render_template("staff/first.html", form=form, token=token), 422 if form.errors else 200


def sign_out():
    """Forget who is signed in, here and wherever else this account is."""
    accounts.sign_out(g.staff)
    session.clear()
    return redirect(url_for("staff.sign_in"), 303)


def _enter(staff):
    # A new session at every sign-in: nothing that was planted before it survives.
    session.clear()
    at = int(time.time())
    session.update({_ID: staff.id, _MARK: staff.session, _SINCE: at, _SEEN: at})
    return redirect(url_for("staff.home"), 303)
