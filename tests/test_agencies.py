"""The agencies are known by their codes."""

import csv
from pathlib import Path

import pytest

import tokens
from models import database
from services import agencies, drafts
from services.drafts import Change
from tests.browser import Browser
from tests.dossiers import fill

HCM = "TP. Hồ Chí Minh"


@pytest.fixture
def provinces():
    with (Path(__file__).parents[1] / "data" / "provinces.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def test_there_is_one_agency_for_every_province(provinces):
    provincial = [agency for agency in agencies.all_agencies() if len(agency.code) == 3]
    assert {agency.code for agency in provincial} == {f"0{code}" for code in provinces}
    assert len(provincial) == 34
    assert all(agency.code == f"0{agency.province_code}" for agency in provincial)


def test_there_are_33_more_in_ho_chi_minh_city():
    local = [agency for agency in agencies.all_agencies() if len(agency.code) == 5]
    assert len(local) == 33
    assert {agency.province_code for agency in local} == {"79"}
    assert all(agency.name.startswith("BHXH cơ sở ") for agency in local)


def test_no_code_is_given_twice():
    listed = [agency.code for agency in agencies.all_agencies()]
    assert len(listed) == len(set(listed))


def test_every_province_is_called_as_in_the_list_of_provinces(provinces):
    assert all(provinces[agency.province_code] == agency.province_name for agency in agencies.all_agencies())


def test_a_provincial_agency_is_called_after_its_province():
    assert agencies.find("004").name == "BHXH tỉnh Cao Bằng"
    assert agencies.find("075").name == "BHXH TP Đồng Nai"
    assert agencies.find("079").name == "BHXH TP Hồ Chí Minh"


def test_the_default_agency_carries_its_former_name():
    agency = agencies.find(agencies.DEFAULT_CODE)
    assert agency.label == "BHXH cơ sở Lái Thiêu (tên cũ: BHXH thành phố Thuận An)"
    assert agency.address == "Đường Nguyễn Văn Tiết, phường Lái Thiêu, TP. Hồ Chí Minh"
    assert agency.province_name == HCM


def test_an_agency_without_a_former_name_is_just_named():
    assert agencies.find("07921").label == "BHXH cơ sở Hóc Môn"


@pytest.mark.parametrize("code", ["", "06703", "7407", "BHXH thành phố Thuận An", "99999"])
def test_nothing_but_a_listed_code_finds_an_agency(code):
    assert agencies.find(code) is None


def test_the_groups_begin_with_the_default_province_and_go_on_in_vietnamese_order(provinces):
    groups = agencies.by_province()
    names = [name.removeprefix("TP. ").removeprefix("Tỉnh ") for name, _agencies in groups]
    assert groups[0][0] == HCM
    assert names[1:6] == ["An Giang", "Bắc Ninh", "Cà Mau", "Cao Bằng", "Cần Thơ"]
    assert names.index("Đà Nẵng") < names.index("Đắk Lắk") < names.index("Điện Biên") < names.index("Hà Nội")
    assert names.index("Hải Phòng") < names.index("Huế") < names.index("Hưng Yên")
    assert len(groups) == len(provinces)


def test_the_groups_hold_every_agency_the_provincial_one_first():
    groups = agencies.by_province()
    assert sum(len(members) for _name, members in groups) == len(agencies.all_agencies())
    assert all(len(members[0].code) == 3 for _name, members in groups)


def test_an_agency_that_is_no_more_is_asked_again_before_anything_is_sent(app):
    with database.connection_context():
        draft = fill("0912345678")
        gone = {"agency": "99999", "email_copy": False, "email": ""}
        draft = drafts.save(draft.ticket("agency"), "adult", Change(gone))
    plain = Browser(app).open(f"/register/adult/review?t={tokens.sign_page(draft.ticket())}")
    assert (plain.step, plain.errors()) == ("agency", ["Chọn một cơ quan BHXH trong danh sách."])
    assert plain.submit({"agency": "07407"}).step == "review"
