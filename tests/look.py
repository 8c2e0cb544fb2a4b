"""Photographs every page: `python -m tests.look FOLDER`, at 320 and 1280 pixels, light and dark.

`tour` is also what the tests walk that hold for every page, so a page that is added there is looked at and tested.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyotp
from playwright.sync_api import Page, expect

from tests.answers import born, child, code_of, jpeg
from tests.cards import photo_of, photo_saying
from tests.chromium import KINDS, PASSWORD, Person, Server, chromium, new_page, read_qr
from tests.messages import messages
from tests.portal import official_pdf

WIDTHS = (320, 1280)
SCHEMES = ("light", "dark")
LONG_UNIT = "Phân xưởng hoàn thiện và đóng gói xuất khẩu số 12 tại Khu công nghiệp Việt Nam – Singapore II-A"
LONG_EMAIL = "cong.tang.ton.nu.hoang.thien.thanh@" + "xuong-may-" * 4 + "binh-minh.com.vn"
LONG = {
    "full_name": "Công Tằng Tôn Nữ Nguyễn Phước Thị Hoàng Thiên Thanh Trúc Anh " + "Maximilianus" * 4,
    "social_insurance_code": "DN4010120878811",
    "id_number": "074120001234",
    "address": "Số 1234/56/78A đường Nguyễn Thị Minh Khai nối dài, khu phố Bình Hòa 2, tổ dân phố số 15, "
    "hẻm sau chợ Lái Thiêu cũ, đối diện trường tiểu học Trần Quốc Toản, gần cây xăng số 7",
    "commune": "Phường Lái Thiêu, TP. Hồ Chí Minh",
}
CARD = (
    "079190004321||CÔNG TẰNG TÔN NỮ NGUYỄN PHƯỚC THỊ HOÀNG THIÊN THANH TRÚC|15081990|Nữ|"
    "Số 1234/56/78A đường Nguyễn Thị Minh Khai nối dài, khu phố Bình Hòa 2, tổ dân phố số 15, hẻm sau chợ Lái Thiêu "
    "cũ, đối diện trường tiểu học Trần Quốc Toản, gần cây xăng số 7, Lái Thiêu, Thuận An, Bình Dương|20042021"
)
ROSTER = "\n".join(
    (
        "Mã NV,Họ tên,Đơn vị,SĐT,Số CCCD,Địa chỉ,Ghi chú",
        "NV001,Nguyễn Thị Hồng Nhung,Xưởng May 1,0912000001,074190001234,12/3 đường Nguyễn Văn Tiết,",
        f"NV002-{'DAI' * 10},{LONG['full_name']},Xưởng May 1,0987654321,,,",
        "NV003,Trần Văn Đức,Bộ phận Kiểm soát chất lượng và Hoàn thiện sản phẩm xuất khẩu (Nhà máy 2),,,,",
        "NV004,Lê Hoàng Phương Uyên,Phòng Kế toán,12,=1+1,,",
        ",Phạm Quốc Bảo,Phòng Kế toán,,,,",
    )
)
AGENCIES = f"""Mã,Tên,Tỉnh,Địa chỉ
07407,BHXH cơ sở Lái Thiêu và các phường lân cận,TP. Hồ Chí Minh,{LONG["address"]}
09601,BHXH cơ sở Năm Căn,Cà Mau,
09602,BHXH cơ sở Đâu,Atlantis,
"""
NAMES = (
    "Nguyễn Thị Hồng Nhung",
    "Trần Văn Đức",
    "Lê Hoàng Phương Uyên",
    "Phạm Quốc Bảo",
    "Huỳnh Thị Mỹ Duyên",
    "Đặng Thị Ước",
    "H'Yến Niê Kdăm",
    "Võ Ngọc Ánh Tuyết Trinh",
    "Bùi Xuân Hà",
    "Thạch Thị Sa Rươne",
    "Đỗ An",
    "Ngô Đình Khánh Hưng",
)


def tour(server: Server, page: Page, desk: Page) -> Iterator[tuple[str, Page]]:
    """Go to every page there is, in every state that looks different; gives its name and the page it stands in."""
    yield from _public(Person(server, page))
    yield from _cards(Person(server, page))
    yield from _child(Person(server, page))
    yield from _errors(Person(server, page))
    yield from _desk(Person(server, desk), page)


def _public(person: Person) -> Iterator[tuple[str, Page]]:
    page = person.page
    person.open("/", "Đăng ký tài khoản VssID")
    yield "guide", page
    person.press("Gặp lỗi khi đăng ký?", "Gặp lỗi khi đăng ký?")
    yield "help", page
    person.open("/form01", "Tờ khai mẫu số 01")
    yield "form01", page
    person.begin()
    yield "prepare", page
    person.press("Tiếp tục").sees_error("Đánh dấu vào ô")
    yield "prepare-errors", page
    person.consent()
    yield "declaration", page
    person.press("Tiếp tục").sees_error("Nhập họ và tên")
    yield "declaration-errors", page
    person.fill(commune="an binh")
    expect(page.locator("#communes input").first).to_be_visible()
    yield "declaration-suggestions", page
    page.context.set_offline(True)
    person.press("Tiếp tục")
    expect(page.locator("#offline")).to_be_visible()
    yield "declaration-off-line", page
    page.context.set_offline(False)
    person.fill(**{**LONG, "phone": "12", "commune": "an binh"}).press("Tiếp tục").sees_error("Nhập số điện thoại")
    yield "declaration-long-and-ambiguous", page
    person.declare(**LONG)
    yield "photos", page
    yield from _photos(person)
    yield "agency", page
    person.fill(email_copy=True, email="ai đó").press("Tiếp tục").sees_error("email")
    yield "agency-errors", page
    person.fill(email_copy=False, email=LONG_EMAIL).review()
    yield "review", page
    yield from _conflict(person)
    person.open(page.url.removeprefix(person.server.url))
    person.ask_for_code()
    yield "confirm", page
    for state, answer in (("waiting", ""), ("failed", "unreachable")):
        person.server.hold_message(state, answer)
        page.reload()
        yield f"confirm-{state}", page
    person.fill(code="000000").press("Xác nhận và gửi hồ sơ").sees_error("Mã chưa đúng")
    yield "confirm-wrong-code", page
    person.submit()
    yield "receipt", page
    receipt = page.url.removeprefix(person.server.url)
    person.press("Nhận tin về hồ sơ, gửi tờ khai qua email", "Nhận tin về hồ sơ")
    person.fill(email="ai đó").press("Gửi tờ khai mẫu số 01 đến địa chỉ này").sees_error("email")
    yield "news-errors", page
    person.fill(email=LONG_EMAIL).press("Gửi tờ khai mẫu số 01 đến địa chỉ này", "Nhận tin về hồ sơ")
    yield "news", page
    yield from _lookup(person)
    yield from _already_here(person)
    person.open(receipt).press("Sửa hồ sơ", "Kiểm tra lại trước khi gửi")
    yield "correction", page
    person.open(receipt).press("Xong, xoá khỏi máy này", "Đã xoá khỏi máy này")
    yield "finished", page


def _child(person: Person) -> Iterator[tuple[str, Page]]:
    """A parent who is not known here and a child who is asked too, with everything wrong that can be."""
    page, name = person.page, "Tôn Thất Nguyễn Phước Vĩnh Hoàng Bảo Khánh An " + "Maximilianus" * 4
    person.begin_child()
    yield "child-prepare", page
    person.press("Tiếp tục").sees_error("Đánh dấu vào ô")
    yield "child-prepare-errors", page
    person.consent("Cha mẹ, người giám hộ")
    yield "guardian-phone", page
    person.fill(phone="12").press("Gửi mã xác nhận").sees_error("Nhập số điện thoại")
    yield "guardian-phone-errors", page
    person.ask_for_proof()
    yield "guardian-code", page
    person.fill(code="000000").press("Xác nhận số điện thoại").sees_error("Mã chưa đúng")
    yield "guardian-wrong-code", page
    person.prove()
    yield "guardian-parent", page
    person.press("Tiếp tục").sees_error("Nhập họ và tên")
    yield "guardian-parent-errors", page
    person.declare_parent(guardian_full_name=name, address=LONG["address"])
    yield "child", page
    person.press("Tiếp tục").sees_error("Nhập ngày sinh")
    yield "child-errors", page
    person.fill(birth_date="1/1/1990").press("Tiếp tục").sees_error("đủ 18 tuổi")
    yield "child-grown-up", page
    person.fill(**{**child(), "full_name": name, "birth_date": born(15)}).press("Tiếp tục").sees_error("đủ 7 tuổi")
    yield "child-asked", page
    person.declare_child(full_name=name, birth_date=born(15), consent_child=True)
    yield "child-photos", page
    person.give_photos("child").review()
    yield "child-review", page
    person.press("Thông tin đã đúng, gửi hồ sơ", "Đã nhận hồ sơ của con")
    yield "child-receipt", page
    person.press("Đăng ký cho bé khác", "Chuẩn bị")
    yield "child-next", page


def _photos(person: Person) -> Iterator[tuple[str, Page]]:
    page = person.page
    person.press("Tiếp tục").sees_error("Còn thiếu")
    yield "photos-errors", page
    person.choose_photo("portrait", b"not a picture", "ghi-chu.jpg")
    expect(page.locator("#photo-portrait .error")).to_contain_text("không phải ảnh")
    yield "photos-refused", page
    for kind in KINDS:
        person.choose_photo(kind)
        expect(page.locator(f"#photo-{kind} img")).to_be_visible()
    yield "photos-filled", page
    person.choose_photo("id_back", jpeg(320, 240))
    expect(page.locator("#photo-id_back .unmet")).to_contain_text("Ảnh nhỏ")
    yield "photos-to-take-again", page
    page.get_by_role("button", name="Vẫn dùng ảnh này CCCD mặt sau").click()
    page.get_by_role("button", name="Cắt ảnh 3×4").click()
    expect(page.get_by_role("button", name="Dùng lại ảnh gốc")).to_be_visible()
    yield "photos-cut", page
    person.press("Đang dùng máy tính? Chụp bằng điện thoại")
    expect(page.locator(".qr")).to_be_visible()
    yield "photos-qr", page
    yield from _phone(person)
    yield from _transfer(person)
    person.press("Quay lại", "Thông tin của bạn")
    yield "declaration-filled", page
    person.press("Tiếp tục", "Cơ quan BHXH")


def _cards(person: Person) -> Iterator[tuple[str, Page]]:
    """A card before anything is typed, then another that says something else."""
    page = person.page
    person.begin().consent().press("Chụp hoặc quét thẻ để điền sẵn", "Điền sẵn từ thẻ")
    yield "card", page
    person.fill(scanned="079190004321|x").press("Đọc thẻ").sees_error("không phải của thẻ")
    yield "card-errors", page
    person.choose_photo("card_photo", photo_of("cccd")).sees("Thông tin của bạn")
    yield "declaration-from-card", page
    person.fill(phone=person.phone, social_insurance_code="0120878811", full_name=LONG["full_name"])
    person.press("Tiếp tục", "Ảnh của bạn")
    person.choose_photo("id_back", photo_saying(CARD))
    expect(page.locator("#photo-id_back img")).to_be_visible()
    yield "photos-card", page
    person.choose_photo("portrait")
    expect(page.locator("#photo-portrait img")).to_be_visible()
    person.press("Tiếp tục", "Cơ quan BHXH")
    yield "agency-card", page
    person.review()
    yield "review-card", page
    person.press("Giữ như tôi đã khai")
    expect(page.locator("#cards")).to_contain_text("Đã giữ như bạn khai")
    yield "review-card-kept", page


def _phone(person: Person) -> Iterator[tuple[str, Page]]:
    """What the QR leads to."""
    phone = person.page.context.new_page()
    phone.goto(read_qr(person.page))
    yield "phone", phone
    phone.close()


def _transfer(person: Person) -> Iterator[tuple[str, Page]]:
    """On with the draft on another device, and back."""
    page = person.page
    person.press("Làm tiếp trên điện thoại", "Làm tiếp trên điện thoại")
    yield "transfer", page
    phone = page.context.new_page()
    phone.goto(read_qr(page))
    yield "transfer-offer", phone
    phone.close()
    person.press("Quay lại, làm tiếp trên máy này", "Ảnh của bạn")


def _already_here(person: Person) -> Iterator[tuple[str, Page]]:
    """The same person once more."""
    again = Person(person.server, person.page)
    again.phone = person.phone
    again.fill_until_review().ask_for_code()
    again.fill(code=person.server.code()).press("Xác nhận và gửi hồ sơ", "Chưa gửi được hồ sơ")
    yield "already-here", again.page


def _conflict(person: Person) -> Iterator[tuple[str, Page]]:
    """The same step in two tabs."""
    page, other = person.page, person.page.context.new_page()
    address = page.get_by_role("link", name="Sửa Họ và tên").get_attribute("href")
    person.open(address, "Thông tin của bạn")
    other.goto(page.url)
    Person(person.server, other).fill(full_name="Nguyễn Văn Khác").press("Tiếp tục", "Kiểm tra lại trước khi gửi")
    other.close()
    person.fill(full_name=LONG["full_name"], address="12 đường Khác").press("Tiếp tục").sees_error("vừa được lưu")
    yield "conflict", page
    person.press("Tiếp tục", "Kiểm tra lại trước khi gửi")


def _lookup(person: Person) -> Iterator[tuple[str, Page]]:
    page = person.page
    person.open("/lookup", "Tra cứu hồ sơ, làm tiếp bản nháp")
    yield "lookup", page
    person.press("Gửi mã xác nhận").sees_error("Nhập số điện thoại")
    yield "lookup-errors", page
    person.fill(phone=person.phone).press("Gửi mã xác nhận", "Nhập mã xác nhận")
    yield "lookup-code", page
    person.fill(code="000000").press("Xem hồ sơ của tôi").sees_error("Mã chưa đúng")
    yield "lookup-wrong-code", page
    draft = Person(person.server, page.context.new_page())
    draft.begin().consent().declare(phone=person.phone).page.close()
    person.fill(code=person.server.code()).press("Xem hồ sơ của tôi", "Hồ sơ của bạn")
    yield "lookup-found", page
    yield from _rights(person)


def _rights(person: Person) -> Iterator[tuple[str, Page]]:
    """What the person may do with what is held: first of a draft, then of a dossier."""
    page, found = person.page, person.page.url.removeprefix(person.server.url)
    person.press("Dữ liệu của bạn", "Dữ liệu của bạn")
    yield "rights-draft", page
    person.press("Xoá bản nháp", "Xoá bản nháp này?")
    yield "rights-delete-draft", page
    person.press("Xoá bản nháp", "Đã xoá bản nháp")
    yield "rights-deleted", page
    person.open(found, "Hồ sơ của bạn").press("Dữ liệu của bạn", "Dữ liệu của bạn")
    yield "rights", page
    person.press("Sửa thông tin", "Sửa thông tin").press("Gửi yêu cầu sửa").sees_error("Viết rõ")
    yield "rights-ask-errors", page
    person.fill(words=f"Địa chỉ đúng là:\n{LONG['address']}").press("Gửi yêu cầu sửa", "Dữ liệu của bạn")
    withdraw = "Rút lại đồng ý chuyển hồ sơ cho cơ quan BHXH"
    person.press(withdraw, withdraw)
    yield "rights-withdraw", page
    person.press("Tôi hiểu, rút lại đồng ý", "Dữ liệu của bạn")
    yield "rights-asked", page
    person.press("Sửa thông tin", "Sửa thông tin")
    yield "rights-asked-again", page
    person.press("Quay lại", "Dữ liệu của bạn").press("Xem tất cả, in", "Tất cả dữ liệu đang giữ")
    yield "rights-data", page
    person.press("← Dữ liệu của bạn", "Dữ liệu của bạn").press("Bản ghi sự đồng ý", "Bản ghi sự đồng ý")
    yield "rights-consents", page
    person.press("← Dữ liệu của bạn", "Dữ liệu của bạn").press("Xoá hồ sơ", "Xoá hồ sơ")
    yield "rights-delete", page
    person.press("Tôi hiểu, yêu cầu xoá", "Dữ liệu của bạn")


def _errors(person: Person) -> Iterator[tuple[str, Page]]:
    page = person.page
    for name, path, heading in (
        ("error-403", "/register/adult/review?t=x", "Trang này không mở được ở đây"),
        ("error-404", "/khong-co", "Không tìm thấy trang"),
    ):
        person.open(path, heading)
        yield name, page
    person.begin().consent().fill(full_name="Nguyễn Thị Hồng Nhung", address="12/3 đường Nguyễn Văn Tiết")
    other = page.context.new_page()
    Person(person.server, other).open(page.url.removeprefix(person.server.url)).press("Xong, xoá khỏi máy này")
    other.wait_for_url("**/finish")
    other.close()
    person.press("Tiếp tục", "Phiên làm việc đã kết thúc")
    yield "error-409", page


def _desk(person: Person, public: Page) -> Iterator[tuple[str, Page]]:
    page = person.page
    person.open("/staff/sign-in", "Đăng nhập Bàn Nhân sự")
    yield "sign-in", page
    person.fill(username="quantri", password="sai").press("Đăng nhập").sees_error("chưa đúng")
    yield "sign-in-refused", page
    page.goto(person.server.first_address)
    yield "first-administrator", page
    person.fill(username="q t").press("Tạo và đăng nhập").sees_error("Dùng từ 3")
    yield "first-administrator-errors", page
    person.make_administrator()
    yield "desk", page
    waiting = Person(person.server, public)
    waiting.fill_until_review().ask_for_code()
    code = person.server.code()
    person.open("/staff/codes", "Mã xác nhận đang chờ")
    yield "codes", page
    with person.server.mistyped():
        person.open("/staff/codes", "Mã xác nhận đang chờ")
        expect(page.get_by_role("button", name="Cho nhập lại ngay")).to_be_visible()
        yield "codes-locked", page
    person.server.hold_message("failed", "status HTTP 500")
    person.open("/staff/messages", "Tin nhắn")
    yield "messages", page
    person.open("/staff/outside", "Kết nối bên ngoài").fill(phone="12").press("Gửi tin thử").sees_error("di động")
    yield "outside-errors", page
    person.open("/staff/outside", "Kết nối bên ngoài").fill(email="ai đó").press("Gửi thư thử").sees_error("email")
    yield "outside-mail-errors", page
    yield from _assistance(person)
    person.server.copy_dossiers(NAMES, 60)
    person.open("/staff/", "Tổng quan")
    yield "desk-front", page
    person.open("/staff/dossiers", "Hồ sơ")
    yield "desk-full", page
    person.open("/staff/dossiers?since=x").sees_error("Nhập ngày")
    yield "desk-errors", page
    person.fill(q="khong co ai ten nay").press("Tìm")
    expect(page.get_by_text("Không có hồ sơ nào khớp")).to_be_visible()
    yield "desk-nobody", page
    person.fill(q="hoang thien thanh truc").press("Tìm")
    page.locator("tbody a").last.click()
    for photo in page.locator("figure img").all():
        photo.scroll_into_view_if_needed()
        expect(photo).to_have_js_property("complete", True)
    yield "dossier", page
    yield from _way(person)
    yield from _paper(person)
    person.press("Bản ghi sự đồng ý để in", "Bản ghi sự đồng ý")
    yield "consents", page
    yield from _requests(person)
    yield from _batches(person, waiting.submit(code=code))
    yield from _roster(person, public)
    person.open("/staff/dossiers?q=ton that nguyen phuoc")
    page.locator("tbody a").click()
    expect(page.get_by_text("Thông tin của trẻ")).to_be_visible()
    yield "dossier-child", page
    person.open("/staff/dossiers/KHONGCO1", "Không tìm thấy trang")
    yield "desk-404", page
    yield from _set_up(person)
    yield from _settings(person, public)


def _set_up(person: Person) -> Iterator[tuple[str, Page]]:
    """What an administrator sets up, and one's own account."""
    page = person.page
    person.open("/staff/units", "Đơn vị").press("Thêm").sees_error("Nhập tên đơn vị")
    yield "units-errors", page
    for name in ("Xưởng May 1", LONG_UNIT):
        person.fill(name=name).press("Thêm", "Đơn vị")
    yield "units", page
    page.get_by_role("link", name="Xưởng May 1").click()
    yield "unit", page
    person.open("/staff/people/add", "Thêm người dùng").press("Thêm").sees_error("Nhập tên đăng nhập")
    yield "person-errors", page
    person.fill(username="nguyen.phuoc.hoang.thien.thanh.truc.anh-maximilianus.phan.xuong")
    page.locator("[value=department]").check()
    person.press("Thêm")
    expect(page.locator("[data-password]")).to_be_visible()
    yield "person-new", page
    person.open("/staff/people", "Người dùng")
    yield "people", page
    person.open("/staff/account/password", "Đổi mật khẩu")
    yield "password", page
    person.open("/staff/account/totp", "Bật xác thực hai lớp")
    yield "totp", page
    phone = pyotp.TOTP(page.locator("[data-secret]").inner_text().replace(" ", ""))
    person.fill(totp="không phải mã").press("Bật").sees_error("Mã chưa đúng")
    yield "totp-errors", page
    person.fill(totp=phone.now()).press("Bật", "Tài khoản của bạn")
    expect(page.locator(".recovery")).to_be_visible()
    code = page.locator(".recovery code").first.inner_text()
    yield "account", page
    person.open("/staff/account/totp", "Tắt xác thực hai lớp")
    yield "totp-removal", page
    person.open("/staff/audit", "Nhật ký")
    yield "audit", page
    page.get_by_role("button", name="Đăng xuất").click()
    person.fill(username="quantri", password=PASSWORD).press("Đăng nhập", "Nhập mã xác thực")
    yield "sign-in-code", page
    person.fill(totp=code).press("Đăng nhập", "Tổng quan")


def _assistance(person: Person) -> Iterator[tuple[str, Page]]:
    """Somebody at the desk, for whom HR fills in."""
    page = person.page
    person.open("/staff/", "Tổng quan")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Đăng ký giúp", exact=True).click()
    helped = Person(person.server, opened.value)
    helped.consent().declare(**LONG | {"social_insurance_code": code_of(helped.phone)}).give_photos().review()
    yield "assisted-review", helped.page
    helped.ask_for_code()
    person.open("/staff/codes", "Mã xác nhận đang chờ")
    yield "codes-hidden", page
    person.press("Hiện mã để đọc", "Mã xác nhận đang chờ")
    reference = helped.submit()
    helped.page.close()
    person.open(f"/staff/dossiers/{reference}")
    yield "dossier-assisted", page


def _roster(person: Person, public: Page) -> Iterator[tuple[str, Page]]:
    """The list of who works here, from the upload to the personal link."""
    page = person.page
    person.open("/staff/roster", "Nhân viên: ai đã đăng ký")
    yield "roster-empty", page
    person.press("Nhập danh sách nhân viên", "Nhập danh sách nhân viên")
    yield "roster-import", page
    person.press("Xem trước").sees_error("Chọn tệp")
    _choose_list(page, "STT,Ai\n1,x\n").press("Xem trước").sees_error("Không thấy cột")
    yield "roster-import-errors", page
    _choose_list(page, ROSTER).press("Xem trước", "Xem trước danh sách")
    yield "roster-preview", page
    page.get_by_role("button", name="Nhập").first.click()
    person.sees("Đã nhập danh sách")
    yield "roster-imported", page
    person.open("/staff/roster", "Nhân viên: ai đã đăng ký")
    yield "roster", page
    person.open("/staff/roster/people", "Danh sách nhân viên").press("Thu hồi liên kết").sees_error("Đánh dấu")
    yield "roster-people-errors", page
    page.get_by_role("checkbox").first.check()
    person.press("Nhắn tin liên kết", "Danh sách nhân viên")
    yield "roster-people", page
    link = re.search(r"/i/\S+", messages(person.server.messages)[-1]["text"])[0]
    page.get_by_role("checkbox").first.check()
    person.press("Xoá khỏi danh sách…", "Xoá 1 người khỏi danh sách?")
    yield "roster-remove", page
    employee = Person(person.server, public).open(link)
    expect(public.get_by_role("heading", level=1)).to_contain_text("thẻ của")
    yield "invitation", public
    employee.press("Bắt đầu", "Chuẩn bị").consent()
    yield "invitation-declaration", public
    employee.open("/i/khong-co", "Thẻ mời này không dùng được nữa")
    yield "invitation-gone", public


def _choose_list(page: Page, text: str) -> Person:
    page.get_by_label("Tệp danh sách").set_input_files(
        {"name": "nv.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    return Person(None, page)


def _batches(person: Person, reference: str) -> Iterator[tuple[str, Page]]:
    """Dossiers moved by ticks, put into a batch, and what the agency answers."""
    page = person.page
    person.open("/staff/dossiers").press("Thực hiện").sees_error("Đánh dấu ít nhất")
    yield "desk-nothing-ticked", page
    person.open(f"/staff/dossiers?q={reference}")
    page.locator("[name=chosen]").check()
    person.fill(do="sign").press("Thực hiện", "Đã nhận bản ký")
    yield "outcome", page
    person.open("/staff/batches", "Đợt nộp cơ quan BHXH")
    yield "batches-ready", page
    person.press("Lập đợt nộp (1 hồ sơ)")
    expect(page.get_by_text("1 hồ sơ trong đợt.")).to_be_visible()
    yield "batch", page
    person.open("/staff/dossiers?all=1").fill(do="batch").press("Thực hiện", "Lập đợt nộp")
    yield "batch-gathered", page
    page.locator("tbody tr td a").click()
    person.press("Ghi cả đợt là đã nộp")
    expect(page.get_by_text("Còn 1 trong 1")).to_be_visible()
    yield "batch-filed", page
    person.fill(results=f"{reference}; trả lại\n7KXC94FM; đã cấp\nHọ tên").press("Ghi kết quả").sees_error("3 dòng")
    yield "batch-faults", page
    person.fill(results=f"{reference}; trả lại; {LONG['address']}").press("Ghi kết quả")
    expect(page.get_by_text("Cả 1 hồ sơ đã có kết quả")).to_be_visible()
    yield "batch-closed", page
    person.open("/staff/batches", "Đợt nộp cơ quan BHXH")
    yield "batches", page


def _settings(person: Person, public: Page) -> Iterator[tuple[str, Page]]:
    """What the desk is set to, and what of it everybody sees."""
    page = person.page
    person.open("/staff/settings/contact", "Liên hệ Nhân sự")
    person.fill(contact_name="Chị Nguyễn Thị Lan, Phòng Nhân sự", contact_phone="0274 3 755 123 (máy lẻ 12)")
    person.fill(contact_place=LONG_UNIT, contact_hours="8:00 đến 16:30, thứ hai đến thứ bảy").press("Lưu", "Thiết lập")
    yield "settings", page
    person.open("/staff/settings/company", "Công ty").fill(company_name=f"Công ty TNHH May {LONG_UNIT}"[:100])
    page.locator("[name=accent]").evaluate("field => { field.value = '#ffcc00'; }")
    person.press("Lưu").sees_error("Màu gần nhất đọc được")
    yield "settings-company-errors", page
    person.press("Lưu với màu #846a00", "Thiết lập")
    yield "settings-coloured", page
    logo = {"name": "logo.jpg", "mimeType": "image/jpeg", "buffer": jpeg(900, 300)}
    person.open("/staff/settings/company", "Công ty").page.locator("[name=logo]").set_input_files(logo)
    person.press("Lưu", "Thiết lập").open("/staff/settings/company", "Công ty")
    yield "settings-company-with-logo", page
    person.open("/staff/settings/agency", "Cơ quan BHXH mặc định").fill(is_agency_locked=True)
    yield "settings-agency", page
    person.press("Lưu", "Thiết lập")
    person.open("/staff/settings/channel", "Kênh đăng ký").fill(notice="a" * 601).press("Lưu").sees_error("Rút ngắn")
    yield "settings-channel-errors", page
    page.locator("[value=vneid]").check()
    person.fill(notice="Cơ quan BHXH Lái Thiêu vẫn nhận bản giấy.\nHỏi chị Lan.", is_notice_public=True)
    person.press("Lưu", "Thiết lập")
    person.open("/staff/settings/messages", "Lời tin nhắn").fill(code_text="Mã của bạn").press("Lưu").sees_error("Thêm")
    yield "settings-messages-errors", page
    person.open("/staff/settings/retention", "Thời gian lưu giữ").fill(draft_days="0", dossier_days="365")
    person.press("Lưu").sees_error("Nhập một số")
    yield "settings-retention-errors", page
    person.open("/staff/settings/agencies", "Danh sách cơ quan BHXH").fill(q="ho chi minh").press("Tìm")
    yield "agencies", page
    person.press("BHXH cơ sở Lái Thiêu", "BHXH cơ sở Lái Thiêu").press("Đóng cơ quan này").sees_error("mặc định")
    yield "agency-errors-default", page
    person.open("/staff/settings/agencies/import", "Nhập danh sách cơ quan BHXH").press("Xem trước").sees_error(
        "Chọn tệp"
    )
    yield "agencies-file-errors", page
    page.locator("[type=file]").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": AGENCIES.encode()})
    person.press("Xem trước", "Xem trước danh sách cơ quan")
    yield "agencies-upload", page
    person.open("/staff/form01", "Mẫu số 01 chính thức").press("Tải lên và phát").sees_error("Chọn tệp PDF")
    yield "official-errors", page
    page.locator("#file").set_input_files({"name": "a", "mimeType": "application/pdf", "buffer": official_pdf()})
    person.press("Tải lên và phát", "Mẫu số 01 chính thức")
    expect(page.get_by_role("button", name="Gỡ tệp đã tải lên")).to_be_visible()
    yield "official", page
    visitor = Person(person.server, public).open("/form01", "Tờ khai mẫu số 01")
    yield "form01-official", public
    visitor.open("/", "Đăng ký tài khoản VssID")
    yield "guide-coloured", public
    visitor.open("/khong-co", "Không tìm thấy trang")
    yield "error-with-contact", public
    visitor.begin().consent().declare(unit="Xưởng May 1").give_photos()
    yield "agency-locked", public


def _requests(person: Person) -> Iterator[tuple[str, Page]]:
    """What was asked for by right, and how it is answered."""
    page = person.page
    person.open("/staff/requests", "Yêu cầu về dữ liệu cá nhân")
    yield "requests", page
    person.press("Sửa thông tin", "Sửa thông tin").press("Từ chối với lý do này").sees_error("Ghi lý do từ chối")
    yield "request-errors", page
    person.press("Đã tiếp nhận", "Sửa thông tin").fill(reason="Tờ khai đã nộp ngày 20/11/2026.")
    person.press("Từ chối với lý do này", "Sửa thông tin")
    yield "request-refused", page
    person.open("/staff/requests").press("Xoá hồ sơ", "Xoá hồ sơ")
    yield "request-delete", page
    page.get_by_role("button", name="Xoá hồ sơ").click()
    expect(page.get_by_text("Trang này là xác nhận")).to_be_visible()
    yield "request-deleted", page
    person.press("← Yêu cầu về dữ liệu", "Yêu cầu về dữ liệu cá nhân")
    yield "requests-answered", page


def _way(person: Person) -> Iterator[tuple[str, Page]]:
    """One dossier, moved by two people, and sent back."""
    page = person.page
    other = page.context.new_page()
    other.goto(page.url)
    for press in ("Đã in tờ khai", "Đã nhận bản ký", "Đã nộp cơ quan BHXH"):
        page.get_by_role("button", name=press, exact=True).click()
        page.wait_for_load_state()
    yield "dossier-filed", page
    Person(person.server, other).press("Đã in tờ khai").sees_error("vừa thao tác")
    yield "dossier-moved-on", other
    other.close()
    person.press("Cơ quan BHXH trả lại…", "Cơ quan BHXH trả lại")
    yield "reason", page
    page.locator("main form button.primary").click()
    person.sees_error("Đánh dấu ít nhất")
    yield "reason-errors", page
    page.get_by_label("Ảnh mờ").check()
    page.get_by_label("Ảnh của bạn").check()
    person.fill(text="Chụp lại mặt sau, đặt thẻ trên nền tối, thấy đủ bốn góc và không bị lóa. " * 3)
    page.locator("main form button.primary").click()
    expect(page.get_by_text("Trạng thái: Trả lại để sửa")).to_be_visible()
    yield "dossier-returned", page


def _paper(person: Person) -> Iterator[tuple[str, Page]]:
    """Sheets scanned by hand and by the pile, and forms printed together; then back to where it began."""
    page, dossier = person.page, person.page.url.removeprefix(person.server.url)
    reference = page.locator("[data-reference]").inner_text()
    person.open("/staff/paper", "Tờ khai giấy")
    for number, text in enumerate(("QUÁY:Ơ", "https://example.com", reference), start=1):
        person.fill(code=text).press("Ghi nhận")
        expect(page.locator("#scanned li")).to_have_count(number)
    expect(page.locator("#code")).to_be_focused()
    yield "paper", page
    person.press("Đọc tệp").sees_error("Chọn ít nhất")
    yield "paper-errors", page
    files = [("a.jpg", jpeg()), ("b.pdf", b"%PDF-1.4 broken")]
    page.locator("#files").set_input_files(
        [{"name": name, "mimeType": "application/pdf", "buffer": data} for name, data in files]
    )
    person.press("Đọc tệp", "Nhận 0 tờ, 2 trang chưa nhận")
    yield "pile", page
    person.server.begin_pile("a" * 16)
    person.open(f"/staff/paper/piles/{'a' * 16}/progress", "Đang đọc chồng tờ khai")
    yield "pile-progress", page
    person.open("/staff/paper/unsigned").press("In các tờ đã đánh dấu").sees_error("Đánh dấu ít nhất")
    yield "unsigned", page
    page.locator("[name=all]").click()
    expect(page.locator("h1")).to_contain_text("Lượt in")
    yield "printing", page
    person.open(dossier)


def photograph(folder: Path, widths=WIDTHS, schemes=SCHEMES) -> None:
    """Take every picture into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, chromium() as browser:
        server = Server(Path(data))
        try:
            for name, page in tour(server, new_page(browser), new_page(browser)):
                for width in widths:
                    for scheme in schemes:
                        page.set_viewport_size({"width": width, "height": 720})
                        page.emulate_media(color_scheme=scheme)
                        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True, caret="initial")
        finally:
            server.stop()


if __name__ == "__main__":
    photograph(Path(sys.argv[1]))
