"""Addresses and answers.

Whether a request wants a whole page or only the part that changed is decided here, once, from the request alone; no
view asks. A template begins `{% extends layout %}`.
"""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, current_app, request, url_for
from flask_babel.speaklater import LazyString
from htmx_flask import request as htmx_request

from services import preferences
from views import (
    brand,
    communes,
    errors,
    form01,
    guide,
    handoff,
    health,
    invitation,
    lookup,
    receipt,
    renewal,
    reports,
    rights,
    security,
    staff,
    states,
    transfer,
    wizard,
    words,
)

PAGE = "layouts/page.html"
FRAGMENT = "layouts/fragment.html"


def init_app(app: Flask) -> None:
    """Register every view, the error pages and what all templates may use."""
    for module in (
        guide,
        invitation,
        handoff,
        transfer,
        renewal,
        wizard,
        receipt,
        lookup,
        rights,
        communes,
        form01,
        health,
        brand,
        reports,
        staff,
    ):
        app.register_blueprint(module.bp)
    errors.init_app(app)
    security.init_app(app)
    app.context_processor(_for_templates)
    # A sentence that is translated late calls itself HTML, and would carry what somebody typed past the escaping.
    app.jinja_env.finalize = lambda value: str(value) if isinstance(value, LazyString) else value
    # Macros see only globals.
    app.jinja_env.globals.update(aria=aria, asset=asset)
    app.template_filter("state")(states.state)
    app.template_filter("data_uri")(words.data_uri)
    app.template_filter("moment")(words.moment)
    app.template_filter("day")(words.day)
    app.template_filter("lasting")(words.lasting)
    app.template_filter("phone")(words.phone)


def wants_fragment() -> bool:
    """Whether htmx asks for the changing part only; a restored history entry is a whole page."""
    htmx = htmx_request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def asset(name: str) -> str:
    """The address of a static file; it changes with the file, so that browsers may keep it for ever."""
    return url_for("static", filename=name, v=_fingerprint(Path(current_app.static_folder) / name))


def aria(field, more=None) -> dict:
    """The attributes that tie a field to its hint and its error, and whatever else it needs."""
    described = [f"{field.id}-hint"] * bool(field.description) + [f"{field.id}-error"] * bool(field.errors)
    attributes = {"aria-describedby": " ".join(described)} if described else {}
    return attributes | ({"aria-invalid": "true"} if field.errors else {}) | (more or {})


@cache
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def _for_templates() -> dict:
    kept = preferences.current()
    return {
        "layout": FRAGMENT if request and wants_fragment() else PAGE,
        "company": kept.company_name,
        "preferences": kept,
    }
