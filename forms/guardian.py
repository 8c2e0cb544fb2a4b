"""The parent, who proves the phone first: its number, the code that was sent to it, and what is not known here yet."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from forms.base import same
from forms.confirm import CodeForm
from forms.declaration import ContactForm, DeclarationForm
from forms.validators import mobile_phone

PHONE, CODE, PARENT = "phone", "code", "parent"
SEND = "send"


class GuardianForm(ContactForm):
    """One page in three stages, worked out anew each time: which phone, which code, who is it.

    Only the fields of its stage are asked and checked; what was typed in the others is laid `aside`. A phone that
    already registered somebody brings its owner's answers along, but not before it is proved.
    """

    phone = same(
        DeclarationForm.phone,
        description=_l("Chúng tôi gửi mã xác nhận đến số này. Kết quả đăng ký của con cũng được báo về đây."),
    )
    code = same(CodeForm.code)
    guardian_full_name = same(DeclarationForm.full_name)
    guardian_social_insurance_code = same(DeclarationForm.social_insurance_code)
    guardian_id_number = same(DeclarationForm.id_number)
    address = same(DeclarationForm.address)
    commune = same(DeclarationForm.commune)
    commune_code = same(DeclarationForm.commune_code)
    unit = same(DeclarationForm.unit)
    employee_code = same(DeclarationForm.employee_code)
    # Which button was pressed.
    action = StringField()

    validate_code = CodeForm.validate_code

    def __init__(self, formdata=None, *, answer=None, sources=None):
        super().__init__(formdata, answer=answer, sources=sources)
        self.refused = None
        self._stays = False
        self._all = dict(self._fields)
        self._enter_stage()

    @property
    def stays(self):
        return self._stays

    @property
    def retry_after(self):
        return getattr(self.refused, "retry_after", 0)

    @property
    def aside(self):
        """The fields that this stage does not ask, but in which something was typed."""
        others = self._all.keys() - self._fields.keys() - {"code"}
        return [field for name, field in self._all.items() if name in others and field.data]

    def act(self):
        """Send a code to the phone, or enter the one that was typed."""
        if self.stage == PARENT or not self.phone.validate(self):
            return
        if self.action.data == SEND or not self._was_asked_for_code():
            self.refused = self._desk.send(self.phone.data)
            self._stays = not self.refused
        elif self.code.validate(self, [type(self).validate_code]):
            self.refused = self._desk.enter(self.phone.data, self.code.data)
        self._enter_stage()
        if self.stage == PARENT:
            # Of two equal requests the second finds its code spent, but by the first.
            self.refused = None
        # Nobody is told off for fields that were not on the page.
        self._stays |= self.stage == PARENT and self._is_blank()

    def validate(self, extra_validators=None):
        """Good is what answers the step, and what leads from one stage to the next."""
        if self._stays:
            return True
        return super().validate(extra_validators) and self.stage == PARENT and not self.refused

    def answer(self):
        """None while the phone is not proved; else with which code it was, and where the parent's own dossier went."""
        if self.stage != PARENT or self._is_blank():
            return None
        known = self._desk.known(self.phone.data) or self.kept
        return {
            **{name: field.data for name, field in self._fields.items() if name != "action"},
            "proved_by": self._desk.proof(self.phone.data) or self.kept.get("proved_by", 0),
            "usual_agency": known.get("usual_agency", ""),
        }

    def typed(self):
        typed = {name: field.data for name, field in self._all.items() if name not in {"code", "action"}}
        return {name: value for name, value in typed.items() if isinstance(value, str)}

    def rows(self):
        return [row for row in super().rows() if row.field not in {"code", "action"}]

    @property
    def _desk(self):
        return self.sources.guardian

    def _enter_stage(self):
        self.stage, self.sent = self._stage()
        asked = {PHONE: {"phone"}, CODE: {"phone", "code"}}.get(self.stage, self._all.keys() - {"code"}) | {"action"}
        self._fields = {name: field for name, field in self._all.items() if name in asked}
        if self.stage == CODE:
            self.phone.description = _l("Sai số? Sửa lại ở đây rồi bấm “Gửi mã mới”.")
        elif self.stage == PARENT and self._is_blank():
            self._take_known()

    def _stage(self):
        """The stage, and what is known of the code that can be entered now."""
        phone = mobile_phone(self.phone.data or "")
        if phone is None:
            return PHONE, None
        # Once answered it stays so, until another phone is typed; whether it must be proved again is known at the end.
        if phone == self.kept.get("phone") or self._desk.proof(phone):
            return PARENT, None
        sent = self._desk.sent(phone)
        return (CODE if sent or self.code.data else PHONE), sent

    def _was_asked_for_code(self):
        return bool(self.code.data) or (self.stage == CODE and self.code.raw_data)

    def _is_blank(self):
        return not any(self._all[name].data for name in self._all.keys() - {"phone", "code", "action"})

    def _take_known(self):
        for name, value in (self._desk.known(self.phone.data) or {}).items():
            if name in self._fields:
                self._fields[name].data = value
        self.offer_typed()
