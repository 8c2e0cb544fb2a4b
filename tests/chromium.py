"""The real server in a process of its own, a real Chromium, and a person who uses both."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing, contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from services.finding import words
from services.vietnamese import fold
from tests.answers import KINDS as KINDS_OF
from tests.answers import PARENT, PERSON, child, code_of, jpeg
from tests.messages import messages, newest_code
from tests.ports import free_port

ROOT = Path(__file__).parent.parent
# A name for this machine that is not a loopback name, so that the QR for phones is shown.
NAME = "quay.test"
QUIET = (
    # Renderers that are only made ready cost half of all the time on a small machine.
    "SpareRendererForSitePerProcess",
    # What Playwright turns off by itself; of two such lists a browser heeds the last.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(QUIET)}",
    f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
]
COMPANY = "Công ty TNHH May Bình Minh"
PASSWORD = "một câu dễ nhớ"
KINDS = KINDS_OF["adult"]

# A machine that is busy with other things must not make a test fail.
expect.set_options(timeout=20_000)
_phones = count(1)
_children = count(1)


def find_chromium() -> str | None:
    """The Chromium of this machine."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


needs_chromium = pytest.mark.skipif(
    find_chromium() is None and os.environ.get("QUAY_TEST_BROWSER") != "required", reason="no Chromium is found here"
)


@contextmanager
def chromium():
    """A browser for as long as the block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


def new_child() -> dict[str, str]:
    """A child who was not registered yet: one person has one dossier."""
    return child() | {"social_insurance_code": f"8{next(_children):09d}"}


def new_phone() -> str:
    """A phone number that nobody used yet: the limits on codes count per phone."""
    return f"0912{next(_phones):06d}"


class Server:
    """`python app.py` with a data folder of its own; messages go into a folder beside it, mails nowhere.

    `before` is a line of Python that runs first.
    """

    def __init__(self, folder: Path, before: str = "pass", **environ: str):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.messages = folder / "sms"
        self._data = folder / "data"
        self._output = folder / "output.txt"
        self._read = 0
        settings = {
            "QUAY_DATA": str(self._data),
            "QUAY_PORT": str(self.port),
            "QUAY_SMS_URL": self.messages.as_uri(),
            # Port 9 is nobody's: mails wait and are seen to fail.
            "QUAY_SMTP_URL": "smtp://127.0.0.1:9?from=vssid@congty.vn",
            "QUAY_COMPANY_NAME": COMPANY,
            "QUAY_PUBLIC_URL": f"http://{NAME}:{self.port}",
            "QUAY_CODES_PER_DAY": "10000",
        }
        clean = {name: value for name, value in os.environ.items() if not name.startswith("QUAY_")}
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"{before}\nimport app\napp.main()"],
                cwd=ROOT,
                env={**clean, **settings, **environ},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    @property
    def output(self) -> str:
        """Everything that the server has printed."""
        return self._output.read_text("utf-8", "replace")

    @property
    def first_address(self) -> str:
        """The one-time address at which the first administrator is made."""
        return self.url + re.search(r"/staff/first/\S+", self.output)[0]

    def code(self) -> str:
        """The code of the newest message, which comes soon if none came since this was asked last."""
        until = time.monotonic() + 20
        while len(messages(self.messages)) <= self._read:
            assert time.monotonic() < until, "no message came"
            time.sleep(0.02)
        self._read = len(messages(self.messages))
        return newest_code(self.messages)

    def let_a_minute_pass(self) -> None:
        """As far as the pause between two codes is concerned."""
        with self._database() as database:
            database.execute("UPDATE code SET sent_at = sent_at - 61")

    def hold_message(self, state: str, answer: str = "") -> None:
        """As if the newest message was still on its way, or had failed."""
        with self._database() as database:
            database.execute(
                "UPDATE message SET state = ?, answer = ?, due_at = due_at + 9999 "
                "WHERE id = (SELECT max(id) FROM message)",
                (state, answer),
            )

    @contextmanager
    def mistyped(self):
        """As if the newest code had been mistyped five times, for as long as the block lasts."""
        newest = "(SELECT max(id) FROM code)"
        with self._database() as database:
            database.execute(f"UPDATE code SET tries_left = 0 WHERE id = {newest}")
            for _ in range(5):
                database.execute(
                    "INSERT INTO attempt (purpose, subject, made_at) SELECT 'code ' || purpose, phone_hash, sent_at "
                    f"FROM code WHERE id = {newest}"
                )
        yield
        with self._database() as database:
            database.execute("DELETE FROM attempt WHERE purpose LIKE 'code %'")
            database.execute(f"UPDATE code SET tries_left = 5 WHERE id = {newest}")

    def copy_dossiers(self, names: Sequence[str], count: int) -> None:
        """Fill the desk's list: rows that can be listed and found, though not opened."""
        with self._database() as database:
            columns = [row[1] for row in database.execute("PRAGMA table_info(dossier)")]
            first = dict(zip(columns, database.execute("SELECT * FROM dossier LIMIT 1").fetchone(), strict=True))
            for number in range(count):
                name = names[number % len(names)]
                key = f"copy {number}"
                row = {
                    **first,
                    "id": None,
                    "reference": f"C0PY{number:04d}",
                    "envelope_id": key,
                    "full_name": name,
                    "search_name": fold(name),
                    "submitted_at": first["submitted_at"] + 3000 * (number - count),
                }
                database.execute("INSERT INTO envelope (id, wrapped_key, created_at) VALUES (?, x'00', 0)", (key,))
                made = database.execute(f"INSERT INTO dossier VALUES ({', '.join('?' * len(row))})", list(row.values()))
                beginnings = {word[:end] for word in words(name) for end in range(1, len(word) + 1)}
                database.executemany(
                    "INSERT INTO name_prefix (prefix, dossier_id) VALUES (?, ?)",
                    [(beginning, made.lastrowid) for beginning in beginnings],
                )

    def begin_pile(self, name: str) -> None:
        """Let a pile of this name be read that never ends."""
        with self._database() as database:
            columns = "name, files, file, page, pages, heard_at"
            database.execute(f"INSERT INTO pile ({columns}) VALUES (?, 3, 2, 37, 120, ?)", (name, int(time.time())))

    def end_pile(self, name: str) -> None:
        """The pile is read: one page, and nothing was on it."""
        with self._database() as database:
            database.execute("DELETE FROM pile WHERE name = ?", (name,))
            columns = "pile, file, page, outcome, scanned_at"
            database.execute(f"INSERT INTO scanned_sheet ({columns}) VALUES (?, 1, 1, 'unread', 0)", (name,))

    @contextmanager
    def _database(self):
        with closing(sqlite3.connect(self._data / "quay.db", timeout=10)) as database, database:
            yield database

    def stop(self) -> None:
        """End it and wait for its end."""
        self._process.terminate()
        self._process.wait(10)

    def _wait(self) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return
            except (URLError, OSError):
                assert self._process.poll() is None, self.output
                time.sleep(0.05)
        self.stop()
        raise AssertionError(f"the server does not answer: {self.output}")


class Person:
    """Somebody at a page (or at a frame in a page) who reads headings, fills in labelled fields and presses buttons."""

    def __init__(self, server: Server, page: Page, place=None):
        self.server = server
        self.page = page
        self.place = place or page
        self.phone = new_phone()

    # What a person does

    def open(self, path: str = "/", heading: str | None = None) -> "Person":
        """Type an address."""
        self.page.goto(self.server.url + path)
        return self.sees(heading) if heading else self

    def press(self, name: str, heading: str | None = None) -> "Person":
        """Press the button or link with these words; then a page with this heading comes."""
        button = self.place.get_by_role("button", name=name, exact=True)
        button.or_(self.place.get_by_role("link", name=name, exact=True)).first.click()
        return self.sees(heading) if heading else self

    def fill(self, **values: str | bool) -> "Person":
        """Type into fields, by their names; tick, choose."""
        for name, value in values.items():
            field = self.place.locator(f"[name={name}]:not([type=hidden])").first
            if isinstance(value, bool):
                field.set_checked(value)
            elif field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        return self

    def consent(self, heading: str = "Thông tin của bạn") -> "Person":
        """From the first step to the second."""
        self.fill(consent_processing=True, consent_forwarding=True)
        return self.press("Tiếp tục", heading)

    def declare(self, **changes: str) -> "Person":
        """From the second step to the third."""
        self.fill(**{**PERSON, "phone": self.phone, "social_insurance_code": code_of(self.phone), **changes})
        return self.press("Tiếp tục", "Ảnh của bạn")

    def choose_photo(self, kind: str, data: bytes | None = None, name: str = "anh.jpg") -> "Person":
        """Choose a file; with scripts it is sent at once."""
        file = {"name": name, "mimeType": "image/jpeg", "buffer": data or jpeg(seed=len(kind))}
        if self.has_scripts:
            # Nobody chooses a photo before the page's own script has come.
            expect(self.place.locator("html.at-once")).to_be_attached()
        chooser = self.place.locator(f"input[name={kind}]")
        chooser.focus()
        chooser.set_input_files(file)
        return self

    def ask_for_proof(self, **changes: str) -> "Person":
        """At the guardian's step: have a code sent to the phone."""
        self.fill(phone=self.phone, **changes).press("Gửi mã xác nhận")
        expect(self.place.locator("[name=code]")).to_be_visible()
        return self

    def prove(self) -> "Person":
        """At the guardian's step: enter the code; a parent who is not known here is then asked more."""
        self.fill(code=self.server.code()).press("Xác nhận số điện thoại")
        expect(self.place.locator("[name=guardian_full_name]")).to_be_visible()
        return self

    def declare_parent(self, **changes: str) -> "Person":
        """From the guardian's step to the child's."""
        self.fill(**{**PARENT, "phone": self.phone, **changes})
        return self.press("Tiếp tục", "Thông tin của con")

    def declare_child(self, **changes: str | bool) -> "Person":
        """From the child's step to the photos."""
        self.fill(**{**new_child(), **changes})
        return self.press("Tiếp tục", "Ảnh của con")

    def give_photos(self, flow: str = "adult") -> "Person":
        """From the photos to the agency; waits for each preview where there are scripts."""
        for kind in KINDS_OF[flow]:
            self.choose_photo(kind)
            if self.has_scripts:
                expect(self.place.locator(f"#photo-{kind} img")).to_be_visible()
        return self.press("Tiếp tục", "Cơ quan BHXH")

    def review(self) -> "Person":
        """From the fourth step to the review."""
        return self.press("Tiếp tục", "Kiểm tra lại trước khi gửi")

    def ask_for_code(self) -> "Person":
        """From the review to the page that asks for the code."""
        return self.press("Thông tin đã đúng, gửi mã xác nhận", "Nhập mã xác nhận")

    def submit(self, clicks: int = 1, code: str = "") -> str:
        """Enter the code, the newest if none is given; gives the reference."""
        self.fill(code=code or self.server.code())
        self.place.get_by_role("button", name="Xác nhận và gửi hồ sơ").click(click_count=clicks)
        self.sees("Đã nhận hồ sơ của bạn")
        return self.place.locator("[data-reference]").inner_text()

    def send_child(self) -> str:
        """Submit from the review, which asks for no second code; gives the reference."""
        self.press("Thông tin đã đúng, gửi hồ sơ", "Đã nhận hồ sơ của con")
        return self.place.locator("[data-reference]").inner_text()

    def begin_child(self) -> "Person":
        """From the guide to the first step of a child's registration."""
        self.open("/", "Đăng ký tài khoản VssID")
        return self.press("Đăng ký cho con Dưới 18 tuổi, cha mẹ hoặc người giám hộ khai", "Chuẩn bị")

    def begin(self) -> "Person":
        """From the guide to the first step."""
        self.open("/", "Đăng ký tài khoản VssID")
        return self.press("Đăng ký cho tôi Người lớn, khoảng 5 phút", "Chuẩn bị")

    def fill_until_review(self, **changes: str) -> "Person":
        """Everything up to the review."""
        return self.begin().consent().declare(**changes).give_photos().review()

    def register(self, **changes: str) -> str:
        """Everything; gives the reference."""
        return self.fill_until_review(**changes).ask_for_code().submit()

    def make_administrator(self) -> "Person":
        """Make the first administrator at the one-time address, and be signed in."""
        self.page.goto(self.server.first_address)
        self.fill(username="quantri", password=PASSWORD, repeated=PASSWORD)
        return self.press("Tạo và đăng nhập", "Tổng quan")

    def sign_in(self) -> "Person":
        """Sign in as the administrator."""
        self.open("/staff/sign-in", "Đăng nhập Bàn Nhân sự")
        return self.fill(username="quantri", password=PASSWORD).press("Đăng nhập", "Tổng quan")

    # What a person sees

    def sees(self, heading: str) -> "Person":
        """Wait for a page with this heading."""
        expect(self.place.locator("h1")).to_have_text(heading)
        return self

    def sees_error(self, words: str) -> "Person":
        """Wait for the summary of errors to say this."""
        expect(self.place.locator(".summary[role=alert]")).to_contain_text(words)
        return self

    @property
    def has_scripts(self) -> bool:
        """Whether this browser runs htmx."""
        return self.place.locator("html").evaluate("() => window.htmx !== undefined")


def new_page(browser: Browser, **options) -> Page:
    """A page in a context of its own, in Vietnamese."""
    context = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **options)
    context.set_default_timeout(20_000)
    return context.new_page()


def read_qr(page: Page) -> str:
    """The address in the QR that the page shows."""
    picture = Image.open(BytesIO(page.locator(".qr").screenshot(caret="initial")))
    return zxingcpp.read_barcodes(picture)[0].text
