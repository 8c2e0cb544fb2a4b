"""`gammu:///outbox`: files for gammu-smsd, which sends them by a USB modem (man 7 gammu-smsd-files).

The daemon moves each file into its folder of sent messages, or of those that failed: by default `sent` and `error`
beside the outbox, otherwise what `?sent=/folder&error=/folder` says.
"""

import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import url2pathname

from services.days import local
from services.outbox import Letter, Report, Sender, SendFailed
from services.sms.folder import put
from services.sms.numbers import international


class ModemSender(Sender):
    """Writes messages into the outbox that `url` names, and sees where the daemon has put them."""

    is_at_once = True
    tells = True

    def __init__(self, url: str):
        parts = urlsplit(url)
        asked = parse_qs(parts.query)
        self._outbox = Path(url2pathname(parts.path))
        self._sent, self._error = (
            Path(asked.get(name, [str(self._outbox.parent / name)])[0]) for name in ("sent", "error")
        )
        self.place = f"gammu-smsd ({self._outbox})"

    def send(self, letter: Letter, key: str) -> str:
        """Write the file, unless it is there already or was. Raises `SendFailed`."""
        made = f"{local(int(time.time())):%Y%m%d_%H%M%S}"
        # Priority, time, serial number, recipient, and a note by which the file is known.
        name = f"OUTA{made}_00_{international(letter.to)}_{key}.txt"
        return put(self._outbox, f"OUT*_{key}.txt", name, letter.said["text"], (self._sent, self._error))

    def look(self, key: str, gateway_id: str) -> Report | None:
        """In which folder the file lies. A modem passes messages on; that they arrive it does not tell."""
        try:
            if (self._error / gateway_id).exists():
                return Report(reason="refused")
            return Report() if (self._sent / gateway_id).exists() else None
        except OSError as problem:
            raise SendFailed("folder", problem.strerror or "") from problem
