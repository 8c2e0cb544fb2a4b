"""Cut the typeface of Form 01 down to the letters that names and addresses need.

Writes `data/fonts/Tinos-*.ttf`, `data/fonts/coverage.txt` and `data/licenses/Tinos-OFL-1.1.txt`. Run it only to change
the letters or to take a newer Tinos; the results lie in the repository. Needs `pip install fonttools`, which the
running desk does not.

    python data/build_fonts.py              # fetches the npm package named below with `npm pack`
    python data/build_fonts.py FOLDER       # or takes an unpacked copy of it
"""

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

PACKAGE = "@expo-google-fonts/tinos@0.4.2"
DATA = Path(__file__).resolve().parent
FONTS = DATA / "fonts"
LICENSE = DATA / "licenses" / "Tinos-OFL-1.1.txt"
FACES = {
    "Tinos-Regular.ttf": "400Regular/Tinos_400Regular.ttf",
    "Tinos-Bold.ttf": "700Bold/Tinos_700Bold.ttf",
    "Tinos-Italic.ttf": "400Regular_Italic/Tinos_400Regular_Italic.ttf",
}

# Vietnamese, and the Latin letters of the passports of everybody else. Both ends belong to the range.
LETTERS = (
    (0x0020, 0x007E),  # ASCII
    (0x00A1, 0x00AC),  # Latin-1 without its invisible characters: the no-break space and the soft hyphen
    (0x00AE, 0x024F),  # Latin-1, Latin Extended-A and -B: holds Ă, Đ, Ơ, Ư
    (0x02B0, 0x02FF),  # modifier letters: the ʻokina and the like
    (0x0300, 0x034E),  # combining marks that did not compose; U+034F is invisible
    (0x0350, 0x036F),
    (0x1E00, 0x1EFF),  # Latin Extended Additional: the Vietnamese vowels with tones
    (0x2010, 0x2015),  # hyphens and dashes
    (0x2018, 0x2022),  # quotation marks, daggers, bullet
    (0x2026, 0x2026),  # …
    (0x2030, 0x2033),  # per mille, primes
    (0x2039, 0x203A),  # ‹ ›
    (0x2044, 0x2044),  # fraction slash
    (0x20A0, 0x20BE),  # currencies, the đồng (U+20AB) among them
    (0x2116, 0x2116),  # №
    (0x2122, 0x2122),  # ™
    (0x2212, 0x2212),  # minus
    (0x25A1, 0x25A1),  # □ stands for what the fonts lack
)


def main() -> None:
    """Fetch, cut, and write down what is left."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(sys.argv[1]) if len(sys.argv) > 1 else fetch(Path(scratch))
        FONTS.mkdir(exist_ok=True)
        LICENSE.parent.mkdir(exist_ok=True)
        shutil.copyfile(source / "LICENSE_FONT", LICENSE)
        covered = set.intersection(*(cut(source / path, FONTS / name) for name, path in FACES.items()))
    (FONTS / "coverage.txt").write_text(coverage_text(covered), encoding="ascii", newline="\n")


def fetch(folder: Path) -> Path:
    """Download the package with npm and unpack it."""
    npm = shutil.which("npm") or sys.exit("npm is needed to fetch the fonts; or name a folder with them.")
    subprocess.run([npm, "pack", "--silent", PACKAGE], cwd=folder, check=True)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def cut(source: Path, target: Path) -> set[int]:
    """Write the wanted letters of one face to `target`; answer which letters it has."""
    wanted = {code for first, last in LETTERS for code in range(first, last + 1)}
    options = subset.Options(
        hinting=False,  # a printer has no use for it, and it would be half of every PDF
        glyph_names=False,
        name_IDs=["*"],  # copyright and licence stay inside the file
        # Without ligatures: an e-mail address is read letter by letter.
        layout_features=["ccmp", "kern", "locl", "mark", "mkmk"],
    )
    font = TTFont(source, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    font.save(target)
    return wanted & set(font.getBestCmap())


def coverage_text(codes: set[int]) -> str:
    """Ranges in hexadecimal, one a line: what `services/typesetting.py` may hand to the typesetter."""
    lines = ["# Letters that all faces have. Written by data/build_fonts.py."]
    for code in sorted(codes):
        if code - 1 not in codes:
            first = code
        if code + 1 not in codes:
            lines.append(f"{first:04X}-{code:04X}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
