"""`esms://key:secret@rest.esms.vn?brandname=…&type=2`: eSMS.vn (github.com/devesms/gitbook_esms_for_develop_v2).

Type 2 sends under a registered brand name, type 8 from a fixed number. Our key goes along as `RequestId`, which eSMS
takes once a day; it calls back, by GET, where our address can be reached from outside, and is asked otherwise.
"""

from urllib.parse import parse_qs, urlencode, urlsplit

from services.outbox import Letter, Report, Sender, SendFailed
from services.sms.http import Line

SEND = "/MainService.svc/json/SendMultipleMessage_V4_post_json/"
STATUS = "/MainService.svc/json/GetSendStatus"
TAKEN, KNOWN = "100", "124"
REASONS = {"101": "credentials", "140": "credentials", "103": "balance"}
# What no further try mends: the number, the brand name, the template, the network.
FINAL = {"99", "104", "108", "146", "177"}
REFUSED, DONE = "4", "5"


class EsmsSender(Sender):
    """Sends by eSMS.vn; it reports to `reports_to`/KEY/report."""

    tells = True

    def __init__(self, url: str, reports_to: str = ""):
        self._line = Line(url)
        self._asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self._reports_to = reports_to
        self.place = f"eSMS.vn ({self._line.place})"

    def send(self, letter: Letter, key: str) -> str:
        """Hand the message to eSMS. Raises `SendFailed`."""
        kind = self._asked.get("type", "2")
        body = {
            "ApiKey": self._line.user,
            "SecretKey": self._line.password,
            "Phone": letter.to,
            "Content": letter.said["text"],
            "SmsType": kind,
            "IsUnicode": "0",
            "Sandbox": self._asked.get("sandbox", "0"),
            "RequestId": key,
        }
        if "brandname" in self._asked:
            body["Brandname"] = self._asked["brandname"]
        if self._reports_to:
            body["CallbackUrl"] = f"{self._reports_to}/{key}/report"
        answer = self._line.ask("POST", SEND, body)
        code = str(answer.get("CodeResult", ""))
        if code not in {TAKEN, KNOWN}:
            raise SendFailed(
                REASONS.get(code, "refused"), f"{code} {answer.get('ErrorMessage', '')}", is_final=code in FINAL
            )
        return str(answer.get("SMSID", ""))

    def look(self, key: str, gateway_id: str) -> Report | None:
        """What eSMS says of the message. Raises `SendFailed`."""
        if not gateway_id:
            return Report()
        names = {"RefId": gateway_id, "ApiKey": self._line.user, "SecretKey": self._line.password}
        return report_of(self._line.ask("GET", f"{STATUS}?{urlencode(names)}"))


def report_of(answer) -> Report | None:
    """What `SendStatus`, `SendSuccess` and `SendFailed` say, in an answer or in a call back; None while it is open."""
    status = str(answer.get("SendStatus", ""))
    if status == REFUSED:
        return Report(reason="refused", detail=status)
    if status != DONE:
        return None
    if str(answer.get("SendSuccess", "")) not in {"", "0"}:
        return Report(is_delivered=True)
    return Report(reason="lost") if str(answer.get("SendFailed", "")) not in {"", "0"} else None
