"""Drafts: two tabs, double clicks, several devices; closing, forgetting and deleting."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test

from models import Draft, Envelope, Photo, database
from services import drafts, retention
from services.drafts import Change, Conflict, DraftGone
from services.photos import Photo as Picture
from tests.answers import PERSON, good, jpeg, upload
from tests.browser import Browser
from tokens import Ticket

DECLARATION = "/register/adult/declaration"
DAY = 24 * 60 * 60


def another_tab(app, browser: Browser) -> Browser:
    return Browser(app).open(browser.url)


def counts() -> tuple[int, ...]:
    with database.connection_context():
        return tuple(table.select().count() for table in (Envelope, Draft, Photo))


# Two tabs


def test_the_second_tab_sees_both_values_and_overwrites_nothing(browser, app):
    browser.fill_until("declaration")
    second = another_tab(app, browser)
    browser.answer("declaration", full_name="Nguyễn Một")
    second.submit({**PERSON, "full_name": "Nguyễn Hai"}, status=409)
    assert second.value("full_name") == "Nguyễn Hai"
    assert "Nguyễn Một" in second.page.select_one(".kept").get_text()
    assert browser.open(browser.url.replace("photos", "declaration")).value("full_name") == "Nguyễn Một"
    second.submit()
    assert second.step == "photos"
    assert browser.reload().value("full_name") == "Nguyễn Hai"


def test_the_kept_value_can_be_chosen_too(plain, app):
    plain.fill_until("declaration")
    second = another_tab(app, plain)
    plain.answer("declaration", full_name="Nguyễn Một")
    second.submit({**PERSON, "full_name": "Nguyễn Hai"}, status=409).submit({"full_name": "Nguyễn Một"})
    assert second.open(second.url.replace("photos", "declaration")).value("full_name") == "Nguyễn Một"


def test_tabs_on_different_steps_do_not_disturb_each_other(plain, app):
    plain.fill_until("review")
    first = Browser(app).open(plain.url.replace("review", "declaration"))
    second = Browser(app).open(plain.url.replace("review", "agency"))
    first.submit({"full_name": "Nguyễn Một"})
    second.submit({"email": "mot@congty.vn"})
    assert second.step == "review"
    assert "Nguyễn Một" in second.text and "mot@congty.vn" in second.text


def test_a_double_click_goes_on(plain, app):
    plain.fill_until("declaration")
    second = another_tab(app, plain)
    assert plain.answer("declaration").step == second.answer("declaration").step == "photos"


def test_a_double_click_on_the_very_first_page_makes_one_draft(app):
    plain = Browser(app).start()
    data = {"step_token": plain.token, "consent_processing": "y", "consent_forwarding": "y"}
    with ThreadPoolExecutor(8) as tabs:
        answers = list(tabs.map(lambda _: app.test_client().post("/register/adult/prepare", data=data), range(8)))
    assert {answer.status_code for answer in answers} == {303}
    assert counts() == (1, 1, 0)


def test_of_many_different_answers_at_once_one_is_kept_and_the_others_are_told(app):
    plain = Browser(app).fill_until("declaration")

    def send(name):
        data = {**PERSON, "full_name": name, "step_token": plain.token}
        return name, app.test_client().post(DECLARATION, data=data).status_code

    with ThreadPoolExecutor(8) as tabs:
        outcomes = dict(tabs.map(send, [f"Nguyễn {name}" for name in "ABCDEFGH"]))
    assert sorted(outcomes.values()) == [303] + [409] * 7
    winner = next(name for name, status in outcomes.items() if status == 303)
    assert plain.reload().value("full_name") == winner


def test_different_photos_from_several_devices_are_all_kept(app):
    plain = Browser(app).fill_until("photos")

    def send(kind):
        data = {"step_token": plain.token, "action": "save", kind: upload(data=jpeg(seed=len(kind)))}
        return app.test_client().post("/register/adult/photos", data=data).status_code

    with ThreadPoolExecutor(3) as devices:
        assert list(devices.map(send, ("portrait", "id_front", "id_back"))) == [303] * 3
    assert len(plain.reload().page.select("figure img")) == 3
    assert plain.submit().step == "agency"


# Closing and deleting


def test_a_draft_that_no_phone_can_bring_back_is_deleted_by_xong(plain):
    plain.fill_until("declaration").submit(press="Xong")
    assert counts() == (0, 0, 0)


def test_a_draft_with_a_phone_is_kept_by_xong_with_what_was_half_typed(plain, code):
    plain.fill_until("photos").open(plain.url.replace("photos", "declaration"))
    plain.submit({"full_name": "", "address": "99 đường mới"}, press="Xong")
    plain.open("/lookup").submit({"phone": PERSON["phone"]}).submit({"code": code()}).follow("Làm tiếp")
    assert (plain.step, plain.value("full_name"), plain.value("address")) == ("declaration", "", "99 đường mới")


def test_xong_on_the_page_of_photos_keeps_those_that_were_chosen(plain):
    plain.fill_until("photos").submit(good("photos"), press="Xong")
    assert plain.heading == "Đã xoá khỏi máy này"
    assert counts() == (1, 1, 3)


def test_what_nobody_touched_for_two_weeks_is_deleted_with_its_key_and_photos(plain, app):
    with time_machine.travel("2026-11-01 08:00", tick=True) as clock:
        plain.fill_until("review")
        clock.shift(13 * DAY)
        Browser(app).fill_until("declaration")
        with database.connection_context():
            assert retention.purge()["drafts"] == 0
        clock.shift(2 * DAY)
        with database.connection_context():
            assert retention.purge()["drafts"] == 1
            assert retention.purge()["drafts"] == 0
    assert counts() == (1, 1, 0)


# Every order in which tabs and devices can look, save and close

STEPS = ("prepare", "declaration", "photos")
WORDS = st.sampled_from(["một", "hai"])
ANSWERS = st.builds(lambda word: {"full_name": word}, WORDS)
PHONES = st.builds(lambda word: {"full_name": word, "phone": "0912345678"}, WORDS)
PICTURES = st.one_of(st.none(), st.builds(lambda word: Picture(word.encode(), b"small", 4, 3), WORDS))
CHANGES = st.one_of(
    st.builds(Change, answer=ANSWERS | PHONES),
    st.builds(Change, answer=st.none() | ANSWERS, typed=ANSWERS),
    st.builds(
        Change, photos=st.dictionaries(st.sampled_from("ab"), PICTURES, min_size=1), required=st.just(("a", "b"))
    ),
)


class Tabs(RuleBasedStateMachine):
    """`paper` is what a careful clerk would have written down: one sheet per draft."""

    pages = Bundle("pages")

    def __init__(self):
        super().__init__()
        self.paper = {}

    @rule(target=pages)
    def begin(self):
        return drafts.begin("adult").ticket(STEPS[0])

    @rule(target=pages, page=pages, step=st.sampled_from(STEPS))
    def look(self, page, step):
        if not self._is_open(page):
            with pytest.raises(DraftGone):
                drafts.open_draft(page)
            return page
        draft = drafts.open_draft(page)
        sheet = self.paper[page.id]
        assert (draft.revision, draft.answers, draft.typed) == (sheet["revision"], sheet["answers"], sheet["typed"])
        assert {kind: photo.thumbnail for kind, photo in draft.photos.items()} == dict.fromkeys(
            sheet["photos"], b"small"
        )
        return draft.ticket(step)

    @rule(page=pages, change=CHANGES)
    def save(self, page, change):
        if page.revision == 0:
            blank = {"revision": 0, "answers": {}, "typed": {}, "photos": {}, "at": {}, "has_phone": False}
            self.paper.setdefault(page.id, {"session": page.session, **blank})
        sheet = self.paper.get(page.id)
        if not self._is_open(page):
            with pytest.raises(DraftGone):
                drafts.save(page, "adult", change)
        elif all(sheet["at"].get(part, 0) <= page.revision for part in change.parts(page.step)):
            self._write(sheet, page, change)
            assert drafts.save(page, "adult", change).revision == sheet["revision"]
        elif self._is_there(sheet, page, change):
            assert drafts.save(page, "adult", change).revision == sheet["revision"]
        else:
            with pytest.raises(Conflict) as conflict:
                drafts.save(page, "adult", change)
            assert conflict.value.draft.answers == sheet["answers"]

    @rule(page=pages)
    def close(self, page):
        drafts.close(page)
        if self._is_open(page):
            sheet = self.paper[page.id]
            sheet["session"] = ""
            if not sheet["has_phone"]:
                del self.paper[page.id]

    def _is_open(self, page: Ticket) -> bool:
        return page.id in self.paper and self.paper[page.id]["session"] == page.session

    def _write(self, sheet, page, change):
        sheet["revision"] += 1
        sheet["at"] |= dict.fromkeys([page.step, *change.parts(page.step)], sheet["revision"])
        sheet["photos"] |= change.photos
        sheet["photos"] = {kind: photo for kind, photo in sheet["photos"].items() if photo}
        answer = change.answer
        if change.required:
            answer = {"a": True, "b": True} if len(sheet["photos"]) == 2 else None
        for name, value in (("answers", answer), ("typed", change.typed)):
            sheet[name].pop(page.step, None)
            if value is not None:
                sheet[name][page.step] = value
        sheet["has_phone"] |= any("phone" in answer for answer in sheet["answers"].values())

    def _is_there(self, sheet, page, change) -> bool:
        if change.photos:
            return all(sheet["photos"].get(kind) == photo for kind, photo in change.photos.items())
        return (change.answer, change.typed) == (sheet["answers"].get(page.step), sheet["typed"].get(page.step))


def test_no_order_of_tabs_and_devices_loses_or_overwrites_anything(app):
    with database.connection_context():
        run_state_machine_as_test(Tabs, settings=settings(max_examples=60, stateful_step_count=25, deadline=None))
