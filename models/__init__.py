"""Tables, and the queries that have a name. No HTTP, no forms, no HTML."""

from models import audit, batches, copies, desk, official, paper, roster, tables
from models.audit import Audit
from models.batches import Batch, BatchLine
from models.database import (
    close,
    damages,
    database,
    forget_changes,
    is_postgresql,
    locked,
    pending,
    take_turns,
    use,
)
from models.desk import Assistance, NamePrefix
from models.official import OfficialFetch, OfficialForm
from models.paper import Pile, PrintedSheet, Printing, ScannedSheet
from models.roster import Employee, Invitation, RosterPart, RosterUpload
from models.tables import (
    Attempt,
    Code,
    Dossier,
    Draft,
    Envelope,
    Event,
    FormerUnitName,
    ListedAgency,
    Message,
    Photo,
    RecoveryCode,
    Request,
    Setting,
    Staff,
    Unit,
    now,
)

TABLES = (
    *(*tables.TABLES, *audit.TABLES, *desk.TABLES, *roster.TABLES),
    *(*batches.TABLES, *paper.TABLES, *official.TABLES),
)

__all__ = [
    "TABLES",
    "Assistance",
    "Attempt",
    "Audit",
    "Batch",
    "BatchLine",
    "Code",
    "Dossier",
    "Draft",
    "Employee",
    "Envelope",
    "Event",
    "FormerUnitName",
    "Invitation",
    "ListedAgency",
    "Message",
    "NamePrefix",
    "OfficialFetch",
    "OfficialForm",
    "Photo",
    "Pile",
    "PrintedSheet",
    "Printing",
    "RecoveryCode",
    "Request",
    "RosterPart",
    "RosterUpload",
    "ScannedSheet",
    "Setting",
    "Staff",
    "Unit",
    "close",
    "copies",
    "damages",
    "database",
    "forget_changes",
    "is_postgresql",
    "locked",
    "now",
    "pending",
    "take_turns",
    "use",
]
