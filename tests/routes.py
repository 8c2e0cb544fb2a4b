"""Every address, with a request that it accepts; for the tests that range over all of them.

A new route fails `test_every_route.py` by name until it stands here in exactly one list.
"""

import re
import secrets
from dataclasses import replace
from io import BytesIO

import pyotp
from bs4 import BeautifulSoup

import tokens
from desk import batches, printing, requests, sheets
from desk.requests import RIGHTS
from models import Code, Dossier, Invitation, Message, Pile, ScannedSheet, Staff, Unit, database, now
from services import (
    accounts,
    agency_list,
    codes,
    drafts,
    form01,
    invitations,
    later,
    lookup,
    readings,
    secondfactor,
    submissions,
)
from services.drafts import phone_hash
from tests.answers import good, upload
from tests.dossiers import OWNER, employ, file_one, fill, ticket_of
from tokens import Ticket

# Open to anybody who knows the address.
PUBLIC = {
    "GET /",
    "GET /dang-ky",
    "GET /help",
    "GET /register/<flow_name>",
    "GET /register/<flow_name>/finish",
    "GET /form01",
    "GET /form01.pdf",
    "GET /form01/official.pdf",
    "GET /communes",
    "GET /lookup",
    "GET /rights/deleted",
    "GET /idle",
    "GET /i/<link>",
    # The key stands for a message, and the answer is the same for every key.
    "GET /messages/<key>/report",
    "GET /healthz",
    "GET /brand.css",
    "GET /logo.jpg",
    "GET /static/<path:filename>",
}
# What machines call, with a secret in the address; no page of ours and no token of a form.
CALLED = {"POST /messages/reports/<secret>"}
# Open to whoever holds the token that this address wants.
WITH_TOKEN = {
    "GET /register/<flow_name>/<step_name>": "page",
    "GET /register/<flow_name>/review": "page",
    "GET /register/<flow_name>/confirm": "page",
    "GET /register/<flow_name>/card": "page",
    "GET /register/<flow_name>/photos/phone": "page",
    "GET /register/<flow_name>/photos/arrivals": "page",
    "GET /register/<flow_name>/continue": "page",
    "GET /continue": "transfer",
    "GET /renew": "page",
    "GET /phone": "handoff",
    "GET /receipt": "receipt",
    "GET /receipt/form01.pdf": "receipt",
    "GET /receipt/news": "receipt",
    "GET /lookup/code": "code",
    "GET /lookup/found": "found",
    "GET /rights": "rights",
    "GET /rights/data": "rights",
    "GET /rights/data.json": "rights",
    "GET /rights/consents": "rights",
    "GET /rights/ask/<right_name>": "rights",
    "GET /rights/delete-draft": "rights-draft",
    "POST /i/<link>": "step",
    "POST /register/<flow_name>/<step_name>": "step",
    "POST /register/<flow_name>/card": "step",
    "POST /register/<flow_name>/card/choice": "step",
    "POST /register/<flow_name>/send-code": "step",
    "POST /register/<flow_name>/confirm": "step",
    "POST /register/<flow_name>/finish": "step",
    "POST /register/<flow_name>/continue": "step",
    "POST /continue": "transfer",
    "POST /register/child/another": "step",
    "POST /phone": "handoff",
    "POST /lookup": "step",
    "POST /lookup/code": "step",
    "POST /lookup/finish": "step",
    "POST /rights/ask/<right_name>": "step",
    "POST /rights/delete-draft": "step",
    "POST /receipt/account": "step",
    "POST /receipt/correct": "step",
    "POST /receipt/news": "step",
    "POST /receipt/news/form01": "step",
}
# Only where a step can be filled in from a card.
ADULT_ONLY = {
    "GET /register/<flow_name>/card",
    "POST /register/<flow_name>/card",
    "POST /register/<flow_name>/card/choice",
}
# HR's side, and the two pages of it that need no account.
STAFF = {
    "GET /staff/",
    "GET /staff/dossiers",
    "GET /staff/dossiers.xlsx",
    "POST /staff/assist",
    "GET /staff/codes",
    "POST /staff/codes/<int:code_id>/show",
    "GET /staff/dossiers/<reference>",
    "GET /staff/dossiers/<reference>/form01.pdf",
    "GET /staff/dossiers/<reference>/photos/<kind>",
    "GET /staff/dossiers/<reference>/consents",
    "POST /staff/codes/<int:code_id>/unlock",
    "GET /staff/messages",
    "POST /staff/messages/<int:message_id>/again",
    "POST /staff/messages/<int:message_id>/read-out",
    "GET /staff/outside",
    "GET /staff/requests",
    "GET /staff/requests/<int:number>",
    "POST /staff/requests/<int:number>/acknowledge",
    "POST /staff/requests/<int:number>/carry-out",
    "POST /staff/requests/<int:number>/refuse",
    "GET /staff/dossiers/<reference>/moves/<name>",
    "POST /staff/dossiers/<reference>/moves/<name>",
    "GET /staff/roster",
    "GET /staff/roster/people",
    "GET /staff/roster/people.xlsx",
    "GET /staff/roster/slips.pdf",
    "POST /staff/roster/slips",
    "POST /staff/roster/messages",
    "POST /staff/roster/mails",
    "POST /staff/roster/revoke",
    "GET /staff/form01",
    "GET /staff/paper",
    "GET /staff/paper/piles/<pile>",
    "GET /staff/paper/piles/<pile>/progress",
    "GET /staff/paper/unsigned",
    "GET /staff/paper/printings/<int:printing>",
    "GET /staff/paper/printings/<int:printing>/forms.pdf",
    "POST /staff/paper/scan",
    "POST /staff/paper/piles",
    "POST /staff/paper/printings",
    "POST /staff/paper/printings/<int:printing>/printed",
    "POST /staff/sign-out",
    "GET /staff/account",
    "GET /staff/account/password",
    "GET /staff/account/totp",
    "POST /staff/account/password",
    "POST /staff/account/totp",
    "POST /staff/account/totp/remove",
    "GET /staff/bulk/<move_name>",
    "POST /staff/bulk",
    "GET /staff/batches",
    "POST /staff/batches",
    "GET /staff/batches/<int:batch_id>",
    "GET /staff/batches/<int:batch_id>/cover-list.pdf",
    "GET /staff/batches/<int:batch_id>/cover-list.xlsx",
    "GET /staff/batches/<int:batch_id>/print.pdf",
    "GET /staff/batches/<int:batch_id>/files.zip",
    "POST /staff/batches/<int:batch_id>/add",
    "POST /staff/batches/<int:batch_id>/take-out",
    "POST /staff/batches/<int:batch_id>/file",
    "POST /staff/batches/<int:batch_id>/results",
}
SETTINGS = ("company", "contact", "agency", "channel", "messages", "form01", "retention")
# Of HR's side what is for administrators alone.
ADMIN = {
    "GET /staff/people",
    "GET /staff/people/add",
    "GET /staff/people/<int:person_id>",
    "GET /staff/units",
    "GET /staff/units/<int:unit_id>",
    "GET /staff/audit",
    "GET /staff/settings",
    *(f"{method} /staff/settings/{name}" for method in ("GET", "POST") for name in SETTINGS),
    "GET /staff/settings/agencies",
    "GET /staff/settings/agencies/<code>",
    "GET /staff/settings/agencies/import",
    "GET /staff/settings/agencies/import/<file_key>",
    "POST /staff/settings/agencies/import",
    "POST /staff/settings/agencies/import/<file_key>/confirm",
    "POST /staff/settings/agencies/import/<file_key>/discard",
    "POST /staff/settings/agencies/<code>/close",
    "POST /staff/settings/agencies/<code>/open",
    "POST /staff/people/add",
    "POST /staff/people/<int:person_id>",
    "POST /staff/people/<int:person_id>/disable",
    "POST /staff/people/<int:person_id>/enable",
    "POST /staff/people/<int:person_id>/reset",
    "POST /staff/units",
    "POST /staff/units/<int:unit_id>",
    "POST /staff/units/<int:unit_id>/remove",
}
# Of HR's side what is not for a unit's HR.
DEPARTMENT = {
    "POST /staff/form01",
    "POST /staff/form01/fetch",
    "POST /staff/form01/remove",
    "POST /staff/outside/<part>/try",
    "GET /staff/roster/import",
    "GET /staff/roster/import/<key>",
    "GET /staff/roster/remove",
    "GET /staff/roster/sample.xlsx",
    "POST /staff/roster/import",
    "POST /staff/roster/import/<key>/confirm",
    "POST /staff/roster/import/<key>/discard",
    "POST /staff/roster/remove",
}
OPEN_STAFF = {
    "GET /staff/sign-in",
    "POST /staff/sign-in",
    "GET /staff/sign-in/code",
    "POST /staff/sign-in/code",
    "GET /staff/first/<token>",
    "POST /staff/first/<token>",
}

AGENCY = {"code": "07999", "name": "BHXH cơ sở Mới", "province_code": "79", "province_name": "TP. Hồ Chí Minh"}
UNIT, OTHER_UNIT = "Xưởng May 1", "Xưởng May 2"
PASSWORD, NEW_PASSWORD = "một câu dễ nhớ", "một câu khác hẳn"
HEALTH_CARD = f"0120878811|{'Nguyễn Thị Hồng'.encode().hex()}"


def routes(app) -> list[str]:
    """`METHOD rule` of everything that the application answers."""
    return [
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def asked(all_routes, flow: str) -> list[str]:
    """Those of the routes that there are in this flow, in their order."""
    return [route for route in all_routes if flow == "adult" or route not in ADULT_ONLY]


class Holder:
    """Somebody with a draft, a dossier and a proved phone: all that a browser could hold, in one flow."""

    def __init__(self, phone: str, name: str, flow: str = "adult"):
        with database.connection_context():
            Unit.get_or_create(name=UNIT)
            given = {"full_name": name, "unit": UNIT}
            self.phone, self.name, self.flow = phone, name, flow
            self.dossier = file_one(phone, flow, **given)
            self.employee = employ(f"NV{phone}", name, UNIT)
            invitations.prepare([self.employee])
            self.link = invitations.link_of(Invitation.get_by_id(self.employee.id))
            self.draft = fill(phone, flow, **given)
            self.request = requests.ask(self.dossier, RIGHTS["delete"], f"Tôi là {name}.")
            # Another one of theirs, for the first is not to be touched any more.
            self.on_paper = file_one(phone.replace("09", "08", 1), **given)
            self.printing = printing.begin(None, [self.on_paper])
            self.pile = sheets.new_pile()
            ScannedSheet.create(pile=self.pile, file=1, page=1, outcome=sheets.AGAIN, dossier=self.on_paper)
            Pile.create(name=self.pile, files=1)
            # As if a day had passed: a phone gets one code a minute.
            Code.delete().where(Code.phone_hash == phone_hash(phone)).execute()
            hashed = lookup.send_code(phone)
            later.settle()
            self.code_id = lookup.enter_code(hashed, codes.pending(Code.live(now()))[0].code)
            Code.update(sent_at=Code.sent_at - 120).execute()
            # Somebody of HR, and a unit that nothing belongs to.
            colleague = Staff.get_or_none(Staff.username == "dong.nghiep")
            self.colleague = (colleague or accounts.add("dong.nghiep", PASSWORD, "department")).id
            self.unit = Unit.get_or_create(name="Tổ trống")[0].id
            # A list of agencies that waits to be looked at.
            self.upload = agency_list.stage([AGENCY]).key

            # Somebody else's, for whom nobody has to stop.
            self.signed = file_one(f"07{phone[2:]}", full_name="Phạm Thị Ký")
            Dossier.update(status="signed").where(Dossier.id == self.signed.id).execute()
            self.batch = batches.gather(Staff(username="ai.do", role="department"), [self.signed]).batches[0]
            self.message = Message.select().order_by(Message.id.desc()).get()

    def token(self, purpose: str, step: str = "") -> str:
        """A good token of this person for `?t=` or for the form of a step, by itself the one about who registers."""
        step = step or OWNER[self.flow]
        hashed = phone_hash(self.phone)
        with database.connection_context():
            self.draft = drafts.open_draft(self.draft.ticket())
            return {
                "page": lambda: tokens.sign_page(self.draft.ticket()),
                "step": lambda: tokens.sign_step(self.draft.ticket(step)),
                "handoff": lambda: tokens.sign_handoff(self.draft.ticket("photos", now() + 900)),
                "transfer": lambda: tokens.sign_transfer(self.draft.ticket("photos", now() + 600)),
                "receipt": lambda: tokens.sign_receipt(ticket_of(self.dossier)),
                "receipt-form": lambda: tokens.sign_step(ticket_of(self.dossier)),
                "code": lambda: tokens.sign_lookup(Ticket(hashed, "", "code")),
                "found": lambda: tokens.sign_lookup(Ticket(hashed, str(self.code_id), "found")),
                "rights": lambda: tokens.sign_rights(ticket_of(self.dossier)),
                "rights-draft": lambda: tokens.sign_rights(self.draft.ticket()),
                "rights-ask": lambda: tokens.sign_step(replace(ticket_of(self.dossier), step="rights-correct")),
                "lookup": lambda: tokens.sign_step(Ticket("", "", "lookup")),
                "lookup-code": lambda: tokens.sign_step(Ticket(hashed, "", "lookup-code")),
                "lookup-finish": lambda: tokens.sign_step(Ticket(hashed, str(self.code_id), "found")),
            }[purpose]()

    def read(self, text: str) -> str:
        """Have this text of a card's QR code kept with the draft; gives where."""
        with database.connection_context():
            reading = readings.of_texts([text])
            self.draft = drafts.keep_reading(self.draft.ticket(), reading.source, reading)
        return reading.source

    def new_code(self) -> str:
        """A code for submitting the draft, as HR would read it out; the dossier no longer stands in its way."""
        with database.connection_context():
            Dossier.update(status="withdrawn").where(Dossier.id == self.dossier.id).execute()
            codes.send(codes.Asker(self.phone), codes.SUBMIT, self.draft.id)
            return codes.pending(Code.live(now()).where(Code.subject == self.draft.id))[0].code

    def fail_message(self) -> None:
        """A code for submitting the draft, whose message no gateway took."""
        with database.connection_context():
            codes.send(codes.Asker(self.phone), codes.SUBMIT, self.draft.id)
            self.message = Message.select().order_by(Message.id.desc()).get()
            Message.update(state=Message.FAILED, answer="refused").where(Message.id == self.message.id).execute()

    def new_code_id(self) -> int:
        """The row of such a code."""
        self.new_code()
        with database.connection_context():
            return Code.get(Code.subject == self.draft.id).id


def address(route: str, holder: Holder) -> str:
    """The route's address with this person's own values in it, but without a token."""
    values = {
        "flow_name": holder.flow,
        "step_name": OWNER[holder.flow],
        "filename": "site.css",
        "reference": holder.dossier.reference,
        "kind": "portrait",
        "name": "return",
        "move_name": "print",
        "batch_id": str(holder.batch.id),
        "token": "0" * 24,
        "right_name": "correct",
        "person_id": str(holder.colleague),
        "unit_id": str(holder.unit),
        "link": holder.link,
        "number": str(holder.request.id),
        "message_id": str(holder.message.id),
        "key": "0" * 32,
        "code_id": str(holder.code_id),
        "code": "07921",
        "file_key": holder.upload,
        "printing": str(holder.printing),
        "pile": holder.pile,
        "part": "sms",
        "secret": "0" * 64,
    }
    path = route.split()[1]
    for name in re.findall(r"<(?:\w+:)?(\w+)>", path):
        path = re.sub(rf"<(?:\w+:)?{name}>", values[name], path)
    return path


def good_post(route: str, holder: Holder, client) -> tuple[str, dict]:
    """Address and form of a request to this POST route that is accepted."""
    if route == "POST /staff/first/<token>":
        return _first_administrator(client)
    if "<key>" in route:
        return _uploaded_list(route, client)
    if "<int:code_id>" in route:
        holder.code_id = holder.new_code_id()
    token = holder.token
    form = {
        "POST /register/<flow_name>/<step_name>": lambda: {
            **good(OWNER[holder.flow]),
            "step_token": token("step"),
        },
        "POST /register/<flow_name>/card": lambda: {
            "scanned": HEALTH_CARD,
            "step_token": token("step", "card"),
        },
        "POST /register/<flow_name>/card/choice": lambda: {
            "card": holder.read(HEALTH_CARD),
            "choice": "keep",
            "step_token": token("step", "review"),
        },
        "POST /register/<flow_name>/send-code": lambda: {"step_token": token("step", "send-code")},
        "POST /register/<flow_name>/confirm": lambda: {
            "code": holder.new_code(),
            "step_token": token("step", "confirm"),
        },
        "POST /register/<flow_name>/finish": lambda: {"step_token": token("step", "review")},
        "POST /register/<flow_name>/continue": lambda: {"step_token": token("step", "review")},
        "POST /continue": lambda: {"step_token": token("transfer")},
        "POST /phone": lambda: {"step_token": token("handoff"), "portrait": good("photos")["portrait"]},
        "POST /register/child/another": lambda: {"step_token": _parent(holder).token("receipt-form")},
        "POST /lookup": lambda: {"step_token": token("lookup"), "phone": "0987000111"},
        "POST /lookup/code": lambda: {"step_token": token("lookup-code"), "code": "123456"},
        "POST /lookup/finish": lambda: {"step_token": token("lookup-finish")},
        "POST /rights/ask/<right_name>": lambda: {"step_token": token("rights-ask"), "words": "Sai số nhà."},
        "POST /rights/delete-draft": lambda: {"step_token": token("step", "delete-draft")},
        **dict.fromkeys(
            (f"POST /staff/requests/<int:number>/{action}" for action in ("acknowledge", "carry-out")),
            lambda: {"csrf_token": csrf_token(client, "/staff/")},
        ),
        **dict.fromkeys(
            (
                "POST /staff/messages/<int:message_id>/again",
                "POST /staff/messages/<int:message_id>/read-out",
            ),
            lambda: holder.fail_message() or {"csrf_token": csrf_token(client, "/staff/")},
        ),
        "POST /staff/outside/<part>/try": lambda: {
            "csrf_token": csrf_token(client, "/staff/"),
            "phone": holder.phone,
        },
        "POST /staff/requests/<int:number>/refuse": lambda: {
            "csrf_token": csrf_token(client, "/staff/"),
            "reason": "Đã nộp cho cơ quan BHXH.",
        },
        "POST /i/<link>": lambda: {
            "step_token": tokens.sign_step(Ticket(invitations.link_hash(holder.link), "", "invitation"))
        },
        "POST /staff/roster/import": lambda: {"csrf_token": csrf_token(client, "/staff/"), "file": a_list()},
        **dict.fromkeys(
            (f"POST /staff/roster/{action}" for action in ("slips", "messages", "mails", "revoke", "remove")),
            lambda: {"csrf_token": csrf_token(client, "/staff/"), "person": str(holder.employee.id), "sure": "1"},
        ),
        "POST /receipt/account": lambda: {"step_token": token("receipt-form")},
        "POST /receipt/correct": lambda: {"step_token": token("receipt-form")},
        "POST /receipt/news": lambda: {"step_token": token("receipt-form"), "news": "none"},
        "POST /receipt/news/form01": lambda: {"step_token": token("receipt-form"), "email": "a@congty.vn"},
        "POST /staff/dossiers/<reference>/moves/<name>": lambda: {
            "csrf_token": csrf_token(client, address(route, holder)),
            "expected": "submitted",
            "seq": "1",
            "reasons": "photo",
            "text": "",
        },
        **_batches(holder, client),
        "POST /staff/paper/scan": lambda: {
            "csrf_token": csrf_token(client, "/staff/paper"),
            "code": submissions.sheet_code(holder.on_paper),
        },
        "POST /staff/paper/piles": lambda: {
            "csrf_token": csrf_token(client, "/staff/paper"),
            "files": upload("quet.jpg"),
        },
        "POST /staff/paper/printings": lambda: {
            "csrf_token": csrf_token(client, "/staff/paper"),
            "reference": holder.on_paper.reference,
        },
        "POST /staff/paper/printings/<int:printing>/printed": lambda: {
            "csrf_token": csrf_token(client, "/staff/paper"),
        },
        "POST /staff/assist": lambda: {"csrf_token": csrf_token(client, "/staff/"), "flow": "adult"},
        **dict.fromkeys(
            (f"POST /staff/codes/<int:code_id>/{action}" for action in ("show", "unlock")),
            lambda: {"csrf_token": csrf_token(client, "/staff/")},
        ),
        "POST /staff/sign-out": lambda: {"csrf_token": csrf_token(client, "/staff/")},
        "POST /staff/sign-in": lambda: {
            "csrf_token": csrf_token(client, "/staff/sign-in"),
            "username": "admin",
            "password": PASSWORD,
        },
        **_at_the_desk(client),
    }[route]()
    return address(route, holder), form


def _at_the_desk(client) -> dict:
    """Good forms for what somebody of HR does."""

    def form(path: str, **fields):
        return lambda: {"csrf_token": csrf_token(client, path), **fields}

    people, units = "/staff/people/add", "/staff/units"
    chosen = {"role": "unit", "unit": UNIT}
    return {
        "POST /staff/people/add": form(people, username="nguoi.moi", **chosen),
        "POST /staff/people/<int:person_id>": form(people, **chosen),
        "POST /staff/people/<int:person_id>/disable": form(people),
        "POST /staff/people/<int:person_id>/enable": form(people),
        "POST /staff/people/<int:person_id>/reset": form(people),
        "POST /staff/form01": form("/staff/form01", file=(BytesIO(form01.render()), "mau-01.pdf")),
        "POST /staff/form01/fetch": form("/staff/form01"),
        "POST /staff/form01/remove": form("/staff/form01"),
        "POST /staff/units": form(units, name="Tổ mới"),
        "POST /staff/units/<int:unit_id>": form(units, name="Tổ đổi tên"),
        "POST /staff/units/<int:unit_id>/remove": form(units),
        **{
            f"POST /staff/settings/{name}": lambda path=f"/staff/settings/{name}": _as_it_stands(client, path)
            for name in SETTINGS
        },
        "POST /staff/settings/agencies/import": form(
            "/staff/settings/agencies/import",
            file=(BytesIO("Mã,Tên,Tỉnh\n07998,BHXH cơ sở Khác,Cà Mau\n".encode()), "co-quan.csv"),
        ),
        "POST /staff/settings/agencies/import/<file_key>/confirm": form("/staff/settings/agencies/import"),
        "POST /staff/settings/agencies/import/<file_key>/discard": form("/staff/settings/agencies/import"),
        "POST /staff/settings/agencies/<code>/close": form("/staff/settings/agencies/07921"),
        "POST /staff/settings/agencies/<code>/open": form("/staff/settings/agencies/07921"),
        "POST /staff/account/password": form(
            "/staff/account/password", password=PASSWORD, new_password=NEW_PASSWORD, repeated=NEW_PASSWORD
        ),
        "POST /staff/account/totp": lambda: _first_code(client),
        "POST /staff/account/totp/remove": lambda: _last_code(client),
        "POST /staff/sign-in/code": lambda: _code_of_somebody_half_way(client),
    }


def _as_it_stands(client, path: str) -> dict:
    """The form of a page of the settings with the values that it shows."""
    page = BeautifulSoup(client.get(path).text, "lxml")
    form = page.select_one("main form")
    chosen = {each["name"]: each["value"] for each in form.select("input[value]:not([type=radio], [type=checkbox])")}
    chosen |= {each["name"]: each["value"] for each in form.select("input[checked]")}
    chosen |= {each["name"]: each.select_one("[selected]")["value"] for each in form.select("select")}
    return chosen


def _first_code(client) -> dict:
    """The form that turns the second factor on."""
    page = BeautifulSoup(client.get("/staff/account/totp").text, "lxml")
    secret = page.select_one("[data-secret]").get_text().replace(" ", "")
    fields = {name: page.find(attrs={"name": name})["value"] for name in ("csrf_token", "secret")}
    return {**fields, "totp": pyotp.TOTP(secret).now()}


def _last_code(client) -> dict:
    """The form that turns the second factor off, by a recovery code; it is on after this."""
    client.post("/staff/account/totp", data=_first_code(client))
    page = BeautifulSoup(client.get("/staff/account").text, "lxml")
    token = csrf_token(client, "/staff/account/totp")
    return {"csrf_token": token, "password": PASSWORD, "totp": page.select_one(".recovery code").get_text()}


def _code_of_somebody_half_way(client) -> dict:
    """The second step of signing in, by a client that has done the first."""
    secret = secondfactor.new_secret()
    with database.connection_context():
        somebody = accounts.add(f"hai.lop.{secrets.token_hex(3)}", PASSWORD, "department")
        recovery, *_others = secondfactor.turn_on(somebody, secret, pyotp.TOTP(secret).now())
    token = csrf_token(client, "/staff/sign-in")
    client.post("/staff/sign-in", data={"csrf_token": token, "username": somebody.username, "password": PASSWORD})
    return {"csrf_token": csrf_token(client, "/staff/sign-in/code"), "totp": recovery}


def _parent(holder: Holder) -> Holder:
    """Only a child's receipt has a next child: this person, or one more with another phone."""
    return holder if holder.flow == "child" else Holder(holder.phone.replace("09123", "09124"), "Bé", "child")


def _batches(holder: Holder, client) -> dict:
    """Good forms for batches, and for many dossiers at once."""
    address = "/staff/batches/<int:batch_id>"
    ticked = f"{holder.signed.reference}.signed.1"

    def form(**fields):
        return lambda: {"csrf_token": csrf_token(client, "/staff/"), **fields}

    def answered():
        with database.connection_context():
            batches.file(Staff.get(Staff.role == "admin"), holder.batch)
        return form(results=f"{holder.signed.reference} đã cấp")()

    return {
        "POST /staff/bulk": form(do="forward", chosen=ticked),
        "POST /staff/batches": form(agency="07407"),
        f"POST {address}/add": form(),
        f"POST {address}/take-out": form(chosen=ticked),
        f"POST {address}/file": form(),
        f"POST {address}/results": answered,
    }


def csrf_token(client, path: str) -> str:
    """The hidden field of a form of the desk."""
    return re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get(path).text)[1]


def a_list():
    """A list of one employee, as a file that is sent."""
    return upload("danh-sach.csv", "Mã NV,Họ tên\nNV99,Đỗ An\n".encode())


def _uploaded_list(route: str, client) -> tuple[str, dict]:
    token = csrf_token(client, "/staff/")
    key = client.post("/staff/roster/import", data={"csrf_token": token, "file": a_list()}).location.rsplit("/", 1)[1]
    return route.split()[1].replace("<key>", key), {"csrf_token": token}


def _first_administrator(client) -> tuple[str, dict]:
    with database.connection_context():
        Staff.delete().execute()
        path = f"/staff/first/{accounts.first_token()}"
    form = {"username": "quantri", "password": PASSWORD, "repeated": PASSWORD}
    return path, {**form, "csrf_token": csrf_token(client, path)}
