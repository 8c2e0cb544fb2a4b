"""Cards are read from bad photos, at least as often as zxing-cpp alone reads them, and never wrongly."""

import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
import zxingcpp
from PIL import Image

from services import cardreader, idcard
from services.photos import card
from tests.cards import Person, Sample, qr, samples

EACH = 6  # photos of each kind of wear
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Reading:
    """What was read in one photo."""

    sample: Sample
    plainly: list[str]
    ours: list[str]


@pytest.fixture(scope="module")
def readings():
    """Every photo, read by zxing-cpp alone and by the desk; each photo is drawn once, and forgotten."""
    return [_reading(sample) for sample in samples(EACH)]


def _reading(sample):
    photo = sample.photo()
    plainly = zxingcpp.read_barcodes(photo, formats=zxingcpp.QRCode)
    return Reading(sample, [code.text for code in plainly], cardreader.read(photo))


class TestBadPhotos:
    def test_are_at_least_sixty(self, readings):
        assert len(readings) >= 60

    def test_are_read_wherever_zxing_reads_them(self, readings):
        lost = [reading.sample.name for reading in readings if reading.plainly and not reading.ours]
        assert lost == []

    def test_are_read_where_zxing_does_not_read_them(self, readings):
        assert sum(bool(reading.ours) for reading in readings) > sum(bool(reading.plainly) for reading in readings)

    def test_are_all_read_if_only_turned(self, readings):
        missed = [
            reading.sample.name
            for reading in readings
            if reading.sample.wear in ("clean", "rotated") and not reading.ours
        ]
        assert missed == []

    def test_never_say_anything_else(self, readings):
        for reading in readings:
            assert reading.ours in ([], [reading.sample.text]), reading.sample.name
            for text in reading.ours:
                assert idcard.parse(text) == reading.sample.card


class TestRead:
    def picture(self, text, scale=4):
        """A QR code that fills the picture."""
        image = qr(text)
        return image.resize((image.width * scale // 5, image.height * scale // 5), Image.Resampling.BOX)

    def test_finds_nothing_where_nothing_is(self):
        assert cardreader.read(Image.new("RGB", (800, 600), "white")) == []
        assert cardreader.read(Image.new("L", (1, 1))) == []
        assert cardreader.read(Image.linear_gradient("L")) == []

    def test_gives_no_text_that_no_card_says(self):
        assert cardreader.read(self.picture("https://example.com/pay?to=1")) == []

    def test_gives_the_cards_among_other_codes_each_once(self):
        first, second = Person.of(1).identity_text(), Person.of(2).health_text()
        table = Image.new("L", (1500, 1000), 200)
        for number, text in enumerate((first, "https://example.com", second, first)):
            table.paste(self.picture(text), (50 + 700 * (number % 2), 20 + 490 * (number // 2)))
        assert sorted(cardreader.read(table)) == sorted([first, second])

    @pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "LA", "I", "F", "YCbCr"])
    def test_takes_pictures_of_every_mode(self, mode):
        text = Person.of(3).identity_text()
        assert cardreader.read(self.picture(text).convert(mode)) == [text]

    def test_takes_pictures_that_are_too_large(self):
        text = Person.of(4).identity_text()
        photo = Image.new("RGB", (4032, 3024), "gray")
        photo.paste(self.picture(text, 10), (3000, 100))
        assert cardreader.read(photo) == [text]

    def test_reads_white_on_black(self):
        text = Person.of(5).vssid_text()
        assert cardreader.read(self.picture(text).point(lambda value: 255 - value)) == [text]

    @pytest.mark.parametrize(("encoding", "mistaken"), [("utf-8", "Lﾃｪ Hﾃ\xa0"), ("utf-16", "Lê Hà")])
    def test_takes_utf_8_for_what_it_is_whatever_was_guessed(self, monkeypatch, encoding, mistaken):
        text = "079190004321||Lê Hà|15081990|Nữ|Hà Nam|20042021"
        found = SimpleNamespace(bytes=text.encode(encoding), text=text.replace("Lê Hà", mistaken))
        monkeypatch.setattr(zxingcpp, "read_barcodes", lambda *_args, **_options: [found])
        assert cardreader.read(Image.new("L", (100, 100))) == [text]

    def test_gives_up_in_time(self):
        """Noise is the costliest: any of it might be part of a code."""
        size = 2400, 1800
        noise = Image.frombytes("L", size, random.Random(7).randbytes(size[0] * size[1]))
        began = time.thread_time()
        assert cardreader.read(noise) == []
        # A quarter of a second is meant; the rest is for slower machines than it was measured on.
        assert time.thread_time() - began < 1

    def test_works_where_no_file_can_be_opened(self):
        """As in the worker process, which has given up this right and most of its memory before."""
        sample = next(sample for sample in samples(3) if sample.wear == "blurred" and sample.hardness == 0.5)
        photo = sample.photo()
        program = (
            "import json, sys\n"
            "from PIL import Image\n"
            "from services import cardreader\n"
            "from services.photos import limits, worker\n"
            "worker.give_up_rights(limits.MEMORY_BYTES)\n"
            "size = json.loads(sys.stdin.buffer.readline())\n"
            "image = Image.frombytes('RGB', size, sys.stdin.buffer.read())\n"
            "sys.stdout.buffer.write(json.dumps(cardreader.read(image)).encode())\n"
        )
        given = json.dumps(photo.size).encode() + b"\n" + photo.tobytes()
        done = subprocess.run([sys.executable, "-c", program], input=given, capture_output=True, cwd=ROOT, timeout=60)
        assert done.stderr == b""
        assert json.loads(done.stdout) == cardreader.read(photo) == [sample.text]


class TestViews:
    @pytest.mark.parametrize("size", [(21, 21), (60, 3000), (3000, 60), (640, 480)])
    def test_can_be_made_of_every_shape(self, size):
        noise = Image.frombytes("L", size, random.Random(7).randbytes(size[0] * size[1]))
        assert len(list(card.views(card.grey(noise)))) > 1

    def test_are_few_where_nothing_is_to_be_seen(self):
        assert len(list(card.views(Image.new("L", (640, 480), 128)))) == 1
