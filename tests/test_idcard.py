"""What cards say, however it was scanned, typed or garbled on the way. All persons are made up."""

import re
from dataclasses import asdict, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.idcard import LONGEST, Card, Difference, differences, parse
from tests.cards import Person

NUMBER, OLD, NAME, BORN, ADDRESS, ISSUED = (
    "079190004321",
    "023456789",
    "Trần Thị Hồng Đào",
    date(1990, 8, 15),
    "12A14 Lý Thường Kiệt, Tổ 5, Lái Thiêu, Thuận An, Bình Dương",
    date(2021, 4, 20),
)
CHIP = f"{NUMBER}|{OLD}|{NAME}|15081990|Nữ|{ADDRESS}|20042021"
ON_CHIP = Card("cccd", NAME, NUMBER, OLD, "", BORN, "Nữ", ADDRESS, ISSUED)
HEX_NAME, HEX_ADDRESS = NAME.encode().hex(), "Khu phố 1, Dĩ An".encode().hex()
HEALTH = (
    f"0123456789|{HEX_NAME}|15/08/1990|2|{HEX_ADDRESS}|74 - 012|01/01/2024|-|20/12/2023"
    f"|74070123456789|-|4|01/10/2027|0f1e2d3c4b5a6978-7102|4|{'Dĩ An'.encode().hex()}|$"
)
OLD_HEALTH = HEALTH.replace("0123456789|", "DN4740123456789|", 1)

people = st.builds(Person.of, st.integers(0, 10**6), st.booleans())
kinds = st.sampled_from(["cccd", "can_cuoc", "health", "vssid"])
anything = st.text(st.characters(exclude_characters="|"), max_size=20)


def said(card):
    """The fields that hold something."""
    return {name: value for name, value in asdict(card).items() if value and name != "kind"} if card else {}


def true_but_for(card, truth, *fields):
    """Whether nothing is wrong, apart from these fields."""
    return all(value == said(truth).get(name) for name, value in said(card).items() if name not in fields)


class TestChipCard:
    def test_says_seven_things(self):
        assert parse(CHIP) == ON_CHIP

    def test_may_have_no_old_number(self):
        assert parse(CHIP.replace(OLD, "")) == replace(ON_CHIP, old_id_number="")

    def test_of_a_person_who_had_twelve_digits_before_keeps_no_old_number(self):
        assert parse(CHIP.replace(OLD, NUMBER)) == replace(ON_CHIP, old_id_number="")

    def test_may_have_lost_its_accents(self):
        text = "001090123456|012345678|NGUYEN VAN A|01011990|Nam|Phuong Ben Nghe, Quan 1, TP. Ho Chi Minh|15042021"
        assert parse(text).full_name == "NGUYEN VAN A"

    @pytest.mark.parametrize(
        ("sex", "number"), [("Nam", "079090004321"), ("NAM", "079090004321"), ("1", "079090004321"), ("nu", NUMBER)]
    )
    def test_says_the_sex_in_several_ways(self, sex, number):
        assert parse(CHIP.replace("Nữ", sex).replace(NUMBER, number)).sex == ("Nữ" if number == NUMBER else "Nam")

    def test_leaves_out_what_it_does_not_say(self):
        card = parse(f"{NUMBER}||{NAME}|15081990|||")
        assert card == Card("cccd", NAME, NUMBER, birth_date=BORN)

    def test_gives_no_impossible_date(self):
        assert parse(CHIP.replace("15081990", "31021990")) == replace(ON_CHIP, birth_date=None)
        assert parse(CHIP.replace("20042021", "20132021")).issued_on is None

    def test_was_not_issued_before_there_were_such_cards_nor_in_the_future(self):
        assert parse(CHIP.replace("20042021", "20042016")).issued_on is None
        assert parse(CHIP.replace("20042021", "20042999")).issued_on is None

    def test_tidies_the_address(self):
        assert parse(CHIP.replace("Tổ 5,", "Tổ 5 ,,")).address == ADDRESS


class TestCanCuoc:
    def test_has_four_more_fields(self):
        text = CHIP.replace("20042021", "02072024||||")
        assert parse(text) == replace(ON_CHIP, kind="can_cuoc", issued_on=date(2024, 7, 2))

    def test_of_a_child_names_the_parents_who_are_not_the_child(self):
        card = parse("052321004321||Dương Lê Ngọc|20112021|Nữ|Tổ 7, Bình Định|06112024||Dương Văn An|Lê Thị Yến|")
        assert (card.kind, card.full_name, card.address) == ("can_cuoc", "Dương Lê Ngọc", "Tổ 7, Bình Định")

    def test_does_not_take_a_cancelled_number_for_the_number(self):
        card = parse(CHIP.replace("20042021", f"02072024|{NUMBER.replace('4', '5')}|||"))
        assert (card.id_number, card.old_id_number) == (NUMBER, OLD)

    def test_may_have_the_order_of_the_circular(self):
        text = f"{NUMBER}|{NAME}|Nữ|15081990|{ADDRESS}|02072024|{OLD}|079190000001"
        assert parse(text) == replace(ON_CHIP, kind="can_cuoc", issued_on=date(2024, 7, 2))

    def test_may_have_the_birth_before_the_sex(self):
        text = f"{NUMBER}|{NAME}|15/08/1990|Nữ|{ADDRESS}|02/07/2024"
        assert parse(text) == replace(ON_CHIP, kind="can_cuoc", old_id_number="", issued_on=date(2024, 7, 2))


class TestHealthCard:
    def test_has_its_texts_in_hexadecimal(self):
        card = Card("health", NAME, "", "", "0123456789", BORN, "Nữ", "Khu phố 1, Dĩ An", date(2023, 12, 20))
        assert parse(HEALTH) == card
        assert parse(OLD_HEALTH) == card

    def test_may_have_no_address_and_no_date_of_birth_but_a_year(self):
        card = parse(HEALTH.replace(HEX_ADDRESS, "-").replace("15/08/1990", "1990"))
        assert (card.address, card.birth_date, card.sex) == ("", None, "Nữ")

    def test_is_numbered_by_the_personal_number_since_2025(self):
        card = parse(HEALTH.replace("0123456789", NUMBER, 1))
        assert (card.id_number, card.social_insurance_code) == (NUMBER, NUMBER)
        assert parse(HEALTH.replace("0123456789", "079090004321", 1)) is None

    def test_gives_no_code_where_it_has_two(self):
        assert parse(HEALTH.replace("0123456789|", "0123456780|", 1)).social_insurance_code == ""

    def test_of_fifteen_characters_and_before_2018_may_be_numbered_otherwise(self):
        short = OLD_HEALTH.split("|74070123456789")[0] + "|$"
        assert parse(short).social_insurance_code == "0123456789"
        assert parse(short.replace("20/12/2023", "20/12/2016")).social_insurance_code == ""

    def test_of_vssid_has_two_fields(self):
        assert parse(f"0123456789|{HEX_NAME}") == Card("vssid", NAME, social_insurance_code="0123456789")
        assert parse(f"{NUMBER}|{HEX_NAME}").id_number == NUMBER


class TestContradictions:
    """The number repeats the sex, the century and the year of birth."""

    @pytest.mark.parametrize("number", ["079090004321", "079390004321", "079191004321", "079990004321"])
    def test_make_it_no_card(self, number):
        assert parse(CHIP.replace(NUMBER, number)) is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "|",
            "||||||||||||||||",
            "https://example.com/pay?id=1",
            NUMBER,
            f"{NUMBER}|{NAME}",
            f"{NUMBER}|Kho hàng|A|B|C|D|E",
            f"{NUMBER}||{NAME}||||",
            f"{OLD}|{NAME}|15081990|Nữ|{ADDRESS}|20042021",
            CHIP.replace(NUMBER, NUMBER[:-1]),
            CHIP.replace(NUMBER, NUMBER + "0"),
            CHIP.replace(OLD, OLD[:-1]),
            CHIP.replace("|", ";"),
            HEALTH.replace(HEX_NAME, HEX_NAME[:-1]),
            f"0123456789|{'không tên'.encode('utf-16').hex()}",
            "0123456789|" + b"Kho7".hex(),
            CHIP + "|" * LONGEST,
        ],
    )
    def test_nor_is_anything_else(self, text):
        assert parse(text) is None


class TestScanners:
    @pytest.mark.parametrize(
        "text",
        [
            f"{CHIP}\r\n",
            f"\t {CHIP}\t",
            f"\ufeff{CHIP}\x00",
            f"]Q1{CHIP}\r",
            f"]Q2\\000026{CHIP}",
            f"\x02{CHIP}\x03",
            CHIP.replace("|", " | "),
            CHIP.replace("|", "｜"),
            "".join(
                chr(ord(char) + 0xFEE0) if char.isascii() and char.isalnum() or char == "|" else char for char in CHIP
            ),
            CHIP.replace("|", "||"),
            CHIP.replace("Lý Thường", "Lý\r\nThường"),
            CHIP.replace("ồ", "o\u0302\u0300"),
            CHIP.replace("ồ", "ô\u0300"),
        ],
    )
    def test_may_add_and_change_what_means_nothing(self, text):
        assert parse(text) == ON_CHIP

    def test_may_double_the_separators_of_a_card_without_an_old_number(self):
        assert parse(CHIP.replace(OLD, "").replace("|", "||")) == replace(ON_CHIP, old_id_number="")
        assert parse(f"0123456789||{HEX_NAME}").kind == "vssid"

    @pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp1258"])
    def test_may_take_utf_8_for_another_encoding_of_single_bytes(self, encoding):
        assert parse(misread(CHIP, encoding)) == ON_CHIP
        assert parse(misread(f"\ufeff{CHIP}", encoding)) == ON_CHIP

    def test_may_take_utf_8_for_chinese_or_japanese(self):
        """The letters are those that these encodings can hold; a Big5 of this kind was reported for a real card."""
        for encoding, name in (("big5", "Huỳnh Hiếu"), ("cp932", "Lê Hoàng"), ("gbk", "Vũ Hoàng")):
            text = f"{NUMBER}||{name}|15081990|2|Ha Noi|20042021"
            assert parse(text.encode().decode(encoding)).full_name == name

    def test_may_lose_letters_for_good(self):
        """Then those that look right may be wrong too."""
        card = parse(CHIP.replace("Lý Thường", "L? Th?"))
        assert card == replace(ON_CHIP, full_name="", address="")
        for garbled in ("Tr?n Thị", "Tr\ufffdn Thị", "Trần Thị Hồ\u0302ng", "Trần ThË", "TrÃ¢n Thá»", "Trần Thi~"):
            assert parse(CHIP.replace("Trần Thị", garbled)).full_name == ""


class TestInputMethods:
    """A scanner that types, while Unikey or the like is switched on."""

    def test_telex_joins_the_digits_of_hexadecimal(self):
        garbled = f"0123456789|{HEX_NAME}"
        for keys, letter in (("aa", "â"), ("dd", "đ"), ("af", "à"), ("ee", "ê")):
            garbled = garbled.replace(keys, letter)
        assert garbled != f"0123456789|{HEX_NAME}"
        assert parse(garbled) is None
        assert parse(HEALTH.replace(HEX_NAME, garbled[11:])) is None

    def test_telex_makes_letters_of_brackets(self):
        assert parse(f"ưQ1{CHIP}") is None

    @pytest.mark.parametrize("name", ["JÓEPH NGUYEN", "Trần Thị HÓng", "TRầN THị", "tRẦN tHỊ", "Hồngồng Trần"])
    def test_names_that_cannot_be_said_are_left_out(self, name):
        assert parse(CHIP.replace(NAME, name)) == replace(ON_CHIP, full_name="")

    @pytest.mark.parametrize(
        "address", ["12Á4 Linh Đàm, Hà Nội", "Lô Á, Dĩ An", "Khu Á4, Dĩ An", "Lê HÓng Phong, Hà Nội"]
    )
    def test_addresses_that_vni_has_joined_are_left_out(self, address):
        assert parse(CHIP.replace(ADDRESS, address)) == replace(ON_CHIP, address="")

    @pytest.mark.parametrize(
        "name",
        ["Y Bhăm Niê", "H'Hen Niê", "Kpă Y Lâm", "Sùng A Páo", "NGUYỄN PHƯỚC", "Huỳnh Thuý Quỳnh", "Giàng A Chớ"],
    )
    def test_names_of_all_peoples_are_kept(self, name):
        assert parse(CHIP.replace(NAME, name)).full_name == name

    @pytest.mark.parametrize("address", ["Xã Đạ Tẻh, Lâm Đồng", "M'Drắk, Đắk Lắk", "Ý Yên, Nam Định", "Đ. 3/2, Ô Môn"])
    def test_places_of_all_peoples_are_kept(self, address):
        assert parse(CHIP.replace(ADDRESS, address)).address == address


class TestProperties:
    @given(st.text(max_size=200) | st.text("0123456789|$/-abNamữễ \r", max_size=200) | st.lists(anything).map("|".join))
    def test_no_text_is_too_strange(self, text):
        card = parse(text)
        assert card is None or card.kind in ("cccd", "can_cuoc", "health", "vssid")

    @given(people, kinds)
    @settings(deadline=None)
    def test_every_card_is_read(self, person, kind):
        card = person.card(kind)
        if kind in ("cccd", "can_cuoc"):
            card = replace(card, kind="can_cuoc" if person.issued_on >= date(2024, 7, 1) else "cccd")
        assert parse(person.text(kind)) == card

    @given(people, st.booleans(), st.lists(anything, max_size=6))
    @settings(deadline=None)
    def test_every_order_is_read_whatever_follows(self, person, reordered, more):
        text = person.reordered_text() if reordered else person.identity_text()
        card = parse("|".join([text, *more]))
        assert replace(card, kind="cccd") == person.card("cccd")

    @given(people, kinds, st.data())
    @settings(max_examples=300, deadline=None)
    def test_a_digit_typed_wrong_is_noticed_where_it_can_be(self, person, kind, data):
        """Lengths, dates and what the number repeats protect; the rest of a number, and house numbers, nothing can."""
        text = person.text(kind)
        places = [match.start() for match in re.finditer("[0-9]", text)]
        at = data.draw(st.sampled_from(places))
        digit = data.draw(st.sampled_from(sorted(set("0123456789") - {text[at]})))
        card = parse(text[:at] + digit + text[at + 1 :])
        assert true_but_for(card, person.card(kind), *unprotected(kind, text[:at]))

    @given(people, kinds, st.data())
    @settings(max_examples=300, deadline=None)
    def test_a_digit_that_is_lost_or_doubled_is_noticed(self, person, kind, data):
        text = person.text(kind)
        at = data.draw(st.sampled_from([match.start() for match in re.finditer("[0-9]", text)]))
        changed = text[:at] + data.draw(st.sampled_from(["", text[at] * 2])) + text[at + 1 :]
        allowed = ["address"] if kind in ("cccd", "can_cuoc") and text[:at].count("|") == 5 else []
        assert true_but_for(parse(changed), person.card(kind), *allowed)

    @given(people, kinds, st.sampled_from(["latin-1", "cp1252", "cp1258", "cp932", "big5", "gbk", "cp437", "koi8-r"]))
    @settings(deadline=None)
    def test_a_text_that_was_misread_is_repaired_or_left_out(self, person, kind, encoding):
        card, truth = parse(misread(person.text(kind), encoding)), person.card(kind)
        assert true_but_for(card, truth)
        if encoding in ("latin-1", "cp1252", "cp1258"):
            assert said(card) == said(truth)


def unprotected(kind, before):
    """The fields in which a wrong digit after this beginning of the text cannot be noticed."""
    field, place = before.count("|"), len(before) - before.rfind("|") - 1
    if field == 0:
        protected = kind in ("cccd", "can_cuoc") and 3 <= place <= 5
        return () if protected or kind == "health" else ("id_number", "social_insurance_code")
    if kind in ("cccd", "can_cuoc"):
        protected = field == 3 and place >= 4
        names = {1: "old_id_number", 3: "birth_date", 5: "address", 6: "issued_on"}
        return () if protected else (names[field],)
    # A health card does not repeat its dates, nor what its hexadecimal texts say.
    names = {1: "full_name", 2: "birth_date", 3: "sex", 4: "address", 8: "issued_on"}
    return (names.get(field, ""),)


def misread(text, encoding):
    """UTF-8 as this encoding; as scanners do, bytes that mean nothing in it are kept."""
    if encoding.startswith("cp125"):
        chars = ((bytes([byte]).decode(encoding, "replace"), chr(byte)) for byte in text.encode())
        return "".join(kept if char == "\ufffd" else char for char, kept in chars)
    return text.encode().decode(encoding, "replace")


class TestDisplayName:
    @pytest.mark.parametrize(
        ("on_card", "shown"),
        [
            ("NGUYỄN THỊ HỒNG", "Nguyễn Thị Hồng"),
            ("NGUYEN VAN A", "NGUYEN VAN A"),
            ("Nguyễn Thị Hồng", "Nguyễn Thị Hồng"),
            ("H'HEN NIÊ", "H'Hen Niê"),
            ("", ""),
        ],
    )
    def test_has_capitals_only_in_front_unless_accents_are_lost(self, on_card, shown):
        assert Card("cccd", on_card).display_name == shown


class TestDifferences:
    TYPED = {"full_name": NAME, "id_number": NUMBER, "social_insurance_code": "", "address": ADDRESS}

    def test_are_none_where_the_same_was_typed(self):
        assert differences(ON_CHIP, self.TYPED) == []

    def test_are_not_capitals_spaces_or_places_of_tones(self):
        typed = {
            "full_name": "trần  thị HỒNG ĐÀO",
            "id_number": "079 190 004 321",
            "address": ADDRESS.replace(", ", ","),
        }
        assert differences(ON_CHIP, typed) == []
        assert differences(Card("cccd", "Lê Thị Hòa"), {"full_name": "Lê Thị Hoà"}) == []

    def test_are_not_accents_that_the_card_has_lost(self):
        assert differences(Card("cccd", "TRAN THI HONG"), {"full_name": "Trần Thị Hồng"}) == []
        assert differences(Card("cccd", "TRẦN THỊ HỒNG"), {"full_name": "Tran Thi Hong"}) == [
            Difference("full_name", "Trần Thị Hồng", "Tran Thi Hong")
        ]

    def test_are_what_was_typed_otherwise_or_not_at_all(self):
        typed = {"full_name": "Trần Thị Hồng", "id_number": " ", "address": ADDRESS}
        assert differences(ON_CHIP, typed) == [
            Difference("full_name", NAME, "Trần Thị Hồng"),
            Difference("id_number", NUMBER, ""),
        ]

    def test_leave_out_what_the_card_does_not_say(self):
        assert differences(Card("vssid"), self.TYPED) == []

    def test_know_the_code_in_a_health_card_number(self):
        card = Card("health", social_insurance_code="0123456789")
        assert differences(card, {"social_insurance_code": "DN 4 74 0123456789"}) == []
        assert differences(card, {"social_insurance_code": "0123456780"}) != []
