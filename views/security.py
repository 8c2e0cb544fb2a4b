"""What every answer carries and every changing request must show, whichever view it belongs to."""

from io import BytesIO
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request
from htmx_flask.requests import HtmxAwareRequest

ORDINARY_BODY = 64 * 1024
# Three originals of a phone at once, when there is no script to shrink them.
PHOTO_BODY = 26 * 1024 * 1024
# Besides the step itself. "Xong" keeps the photos that were chosen on the page but not sent yet.
TAKES_PHOTOS = {
    "handoff.send",
    "transfer.begin",
    "wizard.finish",
    "wizard.read_card",
    "wizard.settle_card",
    "staff.change_company",
    "staff.read_pile",
    "staff.upload_official",
}
# A whole list, as `services.spreadsheets` reads it, and the form around it.
LIST_BODY = 16 * 1024 * 1024
TAKES_A_LIST = {"staff.upload_roster", "staff.upload_agencies"}
# A pasted list of 10,000 lines; a thousand ticked boxes.
LINES_BODY, LINES_PARTS = 1024 * 1024, 1100
TAKES_LINES = {"staff.enter_results", "staff.bulk", "staff.take_out"}
WHOLE_PLACE = {"HX-Retarget": "#main", "HX-Reswap": "innerHTML show:window:top", "HX-Reselect": "unset"}
TAKES_THE_PAGE = {400, 403, 404, 405, 409, 413, 429, 500, 503}
YEAR = 365 * 24 * 3600

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors {ancestors}"
)
HEADERS = {
    # Not no-referrer: that makes browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}


class Request(HtmxAwareRequest):
    """A request whose uploads stay in memory: a photo must not lie unencrypted in a temporary file."""

    def _get_file_stream(self, total_content_length, content_type, filename=None, content_length=None):
        return BytesIO()


def init_app(app: Flask) -> None:
    """Put the gates before and the headers after every view."""
    app.request_class = Request
    app.config["MAX_CONTENT_LENGTH"] = PHOTO_BODY
    app.config["MAX_FORM_PARTS"] = 60
    # Werkzeug also holds this against each piece of 64 KiB that it reads of a file, with what the last one left over.
    app.config["MAX_FORM_MEMORY_SIZE"] = 2 * ORDINARY_BODY
    app.before_request(_refuse_nul)
    app.before_request(_limit_body)
    app.before_request(_refuse_foreign)
    app.after_request(_headers)


def _refuse_nul() -> None:
    # No address of ours holds one, and PostgreSQL takes none in a text.
    if "\0" in request.path:
        abort(404)


def _limit_body() -> None:
    if request.endpoint in TAKES_A_LIST:
        request.max_content_length = request.max_form_memory_size = LIST_BODY
    elif request.endpoint in TAKES_LINES:
        request.max_content_length = request.max_form_memory_size = LINES_BODY
        request.max_form_parts = LINES_PARTS
    elif (request.view_args or {}).get("step_name") != "photos" and request.endpoint not in TAKES_PHOTOS:
        request.max_content_length = ORDINARY_BODY
    else:
        # Werkzeug counts what it holds of a file between two line ends, too: of an even picture that may be nearly all.
        request.max_form_memory_size = PHOTO_BODY


def _refuse_foreign() -> None:
    """Second gate after the token: a browser that says the request began on another site is refused."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        abort(403)
    origin = request.headers.get("Origin")
    if origin and origin.partition("://")[2] not in _our_hosts():
        abort(403)


def _our_hosts() -> set[str]:
    return {request.host, urlsplit(current_app.config["SETTINGS"].public_url).netloc} - {""}


def _headers(response):
    response.headers.setdefault("Content-Security-Policy", POLICY.format(ancestors=_ancestors()))
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.status_code in TAKES_THE_PAGE:
        # Where htmx asked for one part only, such a page has no such part: it takes the whole place.
        response.headers.extend(WHOLE_PLACE)
    if response.status_code == 303:
        # Nobody reads the note in a redirect, and a phone pays for it at every step.
        response.set_data(b"")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    if request.endpoint == "static" and response.status_code == 200 and "v" in request.args:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    elif request.endpoint != "static" or response.status_code >= 400:
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("HX-Request")
    return response


def _ancestors() -> str:
    origins = current_app.config["SETTINGS"].embed_origins
    if request.blueprint == "staff" or request.path.startswith("/staff") or not origins:
        return "'none'"
    return " ".join(("'self'", *origins))
