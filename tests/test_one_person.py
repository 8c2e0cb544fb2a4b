"""One person has one dossier and one phone serves one adult; only who has proved the phone hears of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk import way
from models import Code, Dossier, Draft, database
from services import corrections, drafts, submissions, tries
from services.codes import CodeRefused
from services.drafts import Change
from services.submissions import AlreadyHere
from tests.answers import PARENT, PERSON, child
from tests.browser import Browser
from tests.dossiers import file_one, fill, forget_codes, send_code, ticket_of
from tests.messages import messages
from tests.test_submission import wrong

PHONE, OTHER_PHONE = PERSON["phone"], "0987654321"
OTHER_CODE = "7999999999"


def ask(browser: Browser, **person) -> Browser:
    """Up to the page that asks for the code."""
    browser.fill_until("declaration").submit({**PERSON, **person})
    return browser.answer("photos").answer("agency").submit()


def again(draft, code=None) -> str:
    """How submitting this draft ends: `filed`, or the reason why it is not."""
    try:
        submissions.submit(draft.ticket("confirm"), list(draft.answers), code or send_code(draft))
    except (AlreadyHere, CodeRefused) as refused:
        return refused.reason
    return "filed"


def test_who_sends_the_same_again_is_told_so_and_led_to_what_was_sent(browser, app, submitted, code):
    reference = submitted(Browser(app))
    ask(browser).submit({"code": code()}, status=422)
    assert browser.heading == "Chưa gửi được hồ sơ"
    assert browser.page.select_one(".summary[role=alert] [data-reference]").get_text() == reference
    browser.follow("Xem hồ sơ đã gửi")
    assert browser.heading == "Đã nhận hồ sơ của bạn" and reference in browser.text


def test_a_code_that_is_here_under_another_phone_is_said_without_telling_whose_it_is(browser, app, submitted, code):
    reference = submitted(Browser(app), phone=OTHER_PHONE, social_insurance_code=PERSON["social_insurance_code"])
    ask(browser, full_name="Trần Văn Khác").submit({"code": code()}, status=422)
    assert "Mã số BHXH này đã có hồ sơ" in browser.text
    for theirs in (reference, PERSON["full_name"], OTHER_PHONE, "4321", "0987"):
        assert theirs not in browser.text
    assert browser.page.find("a", string="Tra cứu bằng số điện thoại")


def test_a_phone_that_serves_another_adult_is_said_and_another_one_can_be_declared_at_once(
    browser, app, submitted, code
):
    reference = submitted(Browser(app), social_insurance_code=OTHER_CODE)
    ask(browser, full_name="Trần Văn Khác").submit({"code": code()}, status=422)
    assert "Mỗi số điện thoại chỉ đăng ký được cho một người lớn" in browser.text
    assert reference not in browser.text and PERSON["full_name"] not in browser.text
    browser.follow("Khai số điện thoại khác")
    assert browser.step == "declaration" and browser.value("full_name") == "Trần Văn Khác"
    browser.submit({"phone": OTHER_PHONE}).submit().submit({"code": code()})
    assert browser.heading == "Đã nhận hồ sơ của bạn"


def test_a_mistyped_code_is_mended_and_confirmed_with_the_same_message(browser, app, submitted, code):
    submitted(Browser(app), phone=OTHER_PHONE, social_insurance_code=PERSON["social_insurance_code"])
    ask(browser)
    sent = code()
    browser.submit({"code": sent}, status=422).follow("Sửa mã số BHXH")
    browser.submit({"social_insurance_code": OTHER_CODE}).submit().submit({"code": sent})
    assert browser.heading == "Đã nhận hồ sơ của bạn"


def test_pressing_twice_says_the_same_twice(plain, app, submitted, code):
    submitted(Browser(app))
    ask(plain)
    data = {"step_token": plain.token, "code": code()}
    pages = [plain.client.post("/register/adult/confirm", data=data) for _ in range(2)]
    assert [page.status_code for page in pages] == [422, 422]
    assert all("Bạn đã gửi hồ sơ này rồi" in page.text for page in pages)


@pytest.mark.parametrize("here", [{}, {"phone": OTHER_PHONE}, {"social_insurance_code": OTHER_CODE}])
def test_before_the_phone_is_proved_nobody_hears_whether_phone_or_code_is_known(app, submitted, code, here):
    """Declaration, review, asking for the code and a wrong code: the same words as on an empty desk."""

    def walk(**person) -> list[str]:
        browser, seen = Browser(app).fill_until("declaration"), []
        browser.submit({**PERSON, **person})
        for act in (
            lambda: browser.answer("photos"),
            lambda: browser.answer("agency"),
            lambda: browser.submit(),
            lambda: browser.submit({"code": wrong(code())}, status=422),
        ):
            seen.append(browser.text)
            act()
        return [text.replace(person["phone"], "PHONE") for text in [*seen, browser.text]]

    spoken = {"phone": PHONE, "social_insurance_code": PERSON["social_insurance_code"]}
    empty = walk(**spoken)
    with database.connection_context():
        Draft.delete().execute()
        Code.update(sent_at=Code.sent_at - 2 * 24 * 60 * 60).execute()
    submitted(Browser(app), **{**spoken, **here})
    assert walk(**spoken) == empty


def test_trying_one_code_after_another_ends_with_the_tries(app):
    with database.connection_context():
        file_one(OTHER_PHONE, social_insurance_code=PERSON["social_insurance_code"])
        draft = fill(PHONE)
        sent = send_code(draft)
        assert [again(draft, sent) for _ in range(5)] == ["person"] * 5
        assert again(draft, sent) == "locked"


def proved_parent(plain: Browser) -> Browser:
    """A parent at the review of a child whose code is here already; the phone was proved some minutes ago."""
    with database.connection_context():
        file_one("0987654322", "child", social_insurance_code=child()["social_insurance_code"])
    return plain.fill_until("review", "child")


def test_a_parent_who_proved_the_phone_tries_no_more_childrens_codes_than_with_a_code_each_time(plain):
    proved_parent(plain)
    for number in range(tries.FREE):
        assert "không cần nhập mã nữa" in plain.text, f"try {number}"
        plain.submit(press="gửi hồ sơ", status=422)
        assert "Mã số BHXH này đã có hồ sơ" in plain.text
        plain.follow("Sửa mã số BHXH").submit()
    assert "không cần nhập mã nữa" not in plain.text and "mã xác nhận" in plain.text
    with database.connection_context():
        assert tries.closed_for(drafts.phone_hash(PARENT["phone"]), "guardian")
    afresh = Browser(plain.app).fill_until("guardian", "child").submit({"phone": PARENT["phone"]})
    assert "thử lại sau 15 phút" in afresh.submit({"code": "000000"}, status=429).text


def test_a_parents_mistyped_childs_code_is_mended_without_another_message(plain, tmp_path):
    proved_parent(plain).submit(press="gửi hồ sơ", status=422)
    plain.follow("Sửa mã số BHXH").submit({"social_insurance_code": "7921234599"})
    assert plain.submit(press="gửi hồ sơ").heading == "Đã nhận hồ sơ của con"
    assert len(messages(tmp_path / "sms")) == 2, "one for whoever is here, one for this parent"


@pytest.mark.parametrize("status", way.STATES)
def test_only_what_was_withdrawn_is_in_nobodys_way(app, status):
    with database.connection_context():
        Dossier.update(status=status).where(Dossier.id == file_one(PHONE).id).execute()
        assert again(fill(PHONE)) == ("filed" if status == "withdrawn" else "own")


@pytest.mark.parametrize("status", ["submitted", "returned"])
def test_a_correction_is_not_in_its_own_way_but_others_are(app, status):
    with database.connection_context():
        file_one(OTHER_PHONE, social_insurance_code=OTHER_CODE)
        own = file_one(PHONE)
        Dossier.update(status=status).where(Dossier.id == own.id).execute()
        draft = corrections.begin(ticket_of(own))
        for change, outcome in (
            ({"social_insurance_code": OTHER_CODE}, "person"),
            ({"phone": OTHER_PHONE}, "phone"),
            ({}, "filed"),
        ):
            answer = {**draft.answers["declaration"], "social_insurance_code": PERSON["social_insurance_code"]}
            draft = drafts.save(draft.ticket("declaration"), "adult", Change({**answer, "phone": PHONE, **change}))
            assert again(draft) == outcome
            forget_codes()
        assert Dossier.get_by_id(own.id).revision == own.revision + 1


def test_one_phone_serves_many_children_beside_its_adult(app):
    with database.connection_context():
        file_one(PHONE)
        for n in range(3):
            child = fill(PHONE, social_insurance_code=f"791234567{n}")
            Draft.update(flow="child").where(Draft.envelope == child.id).execute()
            assert again(child) == "filed"
        twin = fill(PHONE, social_insurance_code="7912345670")
        Draft.update(flow="child").where(Draft.envelope == twin.id).execute()
        assert again(twin) == "own"


@pytest.mark.parametrize("shared", ["person", "phone", "both"])
def test_of_twenty_who_submit_at_once_one_is_taken(app, shared):
    with database.connection_context():
        filled = []
        for n in range(20):
            phone = PHONE if shared != "person" else f"09123456{n:02}"
            person = PERSON["social_insurance_code"] if shared != "phone" else f"79123456{n:02}"
            draft = fill(phone, social_insurance_code=person)
            filled.append((draft, send_code(draft)))
    together = Barrier(20)

    def submit(mine):
        together.wait()
        with database.connection_context():
            return again(*mine)

    with ThreadPoolExecutor(20) as people:
        outcomes = list(people.map(submit, filled))
    reason = {"person": "person", "phone": "phone", "both": "own"}[shared]
    # Each refusal costs the phone a try, and the fifth closes it.
    refused = 19 if shared == "person" else tries.FREE
    assert sorted(outcomes) == sorted(["filed", *[reason] * refused, *["locked"] * (19 - refused)])
    with database.connection_context():
        assert (Dossier.select().count(), Draft.select().count()) == (1, 19)


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from([PHONE, OTHER_PHONE, "0911111111"]),
        st.sampled_from(["7000000001", "7000000002", "7000000003"]),
        st.sampled_from(["adult", "child"]),
        st.sampled_from(["submitted", "filed", "returned", "withdrawn"]),
    ),
    max_size=7,
)


@given(PEOPLE)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_comes_in_whatever_order_nobody_stands_twice(app, people):
    with database.connection_context(), database.atomic() as transaction:
        for phone, person, flow, status in people:
            draft = fill(phone, social_insurance_code=person)
            Draft.update(flow=flow).where(Draft.envelope == draft.id).execute()
            standing = list(Dossier.standing())
            hashed = (drafts.phone_hash(phone), submissions.person_hash(person))
            same = [each for each in standing if each.social_insurance_hash == hashed[1]]
            serves = [each for each in standing if (each.phone_hash, each.flow) == (hashed[0], "adult")]
            expected = "filed"
            if same:
                expected = "own" if same[0].phone_hash == hashed[0] else "person"
            elif flow == "adult" and serves:
                expected = "phone"
            outcome = submissions.already_here(replace(draft, flow=flow))
            assert (outcome.reason if outcome else "filed") == expected
            if expected == "filed":
                filed = submissions._file(replace(draft, flow=flow), list(draft.answers))
                Dossier.update(status=status).where(Dossier.id == filed.id).execute()
        transaction.rollback()
