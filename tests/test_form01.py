"""Form 01 says what was declared, whatever was declared, on paper that an authority accepts."""

import io
import re
import shutil
import subprocess
import tempfile
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pikepdf
import pypdf
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.form01 import BLANK, Form01, render
from services.typesetting import FONTS

NAUGHTY = Path(__file__).parents[2] / "shared/corpus/blns.txt"

ADULT = Form01(
    full_name="Nguyễn Thị Hồng Phượng",
    social_insurance_code="0120878811",
    id_number="074190001234",
    address="Số 12/34 đường Nguyễn Văn Tiết, phường Lái Thiêu, TP. Hồ Chí Minh",
    email="phuong.nguyen@congty.example.vn",
    phone="0901234567",
    agency="BHXH cơ sở Lái Thiêu",
    place="TP. Hồ Chí Minh",
    signed_on=date(2026, 2, 5),
    authentication="phone",
    reference="VS-7K3M9",
    sheet_code="QUAY1:VS-7K3M9:3:9F86D08188",
)
CHILD = replace(ADULT, full_name="Trần Minh Khôi", id_number="", guardian_name="Trần Đức Ưng")
LONG = replace(
    ADULT,
    full_name=("Nguyễn Phước Ưng Bửu Quỳnh Dương " * 7)[:200].strip(),
    address=("Ấp Thạnh Phú, số 1234/56/78 hẻm Nguyễn Thị Minh Khai nối dài, " * 9)[:500].strip(),
    email="x" * 60 + "@" + "y" * 60 + ".example.vn",
    agency="Bảo hiểm xã hội cơ sở có một cái tên dài hơn hẳn một dòng của tờ giấy khổ A4 này",
)
ENDLESS = replace(ADULT, full_name="Nguyễn Phước " * 90, address="ấp" * 1500)

LABELS = {
    "full_name": "1. Họ và tên:",
    "social_insurance_code": "2. Mã số BHXH:",
    "id_number": "3. Số CCCD/định danh/hộ chiếu:",
    "address": "4. Địa chỉ liên hệ:",
    "email": "5. Địa chỉ thư điện tử:",
    "phone": "6. Số điện thoại di động:",
}
AFTER_FIELDS = "Phương thức xác thực giao dịch điện tử:"

TEXTS = [field.name for field in fields(Form01) if field.name != "signed_on"]

NAMES = (
    "Đặng Ngọc Ánh",
    "Lê Thị Ngọc Hoà",
    "Phạm Quỳnh Như",
    "Trương Vĩnh Nghiêm",
    "Ngô Thị Thuỳ Dương",
    "Huỳnh Ưởng Ờ Ở Ỡ Ợ",
    "H’Hen Niê",
    "Y Thuyên Ksơr",
    "Ðinh Cẩm Vân",
    "Müller-Lüdenscheidt Æsa Øyvind Şükrü Łukasz Ñuñez Čeněk",
)
VOWELS = [letter + tone for letter in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for tone in ("", *"\u0300\u0301\u0309\u0303\u0323")]


def run(program, *arguments, pdf):
    """The output of a PDF tool that reads from standard input; the test is skipped where the tool is missing."""
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    return subprocess.run([program, *arguments], input=pdf, capture_output=True, check=True).stdout


def text_of(pdf):
    if shutil.which("pdftotext"):
        text = run("pdftotext", "-", "-", pdf=pdf).decode()
    else:
        text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(text.split())


def declared(pdf, name):
    """What stands after one field's label, up to the next label, without the places where lines were broken."""
    labels = [*LABELS.values(), AFTER_FIELDS]
    label = LABELS[name]
    return squeezed(text_of(pdf).split(label)[1].split(labels[labels.index(label) + 1])[0])


def squeezed(text):
    return "".join(unicodedata.normalize("NFC", text).split())


def pages(pdf):
    return len(pypdf.PdfReader(io.BytesIO(pdf)).pages)


def picture(pdf, resolution=150):
    return Image.open(io.BytesIO(run("pdftoppm", "-r", str(resolution), "-png", "-f", "1", "-l", "1", pdf=pdf)))


class TestText:
    @pytest.mark.parametrize("name", [*LABELS, "agency", "place", "reference", "guardian_name"])
    def test_every_value_is_printed(self, name):
        assert "Ơn Ước 25" in text_of(render(replace(ADULT, **{name: "Ơn Ước 25"})))

    @pytest.mark.parametrize("form", ["NFC", "NFD"])
    @pytest.mark.parametrize("name", NAMES)
    def test_a_name_comes_out_as_it_went_in(self, name, form):
        pdf = render(replace(ADULT, full_name=unicodedata.normalize(form, name)))
        assert declared(pdf, "full_name") == squeezed(name)

    @pytest.mark.parametrize("form", ["NFC", "NFD"])
    def test_every_vowel_with_every_tone(self, form):
        given = unicodedata.normalize(form, " ".join([*VOWELS, "đ", "Đ", "₫"]))
        assert declared(render(replace(ADULT, address=given)), "address") == squeezed(given)

    def test_six_fields_in_order_then_the_means(self):
        text = text_of(render(ADULT))
        places = [text.index(label) for label in [*LABELS.values(), AFTER_FIELDS, "Tôi cam kết"]]
        assert places == sorted(places)
        for name in LABELS:
            assert declared(render(ADULT), name) == squeezed(getattr(ADULT, name))

    def test_numbers_can_be_copied_in_one_piece(self):
        words = text_of(render(ADULT)).split()
        assert {ADULT.social_insurance_code, ADULT.id_number, ADULT.phone, ADULT.email} <= set(words)

    def test_head_of_the_form(self):
        text = text_of(render(ADULT))
        head = (
            "Mẫu số: 01",
            "Mẫu số 01 – VBHN 5236/2018",
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Độc lập – Tự do – Hạnh phúc",
            "TP. Hồ Chí Minh, ngày 05 tháng 02 năm 2026",
            "TỜ KHAI Đăng ký sử dụng, điều chỉnh thông tin và ngừng sử dụng",
            "phương thức giao dịch điện tử trong lĩnh vực bảo hiểm xã hội",
            "Kính gửi: BHXH cơ sở Lái Thiêu",
        )
        places = [text.index(words) for words in head]
        assert places == sorted(places)

    @pytest.mark.parametrize(
        ("day", "words"),
        [
            (date(2026, 11, 23), "ngày 23 tháng 11 năm 2026"),
            (date(2026, 3, 9), "ngày 09 tháng 3 năm 2026"),
            (date(2026, 1, 10), "ngày 10 tháng 01 năm 2026"),
        ],
    )
    def test_dates_are_written_as_offices_write_them(self, day, words):
        assert words in text_of(render(replace(ADULT, signed_on=day)))

    def test_undated_leaves_the_date_to_the_pen(self):
        assert re.search(r"TP\. Hồ Chí Minh, ngày tháng năm", text_of(render(replace(ADULT, signed_on=None))))

    @pytest.mark.parametrize(("means", "label"), [("phone", "Điện thoại di động"), ("email", "Thư điện tử")])
    def test_what_is_chosen_is_crossed(self, means, label):
        text = text_of(render(replace(ADULT, authentication=means)))
        assert "X Đăng ký mới" in text
        assert f"X {label}" in text
        assert text.count("X ") == 2

    def test_says_whose_print_it_is(self):
        text = text_of(render(ADULT))
        assert "Mã hồ sơ tại quầy: VS-7K3M9" in text
        assert "không phải là văn bản do cơ quan Bảo hiểm xã hội cấp" in text


class TestWhoSigns:
    def test_the_person(self):
        text = text_of(render(ADULT))
        assert "Người kê khai (Ký, ghi rõ họ tên) Nguyễn Thị Hồng Phượng" in text
        assert "giám hộ" not in text

    def test_the_parent_of_a_child(self):
        text = text_of(render(CHILD))
        assert "Người kê khai Cha, mẹ hoặc người giám hộ (Ký, ghi rõ họ tên) Trần Đức Ưng" in text
        assert text.count("Trần Minh Khôi") == 1


class TestBlank:
    def test_names_nobody_and_ticks_nothing(self):
        text = text_of(render())
        assert "X " not in text
        assert "Mã hồ sơ" not in text
        assert all(label in text for label in LABELS.values())

    def test_has_no_qr(self):
        assert not pypdf.PdfReader(io.BytesIO(render())).pages[0].images
        assert not zxingcpp.read_barcodes(picture(render()))

    def test_the_agency_may_be_printed_beforehand(self):
        text = text_of(render(Form01(agency="BHXH cơ sở Lái Thiêu")))
        assert "Kính gửi: BHXH cơ sở Lái Thiêu" in text
        assert "X " not in text


class TestPaper:
    @pytest.mark.parametrize("form", [ADULT, CHILD, LONG, BLANK], ids=["adult", "child", "long", "blank"])
    def test_one_sheet(self, form):
        assert pages(render(form)) == 1

    @pytest.mark.parametrize("form", [ADULT, CHILD, LONG, BLANK], ids=["adult", "child", "long", "blank"])
    def test_at_most_100_kb(self, form):
        assert len(render(form)) <= 100_000

    @pytest.mark.parametrize(
        "form",
        [
            ADULT,
            LONG,
            ENDLESS,
            BLANK,
            *(replace(ADULT, **{name: "W" * 100}) for name in TEXTS),
            *(replace(CHILD, **{name: "ộ" * 100 + " " + "Ẩm" * 50}) for name in ("full_name", "guardian_name")),
        ],
    )
    def test_nothing_leaves_the_margins(self, form):
        report = run("pdftotext", "-bbox", "-", "-", pdf=render(form)).decode()
        corners = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">', report)
        assert corners
        for corner in corners:
            left, top, right, bottom = (float(number) * 25.4 / 72 for number in corner)
            assert 24.5 <= left <= right <= 190.5
            assert 10 <= top <= bottom <= 291

    def test_long_values_are_printed_whole(self):
        pdf = render(LONG)
        for name in LABELS:
            assert declared(pdf, name) == squeezed(getattr(LONG, name))

    def test_the_signature_stays_with_the_commitment(self):
        pdf = render(replace(ADULT, address="Số 12 đường Nguyễn Văn Tiết, " * 60))
        assert pages(pdf) == 2
        last = " ".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[-1].extract_text().split())
        for words in ("Tôi cam kết", "(Ký, ghi rõ họ tên)", "Nguyễn Thị Hồng Phượng", "VS-7K3M9 Trang 2/2"):
            assert words in last

    def test_prints_the_same_without_colour(self):
        image = picture(render(ADULT), resolution=50).convert("RGB")
        assert all(red == green == blue for _, (red, green, blue) in image.getcolors(image.width * image.height))

    @pytest.mark.parametrize("form", [ADULT, LONG], ids=["adult", "long"])
    def test_the_qr_leads_back_to_the_sheet(self, form):
        codes = zxingcpp.read_barcodes(picture(render(form)).convert("L"))
        assert [code.text for code in codes] == [form.sheet_code]

    def test_a_qr_that_cannot_be_is_left_out(self):
        assert pages(render(replace(ADULT, sheet_code="Đ" * 5000))) == 1


class TestArchive:
    def test_is_tagged_pdf_a_and_pdf_ua(self):
        with pikepdf.open(io.BytesIO(render(ADULT))) as pdf:
            metadata = pdf.open_metadata()
            assert metadata.pdfa_status == "2A"
            assert metadata["pdfuaid:part"] == "1"
            assert pdf.Root.MarkInfo.Marked
            assert str(pdf.Root.Lang).startswith("vi")
            assert str(pdf.Root.OutputIntents[0].S) == "/GTS_PDFA1"
            assert pdf.Root.ViewerPreferences.DisplayDocTitle
            assert pdf.check_pdf_syntax() == []

    def test_a_screen_reader_finds_heading_and_qr(self):
        with pikepdf.open(io.BytesIO(render(ADULT))) as pdf:
            tags = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item]
            roles = [str(tag.S) for tag in tags]
            described = [str(tag.Alt) for tag in tags if "/Alt" in tag]
        assert roles.count("/H1") == 1
        assert described == ["Mã QR của hồ sơ VS-7K3M9"]

    def test_metadata_tells_nothing_about_the_person(self):
        with pikepdf.open(io.BytesIO(render(ADULT))) as pdf:
            metadata = pdf.Root.Metadata.read_bytes().decode() + str(dict(pdf.docinfo))
        assert "Tờ khai mẫu số 01" in metadata
        for value in (ADULT.full_name, ADULT.id_number, ADULT.social_insurance_code, ADULT.phone, ADULT.reference):
            assert value not in metadata

    def test_all_fonts_are_inside(self):
        with pikepdf.open(io.BytesIO(render(ADULT))) as pdf:
            described = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/FontBBox" in item]
            assert len(described) == 3
            assert all("/FontFile2" in font and "Tinos" in str(font.FontName) for font in described)

    def test_equal_forms_are_equal_files(self):
        assert render(ADULT) == render(replace(ADULT))

    @pytest.mark.parametrize("form", [ADULT, CHILD, LONG, ENDLESS, BLANK])
    def test_qpdf_finds_no_fault(self, form, tmp_path):
        if not shutil.which("qpdf"):
            pytest.skip("qpdf is not installed")
        file = tmp_path / "form.pdf"
        file.write_bytes(render(form))
        subprocess.run(["qpdf", "--check", file], check=True, capture_output=True)


class TestHostileText:
    """Text is data: it is neither run nor able to stop the printing."""

    @pytest.mark.parametrize(
        "text",
        [
            "#panic()",
            "*bold* _italic_ `code` $x^2$",
            '#eval("1") #include "/etc/passwd"',
            "= Title <label> @ref // comment /* more",
            r"back\slash \u{0} \n",
            "{{ 7*7 }} <b>&amp;</b> \"quoted\" 'single' -- --- …",
        ],
    )
    def test_markup_is_printed_as_it_is(self, text):
        assert declared(render(replace(ADULT, address=text)), "address") == squeezed(text)

    @pytest.mark.parametrize(
        ("text", "printed"),
        [
            ("a\0b\x1bc\x7fd", "abcd"),
            ("A\u202eB\u2066C\u200dD\ufeffE\u00adF", "ABCDEF"),
            ("một\u00a0hai\tba\r\nbốn\u2028năm", "mộthaibabốnnăm"),
            ("ab\ud800cd", "abcd"),
            ("李小龙 😀", "□□□□"),
        ],
    )
    def test_what_cannot_be_printed(self, text, printed):
        assert declared(render(replace(ADULT, full_name=text)), "full_name") == printed

    def test_a_pile_of_marks_does_not_grow_into_the_next_line(self):
        assert render(Form01(full_name="x" + "\u0302" * 50)) == render(Form01(full_name="x" + "\u0302" * 2))

    def test_nothing_but_invisible_text_is_nothing(self):
        assert render(Form01(full_name="\u200b \x00\u3000", email="\ufeff")) == render(BLANK)

    def test_naughty_strings(self):
        if not NAUGHTY.exists():
            pytest.skip("the list of naughty strings is not here")
        for line in dict.fromkeys(NAUGHTY.read_text(encoding="utf-8").splitlines()):
            pdf = render(replace(ADULT, **dict.fromkeys(TEXTS, line)))
            with pikepdf.open(io.BytesIO(pdf)) as opened:
                assert opened.check_pdf_syntax() == [], line

    def test_every_letter_said_to_be_covered_is(self):
        """PDF/A refuses a letter without a shape: that this renders is the proof for all three faces."""
        ranges = re.findall(r"^(\w+)-(\w+)$", (FONTS / "coverage.txt").read_text(), re.MULTILINE)
        letters = "".join(chr(code) for first, last in ranges for code in range(int(first, 16), int(last, 16) + 1))
        assert len(letters) > 1000
        assert "□" in letters
        for start in range(0, len(letters), 200):
            some = " ".join(letters[start : start + 200])
            render(Form01(full_name=some, place=some, email=some, reference=some))

    @settings(max_examples=80, deadline=None)
    @given(form=st.builds(Form01))
    def test_any_form_can_be_printed(self, form):
        assert render(form).startswith(b"%PDF-1.7")

    @settings(max_examples=80, deadline=None)
    @given(text=st.text(st.characters(exclude_categories=())), day=st.none() | st.dates())
    def test_any_text_at_all_can_be_printed(self, text, day):
        assert render(Form01(signed_on=day, **dict.fromkeys(TEXTS, text))).startswith(b"%PDF-1.7")


class TestServing:
    def test_eight_threads_do_not_mix_people_up(self):
        people = [replace(ADULT, full_name=f"Người Thứ {n}", phone=f"09{n:08}") for n in range(64)]
        with ThreadPoolExecutor(8) as pool:
            pdfs = list(pool.map(render, people))
        for person, pdf in zip(people, pdfs, strict=True):
            assert declared(pdf, "full_name") == squeezed(person.full_name)
            assert declared(pdf, "phone") == person.phone

    def test_leaves_nothing_on_disk_wherever_it_runs(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        monkeypatch.setattr(tempfile, "tempdir", None)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert ADULT.full_name in text_of(render(ADULT))
        assert list(tmp_path.iterdir()) == []

    def test_memory_stays_flat(self):
        """Templates handed to typst as bytes were once kept for good, 0.3 MB a form."""
        status = Path("/proc/self/statm")
        if not status.exists():
            pytest.skip("this system does not tell how much memory is used")

        def pages_held():
            return int(status.read_text().split()[1])

        for n in range(30):
            render(replace(ADULT, full_name=f"Người {n}"))
        before = pages_held()
        for n in range(120):
            render(replace(ADULT, full_name=f"Người thứ {n}"))
        assert (pages_held() - before) * 4096 < 15_000_000
