"""Stored answers as a person reads them, whichever page shows them."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from flask_babel import gettext as _

from forms.base import Row, Sources
from services import agencies, readings
from services.sheets import SIGNED_SHEET
from wizard.flows import FLOWS, Step


def sections(
    flow: str, answers: Mapping[str, dict], unit: str = "", cards: Mapping[str, dict] = MappingProxyType({})
) -> list[tuple[Step, list[Row]]]:
    """Each answered step with its lines, in the order of the flow; held against what was read from cards."""
    sources = Sources(
        agencies=agencies.by_province(),
        units=[unit] if unit else [],
        compare_with_cards=partial(readings.agreement, cards),
    )
    return [
        (step, step.form(answer=answers[step.name], sources=sources).rows())
        for step in FLOWS[flow]
        if step.name in answers
    ]


def photo_labels(flow: str) -> dict[str, str]:
    """What each kind of photo is called."""
    asked = {field.name: str(field.label.text) for step in FLOWS[flow] for field in getattr(step.form(), "kinds", ())}
    return asked | {SIGNED_SHEET: _("Tờ khai đã ký")}
