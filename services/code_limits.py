"""How many one-time codes may be made: for one subject, for one phone, and for everybody together."""

from models import Code, now

# What a code is for.
SUBMIT = "submit"
LOOKUP = "lookup"
GUARDIAN = "guardian"
CLOSED = "closed"

# How it goes out. A code is held where its phone was sent enough today; HR can read it out. While it is being found out
# whose phone it is, and where it turns out to be nobody's, it is for nobody.
DESK = "desk"
SMS = "sms"
MAIL = "mail"
FAILED = "failed"
HELD = "held"
FINDING = "finding"
NOBODY = "nobody"
FOR_NOBODY = (FINDING, NOBODY)

PAUSE = 60
PER_HOUR = 3
PER_DAY = 5
HOUR = 60 * 60
DAY = 24 * HOUR

_per_day_for_all = 300


class TooManyCodes(Exception):
    """No code can be sent for `retry_after` seconds; `reason` is `pause`, `hour`, `day` or `everybody`."""

    def __init__(self, reason: str, retry_after: int):
        super().__init__(reason)
        self.reason = reason
        self.retry_after = max(1, retry_after)


def use(per_day_for_all: int) -> None:
    """Set how many codes the whole installation may make in 24 hours."""
    global _per_day_for_all
    _per_day_for_all = per_day_for_all


def check(hashed: str, purpose: str, subject: str) -> None:
    """Raise `TooManyCodes` where this subject was sent enough for now."""
    at = now()
    same = (Code.phone_hash == hashed) & Code.purpose.in_(counted_with(purpose)) & (Code.subject == subject)
    sent = [
        row.sent_at
        for row in Code.select(Code.sent_at).where(same & (Code.sent_at > at - DAY)).order_by(Code.sent_at.desc())
    ]
    limits = (("pause", 1, PAUSE), ("hour", PER_HOUR, HOUR), ("day", PER_DAY, DAY))
    for reason, most, window in limits:
        if len(sent) >= most and sent[most - 1] > at - window:
            raise TooManyCodes(reason, sent[most - 1] + window - at)


def counted_with(purpose: str) -> tuple[str, ...]:
    """The purposes that are counted together; a code that was used and closed since still counts."""
    return (LOOKUP, CLOSED) if purpose == LOOKUP else (purpose,)


def check_cap() -> None:
    """Raise `TooManyCodes` where everybody together was sent enough today."""
    if is_cap_reached():
        raise TooManyCodes("everybody", HOUR)


def is_cap_reached() -> bool:
    """Whether the whole installation has sent or given HR all its codes of 24 hours."""
    # A code that is held costs no message; else one phone with many drafts could use up what is for everybody.
    costs = Code.delivery.not_in((HELD, *FOR_NOBODY))
    everybody = Code.select().where((Code.sent_at > now() - DAY) & costs).count()
    return everybody >= _per_day_for_all


def is_rung_enough(hashed: str) -> bool:
    """Whether this phone was sent as many messages as it may be, whoever asked for them."""
    rung = (Code.phone_hash == hashed) & Code.delivery.in_((SMS, FAILED))
    at = now()
    return any(
        Code.select().where(rung & (Code.sent_at > at - window)).count() >= most
        for most, window in ((PER_HOUR, HOUR), (PER_DAY, DAY))
    )
