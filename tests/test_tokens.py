"""A token is good for one purpose, one step, one draft and half an hour; nothing else opens or writes anything."""

import hashlib
from itertools import product

import pytest
import time_machine
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer

import tokens
from models import Dossier, Draft, database
from tests.answers import PERSON, good
from tests.browser import Browser
from tests.dossiers import ticket_of
from tests.routes import Holder
from tests.test_every_route import everything
from tokens import BadToken, ExpiredToken, Ticket
from wizard.flows import FLOWS

KEY, OLD_KEY, FOREIGN_KEY = ("k" * 40, "o" * 40, "f" * 40)
TICKET = Ticket("draft-of-anna", "session-1", "declaration", 3)
OTHER = Ticket("draft-of-binh", "session-2", "photos", 7)
PURPOSES = {
    name.removeprefix("sign_"): (getattr(tokens, name), getattr(tokens, name.replace("sign_", "check_")))
    for name in dir(tokens)
    if name.startswith("sign_")
}
ALPHABET = "AZaz09-_"
STEPS = [step.name for step in FLOWS["adult"]]


def opens_of(flow: str) -> dict[str, tuple[str, str | None]]:
    """Which token opens which address: its purpose and, where it matters, its step."""
    second = FLOWS[flow][1].name
    return {
        f"GET /register/{flow}/review": ("page", None),
        f"GET /register/{flow}/{second}": ("page", None),
        f"GET /register/{flow}/confirm": ("page", None),
        f"GET /register/{flow}/continue": ("page", None),
        "GET /continue": ("transfer", None),
        "GET /receipt": ("receipt", None),
        "GET /receipt/form01.pdf": ("receipt", None),
        "GET /lookup/code": ("lookup", "code"),
        "GET /lookup/found": ("lookup", "found"),
        f"POST /register/{flow}/{second}": ("step", second),
        f"POST /register/{flow}/send-code": ("step", "send-code"),
        f"POST /register/{flow}/confirm": ("step", "confirm"),
        f"POST /register/{flow}/finish": ("step", None),
        f"POST /register/{flow}/continue": ("step", None),
        "POST /continue": ("transfer", None),
        "POST /lookup": ("step", "lookup"),
        "POST /lookup/code": ("step", "lookup-code"),
        "POST /lookup/finish": ("step", "found"),
        **({"POST /register/child/another": ("step", "receipt")} if flow == "child" else {}),
    }


def status_of(browser: Browser, address: str, token: str) -> int:
    """How the address answers whoever shows this token."""
    method, path = address.split()
    sent = {"query_string": {"t": token}} if method == "GET" else {"data": {**PERSON, "step_token": token}}
    return browser.client.open(path, method=method, **sent).status_code


@pytest.fixture(autouse=True)
def _keys():
    tokens.use((KEY,))


def is_accepted(purpose: str, token: str) -> bool:
    try:
        PURPOSES[purpose][1](token)
    except BadToken:
        return False
    return True


def tampered(token: str, other: str) -> set[str]:
    """The token changed in every way that leaves it looking like one; `other` is another one of the same purpose."""
    changed = {token[:at] + new + token[at + 1 :] for at in range(len(token)) for new in ALPHABET + ".="}
    changed |= {token[:at] for at in range(len(token))} | {token[at:] for at in range(1, len(token))}
    changed |= {token + end for end in (*ALPHABET, "=", "==", ".", "\0", "\n", " ", "é", token)}
    changed |= {start + token for start in (*ALPHABET, ".", " ", "\0")}
    changed |= {token.swapcase(), token.upper(), token[::-1], token.replace(".", ""), token.replace(".", "..")}
    ours, theirs = token.split("."), other.split(".")
    changed |= {".".join(pick) for pick in product(*zip(ours, theirs, strict=True))}
    return changed - {token, other}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_token_that_was_tampered_with_is_refused(purpose):
    sign = PURPOSES[purpose][0]
    token = sign(TICKET)
    variants = tampered(token, sign(OTHER))
    assert len(variants) > 1500
    assert is_accepted(purpose, token)
    assert [variant for variant in variants if is_accepted(purpose, variant)] == []


@pytest.mark.parametrize(
    "serializer",
    [
        URLSafeTimedSerializer(FOREIGN_KEY, salt="quay.step.v1", signer_kwargs={"digest_method": hashlib.sha256}),
        URLSafeTimedSerializer(
            FOREIGN_KEY, salt="quay.step.v1", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        ),
        URLSafeTimedSerializer(KEY, salt="quay.step.v1"),
        URLSafeTimedSerializer(
            KEY, salt="quay.step.v1", signer_kwargs={"key_derivation": "none", "digest_method": hashlib.sha256}
        ),
        URLSafeTimedSerializer(
            KEY, salt="itsdangerous", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        ),
        URLSafeSerializer(
            KEY, salt="quay.step.v1", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        ),
    ],
    ids=["foreign key", "foreign key, right method", "weaker hash", "key as it is", "other salt", "without a time"],
)
def test_a_token_signed_in_another_way_is_refused(serializer):
    assert not is_accepted("step", serializer.dumps([1, TICKET.id, TICKET.session, TICKET.step, 3, "n"]))


def test_a_payload_of_another_shape_or_version_is_refused_even_if_we_signed_it():
    serializer = tokens._serializer("step")
    version, *said = serializer.loads(tokens.sign_step(TICKET))
    strange = (None, 1, "x", [], [version], {"v": version}, [version + 1, *said], [version, *said, *said])
    assert is_accepted("step", serializer.dumps([version, *said]))
    assert not any(is_accepted("step", serializer.dumps(payload)) for payload in strange)


@pytest.mark.parametrize("nothing", ["", ".", "..", "a.b.c", "\0", "é.é.é", "." * 3000, "A" * 60_000])
def test_what_is_no_token_at_all_is_refused(nothing):
    assert not any(is_accepted(purpose, nothing) for purpose in PURPOSES)


def test_a_token_of_one_purpose_is_refused_for_all_others():
    accepted = {
        (made, used) for made, used in product(PURPOSES, PURPOSES) if is_accepted(used, PURPOSES[made][0](TICKET))
    }
    assert accepted == {(purpose, purpose) for purpose in PURPOSES}


def test_a_token_of_one_step_is_refused_for_all_others():
    names = [*STEPS, "send-code", "confirm", "receipt", "lookup", "lookup-code", "found"]
    for made, used in product(names, names):
        token = tokens.sign_step(Ticket("id", "session", made, 1))
        if made == used:
            assert tokens.check_step(token, used).step == made
        else:
            with pytest.raises(BadToken):
                tokens.check_step(token, used)


def test_no_step_bears_the_name_of_an_action():
    actions = {
        "",
        "review",
        "send-code",
        "confirm",
        "finish",
        "receipt",
        "lookup",
        "lookup-code",
        "found",
        "code",
        "transfer",
    }
    assert not actions & {step.name for flow in FLOWS.values() for step in flow}


def test_a_token_holds_nothing_personal_and_never_looks_the_same_twice():
    made = {tokens.sign_step(TICKET) for _ in range(50)}
    assert len(made) == 50
    assert tokens.check_step(made.pop()) == TICKET


@pytest.mark.parametrize(
    ("minutes", "outcome"),
    [(0, None), (29, None), (10, None), (31, ExpiredToken), (24 * 60, ExpiredToken), (-4, None), (-10, BadToken)],
)
def test_a_token_lives_half_an_hour_and_bears_a_clock_that_is_five_minutes_off(minutes, outcome):
    with time_machine.travel("2026-11-23 08:00", tick=False) as clock:
        token = tokens.sign_step(TICKET)
        clock.shift(minutes * 60)
        if outcome is None:
            assert tokens.check_step(token) == TICKET
        else:
            with pytest.raises(BadToken) as refusal:
                tokens.check_step(token)
            assert refusal.type is outcome


def test_an_old_key_is_accepted_while_it_is_listed_and_the_first_one_signs():
    tokens.use((OLD_KEY,))
    token = tokens.sign_step(TICKET)
    tokens.use((KEY, OLD_KEY))
    assert is_accepted("step", token)
    newer = tokens.sign_step(TICKET)
    tokens.use((KEY,))
    assert not is_accepted("step", token)
    assert is_accepted("step", newer)


# Through the pages


def kept() -> list[tuple]:
    """Every draft as it stands: any write at all would show."""
    with database.connection_context():
        rows = Draft.select().order_by(Draft.created_at, Draft.envelope)
        return [(row.envelope_id, row.session, row.revision, bytes(row.answers)) for row in rows]


def sessions_of_dossiers() -> list[str]:
    """What "Xong" would change."""
    with database.connection_context():
        return [row.session for row in Dossier.select().order_by(Dossier.id)]


def address(browser: Browser, name: str) -> str:
    return f"/register/adult/{name}?{browser.url.partition('?')[2]}"


def tokens_of_every_step(browser: Browser) -> dict[str, str]:
    """The hidden field of each step's page, of a draft that can be reviewed."""
    return {name: browser.open(address(browser, name)).token for name in STEPS}


def test_tampering_is_answered_by_the_same_page_whatever_was_changed(plain):
    plain.fill_until("declaration")
    before = kept()
    pages = set()
    for variant in sorted(tampered(plain.token, plain.token))[::60]:
        answer = plain.client.post("/register/adult/declaration", data={**PERSON, "step_token": variant})
        pages.add((answer.status_code, answer.data))
        answer = plain.client.get("/register/adult/declaration", query_string={"t": variant})
        pages.add((answer.status_code, answer.data))
    assert {status for status, _page in pages} == {403}
    assert len(pages) == 1
    assert kept() == before


@pytest.mark.parametrize("flow", FLOWS)
def test_no_address_takes_a_token_of_another_purpose(plain, flow):
    plain.fill_until("review", flow)
    ticket, before = tokens.check_step(plain.token), kept()
    steps = [*(step.name for step in FLOWS[flow]), "send-code", "confirm", "receipt", "lookup", "code", "found"]
    for (address, opens), purpose, step in product(opens_of(flow).items(), PURPOSES, steps):
        if purpose == opens[0] and opens[1] in {None, step}:
            continue
        token = PURPOSES[purpose][0](Ticket(ticket.id, ticket.session, step, ticket.revision))
        assert status_of(plain, address, token) == 403, (address, purpose, step)
    assert kept() == before


@pytest.fixture
def holders(app):
    """A parent and somebody for themselves, each with a draft and a dossier."""
    return {flow: Holder(f"091234560{number}", "Nguyễn Thị An-na", flow) for number, flow in enumerate(FLOWS)}


@pytest.mark.parametrize("flow", FLOWS)
def test_no_token_is_good_for_the_other_flow_nor_a_drafts_for_a_dossier(plain, holders, flow):
    """Every address × every purpose and step × draft or dossier, of this flow and of the other."""
    with database.connection_context():
        tickets = {
            (owner, kind): ticket
            for owner, holder in holders.items()
            for kind, ticket in (("draft", holder.draft.ticket()), ("dossier", ticket_of(holder.dossier)))
        }
    steps = {step.name for each in FLOWS.values() for step in each} | {"send-code", "confirm", "receipt"}
    # "Xong" closes the one or the other, and a repeated submission finds its receipt.
    of_both = {f"POST /register/{flow}/finish", f"POST /register/{flow}/confirm"}
    before = kept(), sessions_of_dossiers()
    for address, (wanted, only) in opens_of(flow).items():
        is_about_dossiers = "/receipt" in address or address.endswith("/another")
        if "/lookup" in address:
            continue
        for (owner, kind), purpose, step in product(tickets, PURPOSES, steps):
            # A receipt, and a draft that goes on to another device, are of a person rather than of a flow.
            belongs = owner == flow or address.split()[1].startswith(("/receipt", "/continue"))
            fits = address in of_both or (kind == "dossier") is is_about_dossiers
            if purpose == wanted and only in {None, step} and belongs and fits:
                continue
            ticket = tickets[owner, kind]
            token = PURPOSES[purpose][0](Ticket(ticket.id, ticket.session, step, ticket.revision))
            status = status_of(plain, address, token)
            assert status in {403, 409}, (address, owner, kind, purpose, step, status)
    assert (kept(), sessions_of_dossiers()) == before


DRAFT, DOSSIER = {"draft"}, {"dossier"}
# The addresses that belong to a person rather than to a flow: purpose, step, and what the token must be about.
OF_A_PERSON = {
    "GET /rights": ("rights", None, DRAFT | DOSSIER),
    "GET /rights/data": ("rights", None, DRAFT | DOSSIER),
    "GET /rights/data.json": ("rights", None, DRAFT | DOSSIER),
    "GET /rights/consents": ("rights", None, DRAFT | DOSSIER),
    "GET /rights/ask/correct": ("rights", None, DOSSIER),
    "GET /rights/delete-draft": ("rights", None, DRAFT),
    "GET /phone": ("handoff", None, DRAFT),
    "POST /rights/ask/correct": ("step", "rights-correct", DOSSIER),
    "POST /rights/delete-draft": ("step", "delete-draft", DRAFT),
    "POST /receipt/account": ("step", "receipt", DOSSIER),
    "POST /receipt/correct": ("step", "receipt", DOSSIER),
    "POST /phone": ("handoff", None, DRAFT),
}
# Those about photos and cards, which know their flow.
OF_PHOTOS = {
    "GET /register/{}/photos/phone": ("page", None, DRAFT),
    "GET /register/{}/photos/arrivals": ("page", None, DRAFT),
}
OF_CARDS = {
    "GET /register/{}/card": ("page", None, DRAFT),
    "POST /register/{}/card": ("step", "card", DRAFT),
    "POST /register/{}/card/choice": ("step", None, DRAFT),
}
ACTIONS = ["photos", "card", "confirm", "receipt", "rights", "rights-correct", "rights-delete", "delete-draft", "found"]


@pytest.mark.parametrize("flow", FLOWS)
def test_rights_corrections_photos_and_cards_take_only_tokens_that_were_made_for_them(plain, holders, flow):
    """Every address × every purpose and step × draft or dossier, of this flow and of the other."""
    with database.connection_context():
        tickets = {
            (owner, kind): ticket
            for owner, holder in holders.items()
            for kind, ticket in (("draft", holder.draft.ticket()), ("dossier", ticket_of(holder.dossier)))
        }
    of_flow = OF_PHOTOS | (OF_CARDS if flow == "adult" else {})
    addresses = OF_A_PERSON | {address.format(flow): opens for address, opens in of_flow.items()}
    before, opened = everything(), 0
    for address, (wanted, only, about) in addresses.items():
        for (owner, kind), purpose, step in product(tickets, PURPOSES, ACTIONS):
            belongs = owner == flow or address in OF_A_PERSON
            is_good = purpose == wanted and only in {None, step} and belongs and kind in about
            if is_good and address.startswith("POST"):
                continue
            ticket = tickets[owner, kind]
            token = PURPOSES[purpose][0](Ticket(ticket.id, ticket.session, step, ticket.revision))
            status = status_of(plain, address, token)
            assert status in ({200} if is_good else {403, 409}), (address, owner, kind, purpose, step, status)
            opened += is_good
    assert opened > 100 and everything() == before


@pytest.mark.parametrize("flow", FLOWS)
def test_a_draft_that_is_just_beginning_begins_in_no_other_flow(plain, flow):
    other = next(name for name in FLOWS if name != flow)
    token = plain.start(flow).token
    data = {**good("prepare"), "consent_processing": "y", "consent_forwarding": "y", "step_token": token}
    assert plain.client.post(f"/register/{other}/prepare", data=data).status_code == 403
    assert kept() == []
    assert plain.client.post(f"/register/{flow}/prepare", data=data).status_code == 303


def test_a_token_of_one_step_writes_no_other_step(plain):
    signed = tokens_of_every_step(plain.fill_until("review"))
    before = kept()
    for made, used in product(STEPS, STEPS):
        if made != used:
            data = {**good(used), "step_token": signed[made]}
            assert plain.client.post(f"/register/adult/{used}", data=data).status_code == 403
    for action in ("send-code", "confirm"):
        for made in STEPS:
            answer = plain.client.post(f"/register/adult/{action}", data={"code": "000000", "step_token": signed[made]})
            assert answer.status_code == 403
    assert kept() == before


def test_a_step_further_on_is_not_written_even_with_a_token_for_it(plain):
    plain.fill_until("declaration")
    ticket = tokens.check_step(plain.token)
    before = kept()
    for name in STEPS[2:]:
        token = tokens.sign_step(Ticket(ticket.id, ticket.session, name, ticket.revision))
        answer = plain.client.post(f"/register/adult/{name}", data={**good(name), "step_token": token})
        assert answer.status_code == 303 and "/declaration?" in answer.headers["Location"]
    assert kept() == before


def test_the_token_of_one_draft_never_touches_another(app):
    anna, binh = Browser(app).fill_until("declaration"), Browser(app).fill_until("declaration")
    before = {identity: row for identity, *row in kept()}
    token = anna.token
    anna.client.post(f"{binh.url}", data={**PERSON, "step_token": token})
    changed = {identity for identity, *row in kept() if before[identity] != row}
    assert changed == {tokens.check_step(token).id}
    binh.reload()
    assert binh.value("full_name") == ""
