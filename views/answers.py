"""Stored answers as a person reads them, whichever page shows them."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from forms.base import Row, Sources
from services import agencies, readings
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
    return {field.name: str(field.label.text) for step in FLOWS[flow] for field in getattr(step.form(), "kinds", ())}
