"""Text that breaks programs, in every place that takes text: refused with a sentence, or kept and shown as it is."""

import json
import re
import unicodedata
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_babel import Babel
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

import tokens
from desk import dossiers as desk
from desk import requests
from desk.dossiers import Filters
from desk.requests import RIGHTS
from forms.agency import AgencyForm
from forms.base import Sources, tidy, tidy_lines
from forms.declaration import AS_TYPED, DeclarationForm
from models import Dossier, Request, database
from services import accounts, agencies, communes, finding
from services.requests import opened
from services.vietnamese import fold
from tests.answers import PERSON, good
from tests.browser import Browser
from tests.dossiers import file_one, ticket_of
from tokens import Ticket

LIST = Path(__file__).parents[2] / "shared" / "corpus" / "blns.txt"
OURS = ["\0", "a\0b", "\ud800", "e\u200b\u0301", "\u202eabc", "{{ 7*7 }}", "'; DROP TABLE dossier; --", "%s%n"]
WORDS = ("full_name", "address", "commune", "employee_code")
FIELDS = (*WORDS, "social_insurance_code", "id_number", "phone")
SOURCES = Sources(
    resolve_commune=communes.resolve,
    search_commune=communes.search,
    agencies=agencies.by_province(),
    default_agency="07407",
)


@pytest.fixture(scope="module")
def naughty() -> list[str]:
    """The strings of the big list that is kept beside the project, and some of ours."""
    if not LIST.exists():
        pytest.skip(f"no list of naughty strings at {LIST}")
    lines = LIST.read_text("utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")] + OURS


def sendable(text: str) -> str:
    """What a browser can send at all."""
    return text.encode("utf-8", "replace").decode()


def at_declaration(app) -> tuple[Browser, str]:
    """A draft that can be reviewed, and a token for the declaration that no later change makes stale."""
    plain = Browser(app).fill_until("review")
    ticket = tokens.check_step(plain.token)
    return plain, tokens.sign_step(Ticket(ticket.id, ticket.session, "declaration", 10**6))


def test_every_page_takes_or_refuses_every_string(app, naughty):
    plain, token = at_declaration(app)
    texts = [sendable(text) for text in naughty]
    answers = []
    for at in range(0, len(texts), len(WORDS)):
        # Each string in one of the fields here, and in all of them where the form alone is asked, below.
        words = dict(zip(WORDS, texts[at:], strict=False))
        data = {**PERSON, **words, "commune_code": AS_TYPED, "step_token": token}
        answers.append(plain.client.post("/register/adult/declaration", data=data).status_code)
        data |= dict(zip(FIELDS[::-1], texts[at:], strict=False))
        answers.append(plain.client.post("/register/adult/declaration", data=data).status_code)
    assert set(answers) == {303, 422}


def test_every_address_takes_or_refuses_every_string(app, naughty, sign_in):
    desk = sign_in().client
    addresses = ("/communes?commune=", "/staff/dossiers?q=", "/receipt?t=", "/staff/dossiers/", "/register/adult/")
    for address, text in zip(cycle(addresses), map(sendable, naughty), strict=False):
        answer = desk.get(address + quote(text, safe=""))
        assert answer.status_code in {200, 303, 308, 403, 404}, (address, ascii(text))
    with database.connection_context():
        reference = file_one("0912345601").reference
    for path in (f"{reference}%00", f"{reference}/photos/%00", f"{reference}/photos/..%2f..%2fdata.key"):
        assert desk.get(f"/staff/dossiers/{path}").status_code == 404


def test_the_list_bears_every_name_and_every_search(app, naughty):
    with database.connection_context():
        boss = accounts.add("boss", "một câu dễ nhớ", "admin")
        row = file_one("0912345601")
        for name in filter(None, (tidy(text)[:200] for text in naughty)):
            row.full_name, row.search_name = name, fold(name)[:200]
            row.save()
            finding.keep_name(row)
            assert Dossier.get().full_name == name
            found = desk.page(boss, Filters(name)).rows
            # Signs alone begin no word; digits alone may be taken for those of a code.
            assert found == ([row] if finding.words(name) else []) or re.sub(r"\W", "", name).isdecimal(), ascii(name)


def test_what_looks_like_markup_is_shown_as_text_to_the_applicant_and_to_hr(app, naughty, sign_in):
    plain, token = at_declaration(app)
    hr = sign_in().client
    suspicious = [text for text in naughty if re.search(r"<\w|\{\{|javascript:", text) and len(text) < 190]
    for number, text in enumerate(suspicious[::10]):
        name = f"Ước {text}"
        data = {**PERSON, "full_name": name, "address": text, "step_token": token}
        review = plain.client.post("/register/adult/declaration", data=data).headers["Location"]
        with database.connection_context():
            row = file_one(f"09{number:08}", full_name=tidy(name), address=tidy(text))
        for answer in (plain.client.get(review), hr.get(f"/staff/dossiers/{row.reference}"), hr.get("/staff/")):
            page = BeautifulSoup(answer.data, "lxml")
            assert tidy(name) in " ".join(page.get_text().split()), ascii(text)
            assert all(script["src"].startswith("/static/") for script in page.select("script"))
            assert not page.select(
                "iframe, object, embed, base, [href^='javascript' i], img:not([src^=data], [src^='/'])"
            )
            assert not [tag for tag in page.find_all(True) for attribute in tag.attrs if attribute.startswith("on")]


def test_a_request_takes_or_refuses_every_string_and_shows_it_as_text(app, naughty, sign_in):
    hr, own = sign_in().client, app.test_client()
    with database.connection_context():
        dossier = file_one("0912345601")
        ticket = ticket_of(dossier)
        number = requests.ask(dossier, RIGHTS["correct"], "").id
    mine, form = tokens.sign_rights(ticket), tokens.sign_step(replace(ticket, step="rights-correct"))
    for at, text in enumerate(map(sendable, [*naughty[::5], *OURS])):
        kept = tidy_lines(text)
        answer = own.post("/rights/ask/correct", data={"step_token": form, "words": text})
        assert answer.status_code == (303 if kept else 422), ascii(text)
        with database.connection_context():
            assert not kept or opened(Request.get()).words == kept
        if at % 4 or not kept:
            continue
        assert json.loads(own.get(f"/rights/data.json?t={mine}").data)["requests"][0]["words"] == kept
        for answer in (own.get(f"/rights?t={mine}"), hr.get(f"/staff/requests/{number}")):
            page = BeautifulSoup(answer.data, "lxml")
            assert " ".join(kept.split()) in " ".join(page.get_text().split()), ascii(text)
            assert not page.select("iframe, object, embed, base, main img, [href^='javascript' i]")
            assert all(script["src"].startswith("/static/") for script in page.select("script"))
            assert not [tag for tag in page.find_all(True) for attribute in tag.attrs if attribute.startswith("on")]


# The rules of single fields


@pytest.fixture(scope="module", autouse=True)
def _speaking():
    """What the words of a form need."""
    app = Flask("words")
    Babel(app, default_locale="vi")
    with app.test_request_context():
        yield


def declared(**changes) -> DeclarationForm:
    form = DeclarationForm(MultiDict({**PERSON, **changes}), sources=SOURCES)
    form.validate()
    return form


def accepted(field: str, text: str):
    """The tidy value, or None where it is refused."""
    form = declared(**{field: text})
    return None if form.errors else form.data[field]


def test_every_field_takes_or_refuses_every_string(naughty):
    for field in FIELDS:
        for text in [*naughty, "x" * 60_000, "1" * 60_000, "é " * 20_000]:
            form = declared(**{field: text}, commune_code=AS_TYPED)
            assert form.errors or tidy(form.data[field]) == form.data[field]


ONE_TEXT = st.one_of(st.text(max_size=60), st.text("0123456789 +-.(){}AZaz", max_size=20))


@given(field=st.sampled_from(FIELDS), text=ONE_TEXT, as_typed=st.booleans())
@settings(max_examples=300, deadline=None)
@example(field="full_name", text="Thie\u200b\u0302\u200b\u0323n", as_typed=False)
@example(field="full_name", text="a" * 199 + "\u0301\u0301", as_typed=False)
def test_any_text_is_taken_or_refused_and_what_was_taken_is_taken_again_unchanged(field, text, as_typed):
    form = declared(**{field: text}, **({"commune_code": AS_TYPED} if as_typed else {}))
    if form.errors:
        assert all(str(sentence).endswith(".") for sentences in form.errors.values() for sentence in sentences)
        return
    first = form.answer()
    again = declared(**{name: value for name, value in first.items() if name != "from_card"})
    assert {**again.answer(), "from_card": first["from_card"]} == first
    assert all(unicodedata.is_normalized("NFC", value) for value in first.values() if isinstance(value, str))


@given(email=st.one_of(st.text(max_size=40), st.emails(), st.text("ab@.-+\u0111 ", max_size=20)), copy=st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_email_is_taken_or_refused_and_what_was_taken_is_taken_again_unchanged(email, copy):
    values = {**good("agency"), "email": email, **({"email_copy": "y"} if copy else {})}
    form = AgencyForm(MultiDict(values), sources=SOURCES)
    if form.validate():
        again = AgencyForm(MultiDict({**values, "email": form.email.data}), sources=SOURCES)
        assert again.validate() and again.answer() == form.answer()


@given(st.text())
@settings(max_examples=300, deadline=None)
@example("e\u200b\u0301")
@example("\u1100\u200d\u1161")
def test_tidying_twice_changes_nothing_more(text):
    assert tidy(tidy(text)) == tidy(text)
    assert tidy_lines(tidy_lines(text)) == tidy_lines(text)
    assert tidy_lines(text).split() == tidy(text).split()
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in tidy(text))


@pytest.mark.parametrize(
    "typed",
    ["0912345678", "912345678", "84912345678", "+84912345678", "0912.345.678", "0912 345 678", "0912-345-678",
     "(+84) 912 345 678", " 0912345678 ", "+84 (0) 912 345 678", "0084912345678", "０９１２３４５６７８"],
)  # fmt: skip
def test_a_mobile_number_may_be_written_in_many_ways(typed):
    assert accepted("phone", typed) == "0912345678"


@pytest.mark.parametrize(
    "typed", ["091234567", "09123456789", "0112345678", "02838221234", "+12025550101", "0912345678 0912345679", "không"]
)
def test_other_numbers_are_refused(typed):
    assert accepted("phone", typed) is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0120878811", "0120878811"),
        ("012 087 8811", "0120878811"),
        ("HS4010120878811", "0120878811"),
        ("hs 4 01 0120 878 811", "0120878811"),
        ("HS-4-01-01208-78811", "0120878811"),
        ("074190001234", "074190001234"),
        ("074.190.001.234", "074190001234"),
        ("01208788110", None),
        ("012087881", None),
        ("HS0010120878811", None),
        ("4010120878811", None),
        ("HS40101208788١١", None),
        ("O120878811", None),
    ],
)
def test_a_social_insurance_code_has_10_15_or_12_characters(typed, kept):
    assert accepted("social_insurance_code", typed) == kept


@pytest.mark.parametrize(
    ("number", "remark"),
    [
        ("074190001234", ""),
        ("079203001234", ""),
        ("123456789", "CMND cũ"),
        ("07419000123", "11 số"),
        ("0741900012345", "13 số"),
        ("074399001234", "2099"),
        ("079923001234", "2323"),
        ("C1234567", ""),
        ("ab 123-456", ""),
    ],
)
def test_an_odd_id_number_is_remarked_upon_and_never_refused(number, remark):
    form = declared(id_number=number)
    assert not form.errors
    note = str(form.notes().get("id_number", ""))
    assert (remark in note) if remark else note == ""
