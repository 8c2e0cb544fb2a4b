"""How a one-time code reaches whoever asked for it: by text message, by mail, or read out by HR."""

from models import Code, Message
from services import attempts, code_limits, mail, outbox, sms
from services.code_limits import DAY, DESK, FAILED, HELD, HOUR, MAIL, PER_DAY, PER_HOUR, SMS, TooManyCodes
from services.sms import meter

SENDING = "sending"


def to_phone(hashed: str) -> str:
    """How a code for the phone with this hash goes out now."""
    if not outbox.sends(SMS) or meter.read().is_spent:
        return DESK
    return HELD if code_limits.is_rung_enough(hashed) else SMS


def check_address(address: str) -> None:
    """Raise `TooManyCodes` where this address was sent enough codes, for whichever draft."""
    try:
        attempts.spend("mailed code", address.casefold(), ((PER_HOUR, HOUR), (PER_DAY, DAY)))
    except attempts.TooMany as problem:
        raise TooManyCodes("hour" if problem.retry_after == HOUR else "day", problem.retry_after) from problem


def post(delivery: str, to: str, code: str, minutes: int, *, unit_id: int | None, until: int) -> Message | None:
    """The message that brings a code to a phone or an address; None where none does."""
    if delivery not in {SMS, MAIL}:
        return None
    letter = (mail if delivery == MAIL else sms).code_letter(to, code, minutes)
    return outbox.post(delivery, "code", letter, unit_id=unit_id, until=until)


def delivery_of(row: Code) -> str:
    """How the code is on its way; one whose message no gateway took so far is better asked for at the desk."""
    if row.delivery not in {SMS, MAIL} or row.message is None:
        return row.delivery
    if row.message.state == Message.SENT:
        return row.delivery
    return SENDING if row.message.state == Message.WAITING and not row.message.answer else FAILED


def way_of(code_id: int) -> str:
    """By which means a code reached whoever entered it: `SMS`, `MAIL`, or `DESK` where HR must have read it out."""
    row = Code.get_by_id(code_id)
    if row.delivery == MAIL:
        return MAIL
    return SMS if delivery_of(row) == SMS else DESK
