"""`apprise+…`: whatever the library Apprise knows (BSD; `pip install apprise`), such as `apprise+twilio://…/{to}`.

`{to}` in the address stands for the phone, +84912345678. Apprise is loaded only where it is used: it is as large as
the rest of the desk. It speaks to the outside in its own way: it may follow redirects and use a proxy of the
environment, and it tells no more than whether the message was taken.
"""

import importlib
import logging
import warnings

from services.outbox import Letter, Sender, SendFailed
from services.sms.numbers import international

PREFIX = "apprise+"
TO = "{to}"


class AppriseSender(Sender):
    """Sends by the service that `url` names."""

    def __init__(self, url: str):
        self._url = url.removeprefix(PREFIX)
        self.place = f"Apprise ({self._url.partition(':')[0]})"
        self._apprise = _load()
        # Nothing is sent: an address that Apprise cannot read stops the start.
        if self._service("0900000000") is None:
            raise ValueError(f"Apprise knows no service at {self._url.partition(':')[0]}://")

    def send(self, letter: Letter, key: str) -> str:
        """Hand the message to the service. Raises `SendFailed`."""
        if not self._service(letter.to).notify(body=letter.said["text"]):
            raise SendFailed("refused")
        return ""

    def _service(self, phone: str):
        asset = self._apprise.AppriseAsset(async_mode=False, secure_logging=True)
        return self._apprise.Apprise.instantiate(self._url.replace(TO, international(phone)), asset=asset)


def _load():
    """The library; it complains of what its own parts import, and would log whom it writes to."""
    logging.getLogger("apprise").disabled = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = importlib.import_module("apprise")
        library.Apprise.instantiate("json://localhost")
    return library
