"""Dossiers by the dozen, made by the services that the pages use; their photos are small."""

from models import Code, Dossier, Employee, Envelope, Unit, database, is_postgresql, now
from services import codes, corrections, drafts, employees, finding, submissions
from services.drafts import Change
from services.photos import Photo
from tests.answers import KINDS, PARENT, PERSON, child, code_of, jpeg
from tokens import Ticket
from wizard.flows import FLOWS

JPEG = jpeg(320, 240)
# The step that asks about who is registered.
OWNER = {"adult": "declaration", "child": "child"}
CONSENT = {"version": "1", "text": "Tôi đồng ý."}


def fill(phone: str, flow: str = "adult", *, email: str = "", **changes) -> drafts.OpenDraft:
    """A draft that can be reviewed; what is changed goes to whichever step asks it. No parent's proof is fresh.

    With an `email` Form 01 is asked for there.
    """
    pictures = {kind: Photo(JPEG + kind.encode(), JPEG, 640, 480) for kind in KINDS[flow]}
    contact = {"phone": phone, "commune_code": "25966", "employee_code": ""}
    asked = {
        "prepare": {"consent_processing": CONSENT, "consent_forwarding": CONSENT},
        "declaration": {**PERSON, **contact},
        "guardian": {**PARENT, **contact, "proved_by": 0, "usual_agency": ""},
        "child": child(),
        "photos": None,
        "agency": {"agency": "07407", "email_copy": bool(email), "email": email},
    }
    # One person has one dossier.
    code = code_of(phone) if flow == "adult" else f"8{phone[-9:]}"
    for name, value in {"social_insurance_code": code, **changes}.items():
        asked["guardian" if flow == "child" and name == "unit" else OWNER[flow]][name] = value
    draft = drafts.begin(flow)
    for step in FLOWS[flow]:
        answer = asked[step.name]
        change = Change(answer) if answer else Change(photos=pictures, required=KINDS[flow])
        draft = drafts.save(draft.ticket(step.name), flow, change)
    return draft


def send_code(draft: drafts.OpenDraft, unit_id: int | None = None) -> str:
    """Have a code sent for submitting the draft, and read it as HR would."""
    codes.send(codes.Asker(draft.phone, "", unit_id), codes.SUBMIT, draft.id)
    return codes.pending(Code.live(now()).where(Code.subject == draft.id))[0].code


def file_one(phone: str, flow: str = "adult", **changes) -> Dossier:
    """A dossier of somebody with this phone."""
    draft = fill(phone, flow, **changes)
    return submissions.submit(draft.ticket("confirm"), list(draft.answers), send_code(draft))


def correct(dossier: Dossier) -> Dossier:
    """The dossier after its owner has sent it again with the same content."""
    draft = corrections.begin(ticket_of(dossier))
    forget_codes()
    return submissions.submit(draft.ticket("confirm"), list(draft.answers), send_code(draft))


def forget_codes() -> None:
    """As if a day had passed: a phone gets one code a minute."""
    Code.delete().execute()


def employ(code: str, name: str, unit: str = "", **known) -> Employee:
    """Put somebody on the roster."""
    unit_id = Unit.get_or_create(name=unit)[0].id if unit else None
    return Employee.create(**employees.values(code, name, unit_id, known))


def copies(dossier: Dossier, count: int) -> list[str]:
    """Rows that can be listed and found, though not opened; gives their references, oldest first."""
    first = Dossier.select().where(Dossier.id == dossier.id).dicts().get()
    keys = [f"copy {number}" for number in range(first["id"], first["id"] + count)]
    references = [f"{key[5:]:0>8}" for key in keys]
    Envelope.insert_many([{"id": key, "wrapped_key": b""} for key in keys]).execute()
    rows = zip(keys, references, strict=True)
    del first["id"]
    Dossier.insert_many([{**first, "envelope": key, "reference": reference} for key, reference in rows]).execute()
    for copy in Dossier.select().where(Dossier.reference.in_(references)):
        finding.keep_name(copy)
    return references


def ticket_of(dossier: Dossier) -> Ticket:
    """What the receipt's token says."""
    return submissions.open_dossier(dossier).ticket()


def refuse_every_dossier() -> None:
    """Make the database fail, in its own words, whenever a dossier is to be kept."""
    if is_postgresql():
        database.execute_sql("ALTER TABLE dossier ADD CONSTRAINT refused CHECK (full_name = '')")
    else:
        database.execute_sql(
            "CREATE TRIGGER refused BEFORE INSERT ON dossier BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )


def refuse_every_deletion() -> None:
    """Make the database fail when photos are to go, in the middle of deleting a registration."""
    if is_postgresql():
        database.execute_sql(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''refused''; END'"
        )
        database.execute_sql("CREATE TRIGGER refused BEFORE DELETE ON photo EXECUTE FUNCTION refuse()")
    else:
        database.execute_sql("CREATE TRIGGER refused BEFORE DELETE ON photo BEGIN SELECT RAISE(ABORT, 'refused'); END")
