"""What holds of every step of every flow, without scripts and with htmx."""

import pytest

from forms.photos import PhotosForm
from tests.answers import good
from tests.browser import Browser
from wizard.flows import FLOWS

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
STEPS = [(flow, step) for flow, steps in FLOWS.items() for step in steps]


@pytest.fixture(params=STEPS, ids=lambda pair: f"{pair[0]}-{pair[1].name}")
def at_step(browser, request):
    flow, step = request.param
    return browser.fill_until(step.name, flow), step, flow


@SQLITE_ONLY
def test_it_says_its_title_and_which_step_it_is(at_step):
    browser, step, flow = at_step
    assert browser.heading == str(step.title)
    assert f"Bước {FLOWS[flow].index(step) + 1} trên" in browser.text


def test_a_good_answer_goes_on(at_step):
    browser, step, flow = at_step
    browser.answer(step.name)
    names = [each.name for each in FLOWS[flow]]
    assert browser.step == (names + ["review"])[names.index(step.name) + 1]


@SQLITE_ONLY
def test_an_empty_answer_says_what_is_wrong_beside_the_field_and_above(at_step):
    browser, step, _flow = at_step
    wrong = {name: False if value is True else "" for name, value in _plain(step).items() if name in browser.asked}
    browser.submit(wrong, status=422)
    assert browser.errors()
    summary = browser.page.select_one(".summary[role=alert]")
    assert [link.get_text(strip=True) for link in summary.select("a")] == browser.errors()
    assert browser.heading == str(step.title)


def test_a_good_answer_stands_there_again_after_back(at_step):
    browser, step, flow = at_step
    browser.answer(step.name)
    browser.open(_address(browser, flow, step.name))
    for name, value in good(step.name, flow).items():
        if isinstance(value, str | bool):
            assert browser.value(name) == value
        else:
            assert browser.page.select_one(f"img[alt*='{_label(step, name)}']")


def test_back_leads_to_the_step_before_and_keeps_what_was_typed(at_step):
    browser, step, flow = at_step
    names = [each.name for each in FLOWS[flow]]
    place = names.index(step.name)
    typed = _typed(browser, step)
    browser.submit(typed, press="Quay lại")
    if place == 0:
        assert "Đăng ký tài khoản VssID" in browser.heading
        return
    assert browser.step == names[place - 1]
    browser.open(_address(browser, flow, step.name))
    assert browser.step == step.name
    for name, value in typed.items():
        assert browser.value(name) == value


def test_what_is_half_typed_survives_back_and_the_step_is_asked_again(at_step):
    browser, step, flow = at_step
    texts = {name: value for name, value in _typed(browser, step).items() if name != "agency"}
    if not texts:
        return
    first = next(iter(texts))
    browser.submit({first: "0912"}, press="Quay lại")
    browser.open(_address(browser, flow, step.name))
    assert (browser.step, browser.value(first)) == (step.name, "0912")


@SQLITE_ONLY
def test_a_forged_token_is_refused(at_step):
    browser, step, _flow = at_step
    answer = {name: value for name, value in _plain(step).items() if name in browser.asked}
    browser.submit({**answer, "step_token": "x" + browser.token[1:]}, status=403)
    assert "số điện thoại" in browser.text


@SQLITE_ONLY
def test_no_page_sets_a_cookie_or_lets_itself_be_kept(at_step):
    browser, _step, _flow = at_step
    assert "Set-Cookie" not in browser.response.headers
    assert browser.response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("flow", FLOWS)
def test_a_step_further_on_cannot_be_reached_by_its_address(app, flow):
    second = FLOWS[flow][1].name
    browser = Browser(app).fill_until(second, flow)
    for step in FLOWS[flow][2:]:
        browser.open(_address(browser, flow, step.name))
        assert browser.step == second


def _plain(step):
    return {} if issubclass(step.form, PhotosForm) else good(step.name)


def _typed(browser, step):
    """What can be typed on the page as it is now."""
    return {name: value for name, value in _plain(step).items() if isinstance(value, str) and name in browser.asked}


def _label(step, name):
    return str(getattr(step.form, name).args[0])


def _address(browser, flow, name):
    return f"/register/{flow}/{name}?{browser.url.partition('?')[2]}"
