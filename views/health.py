"""Whether the server can serve and write."""

from flask import Blueprint, jsonify

from models import Setting, database, now

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def show():
    """Answer 200 only when a row could really be written."""
    with database.atomic():
        Setting.delete().where(Setting.name == "health").execute()
        Setting.create(name="health", value=str(now()))
    return jsonify(status="ok")
