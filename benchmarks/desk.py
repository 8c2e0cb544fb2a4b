"""HR's pages with 100,000 dossiers, against the same with 1,000: front page, list, search, filters.

On SQLite, and on PostgreSQL where one can be started. Names, units, agencies and states are spread as in a company that
has been at it for years; each row is as heavy as a real one. A ratio of 2 and 60 ms are what each page may take; where
1,000 do not fill a page, the ratio is that of the rows as well, which are told. Times are the processor's: ours, and
those of PostgreSQL's process that works for us, where Linux tells them; nothing else on the machine disturbs these.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import islice, product
from pathlib import Path
from statistics import median

from benchmarks.harness import Compared
from benchmarks.installation import in_process
from models import Dossier, Unit, database, is_postgresql
from services import accounts, finding
from services.days import local
from services.vietnamese import fold
from tests.browser import Browser
from tests.dossiers import file_one
from tests.postgresql import CannotStart, Cluster

SMALL, LARGE = 1_000, 100_000
TIMES = 15
MOST_SECONDS = 0.060
PASSWORD = "một câu dễ nhớ"
CODE = "0120878811"
DAY = 24 * 60 * 60
# A dossier every quarter of an hour, day and night: some three years of them.
EVERY = 15 * 60

FAMILIES = ("Nguyễn",) * 8 + ("Trần", "Trần", "Lê", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Huỳnh")
MIDDLES = ("Thị", "Văn", "Thị Ngọc", "Hữu", "Thị Thanh", "Minh", "Thị Kim", "Quốc")
GIVEN = ("An", "Anh", "Bình", "Châu", "Dung", "Em", "Giang", "Hà", "Hoa", "Khánh", "Lan", "Mai", "Nhung", "Sơn", "Uyên")
# Most have their account long since.
STATES = ("issued",) * 92 + ("filed",) * 3 + ("submitted", "printed", "signed", "forwarded", "returned")
PAGES = (
    ("front page with funnel", "/staff/"),
    ("list", "/staff/dossiers"),
    ("list, a page in the middle", "/staff/dossiers?before={middle}"),
    ("name that half have", "/staff/dossiers?q=nguyen"),
    ("three words", "/staff/dossiers?q=nguyen+thi+nhung"),
    ("two frequent words, beginnings", "/staff/dossiers?q=ngu+th"),
    ("name that nobody has", "/staff/dossiers?q=khong+ai"),
    ("one rare name", "/staff/dossiers?q=ksor"),
    ("last digits of the code", "/staff/dossiers?q=8811"),
    ("the whole code", f"/staff/dossiers?q={CODE}"),
    ("state", "/staff/dossiers?status=returned"),
    ("overdue", "/staff/dossiers?status=overdue"),
    ("unit, agency and state", "/staff/dossiers?unit=3&agency=07401&status=issued"),
    ("name among a state", "/staff/dossiers?q=thi&status=returned"),
    ("a week of long ago", "/staff/dossiers?since={since}&until={until}"),
)


def measure() -> Iterator[str]:
    """Each page, on each database."""
    with ExitStack() as stack:
        yield from _measure("SQLite", stack)
    with ExitStack() as stack:
        try:
            cluster = Cluster.start()
        except CannotStart as problem:
            yield f"PostgreSQL: not measured ({problem})"
            return
        stack.callback(cluster.stop)
        yield from _measure("PostgreSQL", stack, QUAY_DATABASE_URL=cluster.new_database("quay"))


def _measure(name: str, stack: ExitStack, **environ: str) -> Iterator[str]:
    app, _folder = stack.enter_context(in_process(**environ))
    with database.connection_context():
        accounts.add("lan", PASSWORD, "department")
        first = file_one("0912345601", full_name="Ksor H'Nhung", social_insurance_code=CODE)
    client = Browser(app).open("/staff/sign-in").submit({"username": "lan", "password": PASSWORD}).client
    taken: dict[int, dict[str, tuple[list[float], int]]] = {}
    for size in (SMALL, LARGE):
        with database.connection_context():
            _grow(first, size)
            clock = _clock()
        oldest = local(first.submitted_at - LARGE * EVERY)
        days = {"since": oldest.date(), "until": (oldest + timedelta(days=7)).date()}
        taken[size] = {what: _times(client, path.format(middle=size // 2, **days), clock) for what, path in PAGES}
    for what, _path in PAGES:
        (large, rows), (small, fewer) = taken[LARGE][what], taken[SMALL][what]
        verdict = "" if median(large) <= MOST_SECONDS else "  SLOWER than 60 ms"
        yield Compared(large, small).row(f"{name}: {what}", f"{SMALL:,} dossiers; {rows} rows, {fewer}") + verdict


def _clock() -> Callable[[], float]:
    """Tells the seconds that the processor has worked for us."""
    if not is_postgresql():
        return time.thread_time
    (backend,) = database.execute_sql("SELECT pg_backend_pid()").fetchone()
    told = Path(f"/proc/{backend}/schedstat")
    if not told.exists():
        return time.perf_counter
    return lambda: time.thread_time() + int(told.read_text().split()[0]) / 1e9


def _times(client, path: str, clock: Callable[[], float]) -> tuple[list[float], int]:
    """How long the page takes, and how many rows it shows."""
    taken = []
    for _ in range(TIMES + 2):
        began_at = clock()
        answer = client.get(path)
        taken.append(clock() - began_at)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
    return taken[2:], answer.text.count("data-reference")


def _grow(first: Dossier, size: int) -> None:
    """Make it `size` dossiers, oldest first, each with its events."""
    row = Dossier.select().where(Dossier.id == first.id).dicts().get()
    units = [Unit.get_or_create(name=f"Xưởng May {number}")[0].id for number in range(1, 41)]
    begin = Dossier.select().count() + 1
    spread = islice(product(GIVEN, MIDDLES, FAMILIES, range(1_000)), LARGE * 50)
    names = [" ".join((family, middle, given)) for given, middle, family, _n in islice(spread, 0, None, 37)]
    rows, beginnings, events = [], [], []
    for number in range(begin, size + 1):
        name = names[number * 7919 % len(names)]
        status = STATES[number * 31 % len(STATES)]
        at = row["submitted_at"] - (LARGE - number) * EVERY
        rows.append((number, name, fold(name), status, units[number % 40], "07401" if number % 9 == 0 else "07407", at))
        words = finding.words(name)
        beginnings += [(each, number) for each in {word[:end] for word in words for end in range(1, len(word) + 1)}]
        # A third of them have been with the agency for too long.
        moves = [("submit", at), ("sign", at + DAY)] + [("file", at - 6 * DAY * (number % 3 == 0))] * (
            status in {"issued", "filed"}
        )
        events += [(number, seq, move, made) for seq, (move, made) in enumerate(moves, 1)]
    with database.atomic():
        _write(row, rows, beginnings, events)
    database.execute_sql("VACUUM ANALYZE" if is_postgresql() else "ANALYZE")


def _write(row: dict, rows: list, beginnings: list, events: list) -> None:
    same = (row["session"], row["phone_hash"], bytes(row["answers"]))
    _insert("envelope", ("id", "wrapped_key", "created_at"), [(f"e{each[0]}", b"x" * 60, 0) for each in rows])
    columns = ("id", "full_name", "search_name", "status", "unit_id", "agency_code", "submitted_at")
    more = ("session", "phone_hash", "answers", "reference", "envelope_id", "flow", "revision", "confirmed_by")
    hashes = ("social_insurance_hash", "social_insurance_tail")
    _insert(
        "dossier",
        (*columns, *more, *hashes),
        [
            (*each, *same, f"{each[0]:08}", f"e{each[0]}", "adult", 1, "sms", f"h{each[0]}", f"t{each[0] % 10_000}")
            for each in rows
        ],
    )
    _insert("name_prefix", ("prefix", "dossier_id"), beginnings)
    _insert("event", ("dossier_id", "seq", "move", "at", "who"), [(*each, "staff") for each in events])


def _insert(table: str, columns: tuple[str, ...], rows: list[tuple]) -> None:
    places = ", ".join([database.param] * len(columns))
    database.cursor().executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)
