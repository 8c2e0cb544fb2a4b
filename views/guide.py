"""The first page: what to have ready, where the app is, and the two ways in."""

from flask import Blueprint, render_template

bp = Blueprint("guide", __name__)


@bp.get("/dang-ky")
@bp.get("/")
def show():
    """Show the guide."""
    return render_template("guide.html")
