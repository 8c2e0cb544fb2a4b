"""The child: how old it is decides who is asked and which way it goes; and what Form 01 and HR see of it."""

from calendar import isleap
from datetime import date, timedelta
from io import BytesIO

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from werkzeug.datastructures import MultiDict

import tokens
from forms.base import Sources
from forms.child import ChildForm, age, read_date
from models import Dossier, database
from services import submissions
from tests.answers import PARENT, born, child, upload
from tests.browser import Browser
from tests.dossiers import ticket_of

DAYS = st.dates(date(1906, 1, 1), date(2026, 12, 31))


@pytest.fixture
def at_child(browser):
    return browser.fill_until("child", "child")


@pytest.fixture
def on_day():
    """The child's step on a day in Vietnam, and a birth date sent to it."""

    def send(app, day: str, birth_date: str, status: int = 200) -> Browser:
        with time_machine.travel(f"{day}+07:00", tick=True):
            plain = Browser(app).fill_until("child", "child")
            return plain.submit({**child(), "birth_date": birth_date}, status=status)

    return send


# How dates are read


@pytest.mark.parametrize(
    "typed",
    [
        "15/8/2019",
        "15/08/2019",
        "15-08-2019",
        "15.8.2019",
        "15 8 2019",
        "15 / 8 / 2019",
        "2019-08-15",
        "2019/8/15",
        "15082019",
        "20190815",
        "15 tháng 8 năm 2019",
        "Ngày 15 tháng 08 năm 2019",
        "ngay 15 thang 8 nam 2019",
        "１５／０８／２０１９",
    ],
)
def test_a_birth_date_is_read_however_it_is_written(typed):
    assert read_date(typed) == date(2019, 8, 15)


@given(DAYS)
def test_every_day_is_read_in_every_way(day):
    ways = ("{0:%d}/{0:%m}/{1}", "{0.day}-{0.month}-{1}", "{0:%d}{0:%m}{1}", "{1}-{0:%m}-{0:%d}", "{1}{0:%m}{0:%d}")
    assert {read_date(way.format(day, day.year)) for way in ways} == {day}


@pytest.mark.parametrize(
    "typed",
    ["", "abc", "15/8/19", "15/8", "32/1/2019", "29/02/2019", "31042019", "0/0/2019", "15/8/0000", "2019", "15//"]
    + ["15/8/2019 và gì nữa", "1" * 40, "-15/8/2019", "99999999", "٠١/٠١/٢٠١٩"],
)
def test_what_is_no_day_is_none(typed):
    assert read_date(typed) is None


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_or_not_but_never_fails(text):
    assert read_date(text) is None or isinstance(read_date(text), date)


# Ages


@given(DAYS, st.integers(0, 110))
def test_an_age_grows_by_one_on_each_birthday_and_on_no_other_day(born, years):
    year = born.year + years
    birthday = date(year, 3, 1) if (born.month, born.day) == (2, 29) and not isleap(year) else born.replace(year=year)
    assert (age(born, birthday), age(born, birthday - timedelta(days=1))) == (years, years - 1)


@given(DAYS, DAYS)
def test_an_age_is_negative_exactly_before_the_birth(born, day):
    assert (age(born, day) < 0) is (day < born)


@pytest.mark.parametrize(
    ("day", "years"),
    [
        ("2026-02-28", 17),
        ("2026-03-01", 18),
        ("2028-02-28", 19),
        ("2028-02-29", 20),
        ("2015-02-28", 6),
        ("2015-03-01", 7),
    ],
)
def test_who_was_born_on_29_february_is_a_year_older_on_1_march_where_there_is_no_29th(day, years):
    assert age(date(2008, 2, 29), date.fromisoformat(day)) == years


def test_the_form_asks_the_child_from_seven_and_takes_nobody_from_eighteen_or_unborn(app):
    today = date(2026, 11, 23)

    @settings(deadline=None)
    @given(st.dates(date(1890, 1, 1), date(2040, 1, 1)))
    def check(born):
        sent = MultiDict({**child(), "birth_date": f"{born:%d/%m/%Y}"})
        form, years = ChildForm(sent, sources=Sources(today=lambda: today)), age(born, today)
        assert ("consent_child" in form) is (7 <= years < 18)
        assert form.validate() is (0 <= years < 7)
        assert form.is_grown_up is (18 <= years <= 120)

    with app.test_request_context():
        check()


@pytest.mark.parametrize(
    ("day", "birth_date", "status"),
    [
        ("2026-11-23 12:00", "24/11/2019", 200),  # tomorrow seven
        ("2026-11-23 12:00", "23/11/2019", 422),  # seven today
        ("2026-11-23 12:00", "23/11/2026", 200),  # born today
        ("2026-11-23 12:00", "24/11/2026", 422),  # not yet born
        ("2026-11-23 00:30", "23/11/2026", 200),  # already today in Vietnam, still yesterday in UTC
        ("2026-11-22 23:59", "23/11/2026", 422),
        ("2026-02-28 12:00", "29/02/2019", 422),  # no such day
        ("2027-02-28 23:59", "29/02/2020", 200),  # seven on 1 March
        ("2027-03-01 00:00", "29/02/2020", 422),
        ("2026-11-23 12:00", "23/11/1905", 422),  # 121 years
    ],
)
def test_the_day_in_vietnam_decides(app, on_day, day, birth_date, status):
    assert on_day(app, day, birth_date, status).step == ("photos" if status == 200 else "child")


@pytest.mark.parametrize(
    ("birth_date", "grown_up"), [("24/11/2008", False), ("23/11/2008", True), ("23/11/1906", True)]
)
def test_at_eighteen_the_page_leads_to_the_adults_way(app, on_day, birth_date, grown_up):
    plain = on_day(app, "2026-11-23 12:00", birth_date, 422)
    assert ("consent_child" in plain.asked) is not grown_up
    assert ("đã đủ 18 tuổi" in plain.text) is grown_up
    assert plain.follow("Đến đăng ký của người lớn").url.endswith("/register/adult")


def test_from_fourteen_both_ways_are_explained(at_child):
    assert "từ 14 đến 17 tuổi đã có CCCD? Chọn một trong hai cách" in at_child.text
    assert at_child.page.select_one("details a[href='/register/adult']")
    at_child.submit({**child(), "birth_date": born(15)}, status=422)
    assert at_child.page.select_one("details[open] a[href='/register/adult']")
    at_child.submit({"consent_child": True})
    assert "tự đăng ký bằng CCCD" in at_child.page.select_one(".note").get_text()


# The child's own consent


def test_from_seven_the_form_comes_back_and_asks_the_child(at_child, sign_in):
    with database.connection_context():
        before = Dossier.select().count()
    at_child.submit({**child(), "birth_date": born(9)}, status=422)
    assert "Con đã đủ 7 tuổi" in at_child.errors()[0] and len(at_child.errors()) == 1
    assert at_child.value("full_name") == "Trần Minh Khôi" and not at_child.value("consent_child")
    at_child.submit({"consent_child": True}).answer("photos").answer("agency").submit(press="gửi hồ sơ")
    with database.connection_context():
        assert Dossier.select().count() == before + 1
        given = submissions.open_dossier(Dossier.get()).answers["child"]["consent_child"]
    assert given["text"].startswith("Con đã được nghe kể") and given["version"]
    assert given["text"] in sign_in("department").open("/staff/").follow("Trần Minh Khôi").text


def test_the_question_appears_as_soon_as_the_birth_date_is_typed_and_keeps_nothing(app):
    page = Browser(app, htmx=True).fill_until("child", "child")
    field = page.page.select_one("[name=birth_date]")
    assert field["hx-trigger"] == "change" and field["hx-target"] == "#assent"
    for typed, asked in ((born(9), True), ("1/1/2099", False), ("x", False), ("1/1/2000", False), ("", False)):
        data = {"step_token": page.token, "action": "look", "birth_date": typed, "full_name": "Trần"}
        answer = page.client.post(field["hx-post"], data=data, headers={"HX-Request": "true"})
        assert answer.status_code == 200 and ("consent_child" in answer.text) is asked
        assert 'class="error"' not in answer.text and "Trần" in answer.text
    assert page.reload().value("full_name") == ""


def test_a_consent_of_a_child_who_is_not_asked_is_not_kept(plain):
    plain.fill_until("child", "child")
    answer = plain.client.post(plain.url, data={**child(), "consent_child": "y", "step_token": plain.token})
    plain.open(answer.headers["Location"]).answer("photos").answer("agency").submit(press="gửi hồ sơ")
    with database.connection_context():
        assert "consent_child" not in submissions.open_dossier(Dossier.get()).answers["child"]


# A birthday between answering and submitting


@pytest.fixture
def resume(app, code):
    """Go on with the draft that was left, by phone and code."""

    def come_back() -> Browser:
        plain = Browser(app).open("/lookup").submit({"phone": PARENT["phone"]}).submit({"code": code()})
        return plain.follow("Làm tiếp")

    return come_back


@pytest.mark.parametrize(
    ("first", "birth_date", "then", "asked"),
    [
        ("2026-11-23 12:00", "25/11/2019", "2026-11-24 23:50", False),
        ("2026-11-23 12:00", "25/11/2019", "2026-11-25 00:00", True),
        ("2027-02-28 12:00", "29/02/2020", "2027-02-28 23:50", False),
        ("2027-02-28 12:00", "29/02/2020", "2027-03-01 00:00", True),
    ],
)
def test_a_child_that_has_turned_seven_since_is_asked_before_anything_is_sent(
    app, resume, code, first, birth_date, then, asked
):
    with time_machine.travel(f"{first}+07:00", tick=True) as clock:
        Browser(app).fill_until("child", "child").answer("child", birth_date=birth_date).answer("photos")
        clock.move_to(f"{then}+07:00")
        plain = resume().answer("agency")
        assert (plain.step, "consent_child" in plain.asked) == (("child", True) if asked else ("review", False))
        if asked:
            assert plain.page.title.get_text().startswith("Lỗi: ") and "Con đã đủ 7 tuổi" in plain.errors()[0]
            assert plain.value("full_name") == child()["full_name"]
            plain.submit({"consent_child": True})
        assert plain.step == "review"
        clock.shift(61)
        plain.submit().submit({"code": code()})
    with database.connection_context():
        assert ("consent_child" in submissions.open_dossier(Dossier.get()).answers["child"]) is asked


@pytest.mark.parametrize(
    ("birth_date", "then", "grown_up"),
    [
        ("25/11/2008", "2026-11-24 23:59", False),
        ("25/11/2008", "2026-11-25 00:00", True),
        ("29/02/2008", "2026-02-28 23:59", False),
        ("29/02/2008", "2026-03-01 00:00", True),
    ],
)
def test_who_has_turned_eighteen_since_is_led_to_the_adults_way(app, resume, birth_date, then, grown_up):
    with time_machine.travel("2026-02-20 12:00+07:00", tick=True) as clock:
        plain = Browser(app).fill_until("child", "child")
        plain.submit({**child(), "birth_date": birth_date}, status=422).submit({"consent_child": True})
        plain.answer("photos").answer("agency")
        clock.move_to(f"{then}+07:00")
        plain = resume()
        assert plain.step == ("child" if grown_up else "review")
        if grown_up:
            assert "Người từ đủ 18 tuổi" in plain.errors()[0]
            assert plain.follow("Đến đăng ký của người lớn").url.endswith("/register/adult")


def test_a_birthday_between_the_review_and_its_button_counts_too(app):
    with time_machine.travel("2026-11-24 23:50+07:00", tick=True) as clock:
        plain = Browser(app).fill_until("child", "child").answer("child", birth_date="25/11/2019")
        plain.answer("photos").answer("agency")
        assert plain.step == "review"
        clock.shift(15 * 60)
        assert plain.submit(press="gửi hồ sơ").step == "child"
        assert "Con đã đủ 7 tuổi" in plain.errors()[0]
    with database.connection_context():
        assert Dossier.select().count() == 0


def test_a_child_that_has_turned_seven_is_asked_before_its_dossier_is_corrected(app):
    with time_machine.travel("2026-11-24 12:00+07:00", tick=True) as clock:
        plain = Browser(app).fill_until("child", "child").answer("child", birth_date="25/11/2019")
        plain.answer("photos").answer("agency").submit(press="gửi hồ sơ")
        clock.move_to("2026-11-25 08:00+07:00")
        with database.connection_context():
            receipt = tokens.sign_receipt(ticket_of(Dossier.get()))
        plain.open(f"/receipt?t={receipt}").submit(press="Sửa hồ sơ")
        assert plain.step == "child"
        assert plain.submit({"consent_child": True}).step == "review"


# What is typed wrongly


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("full_name", "12345", "bằng chữ"),
        ("full_name", "a" * 201, "Rút ngắn"),
        ("social_insurance_code", "12345", "10 số"),
        ("social_insurance_code", PARENT["guardian_social_insurance_code"], "của bạn"),
        ("social_insurance_code", f"TE101{PARENT['guardian_social_insurance_code']}", "của bạn"),
        ("birth_date", "hôm qua", "Không đọc được"),
        ("birth_date", "15/8/19", "đủ 4 số"),
        ("relation", "", "Chọn"),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_nothing_typed_is_lost(at_child, name, value, words):
    at_child.submit({**child(), name: value}, status=422)
    assert len(at_child.errors()) == 1 and words in at_child.errors()[0]
    for other, typed in child().items():
        assert at_child.value(other) == typed or other == name
    assert at_child.value(name)[-10:] == value[-10:]


@pytest.mark.parametrize("relation", ["uncle", "Cha", "father'--", "0"])
def test_no_other_relation_is_taken(at_child, relation):
    at_child.submit({**child(), "relation": relation}, status=422)
    assert "cha, mẹ hay người giám hộ" in at_child.errors()[0]


def test_old_cards_and_personal_numbers_are_taken(at_child):
    at_child.submit({**child(), "social_insurance_code": "TE1 01 7921234567", "birth_date": "15 - 08 - 2024"})
    assert "10 số cuối của số thẻ BHYT" in at_child.text
    at_child.open(at_child.url.replace("/photos?", "/child?"))
    assert at_child.value("social_insurance_code") == "7921234567"
    assert at_child.value("birth_date") == "15/08/2024"


# What comes of it


def form01(browser: Browser) -> str:
    pages = PdfReader(BytesIO(browser.follow("Tải tờ khai").response.data)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


def test_form_01_names_the_child_and_the_parent_signs(browser):
    browser.fill_until("review", "child").submit(press="gửi hồ sơ")
    reference = browser.page.select_one("[data-reference]").text
    text = form01(browser)
    assert "1. Họ và tên: Trần Minh Khôi" in text and "2. Mã số BHXH: 7921234567" in text
    assert text.index("Cha, mẹ hoặc người giám hộ") < text.index("Trần Đức Ưng")
    assert PARENT["guardian_id_number"] not in text and PARENT["guardian_social_insurance_code"] not in text
    for value in (PARENT["address"], PARENT["phone"], "BHXH cơ sở Lái Thiêu", reference):
        assert value in text


def test_form_01_writes_a_childs_personal_number_in_both_places(plain):
    plain.fill_until("child", "child").answer("child", social_insurance_code="074324001234")
    plain.answer("photos").answer("agency").submit(press="gửi hồ sơ")
    text = form01(plain)
    assert text.count("074324001234") == 2


def test_form_01_of_long_names_stays_on_one_sheet(plain):
    long = " ".join(["Công Tằng Tôn Nữ Hoàng Thiên"] * 6)
    plain.fill_until("guardian", "child").answer("guardian", guardian_full_name=long, address="Số 12/34 hẻm " * 20)
    plain.answer("child", full_name=long).answer("photos").answer("agency").submit(press="gửi hồ sơ")
    assert "Công Tằng Tôn Nữ" in form01(plain)


def test_hr_sees_child_and_parent_their_consents_and_both_photos(plain, sign_in):
    plain.fill_until("review", "child").submit(press="gửi hồ sơ")
    desk = sign_in("department").open("/staff/dossiers?q=tran minh khoi").follow("Trần Minh Khôi")
    assert desk.heading == "Trần Minh Khôi" and "do Trần Đức Ưng khai và ký" in desk.text
    headings = [heading.get_text(strip=True) for heading in desk.page.select("h2")]
    assert {"Cha mẹ, người giám hộ", "Thông tin của trẻ"} <= set(headings)
    for value in (*PARENT.values(), child()["birth_date"], "Cha", "thay cho con"):
        assert value in desk.text
    labels = [figure.get_text(strip=True) for figure in desk.page.select("figcaption")]
    assert labels == ["Ảnh chân dung của con", "Giấy khai sinh"]
    assert desk.follow("In tờ khai").response.mimetype == "application/pdf"


def test_a_birth_certificate_is_taken_by_the_rear_camera(plain):
    plain.fill_until("photos", "child")
    assert plain.page.select_one("[name=birth_certificate]")["capture"] == "environment"
    assert not plain.page.select_one("[name=portrait]").has_attr("capture")
    plain.submit({"birth_certificate": upload("gks.jpg", b"no picture")}, status=422)
    assert "không phải ảnh" in plain.errors()[0]
    plain.submit({"birth_certificate": upload()}, press="Lưu ảnh").submit(status=422)
    assert plain.errors() == ["Còn thiếu: Ảnh chân dung của con. Chụp hoặc chọn ảnh."]


def test_the_words_fit_a_parent(browser):
    browser.open("/").follow("Đăng ký cho con")
    assert "thay cho con" in browser.text and "CCCD mặt trước" not in browser.text
    browser.fill_until("review", "child")
    for words in ("Thông tin của con", "Ảnh của con", "Cha mẹ, người giám hộ", "Ngày sinh"):
        assert words in browser.text
    assert "Ảnh của bạn" not in browser.text and "Con đã đồng ý" not in browser.text
