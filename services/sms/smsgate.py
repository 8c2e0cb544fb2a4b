"""`smsgate://user:password@phone:8080`: the app "SMS Gateway for Android" in local-server mode (capcom6, Apache-2.0).

The phone stands in the company's network and speaks plain HTTP there; its own SIM sends. It is asked what became of a
message; where it may call back as well ("webhooks" of the app, for `sms:delivered` and `sms:failed`), that is sooner.
"""

from urllib.parse import quote

from services.outbox import Letter, Report, Sender, SendFailed
from services.sms.http import Line
from services.sms.numbers import international

PORT = 8080
# A code goes before everything else that waits in the phone.
PRIORITY = 100


class PhoneSender(Sender):
    """Sends by the phone at `url`."""

    tells = True
    calls_back = True

    def __init__(self, url: str):
        self._line = Line(url, is_open=True, port=PORT)
        self._headers = self._line.basic(self._line.user, self._line.password)
        self.place = f"Android ({self._line.place})"

    def send(self, letter: Letter, key: str) -> str:
        """Hand the message to the phone. Raises `SendFailed`."""
        body = {
            "id": key,
            "textMessage": {"text": letter.said["text"]},
            "phoneNumbers": [international(letter.to)],
            "withDeliveryReport": True,
            "priority": PRIORITY,
        }
        if "seconds" in letter.said:
            # A code that is no longer of use is not sent when the phone comes back.
            body["ttl"] = letter.said["seconds"]
        try:
            return self._id(self._line.ask("POST", "/message", body, self._headers))
        except SendFailed:
            # The answer may have been lost, or the phone may refuse a name that it knows already.
            if self._knows(key):
                return key
            raise

    def look(self, key: str, gateway_id: str) -> Report | None:
        """What the phone says of the message. Raises `SendFailed`."""
        answer = self._line.ask("GET", f"/message/{quote(gateway_id or key)}", headers=self._headers)
        if answer.get("state") == "Delivered":
            return Report(is_delivered=True)
        if answer.get("state") in {"Failed", "Cancelled"}:
            return Report(reason="refused", detail=_error(answer))
        return None

    def heard(self, said: dict) -> tuple[str, Report] | None:
        """Of an event of the app."""
        about = said.get("payload")
        if not isinstance(about, dict):
            return None
        if said.get("event") == "sms:delivered":
            return str(about.get("messageId", "")), Report(is_delivered=True)
        if said.get("event") == "sms:failed":
            return str(about.get("messageId", "")), Report(reason="refused", detail=str(about.get("reason") or ""))
        return None

    def _knows(self, key: str) -> bool:
        try:
            return self._id(self._line.ask("GET", f"/message/{key}", headers=self._headers)) == key
        except SendFailed:
            return False

    @staticmethod
    def _id(answer: dict) -> str:
        if not isinstance(answer.get("id"), str):
            raise SendFailed("garbled")
        return answer["id"]


def _error(answer: dict) -> str:
    recipients = answer.get("recipients")
    first = recipients[0] if isinstance(recipients, list) and recipients else {}
    return str(first.get("error") or "") if isinstance(first, dict) else ""
