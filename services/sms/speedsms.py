"""`speedsms://token@api.speedsms.vn?type=…&sender=…`: SpeedSMS.vn.

Type 2 sends from any number, 3 under a registered brand name, 4 under SpeedSMS's own, 5 by a phone of ours (`sender`
is its device). It takes no key of ours: where its answer is lost, the message may go twice.
"""

from urllib.parse import parse_qs, urlsplit

from services.outbox import Letter, Sender, SendFailed
from services.sms.http import Line
from services.sms.numbers import without_plus

SEND = "/index.php/sms/send"


class SpeedSmsSender(Sender):
    """Sends by SpeedSMS."""

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
