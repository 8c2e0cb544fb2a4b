"""What the desk keeps, and what may become of it by one request; whatever else happens is a fault.

Written without the code that it judges: it reads tables and answers, and knows the flows, the graph of moves and the
law about children's consents only by what is declared.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import tokens
from desk.way import MOVES
from models import Dossier, Draft, Envelope, Photo, now
from services import history, submissions, vault
from services.drafts import phone_hash
from tests.answers import KINDS
from tokens import Ticket
from wizard.flows import FLOWS
from wizard.journey import Journey

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
CODE_LIVES, PROOF_LIVES = 5 * 60, 30 * 60
# These put a draft together from what is known already, or open it again: no page of it is answered.
MAKES_DRAFTS = ("/receipt/correct", "/register/child/another")
# What is typed is kept as it is in these.
PLAIN = ("address", "full_name", "guardian_full_name", "relation", "email")


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft: its answers, what was typed, when each part was changed, and a digest of each photo."""

    flow: str
    session: str
    phone_hash: str | None
    revision: int
    updated_at: int
    answers: dict
    typed: dict
    changed: dict
    photos: dict


@dataclass(frozen=True, slots=True)
class KeptDossier:
    """A dossier and its events: number, who, which move."""

    reference: str
    flow: str
    envelope: str
    status: str
    revision: int
    phone_hash: str
    events: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """All drafts by id and all dossiers by their key."""

    drafts: dict[str, KeptDraft]
    dossiers: dict[int, KeptDossier]


class World:
    """Takes note of every request and judges what came of it; `seen` counts what happened."""

    def __init__(self):
        self.kept = Kept({}, {})
        self.codes: dict[str, tuple[str, int]] = {}
        self.proofs: dict[str, int] = {}
        self.seen = Counter()

    def forget(self) -> None:
        """Begin with nothing; what was seen stays counted."""
        self.kept, self.codes, self.proofs = Kept({}, {}), {}, {}

    def hear(self, messages: list[dict]) -> None:
        """Read the messages that have arrived: the phone's newest code, and when it came."""
        for message in messages:
            code = next(word.strip(".,:") for word in message["text"].split() if word.strip(".,:").isdigit())
            if self.codes.get(message["to"], ("", 0))[0] != code:
                self.codes[message["to"]] = (code, now())

    def purged(self) -> None:
        """Take note of a purge: only drafts that nobody touched for two weeks may be gone."""
        before, after = self.kept, _read(self.kept)
        assert after.dossiers == before.dossiers, "a purge leaves every dossier"
        for identity, draft in before.drafts.items():
            if identity not in after.drafts:
                assert draft.updated_at < now() - 14 * 24 * 60 * 60
                self.seen["drafts lapsed"] += 1
        self.kept = after

    def answered(self, method: str, url: str, data: dict, answer) -> None:
        """Judge the answer to a request, and what it has changed."""
        path, status = urlsplit(url).path, answer.status_code
        self.seen["requests"] += 1
        self.seen[f"{method} {status}"] += 1
        assert status < 500, f"{method} {path} ended in {status}"
        before, after = self.kept, _read(self.kept)
        if method == "GET":
            assert after == before, f"GET {path} has written"
            return
        self.kept = after
        ticket = _ticket(data.get("step_token", ""))
        self._note_proof(path, data)
        if status == 409 and ticket and ticket.id in after.drafts:
            self.seen["told of another tab or an old page"] += 1
        if status == 303 and path.endswith("/receipt/correct"):
            self.seen["corrections begun"] += 1
        for identity in before.drafts.keys() | after.drafts.keys():
            self._judge_draft(path, ticket, identity, before, after)
        for key in before.dossiers.keys() | after.dossiers.keys():
            self._judge_dossier(path, ticket, key, before, after)
        if path.endswith("/confirm") and "/receipt?" in answer.headers.get("Location", ""):
            kept = [dossier for dossier in after.dossiers.values() if dossier.envelope == ticket.id]
            assert len(kept) == 1, "what was acknowledged is there, once"
            self.seen["acknowledgements"] += 1
        if status == 303 and data.get("action") == "continue" and ticket and ticket.id in after.drafts:
            _judge_answer(data, ticket, before.drafts.get(ticket.id), after.drafts[ticket.id])

    def _note_proof(self, path: str, data: dict) -> None:
        if "code" not in data or not path.endswith(("/confirm", "/guardian")):
            return
        for phone, (code, came_at) in self.codes.items():
            if data["code"] == code and now() - came_at <= CODE_LIVES:
                self.proofs[phone_hash(phone)] = now()

    def _judge_draft(self, path: str, ticket: Ticket | None, identity: str, before: Kept, after: Kept) -> None:
        old, new = before.drafts.get(identity), after.drafts.get(identity)
        if new is None:
            self._judge_end(path, ticket, identity, old, after)
        elif old is None:
            first = FLOWS[new.flow][0].name
            assert path.endswith(MAKES_DRAFTS) or (ticket.id == identity and path.endswith(f"/{first}"))
            self.seen["drafts begun"] += 1
        elif (old.answers, old.typed, old.photos) != (new.answers, new.typed, new.photos):
            if not path.endswith(MAKES_DRAFTS):
                assert ticket is not None and ticket.id == identity, f"{path} wrote into another draft"
                _judge_write(ticket, old, new)
            self.seen["answers kept"] += 1

    def _judge_end(self, path: str, ticket: Ticket | None, identity: str, old: KeptDraft, after: Kept) -> None:
        if path.endswith("/confirm"):
            assert identity == ticket.id
            assert any(dossier.envelope == identity for dossier in after.dossiers.values())
        elif path.endswith("/finish"):
            assert identity == ticket.id and old.phone_hash is None, "what a phone brings back is not thrown away"
        else:
            assert path.endswith(("/delete-draft", "/carry-out")), f"{path} threw a draft away"
            self.seen["drafts deleted"] += path.endswith("/delete-draft")

    def _judge_dossier(self, path: str, ticket: Ticket | None, key: int, before: Kept, after: Kept) -> None:
        old, new = before.dossiers.get(key), after.dossiers.get(key)
        if new is None:
            assert path.endswith("/carry-out"), f"{path} threw a dossier away"
            self.seen["dossiers deleted"] += 1
            return
        if new == old:
            return
        _judge_way(new, old)
        if old is None or new.revision != old.revision:
            assert path.endswith("/confirm") and new.envelope == ticket.id, "nothing is filed but by its own page"
            assert ticket.id in before.drafts, "nothing is filed twice"
            assert now() - self.proofs.get(new.phone_hash, 0) <= PROOF_LIVES, "the phone was proved"
            _judge_content(key, new)
            self.seen[f"{new.flow}s submitted" if old is None else f"{new.flow}s corrected"] += 1
        else:
            assert new.envelope == old.envelope
            self.seen["moves"] += 1


def _judge_write(ticket: Ticket, old: KeptDraft, new: KeptDraft) -> None:
    """Only the page's own step, and only what was not changed since the page was shown."""
    steps = {*old.answers, *old.typed, *new.answers, *new.typed}
    changed = {step for step in steps if _of(old, step) != _of(new, step)}
    assert changed <= {ticket.step}, "another step was written"
    kinds = {kind for kind in old.photos.keys() | new.photos.keys() if old.photos.get(kind) != new.photos.get(kind)}
    parts = [f"photos.{kind}" for kind in kinds] or list(changed)
    for part in parts:
        assert old.changed.get(part, [0])[0] <= ticket.revision, f"{part} was overwritten unseen"


def _judge_answer(data: dict, ticket: Ticket, old: KeptDraft | None, new: KeptDraft) -> None:
    """What was accepted is kept as it was sent."""
    if old and not Journey(FLOWS[old.flow], old.answers).can_visit(_step(old.flow, ticket.step)):
        return
    for field in PLAIN:
        if field in data and field in new.answers.get(ticket.step, {}):
            assert new.answers[ticket.step][field] == data[field], f"{field} is not what was sent"


def _judge_way(new: KeptDossier, old: KeptDossier | None) -> None:
    """From its beginning every event is an edge of the graph, and the last one leads to where the dossier is."""
    assert old is None or (new.reference, new.flow) == (old.reference, old.flow)
    assert old is None or new.events[: len(old.events)] == old.events, "what has happened has happened"
    status = ""
    for number, (seq, who, name) in enumerate(new.events, 1):
        move = MOVES[name]
        assert seq == number and status in move.sources, f"{name} leads nowhere from {status!r}"
        assert (who == "applicant") is (name in {"submit", "resubmit", "confirm"})
        status = move.target
    assert status == new.status
    assert new.revision == sum(name in {"submit", "resubmit"} for _seq, _who, name in new.events)


def _judge_content(key: int, dossier: KeptDossier) -> None:
    """All steps, both consents, all photos; of a child a parent and, from seven years, its own consent."""
    answers = submissions.open_dossier(Dossier.get_by_id(key)).answers
    assert list(answers) == [step.name for step in FLOWS[dossier.flow]]
    consents = [answers["prepare"][name] for name in ("consent_processing", "consent_forwarding")]
    assert all(consent["text"] and consent["version"] for consent in consents)
    kinds = {row.kind for row in Photo.select(Photo.kind).where(Photo.envelope == dossier.envelope)}
    assert kinds == set(KINDS[dossier.flow])
    if dossier.flow != "child":
        return
    for name in ("guardian_full_name", "guardian_social_insurance_code", "guardian_id_number", "phone", "address"):
        assert answers["guardian"][name], name
    day, month, year = map(int, answers["child"]["birth_date"].split("/"))
    today = datetime.fromtimestamp(now(), VIETNAM).date()
    assert date(year, month, day) <= today
    years = today.year - year - ((today.month, today.day) < (month, day))
    assert years < 18, "who is of age registers as adults do"
    assert ("consent_child" in answers["child"]) is (years >= 7), f"{years} years"


def _of(draft: KeptDraft, step: str) -> tuple:
    return draft.answers.get(step) if step != "photos" else None, draft.typed.get(step)


def _step(flow: str, name: str):
    return next((step for step in FLOWS[flow] if step.name == name), None)


def _ticket(token: str) -> Ticket | None:
    """What the token says, however old it is."""
    for purpose in ("step", "handoff"):
        sure, payload = tokens._serializer(purpose).loads_unsafe(token)
        if sure:
            return Ticket(*payload[1:-1])
    return None


def _read(last: Kept) -> Kept:
    """What is kept now; what has not changed since `last` is not unsealed again."""
    drafts = {}
    for row in Draft.select():
        old = last.drafts.get(row.envelope_id)
        mark = (row.session, row.phone_hash, row.revision, row.updated_at)
        is_old = old and mark == (old.session, old.phone_hash, old.revision, old.updated_at)
        drafts[row.envelope_id] = old if is_old else _draft(row)
    return Kept(drafts, {row.id: _dossier(row) for row in Dossier.select()})


def _draft(row: Draft) -> KeptDraft:
    state = json.loads(vault.unseal(row.envelope, "draft.answers", row.answers))
    photos = {each.kind: sha256(each.image).digest() for each in Photo.select().where(Photo.envelope == row.envelope)}
    told = (state["answers"], state["typed"], state["changed"], photos)
    return KeptDraft(row.flow, row.session, row.phone_hash, row.revision, row.updated_at, *told)


def _dossier(row: Dossier) -> KeptDossier:
    envelope = Envelope.get_by_id(row.envelope_id)
    events = tuple((entry.seq, entry.who, entry.move) for entry in history.entries(row))
    return KeptDossier(row.reference, row.flow, envelope.id, row.status, row.revision, row.phone_hash, events)
