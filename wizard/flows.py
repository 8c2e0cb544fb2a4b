"""Every way through the registration: each step once, in order. The table of contents of the product."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from forms.agency import AgencyForm
from forms.base import StepForm
from forms.child import ChildForm
from forms.declaration import DeclarationForm
from forms.guardian import GuardianForm
from forms.photos import AdultPhotosForm, ChildPhotosForm
from forms.prepare import ChildPrepareForm, PrepareForm


def always(answers: Mapping[str, dict]) -> bool:
    """The step is asked whatever was answered before."""
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """One question page. Its name is the address, the template, the key of its answer and the token's step."""

    name: str
    title: str
    form: type[StepForm]
    when: Callable[[Mapping[str, dict]], bool] = always


PREPARE = Step("prepare", _l("Chuẩn bị"), PrepareForm)
DECLARATION = Step("declaration", _l("Thông tin của bạn"), DeclarationForm)
ADULT_PHOTOS = Step("photos", _l("Ảnh của bạn"), AdultPhotosForm)
AGENCY = Step("agency", _l("Cơ quan BHXH"), AgencyForm)

CHILD_PREPARE = Step("prepare", _l("Chuẩn bị"), ChildPrepareForm)
GUARDIAN = Step("guardian", _l("Cha mẹ, người giám hộ"), GuardianForm)
CHILD = Step("child", _l("Thông tin của con"), ChildForm)
CHILD_PHOTOS = Step("photos", _l("Ảnh của con"), ChildPhotosForm)

FLOWS = {
    "adult": (PREPARE, DECLARATION, ADULT_PHOTOS, AGENCY),
    "child": (CHILD_PREPARE, GUARDIAN, CHILD, CHILD_PHOTOS, AGENCY),
}
