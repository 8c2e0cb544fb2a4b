"""The people on the roster: kept sealed, found again, and what their declaration begins with."""

import json
from collections.abc import Iterable

from models import Employee, Unit, now
from services import vault
from services.drafts import employee_hash, phone_hash
from services.vietnamese import fold

# Besides code, name and unit. `birth_date` is ISO 8601; the others are written as their steps keep them.
DETAILS = ("social_insurance_code", "id_number", "phone", "address", "commune", "birth_date", "email")
# What the declaration can be filled with beforehand.
DECLARED = ("social_insurance_code", "id_number", "phone", "address", "commune")


def details(row: Employee) -> dict[str, str]:
    """What is known of an employee besides code, name and unit, unsealed; only what is known."""
    return json.loads(vault.unseal_for_desk(_field(row.code), row.details))


def values(code: str, full_name: str, unit_id: int | None, known: dict[str, str]) -> dict:
    """The columns of an employee of whom this is known."""
    sealed = json.dumps({name: known[name] for name in DETAILS if known.get(name)}).encode()
    return {
        "code": code,
        "code_hash": employee_hash(code),
        "unit": unit_id,
        "full_name": full_name,
        "search_name": fold(full_name)[:200],
        "phone_hash": phone_hash(known["phone"]) if known.get("phone") else None,
        "social_insurance_hash": _person_hash(known.get("social_insurance_code")),
        "id_number_hash": _person_hash(known.get("id_number")),
        "details": vault.seal_for_desk(_field(code), sealed),
        "updated_at": now(),
    }


def by_code(codes: Iterable[str]) -> dict[str, Employee]:
    """The employees who bear these codes."""
    return {row.code: row for row in Employee.select().where(Employee.code.in_(list(codes)))}


def declaration(row: Employee) -> dict[str, str]:
    """What the declaration of this employee begins with; every field of it is still to be checked by them."""
    known = details(row)
    begun = {name: known[name] for name in DECLARED if name in known}
    unit = {"unit": row.unit.name} if row.unit else {}
    return {"full_name": row.full_name, **begun, **unit, "employee_code": row.code}


def unit_of(code: str) -> str:
    """The name of the unit of whoever bears this code, however it was written; empty where nobody does."""
    hashed = employee_hash(code)
    unit = Unit.select().join(Employee).where(Employee.code_hash == hashed).first() if hashed else None
    return unit.name if unit else ""


def _person_hash(number: str | None) -> str | None:
    """How a dossier's social insurance code is kept; the personal number may be declared in its place."""
    return vault.keyed_hash("social insurance", number) if number else None


def _field(code: str) -> str:
    return f"employee.{code}"
