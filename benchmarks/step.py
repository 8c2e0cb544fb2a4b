"""The answer to one step: token, form, sealing, one transaction and the redirect, against a bare Flask UPDATE.

Both go through their WSGI application in this process and commit to SQLite in the same folder (WAL, synchronous=FULL).
Every request brings the token of a revision of its own, signed before the clock runs. The baseline is sent the same
body and does not read it. How much of a time is the disk's differs from hour to hour, so the processor's time is
compared as well. The pages of a step are compared with a bare view that does one SELECT.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from flask import Flask, redirect
from werkzeug.test import EnvironBuilder

import tokens
from benchmarks.harness import compare, seconds
from benchmarks.installation import in_process
from models import Draft, database
from tests.answers import PERSON
from tests.browser import Browser
from tokens import Ticket

PAIRS = 20
REQUESTS = 10
ADDRESS = "/register/adult/declaration"


def measure() -> Iterator[str]:
    """The POST of a declaration; the pages of the declaration and of the review."""
    # The access log as it is when served, but to nowhere.
    with in_process() as (app, folder), Path(os.devnull).open("w") as nowhere:
        logging.getLogger("quay").addHandler(logging.StreamHandler(nowhere))
        logging.getLogger("quay").setLevel(logging.INFO)
        bare = _bare(folder / "bare.db")
        empty, full = _draft(app, "photos"), _draft(app, "review")
        encoding = _encoding_of_form(app, full)
        for ticket, what, clock in (
            (empty, "POST declaration", time.perf_counter),
            (empty, "POST declaration, the processor's time", time.thread_time),
            (full, "POST declaration, three photos there", time.perf_counter),
        ):
            ours, theirs = (partial(_post, each, ticket, encoding, clock) for each in (app, bare))
            yield compare(ours, theirs, PAIRS).row(what, "a bare UPDATE")
        for step in ("declaration", "review"):
            page, nothing = (partial(_get, each, full, step) for each in (app, bare))
            yield compare(page, nothing, PAIRS).row(f"GET {step}", "a bare SELECT")


def _bare(path: Path) -> Flask:
    """The least that can be done: one commit, or one row."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA synchronous = full")
    connection.execute("CREATE TABLE counter (id INTEGER PRIMARY KEY, value INTEGER)")
    connection.execute("INSERT INTO counter VALUES (1, 0)")
    app = Flask("bare")

    @app.post("/register/adult/<step>")
    def keep(step):
        connection.execute("UPDATE counter SET value = value + 1 WHERE id = 1")
        return redirect("/register/adult/photos", 303)

    @app.get("/register/adult/<step>")
    def show(step):
        return str(connection.execute("SELECT value FROM counter WHERE id = 1").fetchone()[0])

    return app


def _draft(app: Flask, step: str) -> Ticket:
    """What a token has to say of a draft that has come to this step."""
    page_token = Browser(app).fill_until(step).url.partition("t=")[2]
    return tokens.check_page(page_token)


def _encoding_of_form(app: Flask, ticket: Ticket) -> str:
    """How a browser would send the form."""
    page = Browser(app).open(f"{ADDRESS}?t={tokens.sign_page(ticket)}").page
    return page.select_one("main form[method=post]").get("enctype", "application/x-www-form-urlencoded")


def _post(app: Flask, ticket: Ticket, encoding: str, clock: Callable[[], float]) -> float:
    with database.connection_context():
        revision = Draft.get_by_id(ticket.id).revision
    bodies = [
        {
            **PERSON,
            "employee_code": f"NV{number}",
            "action": "continue",
            "step_token": tokens.sign_step(Ticket(ticket.id, ticket.session, "declaration", number)),
        }
        for number in range(revision, revision + REQUESTS)
    ]
    requests = [
        EnvironBuilder(ADDRESS, method="POST", data=body, content_type=encoding).get_environ() for body in bodies
    ]
    return seconds(partial(_ask, app, "303"), *requests, clock=clock)


def _get(app: Flask, ticket: Ticket, step: str) -> float:
    with database.connection_context():
        revision = Draft.get_by_id(ticket.id).revision
    tokens_of_pages = [tokens.sign_page(Ticket(ticket.id, ticket.session, "", revision)) for _ in range(REQUESTS)]
    requests = [
        EnvironBuilder(
            f"/register/adult/{step}", query_string={"t": token}, headers={"Accept-Encoding": "gzip, deflate, br"}
        ).get_environ()
        for token in tokens_of_pages
    ]
    return seconds(partial(_ask, app, "200"), *requests)


def _ask(app: Flask, status: str, environ: dict) -> bytes:
    """The whole answer, as a server would take it."""
    begun = []
    body = app(environ, lambda line, _headers, _problem=None: begun.append(line))
    try:
        whole = b"".join(body)
    finally:
        getattr(body, "close", lambda: None)()
    if not begun[0].startswith(status):
        raise RuntimeError(f"{environ['PATH_INFO']} answered {begun[0]}")
    return whole
