"""Values that occur nowhere else, put where people put theirs; and all the ways in which one could leak."""

import json
import unicodedata
from base64 import b64encode
from collections.abc import Iterable
from html import escape
from urllib.parse import quote, quote_plus

# The only one that is stored readable: HR's list needs it.
NAME = "Quỳnh Thị Cờnary"
PERSON = {
    "full_name": NAME,
    "social_insurance_code": "7314159265",
    "id_number": "079188271828",
    "phone": "0903141592",
    "address": "271 đường Chim Yến cờnary",
    "commune": "Xã Không Đâu cờnary",
    "employee_code": "NVCANARY314",
}
# What another card says, which is read but not taken over; the last two are never kept at all.
CARD_NAME = "Lữ Thị Chim Nhạn"
CARD = {
    "full_name": CARD_NAME,
    "id_number": "079188314159",
    "address": "159 đường Hoàng Yến, khu phố Chim Sẻ",
    "old_id_number": "265358979",
    "birth_date": "29021988",
}
CARD_TEXT = (
    f"{CARD['id_number']}|{CARD['old_id_number']}|{CARD_NAME}|{CARD['birth_date']}|Nữ|"
    f"{CARD['address']}, Phường Lái Thiêu, TP. Hồ Chí Minh|20042021"
)
EMAIL = "canary.chim.yen@congty.vn"
FILE_NAME = "cccd-cua-canary-314.jpg"
WRONG = {"id_number": "canary!!", "phone": "09canary", "social_insurance_code": "canary-ngắn"}
PASSWORD = "mật khẩu của canary 314"


def all_of_them() -> list[str]:
    """Every value but the name, which is looked for apart."""
    return [*list(PERSON.values())[1:], *CARD.values(), *WRONG.values(), EMAIL, FILE_NAME, PASSWORD]


def disguises(value: str) -> set[bytes]:
    """The value as it would look in a log, a file or a dump: plain, decomposed, escaped, percent, base64, UTF-16."""
    found = set()
    for text in {value, unicodedata.normalize("NFD", value), value.lower(), value.upper()}:
        plain = text.encode()
        found |= {
            plain,
            text.encode("utf-16-le"),
            plain.hex().encode(),
            quote(text).encode(),
            quote_plus(text).encode(),
        }
        found |= {json.dumps(text)[1:-1].encode(), text.encode("unicode_escape"), escape(text).encode()}
        found |= {repr(plain)[2:-1].encode()}
        for before in range(3):
            # The middle of the base64 of a longer text, wherever in it the value stands.
            coded = b64encode(b"\0" * before + plain)
            found.add(coded[4 if before else 0 : len(coded) - 4])
    return {each for each in found if len(each) >= 6}


def leaks(haystack: bytes, values: Iterable[str]) -> list[str]:
    """The values that can be found in it, in whatever form."""
    return [value for value in values if any(form in haystack for form in disguises(value))]
