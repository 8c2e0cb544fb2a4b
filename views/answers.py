"""Stored answers as a person reads them, whichever page shows them."""

from collections.abc import Mapping

from forms.base import Row, Sources
from services import agencies
from wizard.flows import FLOWS, Step


def sections(flow: str, answers: Mapping[str, dict], unit: str = "") -> list[tuple[Step, list[Row]]]:
    """Each answered step with its lines, in the order of the flow."""
    sources = Sources(agencies=agencies.by_province(), units=[unit] if unit else [])
    return [
        (step, step.form(answer=answers[step.name], sources=sources).rows())
        for step in FLOWS[flow]
        if step.name in answers
    ]


def photo_labels(flow: str) -> dict[str, str]:
    """What each kind of photo is called."""
    return {field.name: str(field.label.text) for step in FLOWS[flow] for field in getattr(step.form(), "kinds", ())}
