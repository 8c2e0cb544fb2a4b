"""What a request does before it answers: every query, hash and seal, counted. Two that do the same take as long."""

import re
import threading
from collections import Counter

import pytest

from models import database
from services import later, vault

SAVEPOINT = re.compile(r'"s[0-9a-f]{32}"')


def work_of(action) -> dict[str, int]:
    """How often the request asks the database, hashes, seals and unseals, in its own thread."""
    here, counted = threading.get_ident(), Counter()

    def counting(name, function):
        def call(*given, **named):
            if threading.get_ident() == here:
                counted[name(*given)] += 1
            return function(*given, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        engine = type(database.obj)
        patch.setattr(
            engine, "execute_sql", counting(lambda _self, sql, *_: SAVEPOINT.sub("", sql), engine.execute_sql)
        )
        for name in ("keyed_hash", "seal", "unseal", "seal_for_desk", "unseal_for_desk"):
            patch.setattr(vault, name, counting(lambda *_, name=name: name, getattr(vault, name)))
        action()
    later.settle()
    return dict(counted)
