"""Where gateways call back to say what became of a message.

The address holds the message's own key: 128 random bits that only we and the gateway know. Whatever is called, and
however often, the answer is the same.
"""

from flask import Blueprint, request

from services import outbox
from services.sms import esms

bp = Blueprint("reports", __name__)


@bp.get("/messages/<key>/report")
def take(key):
    """Take what eSMS says of the message; it calls by GET (docs/decisions/0025)."""
    report = esms.report_of(request.args)
    if report:
        outbox.note(key, report)
    return "OK", 200, {"Content-Type": "text/plain; charset=utf-8"}
