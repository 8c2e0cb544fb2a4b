"""The boxes beside the dossiers of a list, and what can be done with those that are ticked."""

from flask import g, request
from flask_babel import lazy_gettext as _l

from desk import bulk, way
from desk.bulk import Seen
from services import history
from views.states import BUTTONS

BATCH = "batch"


def choices() -> list[tuple[str, str]]:
    """What this account may do with many dossiers: a name, and the words of it."""
    moves = [(move.name, BUTTONS[move.name]) for move in bulk.moves_for(g.staff)]
    return [*moves, (BATCH, _l("Lập đợt nộp cơ quan BHXH"))] if g.staff.role in way.DEPARTMENT_AND_ADMIN else moves


def ticks(rows) -> dict[int, str]:
    """By the id of each dossier: what its box says when it is ticked, which is how the page showed it."""
    seqs = history.last_seqs(rows)
    return {row.id: f"{row.reference}.{row.status}.{seqs.get(row.id, 0)}" for row in rows}


def ticked() -> list[Seen]:
    """The dossiers whose boxes were ticked; what is no such box is passed over."""
    parts = (value.split(".") for value in request.form.getlist("chosen"))
    return [
        Seen(each[0], each[1], int(each[2]))
        for each in parts
        if len(each) == 3 and each[2].isascii() and each[2].isdigit() and len(each[2]) < 10
    ]
