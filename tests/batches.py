"""Signed dossiers and the batches that hold them, for the tests of the desk."""

from desk import batches, way
from models import Batch, Dossier, Staff, database
from tests.dossiers import file_one

LETTERS = "ABCDEFGHIJ"


def clerk() -> Staff:
    """Somebody of the HR department."""
    return Staff.get(Staff.role == "department")


def signed(count: int = 3, **changes) -> list[Dossier]:
    """Dossiers whose signed paper is in; each with a name and a social insurance number of its own."""
    made = []
    with database.connection_context():
        for _ in range(count):
            number = Dossier.select().count() + 1
            given = {"full_name": f"Nguyễn Thị {LETTERS[number]}", "social_insurance_code": f"{number:010}"}
            row = file_one(f"09123456{number:02}", **{**given, **changes})
            made.append(way.move(clerk(), row, "sign", "submitted"))
    return made


def gathered(rows: list[Dossier]) -> Batch:
    """A batch that holds these dossiers."""
    with database.connection_context():
        return batches.gather(clerk(), rows).batches[0]


def filed(rows: list[Dossier]) -> Batch:
    """A batch of these dossiers that the agency has."""
    batch = gathered(rows)
    with database.connection_context():
        batches.file(clerk(), batch)
    return batch


def states(rows: list[Dossier]) -> list[str]:
    """Where these dossiers stand now."""
    with database.connection_context():
        return [Dossier.get_by_id(row.id).status for row in rows]
