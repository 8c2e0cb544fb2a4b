"""The company's own colour, as a stylesheet whose address changes with it."""

from flask import Blueprint, Response, request

from services import colours, preferences

bp = Blueprint("brand", __name__)

YEAR = 365 * 24 * 3600


@bp.get("/brand.css")
def sheet():
    """Give the colour that is worn now; nothing where it is ours."""
    accent = preferences.current().accent
    is_current = bool(accent) and request.args.get("v") == accent.removeprefix("#")
    return _kept(Response(colours.sheet(accent) if accent else "", mimetype="text/css"), is_current)


def _kept(response: Response, is_current: bool) -> Response:
    """An answer that may be kept for ever if its address names what is current."""
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if is_current else "no-store"
    return response
