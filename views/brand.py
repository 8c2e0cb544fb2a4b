"""The company's own colour and logo, at addresses that change with them, so that browsers may keep them for ever."""

from flask import Blueprint, Response, abort, request

from services import colours, preferences

bp = Blueprint("brand", __name__)

YEAR = 365 * 24 * 3600
# A logo is made for white paper.
FOR_LOGO = (
    ".brand img { height: 2.75rem; max-width: 8rem; padding: .25rem; object-fit: contain; background: #fff; "
    "border-radius: .375rem; }"
)


@bp.get("/brand.css")
def sheet():
    """Give the colour that is worn now, and the place of the logo; nothing where both are ours."""
    kept = preferences.current()
    rules = [colours.sheet(kept.accent)] if kept.accent else []
    rules += [FOR_LOGO] if kept.logo_version else []
    return _kept(Response("\n".join(rules), mimetype="text/css"), kept.brand_version)


@bp.get("/logo.jpg")
def logo():
    """Give the logo."""
    jpeg = preferences.logo() or abort(404)
    return _kept(Response(jpeg, mimetype="image/jpeg"), preferences.current().logo_version)


def _kept(response: Response, version: str) -> Response:
    is_current = bool(version) and request.args.get("v") == version
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if is_current else "no-store"
    return response
