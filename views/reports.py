"""Where gateways call back to say what became of a message.

The address holds what only we and the gateway know: the message's own key, 128 random bits, for eSMS; a secret of the
installation for those that call one address for all messages. Whoever knows neither changes nothing.
"""

from flask import Blueprint, abort, request

from services import outbox
from services.sms import esms

bp = Blueprint("reports", __name__)
OK = "OK", 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/messages/<key>/report")
def take(key):
    """Take what eSMS says of the message, by GET (docs/decisions/0025); the answer is the same for every key."""
    report = esms.report_of(request.args)
    if report:
        outbox.note(key, report)
    return OK


@bp.post("/messages/reports/<secret>")
def hear(secret):
    """Take what a gateway says in JSON: the Android phone, SpeedSMS."""
    if not outbox.hear(outbox.SMS, secret, request.get_json(force=True, silent=True)):
        abort(404)
    return OK
