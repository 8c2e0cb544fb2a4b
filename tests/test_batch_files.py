"""What is taken along to the agency: cover list, forms to print, and the ZIP with its checksums."""

import csv
import hashlib
import io
import socket
import time
import zipfile
from http.client import HTTPResponse

import openpyxl
import pytest
from pypdf import PdfReader

from models import Photo, database
from services import vault
from tests.answers import KINDS
from tests.batches import gathered, signed
from tests.dossiers import JPEG
from tests.server import Server

FORMULA = "=HYPERLINK(Lê)"


@pytest.fixture
def desk(sign_in):
    """Somebody of the HR department, in front of the desk."""
    return sign_in("department")


def test_the_zip_holds_forms_photos_and_a_manifest_whose_checksums_are_right(desk):
    rows = signed(2, full_name=FORMULA)
    batch = gathered(rows)
    desk.open(f"/staff/batches/{batch.id}").follow("Tất cả tệp (ZIP)")
    assert desk.response.mimetype == "application/zip" and "Content-Length" not in desk.response.headers
    with zipfile.ZipFile(io.BytesIO(desk.response.data)) as whole:
        assert whole.testzip() is None
        names = [
            f"{row.reference}-{kind}"
            for row in rows
            for kind in ("form01.pdf", *(f"{kind}.jpg" for kind in KINDS["adult"]))
        ]
        assert whole.namelist() == [*names, "manifest.csv"]
        assert all(name.isascii() for name in names)
        text = whole.read("manifest.csv").decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text)))
        assert lines[0] == ["number", "reference", "full_name", "file", "bytes", "sha256"]
        for number, reference, name, file, size, digest in lines[1:]:
            data = whole.read(file)
            assert (int(size), digest) == (len(data), hashlib.sha256(data).hexdigest())
            assert (reference, name) == (rows[int(number) - 1].reference, "'" + FORMULA)
            assert file.startswith(reference)
        assert [line[3] for line in lines[1:]] == whole.namelist()[:-1]
        assert whole.read(f"{rows[0].reference}-id_back.jpg") == JPEG + b"id_back"
        assert rows[0].reference in PdfReader(io.BytesIO(whole.read(names[0]))).pages[0].extract_text()


def test_who_is_deleted_while_the_zip_is_sent_is_left_out_and_the_rest_arrives(desk):
    rows = signed(3)
    batch = gathered(rows)
    answer = desk.client.get(f"/staff/batches/{batch.id}/files.zip", buffered=False)
    sent = answer.iter_encoded()
    first = next(sent)
    with database.connection_context():
        rows[2].envelope.delete_instance()
    with zipfile.ZipFile(io.BytesIO(first + b"".join(sent))) as whole:
        assert whole.testzip() is None
        assert not [name for name in whole.namelist() if name.startswith(rows[2].reference)]
        assert f"{rows[1].reference}-portrait.jpg" in whole.namelist()


def test_the_cover_list_says_the_same_on_paper_and_in_the_spreadsheet(desk):
    rows = signed(2, address="12 đường Lê Lợi") + signed(1, full_name=FORMULA)
    batch = gathered(rows)
    desk.open(f"/staff/batches/{batch.id}").follow("Bảng tổng hợp (Excel)")
    sheet = openpyxl.load_workbook(io.BytesIO(desk.response.data)).active
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert lines[0][:4] == ["STT", "Mã hồ sơ", "Họ và tên", "Mã số BHXH"]
    assert [line[:4] for line in lines[1:]] == [
        [1, rows[0].reference, "Nguyễn Thị B", "0000000001"],
        [2, rows[1].reference, "Nguyễn Thị C", "0000000002"],
        [3, rows[2].reference, "'" + FORMULA, "0000000003"],
    ]
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    desk.open(f"/staff/batches/{batch.id}").follow("Bảng tổng hợp (PDF)")
    words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(desk.response.data)).pages)
    for word in ("CÔNG TY MAY BÌNH MINH", "BHXH cơ sở Lái Thiêu", batch.number, "Người lập bảng", "Bên nhận hồ sơ"):
        assert word in words
    assert all(str(cell) in words for line in lines[1:3] for cell in line if cell)


def test_the_whole_batch_is_printed_in_the_order_of_its_list(desk):
    rows = signed(3)
    batch = gathered(rows)
    desk.open(f"/staff/batches/{batch.id}").follow("In cả đợt (PDF)")
    assert desk.response.headers["Content-Disposition"] == f'inline; filename="dot-nop-{batch.number[:10]}-1-in.pdf"'
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(desk.response.data)).pages]
    assert "BẢNG TỔNG HỢP" in pages[0]
    assert [row.reference in page for row, page in zip(rows, pages[1:], strict=True)] == [True] * 3


def test_a_slow_line_makes_the_server_wait_and_not_write_personal_data_to_a_file(desk, environ, tmp_path):
    rows = signed(2)
    batch = gathered(rows)
    with database.connection_context():
        for row in rows:
            for kind in KINDS["adult"]:
                sealed = vault.seal(row.envelope, f"photo.{kind}", bytes(1_000_000))
                Photo.update(image=sealed).where((Photo.envelope == row.envelope_id) & (Photo.kind == kind)).execute()
    cookie = desk.client.get_cookie("quay_staff", path="/staff").value
    server = Server(tmp_path, environ, before="import tempfile; tempfile.tempdir = '/nowhere/at/all'").wait()
    try:
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.connect(("127.0.0.1", server.port))
            answer = HTTPResponse(line)
            asked = (
                f"GET /staff/batches/{batch.id}/files.zip HTTP/1.1\r\nHost: x\r\nCookie: quay_staff={cookie}\r\n\r\n"
            )
            line.sendall(asked.encode())
            answer.begin()
            # Long enough for a server that does not wait to run ahead.
            time.sleep(0.5)
            with zipfile.ZipFile(io.BytesIO(answer.read())) as whole:
                assert whole.testzip() is None and len(whole.namelist()) == 9
    finally:
        server.stop()
    assert "nowhere" not in server.output
