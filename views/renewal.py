"""More time for a page on which somebody is still at work, when they ask for it.

A page that was left open ends by itself, and what it must say then is fetched only when its end is near.
"""

from flask import Blueprint, jsonify, render_template, request

import tokens
from tokens import BadToken

bp = Blueprint("renewal", __name__)


@bp.get("/idle")
def warning():
    """The question whether somebody is still there, and what takes the page's place if nobody answers."""
    return render_template("idle.html")


@bp.get("/renew")
def renew():
    """The page's own tokens, each signed anew; nothing is written, and nothing on the page changes.

    A draft that was put away meanwhile stays so: its tokens name a session that is over.
    """
    old = request.args.getlist("t")
    if not old:
        raise BadToken("none")
    return jsonify({token: tokens.renew(token) for token in old})
