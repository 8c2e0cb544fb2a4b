"""Suggestions while a commune is being typed."""

from flask import Blueprint, render_template, request

from forms.declaration import commune_choices
from services import communes

bp = Blueprint("communes", __name__)


@bp.get("/communes")
def suggest():
    """Offer the communes whose present or former name fits what was typed so far."""
    text = request.args.get("commune", "")[:200]
    matches = communes.search(text) if len(text) > 1 else []
    return render_template("wizard/_communes.html", choices=commune_choices(matches, text) if text.strip() else [])
