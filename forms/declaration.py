"""Who registers: the fields of Form 01 that a person types."""

from dataclasses import replace
from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TelField

from forms.base import StepForm
from forms.validators import HasLetters, IdNumber, MobilePhone, Most, Required, SocialInsuranceCode

AS_TYPED = "typed"
YOUNGEST = 15


class ContactForm(StepForm):
    """Whoever is asked for address, commune and place in the company; the fields stand where their form puts them."""

    def __init__(self, formdata=None, *, answer=None, sources=None):
        super().__init__(formdata, answer=answer, sources=sources)
        self.unit.choices = [("", _l("Chọn đơn vị")), *((name, name) for name in self.sources.units)]
        if not self.sources.units:
            del self.unit
        if formdata is None:
            self.offer_typed()

    def offer_typed(self):
        """Show the choice that was made, where a commune was kept as typed."""
        if self.commune_code.data == AS_TYPED:
            self.commune_code.choices = commune_choices([], self.commune.data)

    def validate_unit(self, field):
        """A unit of the list must be chosen where the company has units, or be told by the employee code."""
        field.data = field.data or self.sources.find_unit(self.employee_code.data or "")
        if field.data not in self.sources.units:
            field.errors.append(_l("Chọn đơn vị nơi bạn làm việc."))

    def validate_commune(self, field):
        """One match is taken; several are offered as a choice, and so is what was typed."""
        if self.commune_code.data == AS_TYPED:
            return
        exact = self.sources.resolve_commune(field.data)
        chosen = self._chosen(exact) or self._chosen_of_search()
        if not chosen and len(exact) == 1:
            chosen = exact
        if chosen:
            field.data, self.commune_code.data = chosen[0].commune.label, chosen[0].commune.code
            return
        offered = exact or self.sources.search_commune(field.data)
        self._offer(offered)
        if exact:
            field.errors.append(_l("Có nhiều nơi mang tên này. Chọn đúng nơi của bạn trong danh sách bên dưới."))
        elif offered:
            field.errors.append(_l("Chọn xã, phường của bạn trong danh sách bên dưới."))
        else:
            field.errors.append(_l("Không tìm thấy xã, phường này. Kiểm tra lại tên, hoặc chọn giữ như bạn đã gõ."))

    def _chosen(self, matches):
        return [match for match in matches if match.commune.code == self.commune_code.data]

    def _chosen_of_search(self):
        # A search looks at every commune; most people's commune is found by its name.
        return self._chosen(self.sources.search_commune(self.commune.data)) if self.commune_code.data else []

    def _offer(self, matches):
        self.commune_code.choices = commune_choices(matches, self.commune.data)
        self.commune_code.data = None

    def notes(self):
        if self.commune_code.data == AS_TYPED:
            return {"commune": _l("Tên này không có trong danh sách xã, phường hiện nay.")}
        return {}

    def rows(self):
        unsaid = {"commune_code"} | ({"employee_code"} if not self.employee_code.data else set())
        return [row for row in super().rows() if row.field not in unsaid]


class DeclarationForm(ContactForm):
    """Name, codes, address and phone; units are asked where the company has any."""

    reads_card = True

    full_name = StringField(
        _l("Họ và tên"),
        validators=[Required(_l("Nhập họ và tên đúng như trên giấy tờ.")), Most(200), HasLetters()],
        render_kw={"autocomplete": "name", "autocapitalize": "words", "spellcheck": "false"},
    )
    social_insurance_code = StringField(
        _l("Mã số BHXH"),
        description=_l("10 số cuối trên thẻ BHYT, hoặc 12 số định danh (CCCD)."),
        validators=[Required(_l("Nhập mã số BHXH: 10 số cuối trên thẻ BHYT.")), SocialInsuranceCode()],
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"},
    )
    id_number = StringField(
        _l("Số CCCD hoặc hộ chiếu"),
        validators=[Required(_l("Nhập số CCCD (12 số) hoặc số hộ chiếu.")), IdNumber()],
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"},
    )
    phone = TelField(
        _l("Số điện thoại di động"),
        description=_l("Mã xác nhận và tài khoản sẽ được gửi đến số này. Mỗi số chỉ đăng ký được cho một người lớn."),
        validators=[Required(_l("Nhập số điện thoại di động của bạn.")), MobilePhone()],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    address = StringField(
        _l("Số nhà, tên đường, khu phố hoặc thôn"),
        validators=[Required(_l("Nhập số nhà, tên đường, khu phố hoặc thôn nơi bạn ở.")), Most(300)],
        render_kw={"autocomplete": "street-address"},
    )
    commune = StringField(
        _l("Xã, phường"),
        description=_l("Gõ có dấu hay không dấu, tên mới hay tên cũ đều được. Ví dụ: Lái Thiêu."),
        validators=[Required(_l("Nhập xã hoặc phường nơi bạn ở.")), Most(200)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    commune_code = RadioField(_l("Chọn đúng xã, phường của bạn"), choices=(), validate_choice=False)
    unit = SelectField(_l("Đơn vị"), choices=(), validate_choice=False)
    employee_code = StringField(
        _l("Mã nhân viên (nếu có)"),
        validators=[Most(40)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    def __init__(self, formdata=None, *, answer=None, sources=None):
        super().__init__(formdata, answer=answer, sources=sources)
        for name, instead in self._on_cards().items():
            if not instead:
                self[name].description = _l("Theo mã QR trên thẻ. Hãy kiểm tra lại.")

    def answer(self):
        kept = super().answer()
        kept["from_card"] = self.social_insurance_code.from_card
        return kept

    def notes(self):
        found = {**super().notes(), "id_number": id_number_note(self.id_number.data or "", date.today())}
        if self.kept.get("from_card"):
            found["social_insurance_code"] = _l("Lấy 10 số cuối của số thẻ BHYT mà bạn đã nhập.")
        return {name: note for name, note in found.items() if note}

    def rows(self):
        on_cards = self._on_cards()
        return [_beside_card(row, on_cards) for row in super().rows()]

    def _on_cards(self):
        return self.sources.compare_with_cards(self.typed())


def _beside_card(row, on_cards):
    """The line with what the QR codes of cards say about it."""
    if row.field not in on_cards:
        return row
    if on_cards[row.field]:
        note = str(_l("Mã QR trên thẻ ghi: %(value)s", value=on_cards[row.field]))
        return replace(row, note=" ".join(filter(None, (row.note, note))))
    return replace(row, ok=str(_l("Khớp với mã QR trên thẻ")))


def id_number_note(number: str, today: date):
    """What looks odd about an ID number, or an empty text; advice only, since no check digit exists.

    Twelve digits: three of the place, one of century and sex, two of the birth year (Circular 59/2021/TT-BCA art. 4).
    """
    if not number.isdigit():
        return ""
    if len(number) == 9:
        return _l("Đây là số CMND cũ (9 số). Nếu đã có CCCD, hãy dùng 12 số của CCCD.")
    if len(number) != 12:
        return _l("Số CCCD có 12 số; bạn đã nhập %(count)d số. Hãy kiểm tra lại.", count=len(number))
    born = 1900 + 100 * (int(number[3]) // 2) + int(number[4:6])
    if born > today.year - YOUNGEST:
        return _l("Theo số này thì năm sinh là %(year)d. Hãy kiểm tra lại chữ số thứ tư đến thứ sáu.", year=born)
    return ""


def commune_choices(matches, typed):
    """The choices for what was typed: each match by its code, and last what was typed."""
    choices = [(match.commune.code, _with_former(match)) for match in matches]
    return [*choices, (AS_TYPED, _l("Giữ như tôi đã gõ: %(text)s", text=typed))]


def _with_former(match):
    if not match.former:
        return match.commune.label
    return _l("%(now)s (trước là %(former)s)", now=match.commune.label, former=match.former)
