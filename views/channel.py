"""By which way accounts are made at present, as pages tell it."""

from datetime import date

from forms.settings import CHANNELS, NOTICE, NOTICE_DATE
from services import preferences


def words() -> dict:
    """The channel, the notice about it, and the day of that notice as it is read (empty where nobody gave one)."""
    kept = preferences.current()
    day = (date.fromisoformat(kept.notice_date) if kept.notice_date else None) if kept.notice else NOTICE_DATE
    return {
        "channel": CHANNELS[kept.channel],
        "notice": kept.notice or NOTICE,
        "notice_day": day.strftime("%d/%m/%Y") if day else "",
    }
