"""The first page: what to have ready, where the app is, and the two ways in; and what the portal's errors mean."""

from flask import Blueprint, render_template

from views import channel

bp = Blueprint("guide", __name__)


@bp.get("/dang-ky")
@bp.get("/")
def show():
    """Show the guide."""
    return render_template("guide.html", **channel.words())


@bp.get("/help")
def explain():
    """Explain the errors of the BHXH's own portal."""
    return render_template("help.html")
