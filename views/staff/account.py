"""Everybody's own page: password and second factor. Changing either ends the account's other sessions."""

from flask import abort, g, redirect, render_template, url_for
from flask_babel import gettext as _

from forms.people import SHORT_ROLES
from forms.staff import PasswordForm, TotpForm, TotpRemovalForm
from services import accounts, attempts, preferences, qr, secondfactor
from views.staff.session import keep_once, open_to_newcomers, retry_after, shows_nobody, stay, take_once


def add_to(bp) -> None:
    """Register the views of one's own account."""
    bp.get("/account", endpoint="account")(show)
    bp.get("/account/password", endpoint="password")(password)
    bp.post("/account/password", endpoint="change_password")(change_password)
    bp.get("/account/totp", endpoint="totp")(totp)
    bp.post("/account/totp", endpoint="turn_totp_on")(turn_totp_on)
    bp.post("/account/totp/remove", endpoint="turn_totp_off")(turn_totp_off)


@shows_nobody
def show():
    """Show what the account is, and recovery codes right after they were made."""
    return render_template(
        "staff/account.html",
        role=SHORT_ROLES[g.staff.role],
        is_on=secondfactor.is_on(g.staff),
        codes_left=secondfactor.codes_left(g.staff),
        recovery_codes=take_once("recovery"),
    )


@open_to_newcomers
@shows_nobody
def password():
    """Ask for the present and the new password."""
    return _password_page(PasswordForm())


@open_to_newcomers
def change_password():
    """Change the password, if the present one is right."""
    form = PasswordForm()
    if not form.validate():
        return _password_page(form), 422
    if refused := _refuse_password(form, "change_password"):
        return _password_page(form), *refused
    accounts.set_password(g.staff, form.new_password.data)
    stay(g.staff.id)
    return redirect(url_for("staff.account"), 303)


@shows_nobody
def totp():
    """Show the QR of a fresh secret; or how to do without the second factor, where there is one."""
    if secondfactor.is_on(g.staff):
        return _totp_removal_page(TotpRemovalForm())
    return _totp_page(TotpForm(secret=secondfactor.seal(g.staff, secondfactor.new_secret())))


def turn_totp_on():
    """Turn the second factor on, if the first code is right."""
    form = TotpForm()
    secret = secondfactor.unseal(g.staff, form.secret.data or "")
    if secret is None or secondfactor.is_on(g.staff):
        # A page of before: what stands there is not the secret to be had now.
        abort(409)
    if not form.validate():
        return _totp_page(form), 422
    try:
        codes = secondfactor.turn_on(g.staff, secret, form.totp.data)
    except (secondfactor.WrongCode, attempts.TooMany) as problem:
        refused = _refuse_code(form, problem)
        return _totp_page(form), *refused
    stay(g.staff.id)
    keep_once("recovery", codes)
    return redirect(url_for("staff.account"), 303)


def turn_totp_off():
    """Turn the second factor off, if password and code are right."""
    form = TotpRemovalForm()
    if not secondfactor.is_on(g.staff):
        abort(409)
    if not form.validate():
        return _totp_removal_page(form), 422
    if refused := _refuse_password(form, "turn_totp_off"):
        return _totp_removal_page(form), *refused
    try:
        secondfactor.turn_off(g.staff, form.totp.data)
    except (secondfactor.WrongCode, attempts.TooMany) as problem:
        refused = _refuse_code(form, problem)
        return _totp_removal_page(form), *refused
    stay(g.staff.id)
    return redirect(url_for("staff.account"), 303)


def _refuse_password(form, action: str):
    """Status and headers where the present password is not right, which the form then says; None where it is."""
    try:
        if accounts.is_password(g.staff, form.password.data, action):
            return None
    except attempts.TooMany as problem:
        form.password.errors = [_("Đã thử quá 5 lần. Chờ 15 phút rồi thử lại.")]
        return 429, retry_after(problem)
    form.password.errors = [_("Mật khẩu hiện nay chưa đúng.")]
    return 422, {}


def _refuse_code(form, problem):
    if isinstance(problem, attempts.TooMany):
        form.totp.errors = [_("Đã thử quá nhiều lần. Chờ 15 phút rồi thử lại.")]
        return 429, retry_after(problem)
    form.totp.errors = [_("Mã chưa đúng hoặc đã dùng rồi. Chờ ứng dụng hiện mã mới rồi nhập lại.")]
    return 422, {}


def _password_page(form):
    return render_template("staff/password.html", form=form, is_temporary=g.staff.temporary_until is not None)


def _totp_page(form):
    secret = secondfactor.unseal(g.staff, form.secret.data)
    company = preferences.current().company_name
    address = secondfactor.address(secret, g.staff.username, _("Quầy VssID %(company)s", company=company).strip())
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return render_template("staff/totp.html", form=form, qr=qr.svg(address), secret=groups, address=address)


def _totp_removal_page(form):
    return render_template("staff/totp_removal.html", form=form)
