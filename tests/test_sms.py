"""Text messages: their words, and each way of sending against a gateway that speaks as the real one does."""

import base64
import json
import os
import shutil
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from forms.messages import REASONS
from services import outbox, preferences, sms
from services.outbox import Letter, Report, SendFailed
from services.sms import http
from tests.gateways import Esms, Gateway, Phone, SpeedSms, until

# The characters of GSM 03.38 that take one place, as far as anybody here writes them.
GSM = set("@\n !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
KEY, OTHER_KEY = "0123456789abcdef" * 2, "f" * 32
TO, TEXT = "0912345678", "Quay VssID: ma xac nhan cua ban la 123456"
LETTER = Letter(TO, {"text": TEXT, "seconds": 300})


@pytest.fixture(autouse=True)
def no_host():
    yield
    sms.use("")


@pytest.fixture
def called(monkeypatch):
    """The company's name; nothing of an application that another test has made."""
    sms.use("")

    def call(company: str) -> None:
        monkeypatch.setattr(preferences, "current", lambda: preferences.Preferences(company_name=company))

    return call


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(http, "SECONDS", 0.4)


def failure(sender, letter=LETTER, key=KEY) -> SendFailed:
    with pytest.raises(SendFailed) as problem:
        sender.send(letter, key)
    assert TO[1:] not in str(problem.value) and "password" not in str(problem.value)
    return problem.value


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


# Words


def test_the_words_of_a_code(called):
    called("Công ty TNHH May Bình Minh")
    assert sms.code_letter(TO, "123456", 5).said["text"] == (
        "Quay VssID Cong Ty Tnhh May Binh Minh: ma xac nhan cua ban la 123456, dung trong 5 phut. "
        "Khong dua ma nay cho nguoi khac."
    )


def test_a_browser_may_fill_in_the_code_where_our_host_is_sure(called):
    last = {}
    called("May Bình Minh")
    for url in ("https://vssid.minh.vn", "http://vssid.minh.vn", "https://vssid.minh.vn:8443", ""):
        sms.use(url)
        last[url] = sms.code_letter(TO, "123456", 5).said["text"].partition("\n")[2]
    assert last == dict.fromkeys(last, "") | {"https://vssid.minh.vn": "@vssid.minh.vn #123456"}


@given(company=st.text(max_size=120), host=st.from_regex(r"[a-z]{1,20}(\.[a-z]{1,20}){1,4}", fullmatch=True))
def test_whatever_a_company_is_called_its_codes_fit_one_message(company, host):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preferences, "current", lambda: preferences.Preferences(company_name=company))
        sms.use(f"https://{host}")
        for letter in (sms.code_letter(TO, "123456", 5), sms.test_letter(TO)):
            assert len(letter.said["text"]) <= 160
            assert set(letter.said["text"]) <= GSM


def test_every_reason_has_its_words():
    assert set(REASONS) == set(outbox.REASONS)


# Folders


def test_a_message_given_twice_to_a_folder_is_one_file(tmp_path):
    sender = sms.sender((tmp_path / "out").as_uri())
    names = {sender.send(LETTER, KEY), sender.send(LETTER, KEY), sender.send(LETTER, OTHER_KEY)}
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == len(names) == 2
    assert json.loads(files[0].read_text("utf-8")) == {"to": TO, "text": TEXT}


def test_a_folder_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for scheme in ("file", "gammu"):
        assert failure(sms.sender(f"{scheme}://{tmp_path}/file/out")).reason == "folder"


def test_a_modems_outbox_gets_files_by_its_daemons_names(tmp_path):
    sender = sms.sender(f"gammu://{tmp_path}/out")
    name = sender.send(LETTER, KEY)
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name]
    assert name.startswith("OUTA20") and name.endswith(f"_00_+84912345678_{KEY}.txt")
    assert (tmp_path / "out" / name).read_text("ascii") == TEXT
    assert sender.send(LETTER, KEY) == name
    assert sender.look(KEY, name) is None


def test_where_the_daemon_puts_a_file_tells_what_became_of_it(tmp_path):
    sender = sms.sender(f"gammu://{tmp_path}/out?sent={tmp_path}/went&error={tmp_path}/error")
    for folder, report in (("went", Report()), ("error", Report(reason="refused"))):
        key = KEY if folder == "went" else OTHER_KEY
        name = sender.send(LETTER, key)
        (tmp_path / folder).mkdir()
        (tmp_path / "out" / name).rename(tmp_path / folder / name)
        assert sender.look(key, name) == report
        assert sender.send(LETTER, key) == name and not list((tmp_path / "out").iterdir())


@pytest.fixture
def daemon(tmp_path):
    """The real gammu-smsd with a dummy phone."""
    program = shutil.which("gammu-smsd")
    if program is None:
        if os.environ.get("QUAY_TEST_GAMMU") == "required":
            raise AssertionError("gammu-smsd is required here")
        pytest.skip("no gammu-smsd here")
    spool = {name: tmp_path / name for name in ("inbox", "outbox", "sent", "error", "phone")}
    for folder in spool.values():
        folder.mkdir()
    settings = tmp_path / "gammu-smsdrc"
    settings.write_text(
        f"[gammu]\nmodel = dummy\nconnection = none\nport = {spool['phone']}\n"
        f"[smsd]\nservice = files\nlogfile = {tmp_path}/log\ndebuglevel = 1\n"
        "loopsleep = 1\ncommtimeout = 1\nsendtimeout = 5\ncheckbattery = 0\n"
        "checksignal = 0\nchecknetwork = 0\nchecksecurity = 0\n"
        + "".join(
            f"{key} = {spool[name]}/\n"
            for key, name in (
                ("inboxpath", "inbox"),
                ("outboxpath", "outbox"),
                ("sentsmspath", "sent"),
                ("errorsmspath", "error"),
            )
        )
    )
    process = subprocess.Popen([program, "-c", settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield tmp_path
    process.terminate()
    process.wait(30)


def test_the_real_daemon_sends_what_we_write(daemon):
    sender = sms.sender(f"gammu://{daemon}/outbox")
    name = sender.send(LETTER, KEY)
    until(lambda: sender.look(KEY, name), "the daemon has put the file elsewhere")
    assert sender.look(KEY, name) == Report()
    said = (daemon / "log").read_text("utf-8", "replace")
    assert f'1 sms to "+84912345678" with text "{TEXT}"' in said
    assert f"Transmitted {name} (total: 1) to +84912345678" in said


# The phone on the network


@pytest.fixture
def phone():
    app = Phone()
    with Gateway(app.answer) as gateway:
        app.gateway = gateway
        app.sender = sms.sender(f"smsgate://quay:p%40ss@127.0.0.1:{gateway.port}")
        yield app


def test_the_phone_is_spoken_to_as_it_wants_to_be(phone):
    assert phone.sender.send(LETTER, KEY) == KEY
    [(_method, path, body, headers)] = phone.gateway.requests
    assert (path, headers["Authorization"]) == ("/message", basic("quay", "p@ss"))
    assert body == {
        "id": KEY,
        "textMessage": {"text": TEXT},
        "phoneNumbers": ["+84912345678"],
        "withDeliveryReport": True,
        "priority": 100,
        "ttl": 300,
    }
    assert phone.sender.place == f"Android (127.0.0.1:{phone.gateway.port})"


def test_a_phone_that_took_the_message_and_dropped_the_line_has_it_once(phone):
    phone.gateway.mood = "drop"
    assert failure(phone.sender).reason == "dropped"
    phone.gateway.mood = "well"
    assert phone.sender.send(LETTER, KEY) == KEY
    assert list(phone.taken) == [KEY]


@pytest.mark.parametrize(
    ("state", "error", "report"),
    [
        ("Pending", None, None),
        ("Processed", None, None),
        ("Sent", None, None),
        ("Delivered", None, Report(is_delivered=True)),
        ("Failed", "RESULT_ERROR_NO_SERVICE", Report(reason="refused", detail="RESULT_ERROR_NO_SERVICE")),
        ("Failed", None, Report(reason="refused")),
        ("Cancelled", None, Report(reason="refused")),
        ("Somehow", None, None),
    ],
)
def test_what_the_phone_says_of_a_message(phone, state, error, report):
    phone.sender.send(LETTER, KEY)
    phone.state, phone.error = state, error
    assert phone.sender.look(KEY, KEY) == report


# eSMS


@pytest.fixture
def esms():
    service = Esms()
    with Gateway(service.answer) as gateway:
        service.gateway = gateway
        url = f"esms://key:secret@127.0.0.1:{gateway.port}?brandname=May%20Binh%20Minh"
        service.sender = sms.sender(url, "https://vssid.example.vn/messages")
        yield service


def test_esms_is_spoken_to_as_it_wants_to_be(esms):
    assert esms.sender.send(LETTER, KEY) == "sms-1"
    [(method, path, body, _headers)] = esms.gateway.requests
    assert (method, path) == ("POST", "/MainService.svc/json/SendMultipleMessage_V4_post_json/")
    assert body == {
        "ApiKey": "key",
        "SecretKey": "secret",
        "Phone": TO,
        "Content": TEXT,
        "SmsType": "2",
        "IsUnicode": "0",
        "Sandbox": "0",
        "RequestId": KEY,
        "Brandname": "May Binh Minh",
        "CallbackUrl": f"https://vssid.example.vn/messages/{KEY}/report",
    }


def test_from_a_fixed_number_and_inside_a_network_esms_gets_neither_brand_nor_call_back(esms):
    sms.sender(f"esms://key:secret@127.0.0.1:{esms.gateway.port}?type=8&sandbox=1").send(LETTER, KEY)
    body = esms.taken[KEY]
    assert (body["SmsType"], body["Sandbox"]) == ("8", "1")
    assert not body.keys() & {"Brandname", "CallbackUrl"}


def test_esms_that_took_the_message_and_dropped_the_line_has_it_once(esms):
    esms.gateway.mood = "drop"
    assert failure(esms.sender).reason == "dropped"
    esms.gateway.mood = "well"
    assert esms.sender.send(LETTER, KEY) == ""
    assert list(esms.taken) == [KEY]


@pytest.mark.parametrize(
    ("code", "reason", "is_final"),
    [
        ("101", "credentials", False),
        ("103", "balance", False),
        ("140", "credentials", False),
        ("146", "refused", True),
        ("108", "refused", True),
        ("999", "refused", False),
    ],
)
def test_what_esms_refuses(esms, code, reason, is_final):
    esms.code = code
    problem = failure(esms.sender)
    assert (problem.reason, problem.is_final) == (reason, is_final)
    assert f"{code} not to …" in str(problem)


@pytest.mark.parametrize(
    ("status", "report"),
    [
        ({"SendStatus": 2}, None),
        ({"SendStatus": "5", "SendSuccess": "1", "SendFailed": "0"}, Report(is_delivered=True)),
        ({"SendStatus": 5, "SendSuccess": 0, "SendFailed": 1}, Report(reason="lost")),
        ({"SendStatus": 4}, Report(reason="refused", detail="4")),
        ({"SendStatus": 5}, None),
    ],
)
def test_what_esms_says_of_a_message(esms, status, report):
    esms.status = status
    assert esms.sender.look(KEY, "sms-1") == report
    assert "RefId=sms-1&ApiKey=key&SecretKey=secret" in esms.gateway.requests[0][1]


# SpeedSMS


@pytest.fixture
def speedsms():
    service = SpeedSms()
    with Gateway(service.answer) as gateway:
        service.gateway = gateway
        service.sender = sms.sender(f"speedsms://token@127.0.0.1:{gateway.port}?type=3&sender=MAYBINHMINH")
        yield service


def test_speedsms_is_spoken_to_as_it_wants_to_be(speedsms):
    assert speedsms.sender.send(LETTER, KEY) == "123456"
    [(method, path, body, headers)] = speedsms.gateway.requests
    assert (method, path, headers["Authorization"]) == ("POST", "/index.php/sms/send", basic("token", "x"))
    assert body == {"to": ["84912345678"], "content": TEXT, "sms_type": 3, "sender": "MAYBINHMINH"}


def test_what_speedsms_refuses(speedsms):
    speedsms.error = {"code": "300", "message": "Your account balance is not enough", "invalidPhone": ["84912345678"]}
    assert str(failure(speedsms.sender)) == "refused 300 Your account balance is not enough"


# Apprise


@pytest.mark.filterwarnings("ignore")
def test_apprise_sends_to_whom_the_address_has_a_place_for():
    taken = []
    with Gateway(lambda *request: taken.append(request) or (200, {})) as gateway:
        sender = sms.sender(f"apprise+json://127.0.0.1:{gateway.port}/sms/{{to}}")
        sender.send(LETTER, KEY)
        gateway.mood = "error"
        assert failure(sender).reason == "refused"
    [(_method, path, body), *_more] = taken
    assert (path.replace("%2B", "+"), body["message"]) == ("/sms/+84912345678", TEXT)


@pytest.mark.filterwarnings("ignore")
def test_a_service_that_apprise_does_not_know_stops_the_start(make_app):
    with pytest.raises(config.WrongSetting, match=r"^QUAY_SMS_URL: .+ no service at nosuch"):
        make_app(QUAY_SMS_URL="apprise+nosuch://x/{to}")


# Whatever the outside does


@pytest.fixture(params=["smsgate://a:b@", "esms://a:b@", "speedsms://a@"])
def behaving(request, impatient):
    """A sender and its gateway, for each kind that speaks HTTP."""
    service = {"smsgate": Phone, "esms": Esms, "speedsms": SpeedSms}[request.param.partition(":")[0]]()
    with Gateway(service.answer) as gateway:
        yield sms.sender(f"{request.param}127.0.0.1:{gateway.port}"), gateway, service


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("error", "status"),
        ("hang", "silent"),
        ("drip", "silent"),
        ("drip_body", "silent"),
        ("drop", "dropped"),
        ("garbage", "garbled"),
        ("huge", "garbled"),
        ("redirect", "status"),
    ],
)
def test_every_gateway_may_misbehave_in_every_way(behaving, mood, reason):
    sender, gateway, _service = behaving
    gateway.mood = mood
    began_at = time.monotonic()
    problem = failure(sender)
    assert (problem.reason, problem.is_final) == (reason, False)
    # Twice: the phone is also asked whether it has the message all the same.
    assert time.monotonic() - began_at < 2 * http.SECONDS + 3
    assert not any("elsewhere" in request[1] for request in gateway.requests)


@pytest.mark.parametrize("told", [[], "text", 1, None, {}, {"id": 7}, {"data": 3, "status": "success"}])
def test_every_gateway_may_tell_anything(impatient, told):
    with Gateway(lambda *_request: (200, told)) as gateway:
        for scheme in ("smsgate://a:b@", "esms://a:b@", "speedsms://a@"):
            sender = sms.sender(f"{scheme}127.0.0.1:{gateway.port}")
            assert failure(sender).reason in {"garbled", "refused"}
            if sender.tells:
                try:
                    assert sender.look(KEY, "x") is None
                except SendFailed as problem:
                    assert problem.reason == "garbled"  # noqa: PT017  it may, but need not


def test_a_gateway_that_is_off(impatient):
    with Gateway(Phone().answer) as gateway:
        port = gateway.port
    assert failure(sms.sender(f"smsgate://a:b@127.0.0.1:{port}")).reason == "unreachable"


@pytest.mark.parametrize(
    ("status", "reason", "is_final"),
    [
        (401, "credentials", False),
        (403, "credentials", False),
        (400, "status", True),
        (404, "status", True),
        (429, "status", False),
        (503, "status", False),
    ],
)
def test_what_a_status_means(impatient, status, reason, is_final):
    with Gateway(lambda *_request: (status, {})) as gateway:
        problem = failure(sms.sender(f"speedsms://a@127.0.0.1:{gateway.port}"))
    assert (problem.reason, problem.is_final) == (reason, is_final)


def test_no_proxy_of_the_environment_is_used(speedsms, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    speedsms.sender.send(LETTER, KEY)


def test_outside_of_this_machine_services_are_spoken_to_by_tls_alone(impatient):
    for url in ("esms://a:b@rest.esms.vn", "speedsms://a@api.speedsms.vn"):
        assert type(sms.sender(url)._line.connection()).__name__ == "HTTPSConnection"
