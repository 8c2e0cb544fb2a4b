"""The parent: proves the phone once, is told nothing before that, and is asked only what is not known here."""

import pytest
import time_machine

from models import Code, Dossier, Draft, Unit, database
from services import later
from tests import dossiers
from tests.answers import PARENT, PERSON, born, child
from tests.browser import Browser
from tests.messages import messages
from tests.work import work_of

MOTHER = PERSON["phone"]
STRANGER = "0987654321"
OTHER_AGENCY = "07403"


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-23 08:00:00+07:00", tick=True) as traveller:
        yield traveller


@pytest.fixture
def at_guardian(browser):
    return browser.fill_until("guardian", "child")


def finish(browser: Browser, **changes) -> str:
    """From the child's step to the receipt, without a code; gives the reference."""
    browser.answer("child", **changes).answer("photos").answer("agency").submit(press="gửi hồ sơ")
    assert browser.heading == "Đã nhận hồ sơ của con"
    return browser.page.select_one("[data-reference]").get_text(strip=True)


def rows(table) -> int:
    with database.connection_context():
        return table.select().count()


def test_the_phone_is_asked_then_the_code_then_what_is_not_known(at_guardian, code):
    assert at_guardian.asked == {"phone"}
    at_guardian.submit({"phone": "+84 912 345 678"}, press="Gửi mã xác nhận")
    assert (at_guardian.step, at_guardian.asked) == ("guardian", {"code", "phone"})
    assert "0912 345 678" in at_guardian.text and at_guardian.value("phone") == MOTHER
    at_guardian.submit({"code": code()}, press="Xác nhận số điện thoại")
    assert at_guardian.asked == {*PARENT, "employee_code"}
    assert not at_guardian.errors(), "nobody is told off for what was not asked before"
    assert at_guardian.submit(PARENT).step == "child"


def test_a_parent_who_registered_here_is_asked_nothing_more(app, clock, submitted, code):
    submitted(Browser(app), employee_code="NV07")
    clock.shift(61)
    plain = Browser(app).fill_until("guardian", "child").prove(MOTHER)
    assert plain.step == "child"
    plain.answer("child").answer("photos").answer("agency")
    for value in (*PERSON.values(), "NV07"):
        assert value in plain.text


def test_the_agency_that_the_parent_chose_is_preselected_for_the_child(app, clock, code):
    parent = Browser(app).fill_until("agency").submit({"agency": OTHER_AGENCY}).submit().submit({"code": code()})
    assert parent.heading == "Đã nhận hồ sơ của bạn"
    clock.shift(61)
    child_of = Browser(app).fill_until("guardian", "child").prove(MOTHER)
    child_of.answer("child").answer("photos")
    assert child_of.page.select_one("[name=agency] option[selected]")["value"] == OTHER_AGENCY
    stranger = Browser(app).fill_until("guardian", "child").prove(STRANGER)
    stranger.submit({**PARENT, "phone": STRANGER}).answer("child").answer("photos")
    assert stranger.page.select_one("[name=agency] option[selected]")["value"] == "07407"


def test_what_is_known_of_a_phone_is_shown_to_nobody_who_has_not_proved_it(app, clock, submitted, sign_in, tmp_path):
    submitted(Browser(app))
    clock.shift(61)
    pages = {}
    for phone in (MOTHER, STRANGER):
        plain, seen = Browser(app).fill_until("guardian", "child"), []
        for values, press, status in (
            ({"phone": phone}, None, 200),
            ({"code": "12345"}, None, 422),
            ({"code": ""}, None, 422),
            ({}, "Gửi mã mới", 200),
            ({"phone": phone}, "Quay lại", 200),
        ):
            plain.submit(values, press=press, status=status)
            seen.append(plain.text.replace(phone, "X").replace(f"{phone[:4]} {phone[4:7]} {phone[7:]}", "X"))
        pages[phone] = seen
        for value in (PERSON["full_name"], PERSON["id_number"], PERSON["address"]):
            assert value not in " ".join(seen)
    assert pages[MOTHER] == pages[STRANGER]
    assert len(messages(tmp_path / "sms")) == 3, "both phones got a message, so that nobody learns which is known"
    # HR sees whose phone it is before a code is read out.
    assert PERSON["full_name"] in sign_in().open("/staff/codes").text


def test_parents_fields_cannot_be_slipped_in_without_a_code(at_guardian):
    token = {"step_token": at_guardian.token, "action": "continue"}
    url = at_guardian.url
    answer = at_guardian.client.post(url, data={**PARENT, **token})
    assert answer.status_code == 303
    at_guardian.open(answer.headers["Location"])
    assert (at_guardian.step, at_guardian.asked) == ("guardian", {"code", "phone"})
    answer = at_guardian.client.post(
        at_guardian.url, data={**PARENT, "code": "000000", "step_token": at_guardian.token}
    )
    assert answer.status_code == 422
    at_guardian.open(url.replace("/guardian", "/child"))
    assert at_guardian.step == "guardian"


def test_a_wrong_code_counts_and_the_right_one_still_works(at_guardian, code):
    at_guardian.submit({"phone": MOTHER})
    right = code()
    at_guardian.submit({"code": f"{(int(right) + 1) % 1_000_000:06}"}, status=422)
    assert "còn 4 lần thử" in at_guardian.page.select_one(".summary").get_text()
    assert at_guardian.page.title.get_text().startswith("Lỗi: ")
    assert at_guardian.submit({"code": f"{right[:3]} {right[3:]}"}).asked >= {"guardian_full_name"}


def test_no_code_that_is_none_costs_a_try(at_guardian):
    at_guardian.submit({"phone": MOTHER})
    for typed in ("", "12345", "abcdef", "1234567", "'; --"):
        at_guardian.submit({"code": typed}, status=422)
        assert at_guardian.errors() and at_guardian.asked == {"code", "phone"}
    with database.connection_context():
        assert Code.get().tries_left == 5


def test_going_back_or_away_with_a_code_typed_spends_and_sends_nothing(plain, code):
    plain.fill_until("guardian", "child").submit({"phone": MOTHER})
    right = code()
    plain.submit({"code": "000000"}, press="Quay lại")
    assert plain.step == "prepare"
    plain.submit()
    assert plain.value("phone") == MOTHER and plain.value("code") == ""
    with database.connection_context():
        assert (Code.get().tries_left, Code.select().count()) == (5, 1)
    plain.submit({"code": right}, press="Xong")
    with database.connection_context():
        assert Code.get().used_at is None


def test_a_code_lives_five_minutes_and_a_new_one_is_sent_on_the_same_page(plain, clock, code):
    plain.fill_until("guardian", "child").submit({"phone": MOTHER})
    old = code()
    clock.shift(5 * 60 + 1)
    plain.submit({"code": old}, status=422)
    assert "Hãy gửi mã mới" in plain.errors()[0]
    plain.submit(press="Gửi mã mới")
    assert plain.asked == {"code", "phone"} and code() != old
    assert plain.submit({"code": code()}).asked >= {"guardian_full_name"}


def test_too_many_codes_are_refused_with_the_time_to_wait(plain, clock):
    plain.fill_until("guardian", "child").submit({"phone": MOTHER})
    for _ in range(2):
        clock.shift(61)
        plain.submit(press="Gửi mã mới")
    clock.shift(61)
    plain.submit(press="Gửi mã mới", status=429)
    assert "3 mã trong một giờ" in plain.page.select_one(".summary").get_text()
    assert int(plain.response.headers["Retry-After"]) > 60
    assert plain.value("phone") == MOTHER


def test_another_phone_needs_a_code_of_its_own_and_what_was_typed_is_kept(plain, clock, code):
    plain.fill_until("guardian", "child").prove(MOTHER)
    changed = {**PARENT, "phone": STRANGER, "guardian_full_name": "Trần Thị Ngọc"}
    plain.submit(changed)
    assert plain.asked == {"code", "phone"}
    old = code()
    clock.shift(61)
    plain.submit({"phone": "0987654322", "code": old}, status=422)
    plain.submit({"phone": STRANGER, "code": old})
    assert plain.step == "child", "nothing had to be typed twice"
    plain.open(plain.url.replace("/child?", "/guardian?"))
    assert plain.value("guardian_full_name") == "Trần Thị Ngọc" and plain.value("phone") == STRANGER


def test_a_changed_phone_unanswers_the_step_until_it_is_proved(plain, clock, code):
    plain.fill_until("review", "child")
    clock.shift(61)
    plain.open(plain.url.replace("review", "guardian")).submit({"phone": STRANGER})
    plain.open(plain.url.replace("guardian", "review"))
    assert plain.step == "guardian"
    plain.submit({"code": code()})
    assert plain.step == "review" and STRANGER in plain.text


def test_mistakes_in_the_parents_fields_are_said_and_everything_typed_stays(at_guardian):
    at_guardian.prove(MOTHER)
    at_guardian.submit({"guardian_full_name": "123", "address": "12 đường Lê Lợi", "commune": "an binh"}, status=422)
    said = " ".join(at_guardian.errors())
    for words in ("bằng chữ", "mã số BHXH", "CCCD", "trong danh sách"):
        assert words in said
    assert at_guardian.value("address") == "12 đường Lê Lợi" and at_guardian.page.select("[name=commune_code]")


def test_where_the_company_has_units_the_parents_is_asked_and_hr_of_the_unit_sees_the_child(app, sign_in):
    with database.connection_context():
        Unit.create(name="Xưởng May 1")
        Unit.create(name="Xưởng May 2")
    plain = Browser(app).fill_until("guardian", "child").prove(MOTHER)
    plain.submit(PARENT, status=422)
    assert "đơn vị" in plain.errors()[0]
    plain.submit({"unit": "Xưởng May 1"})
    reference = finish(plain)
    assert reference in sign_in("unit", "Xưởng May 1").text


def test_hr_reads_the_code_out_where_no_messages_are_sent(make_app, sign_in_to):
    app = make_app(QUAY_SMS_URL="")
    parent = Browser(app).fill_until("guardian", "child").submit({"phone": MOTHER})
    assert "bộ phận Nhân sự" in parent.text
    read_out = sign_in_to(app).open("/staff/codes").page.select_one(".digits").get_text(strip=True)
    assert parent.submit({"code": read_out}).asked >= {"guardian_full_name"}


def test_the_work_for_a_phone_that_is_known_here_is_the_same_to_the_last_query_and_hash(app, clock, submitted):
    submitted(Browser(app))
    Browser(app).fill_until("child", "child")
    clock.shift(61)
    worked = {}
    for phone in (MOTHER, STRANGER):
        parent = Browser(app).fill_until("guardian", "child")
        worked[phone] = [
            work_of(lambda parent=parent, phone=phone: parent.submit({"phone": phone})),
            work_of(lambda parent=parent: parent.submit({"code": "12345"}, status=422)),
            work_of(lambda parent=parent, phone=phone: parent.submit({"phone": phone}, press="Gửi mã mới")),
        ]
    assert worked[MOTHER] == worked[STRANGER]
    assert worked[MOTHER][0]["keyed_hash"] > 1


def test_hr_sees_whose_phone_it_is_while_the_person_who_asks_does_not(make_app, sign_in_to, clock):
    app = make_app(QUAY_SMS_URL="")
    with database.connection_context():
        Unit.create(name="Xưởng May 1")
        dossiers.file_one(MOTHER, full_name="Nguyễn Thị Mẹ", unit="Xưởng May 1")
    clock.shift(61)
    parent = Browser(app).fill_until("guardian", "child").submit({"phone": MOTHER})
    assert "Nguyễn Thị Mẹ" not in parent.text
    later.settle()
    page = sign_in_to(app, "unit", "Xưởng May 1").open("/staff/codes")
    assert "Nguyễn Thị Mẹ" in page.text
    read_out = page.page.select_one(".digits").get_text(strip=True)
    assert parent.submit({"code": read_out}).step == "child"


# No second code within half an hour


def test_a_phone_that_was_just_proved_is_not_asked_again(browser, tmp_path):
    browser.fill_until("review", "child")
    assert "không cần nhập mã nữa" in browser.text and "Bước 6 trên 6" in browser.text
    browser.submit(press="gửi hồ sơ")
    assert browser.heading == "Đã nhận hồ sơ của con"
    assert (rows(Dossier), rows(Draft), len(messages(tmp_path / "sms"))) == (1, 0, 1)


@pytest.mark.parametrize(("minutes", "asked_again"), [(28, False), (31, True)])
def test_after_half_an_hour_the_code_is_asked_as_for_adults(app, clock, code, minutes, asked_again):
    plain = Browser(app).fill_until("agency", "child")
    clock.shift(minutes * 60 - 5)
    lookup = Browser(app).open("/lookup").submit({"phone": MOTHER}).submit({"code": code()})
    clock.shift(61)
    plain = lookup.follow("Làm tiếp").answer("agency")
    assert ("gửi mã xác nhận" in plain.text) is asked_again
    plain.submit()
    if asked_again:
        assert "Bước 7 trên 7" in plain.text
        plain.submit({"code": code()})
    assert plain.heading == "Đã nhận hồ sơ của con"


def test_a_proof_that_ends_while_the_review_is_read_leads_to_a_code(plain, clock, code):
    plain.fill_until("guardian", "child").answer("guardian")
    clock.shift(28 * 60)
    plain.answer("child").answer("photos").answer("agency")
    clock.shift(180)
    plain.submit(press="gửi hồ sơ", status=422)
    assert (plain.heading, rows(Dossier)) == ("Nhập mã xác nhận", 0)
    plain.submit(press="Gửi mã mới").submit({"code": code()})
    assert plain.heading == "Đã nhận hồ sơ của con"


def test_no_adult_is_submitted_without_a_code_however_fresh_another_proof_is(app, clock):
    Browser(app).fill_until("review", "child")
    clock.shift(61)
    adult = Browser(app).fill_until("review")
    token = adult.submit(press="gửi mã").token
    answer = adult.client.post("/register/adult/confirm", data={"step_token": token})
    assert (answer.status_code, rows(Dossier)) == (422, 0)


def test_the_proof_of_one_draft_is_none_for_another(app, clock):
    one = Browser(app).fill_until("review", "child")
    clock.shift(61)
    other = Browser(app).fill_until("guardian", "child").submit({"phone": MOTHER})
    assert other.asked == {"code", "phone"}
    one.submit(press="gửi hồ sơ")
    assert other.reload().asked == {"code", "phone"}


# The next child


def test_several_children_follow_one_another_with_one_code(app, environ, tmp_path, browser):
    browser.fill_until("agency", "child").answer("agency", agency="079").submit(press="gửi hồ sơ")
    references = {browser.page.select_one("[data-reference]").text}
    for name, number in (("Trần Minh Anh", "7921234568"), ("Trần Minh Bảo", "7921234569")):
        browser.submit(press="Đăng ký cho bé khác")
        assert browser.step == "prepare" and not browser.value("consent_processing"), "consents are asked anew"
        browser.answer("prepare")
        assert browser.step == "child" and browser.value("full_name") == ""
        browser.answer("child", full_name=name, social_insurance_code=number).answer("photos")
        assert browser.value("agency") == "079", "the agency of the child before"
        browser.submit().submit(press="gửi hồ sơ")
        assert name in browser.text
        references.add(browser.page.select_one("[data-reference]").text)
    assert (len(references), rows(Dossier), rows(Draft), len(messages(tmp_path / "sms"))) == (3, 3, 0, 1)


def test_after_half_an_hour_the_next_child_needs_a_code_but_nothing_else_of_the_parent(app, clock, code):
    plain = Browser(app).fill_until("review", "child").submit(press="gửi hồ sơ")
    clock.shift(28 * 60)
    receipt = plain.reload()
    clock.shift(5 * 60)
    receipt.submit(press="Đăng ký cho bé khác").answer("prepare")
    assert (receipt.step, receipt.asked, receipt.value("phone")) == ("guardian", {"phone"}, MOTHER)
    receipt.submit().submit({"code": code()})
    assert receipt.step == "child"


def test_the_code_at_the_end_proves_the_phone_for_the_next_child_too(app, clock, code):
    plain = Browser(app).fill_until("guardian", "child").answer("guardian").answer("child")
    clock.shift(28 * 60)
    plain.answer("photos").answer("agency")
    clock.shift(3 * 60)
    plain.reload().submit(press="gửi mã").submit({"code": code()})
    assert plain.submit(press="Đăng ký cho bé khác").answer("prepare").step == "child"


def test_pressing_twice_begins_one_child(plain):
    plain.fill_until("review", "child").submit(press="gửi hồ sơ")
    data = {"step_token": plain.page.select_one("form [name=step_token]")["value"]}
    places = {plain.client.post("/register/child/another", data=data).headers["Location"].split("?")[0] for _ in "12"}
    assert (places, rows(Draft)) == ({"/register/child/prepare"}, 1)


def test_a_parent_of_one_child_is_known_for_the_next_on_another_day(app, clock):
    finish(Browser(app).fill_until("child", "child"))
    clock.shift(3 * 24 * 3600)
    plain = Browser(app).fill_until("guardian", "child").prove(MOTHER)
    assert plain.step == "child"
    plain.answer("child").answer("photos").answer("agency")
    for value in PARENT.values():
        assert value in plain.text


def test_an_adults_receipt_begins_no_child(app, submitted):
    plain = Browser(app)
    submitted(plain)
    assert "bé khác" not in plain.text
    answer = plain.client.post("/register/child/another", data={"step_token": plain.token})
    assert (answer.status_code, rows(Draft)) == (403, 0)


def test_the_phone_finds_drafts_and_dossiers_of_its_children_by_their_names(app, clock, code):
    finish(Browser(app).fill_until("child", "child"))
    clock.shift(61)
    Browser(app).fill_until("guardian", "child").prove(MOTHER).answer("child", full_name="Trần Minh Anh")
    clock.shift(61)
    plain = Browser(app).open("/lookup").submit({"phone": MOTHER}).submit({"code": code()})
    assert "Trần Minh Khôi" in plain.text and "Trần Minh Anh" in plain.text
    found = plain.url
    assert plain.follow("Làm tiếp").step == "photos"
    assert plain.open(found).follow("Xem biên nhận").heading == "Đã nhận hồ sơ của con"


def test_nothing_of_parent_or_child_but_the_childs_name_lies_readable(plain):
    plain.fill_until("review", "child")
    with database.connection_context():
        draft = str(list(Draft.select().dicts()))
    plain.submit(press="gửi hồ sơ")
    with database.connection_context():
        dossier = Dossier.select().dicts().get()
    assert (dossier["full_name"], dossier["search_name"]) == ("Trần Minh Khôi", "tran minh khoi")
    readable = draft + str(dossier)
    for value in (*PARENT.values(), child()["social_insurance_code"], child()["birth_date"]):
        assert value not in readable


def test_the_parent_sees_all_that_is_held_of_the_child(plain):
    plain.fill_until("child", "child").answer("child", birth_date=born(3), relation="mother")
    plain.answer("photos").answer("agency").submit(press="gửi hồ sơ")
    plain.follow("Dữ liệu của bạn").follow("Xem tất cả")
    for value in (*PARENT.values(), "Trần Minh Khôi", "Mẹ", "Giấy khai sinh:", "thay cho con"):
        assert value in plain.text
    assert "Mã xác nhận số điện thoại, gửi lúc" in plain.text and "để tra cứu" not in plain.text


def test_a_childs_dossier_is_corrected_under_its_reference_and_another_child_follows(plain):
    plain.fill_until("review", "child").submit(press="gửi hồ sơ")
    reference = plain.page.select_one("[data-reference]").text
    plain.submit(press="Sửa hồ sơ")
    plain.open(plain.url.replace("/review?", "/child?")).submit({"full_name": "Trần Minh Khôi Anh"})
    assert "Trần Minh Khôi Anh" in plain.text
    plain.submit(press="gửi hồ sơ")
    assert plain.page.select_one("[data-reference]").text == reference
    assert plain.submit(press="Đăng ký cho bé khác").answer("prepare").step == "child"
