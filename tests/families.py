"""Families at the desk: parents and employees in several tabs, HR beside them, days that pass; in any order at all.

After every request `tests.world` judges what has changed. A run is a list of these steps, made by Hypothesis; that
somebody gets somewhere in it, most steps go on with what the page asks.
"""

import shutil
from datetime import timedelta
from pathlib import Path

import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from models import Attempt, Code, Envelope, Message, Request, Staff, database
from services import accounts, photos, retention
from tests.answers import KINDS, PARENT, PERSON, jpeg
from tests.messages import messages
from tests.tabs import Tab
from tests.world import World
from views.words import today

PASSWORD = "một câu dễ nhớ"
HR = "phong.nhansu"
PHONES = ("0912345678", "0987654321")
CODES = ("7921234567", "7921234568", "7921234569")
NAMES = ("Trần Minh Khôi", "Lê Thị An", "Đỗ Văn Bình")
STREETS = ("1 đường Cũ", "2 đường Mới")
PICTURES = tuple(jpeg(320, 240, seed) for seed in (0, 40))
# Years, and days until the next birthday: of age tomorrow, asked tomorrow, never asked, born today.
AGES = ((17, 1), (6, 1), (3, 100), (0, 364), (9, 50), (18, 30))
STARTS = ("2026-11-24 20:00+07:00", "2027-02-27 23:30+07:00", "2028-02-28 12:00+07:00")
MINUTE, HOUR, DAY = 60, 60 * 60, 24 * 60 * 60
TABS = 4

which = st.integers(0, TABS - 1)
some = st.integers(0, 11)


class Desk:
    """The application in this process, with HR's account; a picture is prepared once, then remembered."""

    def __init__(self, app):
        self.app = app
        self.folder = Path(app.config["SETTINGS"].sms_url.removeprefix("file://"))
        self.world = World()
        self._prepared = {}
        self._prepare = photos.prepare
        with database.connection_context():
            if not Staff.select().where(Staff.username == HR).exists():
                accounts.add(HR, PASSWORD, "department")

    def prepare(self, data: bytes, reads_card: bool = False) -> photos.Photo:
        """What the worker makes of a picture."""
        if (data, reads_card) not in self._prepared:
            self._prepared[data, reads_card] = self._prepare(data, reads_card)
        return self._prepared[data, reads_card]

    def open(self) -> None:
        """Begin with nothing but HR's account."""
        for picture in PICTURES:
            for reads_card in (False, True):
                self.prepare(picture, reads_card)
        shutil.rmtree(self.folder, ignore_errors=True)
        with database.connection_context():
            for table in (Request, Envelope, Code, Message, Attempt):
                table.delete().execute()
        self.world.forget()


def machine(desk: Desk) -> type[RuleBasedStateMachine]:
    """The machine for this desk."""
    return type("FamiliesAtThisDesk", (Families,), {"desk": desk})


class Families(RuleBasedStateMachine):
    """Up to `TABS` tabs, and HR's own."""

    desk: Desk

    def __init__(self):
        super().__init__()
        self.world = self.desk.world
        self.tabs: list[Tab] = []
        self.has_asked = False
        self.desk.open()
        photos.prepare, self._prepare = self.desk.prepare, photos.prepare

    @initialize(start=st.sampled_from(STARTS), first=some, second=some, pages=st.integers(2, 10))
    def morning(self, start, first, second, pages):
        self.travel = time_machine.travel(start, tick=False)
        self.clock = self.travel.start()
        self.hr = Tab(self.desk.app.test_client(), self.ask)
        self.begin("child", PHONES[0], False, first, pages)
        self.begin("adult", PHONES[second % 2], True, second, 12 - pages)

    def teardown(self):
        photos.prepare = self._prepare
        self.travel.stop()
        self.world.seen["runs"] += 1

    def ask(self, client, method: str, url: str, data: dict, headers: dict):
        """Send a request a second after the last one, and let the world judge it."""
        self.clock.shift(1)
        sent = {"data": data, "content_type": "multipart/form-data"} if method == "POST" else {}
        answer = client.open(url, method=method, headers=headers, **sent)
        self.world.hear(messages(self.desk.folder))
        with database.connection_context():
            self.world.answered(method, url, data, answer)
        return answer

    # Somebody registers

    @rule(flow=st.sampled_from(list(KINDS)), phone=st.sampled_from(PHONES), htmx=st.booleans(), person=some, pages=some)
    def begin(self, flow, phone, htmx, person, pages):
        tab = Tab(self.desk.app.test_client(), self.ask, htmx=htmx)
        years, days = AGES[person % len(AGES)]
        tab.phone, tab.name, tab.code = phone, NAMES[person % 3], CODES[person % 3]
        birthday = today() + timedelta(days)
        tab.born = birthday.replace(year=birthday.year - years - 1, day=min(birthday.day, 28))
        self.tabs = [*self.tabs, tab.open(f"/register/{flow}")][-TABS:]
        self._go_on(tab, pages)

    @rule(at=which, pages=st.integers(1, 10))
    def go_on(self, at, pages):
        self._go_on(self._tab(at), pages)

    @rule(at=which, pages=st.integers(1, 10), picture=st.sampled_from(PICTURES), street=st.sampled_from(STREETS))
    def go_on_otherwise(self, at, pages, picture, street):
        self._go_on(self._tab(at), pages, picture, street)

    @rule(at=which, step=st.sampled_from(["prepare", "guardian", "declaration", "child", "photos", "agency"]))
    def look_back(self, at, step):
        tab = self._tab(at)
        if tab.path.startswith("/register/"):
            tab.visit(step)

    @precondition(lambda self: any("code" in tab.asked for tab in self.tabs))
    @rule(at=which, code=st.sampled_from(["000000", "12345", ""]))
    def mistype_the_code(self, at, code):
        asked = [tab for tab in self.tabs if "code" in tab.asked]
        asked[at % len(asked)].press(code=code)

    # Tabs

    @rule(at=which)
    def open_beside(self, at):
        self.tabs = [*self.tabs, self._beside(self._tab(at))][-TABS:]

    @rule(at=which, step=st.sampled_from(["guardian", "declaration", "child", "photos", "agency"]), first=st.booleans())
    def write_in_two_tabs(self, at, step, first):
        tab = self._tab(at)
        if not tab.path.startswith("/register/"):
            return
        pair = (tab.visit(step), self._beside(tab))
        for each, picture, street in zip(pair if first else reversed(pair), PICTURES, STREETS, strict=True):
            values = self._good(each, picture, street)
            each.press(**values, email=f"{STREETS.index(street)}@congty.vn")

    @rule(at=which)
    def press_again(self, at):
        self._tab(at).send_again()

    @rule(at=which)
    def reload(self, at):
        tab = self._tab(at)
        tab.open(tab.url)

    @rule(at=which, button=some, street=st.sampled_from(STREETS))
    def press_anything(self, at, button, street):
        tab = self._tab(at)
        if buttons := tab.buttons():
            tab.press(buttons[button % len(buttons)], address=street, words=street)

    @rule(at=which, link=some)
    def follow_anything(self, at, link):
        tab = self._tab(at)
        if links := tab.links():
            tab.open(links[link % len(links)])

    # Coming back

    @rule(at=which, phone=st.sampled_from(PHONES), after=st.sampled_from([MINUTE, HOUR, DAY]), found=some, pages=some)
    def come_back(self, at, phone, after, found, pages):
        tab = self._tab(at)
        self.clock.shift(after)
        tab.open("/lookup").press(phone=phone)
        tab.press(code=self._code(phone))
        own = [
            link for link in tab.links() if link.startswith(("/register/", "/receipt?", "/rights?")) and "t=" in link
        ]
        if own:
            self.world.seen["came back"] += 1
            self._go_on(tab.open(own[found % len(own)]), pages)

    @precondition(lambda self: any(tab.path == "/receipt" for tab in self.tabs))
    @rule(at=which, pages=st.integers(2, 8), street=st.sampled_from(STREETS))
    def correct(self, at, pages, street):
        receipts = [tab for tab in self.tabs if tab.path == "/receipt"]
        tab = receipts[at % len(receipts)]
        self.clock.shift(MINUTE)
        for button in tab.buttons():
            if _action(button).endswith("/correct"):
                tab.press(button)
                self._go_on(tab, pages, street=street)
                return

    @precondition(lambda self: any(tab.path == "/receipt" for tab in self.tabs))
    @rule(at=which, right=st.sampled_from(["delete", "restrict", "correct", "withdraw_processing"]))
    def ask_by_right(self, at, right):
        receipts = [tab for tab in self.tabs if tab.path == "/receipt"]
        tab = receipts[at % len(receipts)]
        for start in ("/rights?", f"/rights/ask/{right}?"):
            link = next((link for link in tab.links() if link.startswith(start)), None)
            if link is None:
                return
            tab.open(link)
        tab.press(words="Xin làm giúp.")
        self.has_asked = True

    # HR

    @precondition(lambda self: self.world.kept.dossiers)
    @rule(number=some, button=some)
    def move(self, number, button):
        dossiers = [dossier.reference for dossier in self.world.kept.dossiers.values()]
        self._at_desk(f"/staff/dossiers/{dossiers[number % len(dossiers)]}")
        self._press_at_desk("/moves/", button)

    @precondition(lambda self: "/dossiers/" in self.hr.path)
    @rule(button=some)
    def move_from_an_old_page(self, button):
        self._press_at_desk("/moves/", button)

    @precondition(lambda self: self.has_asked)
    @rule(number=some, button=some)
    def answer_a_request(self, number, button):
        self._at_desk("/staff/requests")
        if links := [link for link in self.hr.links() if link.startswith("/staff/requests/")]:
            self._at_desk(links[number % len(links)])
            self._press_at_desk("/requests/", button)

    # Time

    @rule(seconds=st.sampled_from([MINUTE, MINUTE, 31 * MINUTE, HOUR, DAY, DAY, 15 * DAY]))
    def wait(self, seconds):
        self.clock.shift(seconds)

    @rule()
    def purge(self):
        with database.connection_context():
            retention.purge()
            self.world.purged()

    # How it is done

    @staticmethod
    def _beside(tab: Tab) -> Tab:
        other = tab.copy()
        other.phone, other.name, other.code, other.born = tab.phone, tab.name, tab.code, tab.born
        return other

    def _tab(self, at: int) -> Tab:
        return self.tabs[at % len(self.tabs)]

    def _code(self, phone: str) -> str:
        return self.world.codes.get(phone, ("000000", 0))[0]

    def _go_on(self, tab: Tab, pages: int, picture: bytes = PICTURES[0], street: str = STREETS[0]) -> None:
        for _ in range(pages):
            if not tab.path.startswith("/register/") or not tab.buttons():
                return
            tab.press(**self._good(tab, picture, street))

    def _good(self, tab: Tab, picture: bytes, street: str) -> dict:
        """What a person would write on this page; the code that has arrived, or what the step asks."""
        is_child = tab.path.startswith("/register/child")
        consents = {"consent_processing": "y", "consent_forwarding": "y"}
        files = dict.fromkeys(KINDS["child" if is_child else "adult"], picture)
        own = {"phone": tab.phone, "address": street}
        adult = {**PERSON, "full_name": tab.name, "social_insurance_code": f"7{tab.phone[-9:]}"}
        named = {"full_name": tab.name, "social_insurance_code": tab.code}
        child = {**named, "birth_date": f"{tab.born:%d/%m/%Y}", "relation": "mother", "consent_child": "y"}
        return {
            "prepare": consents,
            "declaration": {**adult, **own},
            "guardian": {**PARENT, **own, "code": self._code(tab.phone)} if is_child else {},
            "child": child,
            "photos": files,
            "agency": {"agency": "07407"},
            "confirm": {"code": self._code(tab.phone)},
        }.get(tab.step, {})

    def _at_desk(self, url: str) -> None:
        self.hr.open(url)
        if self.hr.path.endswith("/sign-in"):
            self.hr.press(username=HR, password=PASSWORD)
            self.hr.open(url)

    def _press_at_desk(self, action: str, button: int) -> None:
        """Press one of the buttons for this, or open the page that asks for a reason and send it."""
        buttons = [each for each in self.hr.buttons() if action in _action(each)]
        links = [link for link in self.hr.links() if action in link and link != self.hr.path]
        ways = [*buttons, *links]
        if not ways:
            return
        way = ways[button % len(ways)]
        if isinstance(way, str):
            self.hr.open(way)
            way = next((each for each in self.hr.buttons() if action in _action(each)), None)
        if way is not None:
            self.hr.press(way, text="Chụp lại giúp.", reason="Đã nộp cho cơ quan BHXH.")


def _action(button) -> str:
    return button.get("formaction") or next(button.iterancestors("form")).get("action", "")
