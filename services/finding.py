"""By what HR's search finds a dossier: the beginnings of the words of its name, and keyed hashes of its code.

Each beginning is a row of its own, in the order of the dossiers, so that a page of fifty is read off the index
whatever the number of dossiers; a wildcard or a search within a text would read them all.
"""

import re

from models import Dossier, NamePrefix
from services import vault
from services.vietnamese import fold

LONGEST = 20
TAIL = 4


def words(text: str) -> list[str]:
    """The words of a name or of what is searched for: without accents, cut off where no name differs any more."""
    return list(dict.fromkeys(word[:LONGEST] for word in re.findall(r"[^\W_]+", fold(text))))


def keep_name(dossier: Dossier) -> None:
    """Let the dossier be found by its present name, and by no earlier one; in the transaction that writes it."""
    beginnings = {word[:end] for word in words(dossier.full_name) for end in range(1, len(word) + 1)}
    NamePrefix.delete().where(NamePrefix.dossier == dossier).execute()
    if beginnings:
        rows = [(beginning, dossier.id) for beginning in sorted(beginnings)]
        NamePrefix.insert_many(rows, (NamePrefix.prefix, NamePrefix.dossier)).execute()


def tail_hash(code: str) -> str:
    """How the last `TAIL` digits of a code are kept and found."""
    return vault.keyed_hash("social insurance tail", code[-TAIL:])


def names_of(prefix: str, limit: int) -> list[int]:
    """At most `limit` ids of dossiers with a word that begins so."""
    rows = NamePrefix.select(NamePrefix.dossier).where(NamePrefix.prefix == prefix).limit(limit)
    return [number for (number,) in rows.tuples()]
