"""A child who comes of age while its dossier is being corrected: until the day before the parent finishes; from that
day on the grown-up registers and signs alone, once the dossier that the parent sent is gone.
"""

import pytest
import time_machine

import tokens
from desk import way
from models import Dossier, Draft, Envelope, database
from services import accounts
from services.history import Note
from tests.answers import child
from tests.browser import Browser
from tests.dossiers import forget_codes, ticket_of

BORN = "25/11/2008"
DAY_BEFORE, DAY = "2026-11-24 23:50+07:00", "2026-11-25 00:10+07:00"


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-20 12:00+07:00", tick=True) as moved:
        yield moved


@pytest.fixture
def returned(app, clock):
    """A parent's page with the dossier of a child of seventeen, which HR has sent back."""
    parent = Browser(app).fill_until("child", "child")
    parent.submit({**child(), "birth_date": BORN}, status=422).submit({"consent_child": True})
    parent.answer("photos").answer("agency").submit(press="gửi hồ sơ")
    with database.connection_context():
        row = Dossier.get()
        clerk = accounts.add("phong", "một câu dễ nhớ", "department")
        way.move(clerk, row, "return", row.status, Note("", ("photo",), ("photos",)))
    return parent


def until(page: Browser, clock, moment: str) -> Browser:
    """The time goes on, and the page is come back to with the phone."""
    clock.move_to(moment)
    with database.connection_context():
        token = tokens.sign_receipt(ticket_of(Dossier.get()))
    return page.open(f"/receipt?t={token}")


def test_on_the_last_day_of_seventeen_the_correction_is_sent(returned, clock, code):
    page = until(returned, clock, DAY_BEFORE).submit(press="Sửa hồ sơ")
    page.answer("photos")
    assert page.step == "review"
    with database.connection_context():
        forget_codes()
    page.submit(press="mã").submit({"code": code()})
    with database.connection_context():
        assert (Dossier.get().status, Dossier.get().revision) == ("submitted", 2)


@pytest.mark.parametrize("begun", [False, True], ids=["begun on the day", "begun before"])
def test_from_the_birthday_on_the_parents_dossier_makes_way_for_the_childs_own(
    app, returned, clock, sign_in, code, begun
):
    if begun:
        until(returned, clock, DAY_BEFORE).submit(press="Sửa hồ sơ").answer("photos")
        assert returned.step == "review"
    page = until(returned, clock, DAY).submit(press="Sửa")
    if not begun:
        page.answer("photos")
    assert page.step == "child" and "Người từ đủ 18 tuổi" in page.errors()[0]
    assert "Nhờ Nhân sự rút hồ sơ này" in page.text
    assert page.value("full_name") == "Trần Minh Khôi", "nothing is lost"

    grown_up = Browser(app).fill_until("declaration")
    own = {"full_name": "Trần Minh Khôi", "social_insurance_code": "7921234567", "phone": "0987654321"}
    grown_up.answer("declaration", **own).answer("photos").answer("agency").submit(press="mã")
    grown_up.submit({"code": code()}, status=422)
    assert "Nếu cha mẹ đã khai cho bạn khi bạn chưa đủ 18 tuổi" in grown_up.text

    page.follow("Xin xoá hồ sơ này").submit({"words": "Con đã đủ 18 tuổi, tự đăng ký."})
    sign_in("department").open("/staff/requests").follow("Xoá hồ sơ").submit(press="Xoá hồ sơ")
    with database.connection_context():
        assert (Dossier.select().count(), Envelope.select().count()) == (0, 1), "with it went its correction"
        assert Draft.get().flow == "adult"
        forget_codes()
    grown_up.follow("Sửa mã số BHXH").submit().submit(press="mã").submit({"code": code()})
    assert grown_up.heading == "Đã nhận hồ sơ của bạn"
