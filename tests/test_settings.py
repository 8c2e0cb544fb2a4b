"""The settings in pages: what an administrator sets is what everybody sees at once, and nobody else sets it."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import Setting, database
from services import colours, preferences
from services.sms.texts import code_text
from tests.answers import jpeg
from tests.browser import Browser
from tests.desk import lines

CONTACT = {
    "contact_name": "chị Lan, Phòng Nhân sự",
    "contact_phone": "0274 3 755 123 (máy 12)",
    "contact_place": "tầng 1, nhà văn phòng",
    "contact_hours": "8:00 đến 16:30",
}


@pytest.fixture
def admin(sign_in):
    return sign_in("admin")


def set_in(admin: Browser, section: str, status: int = 200, press: str | None = None, **values) -> Browser:
    """Fill in one page of the settings and save it."""
    return admin.open(f"/staff/settings/{section}").submit(values, press=press, status=status)


def now() -> preferences.Preferences:
    with database.connection_context():
        return preferences.current()


# What is set is seen


def test_the_company_is_called_as_the_page_says_and_until_then_as_the_environment_does(admin, plain):
    assert "Công ty May Bình Minh" in plain.open("/").text
    set_in(admin, "company", company_name="Công ty Gỗ Hạnh Phúc")
    assert "Công ty Gỗ Hạnh Phúc" in plain.open("/").text
    assert "May Bình Minh" not in plain.text
    assert "Công ty Gỗ Hạnh Phúc" in admin.open("/staff/settings").text


def test_an_emptied_name_stays_empty_though_the_environment_has_one(admin, plain):
    set_in(admin, "company", company_name="")
    assert "Bình Minh" not in plain.open("/").text


def test_what_no_page_has_set_follows_the_environment_at_the_next_start(make_app, sign_in_to):
    app = make_app()
    set_in(sign_in_to(app), "contact", **CONTACT)
    app = make_app(QUAY_COMPANY_NAME="Tên mới", QUAY_DEFAULT_AGENCY="079")
    assert "Tên mới" in Browser(app).open("/").text
    assert now().default_agency == "079"
    assert now().contact_name == CONTACT["contact_name"]


def test_another_process_sees_a_change_with_its_next_request(admin, plain):
    # As another process would write it, past everything that this one may have kept.
    plain.open("/")
    with database.connection_context():
        Setting.keep("preferences", json.dumps({"company_name": "Từ tiến trình khác", "of_a_later_version": 1}))
    assert "Từ tiến trình khác" in plain.open("/").text


def test_whom_to_ask_stands_on_the_receipt_the_code_page_and_the_errors(admin, plain, code):
    told = "Gặp Nhân sự: chị Lan, Phòng Nhân sự · 0274 3 755 123 (máy 12) · tầng 1, nhà văn phòng · 8:00 đến 16:30"
    assert "Gặp Nhân sự:" not in plain.open("/khong-co", 404).text
    set_in(admin, "contact", **CONTACT)
    assert told in plain.open("/khong-co", 404).text
    assert told in plain.open("/help").text
    plain.fill_until("review").submit()
    assert told in plain.text
    assert told in plain.submit({"code": code()}).text


def test_a_contact_is_words_never_markup(admin, plain):
    set_in(admin, "contact", contact_name="<b>Lan</b>")
    assert "<b>Lan</b>" in plain.open("/help").text
    assert plain.page.select_one(".contact b") is None


# The agency


def test_the_default_agency_is_preselected_and_can_be_changed_where_it_is_free(admin, plain):
    set_in(admin, "agency", default_agency="07921")
    plain.fill_until("agency")
    assert plain.value("agency") == "07921"
    plain.submit({"agency": "07407"})
    assert "Lái Thiêu" in plain.text


def test_a_locked_agency_is_shown_without_a_choice_and_no_other_is_taken(admin, browser):
    set_in(admin, "agency", default_agency="07921", is_agency_locked=True)
    browser.fill_until("agency")
    assert browser.page.select("select[name=agency]") == []
    assert "BHXH cơ sở Hóc Môn" in browser.text
    browser.submit({"agency": "07407"}, status=422)
    assert browser.errors() == ["Chọn một cơ quan BHXH trong danh sách."]
    browser.submit()
    assert browser.step == "review"
    assert "BHXH cơ sở Hóc Môn" in browser.text


def test_a_draft_that_chose_another_agency_before_the_lock_is_told_so(admin, plain):
    plain.fill_until("review")
    set_in(admin, "agency", default_agency="07921", is_agency_locked=True)
    assert plain.reload().step == "agency" and len(plain.errors()) == 1
    plain.submit()
    assert plain.step == "review" and "BHXH cơ sở Hóc Môn" in plain.text


def test_an_agency_that_is_not_listed_cannot_become_the_default(admin):
    set_in(admin, "agency", 422, default_agency="99999")
    assert admin.errors() == ["Chọn một cơ quan BHXH trong danh sách."]
    assert now().default_agency == "07407"


# The channel


def test_the_notice_is_for_hr_with_its_day_and_for_everybody_only_where_so_set(admin, plain):
    assert "cập nhật 25/11/2026" in admin.open("/staff/").text
    assert "Nghị định 164/2025/NĐ-CP" in admin.text
    assert "Nghị định 164" not in plain.open("/").text
    note = {"notice": "Cơ quan BHXH Lái Thiêu vẫn nhận bản giấy.\nHỏi chị Lan.", "notice_date": "2027-01-05"}
    set_in(admin, "channel", **note)
    assert "cập nhật 05/01/2027" in admin.open("/staff/").text
    assert "vẫn nhận bản giấy" in admin.text
    assert "vẫn nhận bản giấy" not in plain.open("/").text
    set_in(admin, "channel", is_notice_public=True)
    assert "vẫn nhận bản giấy" in plain.open("/").text
    assert "05/01/2027" in plain.text


def test_where_the_channel_is_vneid_the_guide_says_to_try_that_first(admin, plain):
    assert "VNeID mức 2" not in plain.open("/").text
    set_in(admin, "channel", channel="vneid")
    assert "VNeID mức 2" in plain.open("/").text
    assert "Đang dùng: VNeID" in admin.open("/staff/").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"channel": "fax"}, "Chọn kênh đăng ký."),
        ({"notice_date": "5/1/27"}, "Nhập ngày theo dạng 2026-11-25."),
        ({"notice": "a" * 601}, "Rút ngắn còn tối đa 600 ký tự."),
    ],
)
def test_a_channel_page_with_a_mistake_keeps_what_was_typed(admin, changes, sentence):
    set_in(admin, "channel", 422, **{"notice": "Giữ lấy câu này.", **changes})
    assert sentence in admin.errors()
    assert ("Giữ lấy câu này." in admin.value("notice")) is ("notice" not in changes)
    assert now() == preferences.Preferences(company_name="Công ty May Bình Minh")


# Messages


def test_the_code_comes_in_the_words_that_were_set_without_accents(admin, plain, environ, code):
    set_in(admin, "messages", code_text="{company} gửi bạn mã {code}. Dùng trong {minutes} phút nhé!")
    assert (
        "Cong Ty May Binh Minh gui ban ma 123456. Dung trong 5 phut nhe!" in admin.open("/staff/settings/messages").text
    )
    plain.fill_until("review").submit()
    assert plain.submit({"code": code()}).page.select_one("[data-reference]")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Ma cua ban o day.", "Thêm {code} vào chỗ mà mã xác nhận phải đứng."),
        ("{ma}: {code}", "Quầy không biết {ma}."),
        ("{code} €", "tin nhắn không gửi được nó: €"),
        ("{code} {", "tin nhắn không gửi được nó: {"),
        ("Mã: {code} 😀", "tin nhắn không gửi được nó: 😀"),
        ("{code} " + "x" * 154, "Tin này dài 161 ký tự."),
        ("{code} {company}" + "x" * 140, "Tin này dài 168 ký tự."),
    ],
)
def test_a_message_that_would_not_arrive_whole_is_refused(admin, text, sentence):
    set_in(admin, "messages", 422, code_text=text)
    assert sentence in admin.errors()[0]
    assert now().code_text == ""


def test_a_message_of_just_160_characters_is_taken(admin):
    set_in(admin, "messages", code_text="{code} " + "x" * 153)
    assert len(code_text("123456", 5, now().code_text)) == 160


def test_without_a_company_the_usual_message_has_no_gap(make_app):
    make_app(QUAY_COMPANY_NAME="")
    with database.connection_context():
        assert code_text("123456", 5).startswith("Quay VssID: ma xac nhan cua ban la 123456, dung trong 5 phut.")


@given(st.text(alphabet="{}codeminutsay ", max_size=40), st.text(max_size=60))
def test_words_of_a_message_are_filled_in_once_and_never_twice(template, company):
    given_ = preferences.Preferences(company_name=company)
    preferences.use(given_.company_name, "07407")
    sent = code_text("123456", 5, template or "{code}")
    assert sent.count("123456") <= max(1, template.count("{code}")) + company.count("123456")


# The colour


def test_a_colour_is_worn_by_every_page_and_ours_costs_no_byte(admin, plain):
    assert plain.open("/").page.select("link[href*=brand]") == []
    set_in(admin, "company", accent="#7a1f3d")
    link = plain.open("/").page.select_one("link[rel=stylesheet][href*=brand]")
    sheet = plain.client.get(link["href"])
    assert sheet.mimetype == "text/css"
    assert "--main: #7a1f3d" in sheet.text
    assert "immutable" in sheet.headers["Cache-Control"]
    assert "Set-Cookie" not in sheet.headers
    set_in(admin, "company", accent=colours.OURS)
    assert plain.open("/").page.select("link[href*=brand]") == []


def test_an_address_of_a_colour_that_was_changed_is_not_kept_for_ever(admin, plain):
    set_in(admin, "company", accent="#7a1f3d")
    old = plain.open("/").page.select_one("link[href*=brand]")["href"]
    set_in(admin, "company", accent="#00513b")
    new = plain.open("/").page.select_one("link[href*=brand]")["href"]
    assert old != new
    assert plain.client.get(old).headers["Cache-Control"] == "no-store"


def test_a_colour_that_cannot_be_read_is_refused_and_the_nearest_is_one_press_away(admin):
    set_in(admin, "company", 422, accent="#ffcc00", company_name="Công ty Vàng")
    assert "Màu gần nhất đọc được: #846a00." in admin.errors()[0]
    assert admin.value("company_name") == "Công ty Vàng"
    admin.submit(press="Lưu với màu #846a00")
    assert (now().accent, now().company_name) == ("#846a00", "Công ty Vàng")


@pytest.mark.parametrize("accent", ["", "red", "#fff", "#12345g", "#ffcc00;}", "url(//evil)"])
def test_what_is_no_colour_is_refused(admin, accent):
    set_in(admin, "company", 422, accent=accent)
    assert now().accent == ""


COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS)
def test_for_every_colour_there_is_one_to_be_read_in_light_and_one_in_dark(colour):
    nearest = colours.nearest(colour)
    assert colours.reads(nearest)
    assert colours.contrast(nearest, "#ffffff") >= 4.5
    assert colours.contrast(colours.for_dark(nearest), "#18212b") >= 4.5
    assert colours.nearest(nearest) == nearest


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#0b5cab", "#0b5cab", 1)]
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert colours.contrast(one, other) == pytest.approx(ratio, abs=0.01)


# The logo


def send_logo(admin: Browser, data: bytes, status: int = 200, name: str = "logo.png") -> Browser:
    return set_in(admin, "company", status, logo=(BytesIO(data), name))


def test_the_logo_stands_on_every_page_small_and_clean_and_can_be_taken_away(admin, plain):
    send_logo(admin, jpeg(900, 400))
    picture = plain.open("/").page.select_one(".brand img")
    assert plain.page.select(".brand svg") == []
    answer = plain.client.get(picture["src"])
    assert answer.mimetype == "image/jpeg"
    assert answer.data.startswith(b"\xff\xd8\xff")
    assert len(answer.data) <= 20_000
    assert "immutable" in answer.headers["Cache-Control"]
    assert ".brand img" in plain.client.get(plain.page.select_one("link[href*=brand]")["href"]).text
    set_in(admin, "company", company_name="Tên khác")
    assert plain.open("/").page.select_one(".brand img")["src"] == picture["src"]
    set_in(admin, "company", remove_logo=True)
    assert plain.open("/").page.select(".brand img") == []
    assert plain.client.get(picture["src"]).status_code == 404


def test_another_logo_has_another_address(admin, plain):
    send_logo(admin, jpeg(900, 400))
    old = plain.open("/").page.select_one(".brand img")["src"]
    send_logo(admin, jpeg(900, 400, seed=7))
    assert plain.open("/").page.select_one(".brand img")["src"] != old
    assert plain.client.get(old).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "không phải ảnh"),
        (jpeg(900, 400)[:900], "bị hỏng"),
        (jpeg(300, 60), "Logo quá nhỏ."),
    ],
)
def test_what_is_no_picture_for_a_logo_is_refused_and_the_name_stays_typed(admin, data, sentence):
    admin.open("/staff/settings/company")
    admin.submit({"company_name": "Tên mới", "logo": (BytesIO(data), "logo.svg")}, status=422)
    assert sentence in admin.errors()[0]
    assert admin.value("company_name") == "Tên mới"
    assert now().logo_version == ""


# Who may, and what is noted


@pytest.mark.parametrize("role", ["department", "unit"])
def test_nobody_but_an_administrator_sees_or_changes_settings(app, sign_in, role):
    somebody = sign_in(role, "Xưởng May 1" if role == "unit" else None)
    assert somebody.open("/staff/").page.select("a[href='/staff/settings']") == []
    somebody.open("/staff/settings", 403)
    somebody.open("/staff/settings/company", 403)


def test_each_change_leaves_its_line_in_the_log_and_none_of_its_words(admin):
    before = len(lines())
    set_in(admin, "contact", **CONTACT)
    set_in(admin, "retention", draft_days="7")
    set_in(admin, "retention", 422, draft_days="0")
    assert [line[1:] for line in lines()[before:]] == [("change_contact", "", "ok"), ("change_retention", "", "ok")]


def test_two_pages_that_are_saved_one_after_the_other_do_not_undo_each_other(app, admin, sign_in):
    admin.open("/staff/settings/contact")
    other = Browser(app)
    other.client = admin.client
    set_in(other, "retention", draft_days="7")
    admin.submit(CONTACT)
    assert (now().draft_days, now().contact_name) == (7, CONTACT["contact_name"])


@pytest.mark.parametrize(
    "changes",
    [
        {"draft_days": 0},
        {"draft_days": True},
        {"photo_days": "30"},
        {"dossier_days": -1},
        {"channel": "fax"},
        {"accent": "red"},
        {"company_name": None},
    ],
)
def test_no_value_of_the_wrong_kind_is_ever_kept(app, changes):
    with database.connection_context(), pytest.raises(ValueError, match=r"days|channel|accent|company|photo"):
        preferences.change("change_company", **changes)
    assert now() == preferences.Preferences(company_name="Công ty May Bình Minh")


def test_an_unknown_name_is_never_kept(app):
    with database.connection_context(), pytest.raises(TypeError):
        preferences.change("change_company", colour_of_the_sky="blue")


def test_the_pages_of_a_registration_still_answer_when_the_settings_cannot_be_read(admin, plain):
    set_in(admin, "contact", **CONTACT)
    plain.open("/")
    with database.connection_context():
        Setting.drop_table()
    # What was known last holds.
    assert "Gặp Nhân sự: chị Lan" in plain.open("/khong-co", 404).text
