"""What applicants are told of their dossier without asking: by mail or by text message, whichever they chose, if any.

What is to be told is written in the transaction of what it tells of, so that it goes out if and only if that was kept.
"""

import json
from dataclasses import asdict, dataclass

from models import Dossier, Envelope, Message, database, take_turns
from services import attempts, mail, outbox, sms, vault
from services.outbox import MAIL, SMS, Letter
from services.sms import meter

FORM01 = "form01"
NEWS = "news"
# The moves that are told; and one, where it takes back a state that was told.
TOLD = ("file", "issue", "return", "reject", "withdraw")
TAKEN_BACK = "reset"
MISLEADING = ("filed", "issued")
# How often the form is sent about one dossier, and to one address.
LIMITS = ((5, 60 * 60), (10, 24 * 60 * 60))


@dataclass(frozen=True, slots=True)
class Choice:
    """How an applicant is told: by `MAIL` or `SMS` to the address or phone `to`, or not at all."""

    means: str = ""
    to: str = ""


def answered(answers: dict[str, dict]) -> Choice:
    """What the answers of a registration say: who wants the form by mail is told the rest there, too."""
    given = {name: value for answer in answers.values() for name, value in answer.items()}
    return Choice(MAIL, given["email"]) if given.get("email_copy") and given.get("email") else Choice()


def sealed(envelope: Envelope, choice: Choice) -> bytes | None:
    """The choice as it is kept with a dossier."""
    return vault.seal(envelope, "dossier.news", json.dumps(asdict(choice)).encode()) if choice.means else None


def choice_of(row: Dossier) -> Choice:
    """How the owner of this dossier is told."""
    if row.news is None:
        return Choice()
    return Choice(**json.loads(vault.unseal(row.envelope, "dossier.news", row.news)))


def choose(row: Dossier, choice: Choice) -> None:
    """Tell its owner so from now on; what still waits goes nowhere else."""
    with database.atomic():
        outbox.withdraw_about(row.envelope_id, NEWS)
        Dossier.update(news=sealed(row.envelope, choice)).where(Dossier.id == row.id).execute()


def post_form(row: Dossier, address: str) -> Message | None:
    """Have Form 01 sent to this address, in the caller's transaction; None where no mail is sent here."""
    if not outbox.sends(MAIL):
        return None
    return _post(row, MAIL, FORM01, mail.form01_letter(address))


def send_form(row: Dossier, address: str) -> None:
    """Send Form 01 to this address, because its owner asks for it now. Raises `attempts.TooMany`."""
    for subject in (row.envelope_id, address.casefold()):
        attempts.spend(FORM01, subject, LIMITS)
    outbox.withdraw_about(row.envelope_id, FORM01, only_failed=True)
    if message := post_form(row, address):
        outbox.send_out(message)


def tell(row: Dossier, move: str, before: str, seq: int) -> None:
    """Have its owner told of this move, which is event `seq`, in the transaction of the move.

    The latest counts: what was to be told before and still waits is not told any more.
    """
    outbox.withdraw_about(row.envelope_id, NEWS)
    if move not in TOLD and not (move == TAKEN_BACK and before in MISLEADING):
        return
    choice = choice_of(row)
    if not choice.means or not outbox.sends(choice.means):
        return
    if choice.means == MAIL:
        _post(row, MAIL, NEWS, mail.news_letter(choice.to, seq))
    else:
        _post_sms(row, sms.news_letter(choice.to, row.reference, move))


def _post_sms(row: Dossier, letter: Letter) -> None:
    # The same turn as for codes: all are counted against the month.
    take_turns(meter.TURN)
    if not meter.read().is_spent:
        _post(row, SMS, NEWS, letter)


def _post(row: Dossier, means: str, purpose: str, letter: Letter) -> Message:
    return outbox.post(means, purpose, letter, envelope=row.envelope, unit_id=row.unit_id)
