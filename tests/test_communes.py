"""People type communes in every way there is."""

import csv
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import communes
from services.communes.gazetteer import load
from services.vietnamese import fold, sort_key, syllable

DATA = Path(__file__).parents[1] / "data"
LAI_THIEU, THUAN_AN_HCM, DAU_GIAY = "25966", "25978", "26326"
FORMER = "phường Bình Nhâm, thành phố Thuận An, tỉnh Bình Dương"


def rows(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes(matches):
    return [match.commune.code for match in matches]


class TestLists:
    def test_hold_every_commune_once(self):
        listed = rows("communes.csv")
        assert len(listed) == len({row["code"] for row in listed}) == 3321
        assert Counter(row["name"].split()[0] for row in listed) == {"Xã": 2599, "Phường": 709, "Đặc": 13}

    def test_hold_every_province_and_give_each_communes(self):
        provinces = {row["code"] for row in rows("provinces.csv")}
        assert len(provinces) == 34
        assert {row["province_code"] for row in rows("communes.csv")} == provinces

    def test_lead_from_every_former_commune_to_a_present_one(self):
        former, present = rows("former_communes.csv"), {row["code"] for row in rows("communes.csv")}
        assert len(former) == len({tuple(row.values()) for row in former}) == 10855
        assert {row["code"] for row in former} <= present
        assert {row["district_number"] for row in former} == {row["number"] for row in rows("former_districts.csv")}

    @pytest.mark.parametrize(
        "name", ["provinces.csv", "communes.csv", "former_districts.csv", "former_communes.csv", "agencies.csv"]
    )
    def test_are_tidy(self, name):
        text = (DATA / name).read_bytes().decode("utf-8")
        assert text.endswith("\n")
        assert "\r" not in text
        assert "  " not in text
        assert text == unicodedata.normalize("NFC", text)

    def test_know_what_changed_in_2026(self):
        assert communes.find("26326").label == "Phường Dầu Giây, TP. Đồng Nai"
        assert communes.find("07294").label == "Phường Bố Hạ, TP. Bắc Ninh"
        assert communes.find("23938").label == "Xã Ia Mơ, tỉnh Gia Lai"


@pytest.mark.parametrize(
    ("code", "label"),
    [
        (LAI_THIEU, "Phường Lái Thiêu, TP. Hồ Chí Minh"),
        ("00562", "Xã Thuận An, TP. Hà Nội"),
        ("24682", "Xã Thuận An, tỉnh Lâm Đồng"),
        ("26732", "Đặc khu Côn Đảo, TP. Hồ Chí Minh"),
    ],
)
def test_a_label_reads_like_an_address(code, label):
    assert communes.find(code).label == label


def test_an_unknown_code_is_no_commune():
    assert communes.find("99999") is None
    assert communes.find("") is None


LAI_THIEU_TYPED = [
    "Phường Lái Thiêu, TP. Hồ Chí Minh",
    "phường lái thiêu",
    "LÁI THIÊU",
    "lai thieu",
    "p. lai thieu, tphcm",
    "P.Lái Thiêu - TP.HCM",
    "f lai thieu sg",
    "lai thieu hcm",
    "Lái Thiêu, Thành phố Hồ Chí Minh, Việt Nam",
    "phuong lai thieu thuan an binh duong",
    "Lái Thiêu, TX. Thuận An, Bình Dương",
    "lái thiêu, tỉnh bình dương",
    "Phường Bình Nhâm, TP Thuận An, tỉnh Bình Dương",
    "binh nham thuan an",
    "Bình Nhâm, TP.HCM",
    unicodedata.normalize("NFD", "Phường Lái Thiêu, thành phố Hồ Chí Minh"),
]


@pytest.mark.parametrize("text", LAI_THIEU_TYPED)
def test_the_same_commune_in_many_ways(text):
    assert codes(communes.resolve(text)) == [LAI_THIEU]
    assert codes(communes.search(text))[0] == LAI_THIEU


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Phường Bến Nghé, Q1", "Phường Sài Gòn, TP. Hồ Chí Minh"),
        ("p. bến nghé q.1 tphcm", "Phường Sài Gòn, TP. Hồ Chí Minh"),
        ("P12 Gò Vấp", "Phường An Hội Tây, TP. Hồ Chí Minh"),
        ("phường 01, quận 5, sài gòn", "Phường Chợ Quán, TP. Hồ Chí Minh"),
        ("tt. Dầu Tiếng", "Xã Dầu Tiếng, TP. Hồ Chí Minh"),
        ("xã Dầu Giây, tỉnh Đồng Nai", "Phường Dầu Giây, TP. Đồng Nai"),
        ("Phường Thuận An, Thừa Thiên Huế", "Phường Thuận An, TP. Huế"),
        ("Phường Bình Dương, Thủ Dầu Một, Bình Dương", "Phường Bình Dương, TP. Hồ Chí Minh"),
        ("đặc khu côn đảo", "Đặc khu Côn Đảo, TP. Hồ Chí Minh"),
        ("Văn Miếu - Quốc Tử Giám", "Phường Văn Miếu - Quốc Tử Giám, TP. Hà Nội"),
        ("Phường Xuân Hương, Đà Lạt", "Phường Xuân Hương - Đà Lạt, tỉnh Lâm Đồng"),
        ("Xã Ea H’Leo", "Xã Ea H'Leo, tỉnh Đắk Lắk"),
        ("ea hleo, dak lak", "Xã Ea H'Leo, tỉnh Đắk Lắk"),
        ("phường 1, tp vĩnh long", "Phường Long Châu, tỉnh Vĩnh Long"),
    ],
)
def test_shortened_and_former_names(text, label):
    assert [match.commune.label for match in communes.resolve(text)] == [label]


def test_a_match_says_by_which_former_name():
    assert communes.resolve("binh nham")[0].former == FORMER
    assert communes.search("bình nhâ")[0].former == FORMER
    assert communes.resolve("xã dầu giây")[0].former == "xã Dầu Giây, tỉnh Đồng Nai"
    assert communes.resolve("lái thiêu, hcm")[0].former is None


def test_a_name_that_several_have_is_ambiguous_until_the_province_is_typed():
    labels = {match.commune.label for match in communes.resolve("Thuận An")}
    assert labels > {"Phường Thuận An, TP. Huế", "Xã Thuận An, TP. Hà Nội", "Phường Thuận An, TP. Hồ Chí Minh"}
    assert codes(communes.resolve("Thuận An, hcm")) == [THUAN_AN_HCM]
    assert codes(communes.resolve("phường Thuận An, Bình Dương")) == [THUAN_AN_HCM]


def test_a_former_name_that_leads_elsewhere_stays_ambiguous():
    former = [match.former for match in communes.resolve("An Phú, TP.HCM")]
    assert former[0] is None
    assert "phường An Phú, thành phố Thủ Đức, thành phố Hồ Chí Minh" in former


def test_a_divided_commune_is_ambiguous():
    assert len(communes.resolve("Phường Dịch Vọng, quận Cầu Giấy, Hà Nội")) == 2


def test_accents_decide_when_they_are_typed():
    assert {match.commune.name for match in communes.resolve("Cẩm Giàng, Hải Phòng")} == {"Xã Cẩm Giàng"}
    assert {match.commune.name for match in communes.resolve("Cẩm Giang, Hải Phòng")} == {"Xã Cẩm Giang"}
    assert {match.commune.name for match in communes.resolve("cam giang, hai phong")} == {
        "Xã Cẩm Giàng",
        "Xã Cẩm Giang",
    }
    assert communes.resolve("Lài Thiêu") == []
    assert codes(communes.search("Lài Thiêu")) == [LAI_THIEU]


def test_where_the_tone_stands_does_not_matter():
    assert communes.resolve("Hoà Bình") == communes.resolve("Hòa Bình") != []


@pytest.mark.parametrize(
    "text", ["", "  ", "xã", "Lái Thiêu, Hà Nội", "xã Lái Thiêu", "Lái", "12 Lê Lợi, Lái Thiêu", ","]
)
def test_what_is_not_exact_resolves_to_nothing(text):
    assert communes.resolve(text) == []


def test_suggestions_put_the_whole_name_first_then_beginnings_then_later_words():
    names = [fold(match.former or match.commune.label) for match in communes.search("bình trị", limit=20)]
    shapes = [0 if " binh tri," in name else 1 if " binh tri " in name[:20] else 2 for name in names]
    assert shapes == sorted(shapes)
    assert LAI_THIEU in codes(communes.search("thiêu"))


def test_suggestions_put_the_typed_accents_first():
    assert communes.search("Cẩm Giàng")[0].commune.name == "Xã Cẩm Giàng"
    assert communes.search("Cẩm Giang")[0].commune.name == "Xã Cẩm Giang"


@pytest.mark.parametrize(
    "text", ["lái th", "lai thieu, t", "lai thieu, thanh p", "lai thieu, thuan", "p lai thieu b", "lái thiêu tp. hồ"]
)
def test_suggestions_come_while_typing(text):
    assert LAI_THIEU in codes(communes.search(text))


@pytest.mark.parametrize("limit", [0, 1, 8])
def test_suggestions_are_limited(limit):
    assert len(communes.search("tân", limit)) == limit


ALL = sorted(load().communes.values(), key=lambda commune: commune.code)


@settings(deadline=None)
@given(st.sampled_from(ALL))
def test_a_label_means_itself(commune):
    assert communes.resolve(commune.label) == [communes.Match(commune, None)]
    assert communes.search(commune.label)[0].commune == commune


@settings(deadline=None)
@given(st.sampled_from(ALL), st.sampled_from(["NFC", "NFD"]))
def test_a_label_without_accents_means_itself_among_others(commune, form):
    bare = fold(commune.label)
    assert commune in [match.commune for match in communes.resolve(bare)]
    assert commune in [match.commune for match in communes.search(bare.replace(",", ""))]
    assert communes.resolve(unicodedata.normalize(form, commune.label.upper())) == [communes.Match(commune, None)]


@settings(deadline=None)
@given(st.sampled_from(rows("former_communes.csv")))
def test_a_former_name_leads_to_the_present_commune(row):
    assert row["code"] in codes(communes.resolve(row["name"]))


@settings(deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="anpt đệ,-.12'\u0301\x00\n", max_size=60), st.integers(0, 9))
def test_any_text_is_answered(text, limit):
    found = codes(communes.search(text, limit))
    assert len(found) == len(set(found)) <= limit
    resolved = codes(communes.resolve(text))
    assert len(resolved) == len(set(resolved))


@pytest.mark.parametrize("text", ["a" * 10_000, "lai thieu " * 1_000, "\x00\x07\x1b", "\u0301", "’", "𝟙²"])
def test_strange_texts_find_nothing(text):
    assert communes.search(text) == communes.resolve(text) == []


class TestVietnamese:
    def test_fold(self):
        assert fold("  Đường   Thuý\u00a0KIỀU ") == "duong thuy kieu"
        assert fold(unicodedata.normalize("NFD", "Ưỡng Ẩm Ộ")) == "uong am o"

    @settings(deadline=None)
    @given(st.text())
    def test_fold_ignores_how_accents_are_encoded(self, text):
        assert fold(unicodedata.normalize("NFD", text.lower())) == fold(text.lower())

    def test_a_syllable_keeps_its_tone_apart(self):
        assert syllable("Hoà") == syllable("hòa") == ("hoa", "hoa", 1)
        assert syllable("Thuận") == ("thuan", "thuân", 5)

    def test_the_order_of_a_dictionary(self):
        names = ["An Giang", "Ăn", "Bà Rịa", "Bắc Ninh", "Cà Mau", "Cao Bằng", "Đà Nẵng", "Huế", "Hưng Yên"]
        assert sorted(set(names), key=sort_key) == names
