"""`speedsms://token@api.speedsms.vn?type=…&sender=…`: SpeedSMS.vn.

Type 2 sends from any number, 3 under a registered brand name, 4 under SpeedSMS's own, 5 by a phone of ours (`sender`
is its device). It takes no key of ours: where its answer is lost, the message may go twice. What became of a message it
tells only by calling back, at an address that is registered with it.
"""

from urllib.parse import parse_qs, urlsplit

from services.outbox import Letter, Report, Sender, SendFailed
from services.sms.http import Line
from services.sms.numbers import without_plus

SEND = "/index.php/sms/send"
DELIVERED, LOST = 0, 64


class SpeedSmsSender(Sender):
    """Sends by SpeedSMS."""

    calls_back = True

    def __init__(self, url: str):
        self._line = Line(url)
        self._headers = self._line.basic(self._line.user, "x")
        self._asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.place = f"SpeedSMS ({self._line.place})"

    def send(self, letter: Letter, key: str) -> str:
        """Hand the message to SpeedSMS. Raises `SendFailed`."""
        body = {
            "to": [without_plus(letter.to)],
            "content": letter.said["text"],
            "sms_type": int(self._asked.get("type", "2")),
            "sender": self._asked.get("sender", ""),
        }
        answer = self._line.ask("POST", SEND, body, self._headers)
        if answer.get("status") != "success":
            raise SendFailed("refused", f"{answer.get('code', '')} {answer.get('message', '')}")
        data = answer.get("data")
        if not isinstance(data, dict) or data.get("invalidPhone"):
            raise SendFailed("refused", is_final=True)
        return str(data.get("tranId", ""))

    def heard(self, said: dict) -> tuple[str, Report] | None:
        """Of a report: 0 is delivered, from 64 on it is lost, what lies between may still arrive."""
        status = str(said.get("status", ""))
        if said.get("type") != "report" or not status.isascii() or not status.isdigit():
            return None
        if int(status) == DELIVERED:
            return str(said.get("tranId", "")), Report(is_delivered=True)
        return (str(said.get("tranId", "")), Report(reason="lost", detail=status)) if int(status) >= LOST else None
