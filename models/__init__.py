"""Tables, and the queries that have a name. No HTTP, no forms, no HTML."""

from models.database import close, database, forget_changes, is_postgresql, locked, take_turns, use
from models.tables import (
    TABLES,
    Attempt,
    Code,
    Dossier,
    Draft,
    Envelope,
    Event,
    Photo,
    Request,
    Setting,
    Staff,
    Unit,
    now,
)

__all__ = [
    "TABLES",
    "Attempt",
    "Code",
    "Dossier",
    "Draft",
    "Envelope",
    "Event",
    "Photo",
    "Request",
    "Setting",
    "Staff",
    "Unit",
    "close",
    "database",
    "forget_changes",
    "is_postgresql",
    "locked",
    "now",
    "take_turns",
    "use",
]
