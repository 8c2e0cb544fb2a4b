"""Who may open what: every address stands in one list of `tests/routes.py`, and each person gets what it says."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from models import TABLES, Audit, Dossier, Draft, Photo, database
from services import accounts
from tests import routes
from tests.browser import Browser
from tests.routes import ADMIN, CALLED, DEPARTMENT, OPEN_STAFF, PUBLIC, STAFF, WITH_TOKEN, Holder, asked, good_post
from wizard.flows import FLOWS

LISTS = (PUBLIC, set(WITH_TOKEN), STAFF, ADMIN, DEPARTMENT, OPEN_STAFF)
STATIC = "GET /static/<path:filename>"
GETS = sorted(route for each in LISTS for route in each if route.startswith("GET"))
POSTS = sorted(
    (route for each in LISTS for route in each if route.startswith("POST")),
    # What ends the administrator's session, or the account itself, comes last.
    key=lambda post: ("first" in post, "sign-out" in post, post),
)
PEOPLE = ("anonymous", "anna", "binh", "other unit", "own unit", "department", "admin")
# Pages of the desk that are about nobody in particular; each account sees there what is its own to see.
OF_MANY = {
    f"GET /staff/{name}" for name in ("", "codes", "messages", "outside", "requests", "dossiers", "dossiers.xlsx")
}
# Not for the HR of a unit.
BATCHES = {route for route in STAFF if "/staff/batches" in route}
# What each of PEOPLE is answered when they ask for what is Anna's.
ACCESS = {
    **dict.fromkeys(PUBLIC, "200 200 200 200 200 200 200"),
    # Where none was set.
    "GET /logo.jpg": "404 404 404 404 404 404 404",
    "GET /form01/official.pdf": "404 404 404 404 404 404 404",
    # Binh's token opens Binh's own pages: the address holds nothing of Anna's.
    **dict.fromkeys(WITH_TOKEN, "403 200 200 403 403 403 403"),
    **dict.fromkeys(sorted(STAFF), "303 303 303 404 200 200 200"),
    **dict.fromkeys(OF_MANY, "303 303 303 200 200 200 200"),
    **dict.fromkeys(sorted(route for route in STAFF if "/account" in route), "303 303 303 200 200 200 200"),
    **dict.fromkeys(sorted(ADMIN), "303 303 303 403 403 403 200"),
    "GET /staff/roster/slips.pdf": "303 303 303 404 200 200 200",
    **dict.fromkeys(
        ("GET /staff/roster", "GET /staff/roster/people", "GET /staff/roster/people.xlsx"),
        "303 303 303 200 200 200 200",
    ),
    **dict.fromkeys(sorted(DEPARTMENT), "303 303 303 403 403 200 200"),
    # Nobody was picked.
    "GET /staff/roster/remove": "303 303 303 403 403 404 404",
    # Made up: whoever uploads a list has an address of their own.
    "GET /staff/roster/import/<key>": "303 303 303 403 403 404 404",
    **dict.fromkeys(sorted(BATCHES), "303 303 303 404 404 200 200"),
    "GET /staff/bulk/<move_name>": "303 303 303 200 200 200 200",
    "GET /staff/form01": "303 303 303 200 200 200 200",
    "GET /staff/paper": "303 303 303 200 200 200 200",
    "GET /staff/paper/unsigned": "303 303 303 200 200 200 200",
    **dict.fromkeys(sorted(route for route in STAFF if "/paper/p" in route), "303 303 303 404 200 200 200"),
    "GET /staff/sign-in": "200 200 200 200 200 200 200",
    # Without the password before it there is nothing to add a code to.
    "GET /staff/sign-in/code": "303 303 303 303 303 303 303",
    "GET /staff/first/<token>": "404 404 404 404 404 404 404",
}


@pytest.fixture(params=FLOWS)
def anna(app, request):
    return Holder("0912345601", "Nguyễn Thị An-na", request.param)


@pytest.fixture
def binh(app, anna):
    return Holder("0912345602", "Trần Văn Bình-ca", anna.flow)


@pytest.fixture
def sign_in(app):
    """A client that is signed in."""

    def enter(role: str, username: str = ""):
        username = username or role
        with database.connection_context():
            accounts.add(username, routes.PASSWORD, role)
        return Browser(app).open("/staff/sign-in").submit({"username": username, "password": routes.PASSWORD}).client

    return enter


def everything() -> dict[str, list]:
    """Every row of every table but the audit log, which grows with every look at somebody's data."""
    with database.connection_context():
        return {
            table.__name__: [
                tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
                for row in table.select().order_by(*table._meta.get_primary_keys()).tuples()
                if "audit_head" not in row
            ]
            for table in TABLES
            if table is not Audit
        }


def test_every_route_stands_in_exactly_one_list(app):
    listed = [route for each in (*LISTS, CALLED) for route in each]
    assert sorted(listed) == sorted(routes.routes(app))


def test_each_person_is_answered_as_the_table_says(app, anna, binh, sign_in):
    clients = dict.fromkeys(("anonymous", "anna", "binh"), app.test_client())
    clients |= {"department": sign_in("department"), "admin": sign_in("admin")}
    with database.connection_context():
        for name, unit in (("other", routes.OTHER_UNIT), ("own", routes.UNIT)):
            accounts.add(f"{name}.unit", routes.PASSWORD, "unit", unit)
    for name in ("other", "own"):
        desk = Browser(app).open("/staff/sign-in")
        clients[f"{name} unit"] = desk.submit({"username": f"{name}.unit", "password": routes.PASSWORD}).client
    answered = {}
    for route in asked(GETS, anna.flow):
        for person, expected in zip(PEOPLE, ACCESS[route].split(), strict=True):
            holder = {"anna": anna, "binh": binh}.get(person)
            query = {"t": holder.token(WITH_TOKEN[route])} if holder and route in WITH_TOKEN else {}
            answer = clients[person].get(routes.address(route, anna), query_string=query)
            answered[route] = f"{answered.get(route, '')} {answer.status_code}".strip()
            body = answer.data
            answer.close()
            if expected != "200" or person in {"anonymous", "binh", "other unit"}:
                for secret in (anna.name, anna.phone, anna.dossier.reference):
                    assert secret.encode() not in body, (route, person)
                assert not body.startswith(b"\xff\xd8\xff"), (route, person)
    assert answered == {route: ACCESS[route] for route in asked(GETS, anna.flow)}


def test_no_get_writes_to_the_database(app, anna, sign_in):
    client = sign_in("admin")
    for route in set(GETS) - {"GET /healthz", STATIC}:
        query = {"t": anna.token(WITH_TOKEN[route])} if route in WITH_TOKEN else {}
        before = everything()
        for method in ("GET", "HEAD", "OPTIONS"):
            client.open(routes.address(route, anna), method=method, query_string=query)
        assert everything() == before, route


@pytest.mark.parametrize("kind", ["plain", "htmx"])
def test_every_page_keeps_the_house_rules(app, anna, sign_in, kind):
    browser = Browser(app, htmx=kind == "htmx")
    browser.client = sign_in("admin")
    for route in asked(set(GETS) - {"GET /communes", "GET /idle", STATIC}, anna.flow):
        token = f"?t={anna.token(WITH_TOKEN[route])}" if route in WITH_TOKEN else ""
        status = int(ACCESS[route].split()[1 if route in WITH_TOKEN else -1])
        browser.open(routes.address(route, anna) + token, 200 if status == 303 else status)


FORGERIES = {
    "without a token": ({"step_token": "", "csrf_token": ""}, {}),
    "with a made-up token": ({"step_token": "WzFd.aaaaaa.bbbb", "csrf_token": "IjAi.aaaaaa.bbbb"}, {}),
    "from another site": ({}, {"Origin": "https://evil.example"}),
    "from our name on another port": ({}, {"Origin": "http://localhost:81"}),
    "from nowhere": ({}, {"Origin": "null"}),
    "from a broken origin": ({}, {"Origin": "https://[evil"}),
    "by a form of another site": ({}, {"Sec-Fetch-Site": "cross-site"}),
    "by a form of a neighbour": ({}, {"Sec-Fetch-Site": "same-site"}),
}


@pytest.mark.parametrize("flow", FLOWS)
def test_no_forged_request_changes_anything_and_the_honest_one_is_taken(app, sign_in, flow):
    sign_in("admin")
    for number, route in enumerate(asked(POSTS, flow)):
        # Each by somebody else: one signs out, another changes the password.
        client = sign_in("admin", f"admin.{number}") if route in STAFF | ADMIN | DEPARTMENT else app.test_client()
        path, form = good_post(route, Holder(f"09123456{number:02}", "Nguyễn Thị An-na", flow), client)
        before = everything()
        for name, (fields, headers) in FORGERIES.items():
            forged = {**form, **{key: value for key, value in fields.items() if key in form}}
            assert client.post(path, data=copied(forged), headers=headers).status_code in {400, 403}, (route, name)
        assert everything() == before, route
        answer = client.post(path, data=form, headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == (422 if route == "POST /lookup/code" else 303), route


@pytest.mark.parametrize("flow", FLOWS)
def test_no_post_route_does_by_get_what_it_does_by_post(app, sign_in, flow):
    sign_in("admin")
    gets = {route.removeprefix("GET ") for route in GETS}
    for number, route in enumerate(asked(POSTS, flow)):
        client = sign_in("admin", f"admin.{number}") if "first" not in route else app.test_client()
        path, form = good_post(route, Holder(f"09123456{number:02}", "Nguyễn Thị An-na", flow), client)
        before = everything()
        answer = client.get(path, query_string={name: value for name, value in form.items() if isinstance(value, str)})
        assert everything() == before, route
        if route.removeprefix("POST ") not in gets:
            assert answer.status_code in {404, 405}, route


def test_many_may_ask_at_once_whether_the_server_is_well(app):
    with ThreadPoolExecutor(16) as monitors:
        answers = list(monitors.map(lambda _: app.test_client().get("/healthz").status_code, range(64)))
    assert set(answers) == {200}


def copied(form: dict) -> dict:
    """The same form; a file is read once, so each copy has its own."""
    return {
        key: (BytesIO(value[0].getvalue()), value[1]) if isinstance(value, tuple) else value
        for key, value in form.items()
    }


def test_a_phone_sends_no_photos_before_their_step_is_reached(make_app):
    plain = Browser(make_app(QUAY_PUBLIC_URL="http://quay.lan:8000")).fill_until("declaration")
    plain.open(plain.url.replace("declaration", "photos/phone"))
    assert plain.step == "declaration"
    with database.connection_context():
        assert (Draft.select().count(), Photo.select().count(), Dossier.select().count()) == (1, 0, 0)
