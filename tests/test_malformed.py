"""Broken photos through the page: each is refused beside its field or made a clean picture, and the next one is taken.

`python -m benchmarks malformed` sends many more of them, and watches the clock and the memory.
"""

import io

import pytest

from tests.browser import Browser
from tests.malformed import damaged, good

SQLITE_ONLY = pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
REFUSED = ("Chọn", "Chụp")


@SQLITE_ONLY
def test_no_broken_photo_does_harm_and_a_good_one_is_taken_afterwards(app):
    person = Browser(app).fill_until("photos")
    answers = set()
    for name, data in damaged(120):
        answer = person.client.post(
            person.url,
            data={"step_token": person.token, "action": "save", "portrait": (io.BytesIO(data), "anh.jpg")},
            content_type="multipart/form-data",
        )
        assert answer.status_code in {303, 422}, name
        answers.add(answer.status_code)
        if answer.status_code == 303:
            person.open(answer.headers["Location"])
        else:
            person._take(answer, person.url, 422)
            assert len(person.errors()) == 1 and any(word in person.errors()[0] for word in REFUSED), name
    assert answers == {303, 422}, "some are whole enough and some are not"
    person.answer("photos")
    assert person.step == "agency"


@SQLITE_ONLY
def test_a_good_photo_is_not_lost_for_a_broken_one(app):
    person = Browser(app).fill_until("photos")
    person.submit({"portrait": (io.BytesIO(good()["jpeg"]), "a.jpg")}, press="Lưu ảnh")
    person.submit({"portrait": (io.BytesIO(good()["jpeg"][:3000]), "a.jpg")}, press="Lưu ảnh", status=422)
    assert person.page.select_one("#photo-portrait p.error") and person.page.select_one("#photo-portrait img")
