"""Whether the server can serve and write."""

from flask import Blueprint, jsonify

from models import Setting, now

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def show():
    """Answer 200 only when a row could really be written."""
    Setting.keep("health", str(now()))
    return jsonify(status="ok")
