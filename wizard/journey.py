"""Where a draft stands.

A journey is worked out anew from the answers each time and never stored, so that deep links, the Back button, corrected
answers and resumed drafts are all the same case. Its steps are those that are asked given the answers so far; the
completed ones are the unbroken run of answered steps from the start. Answers to steps that are no longer asked may stay
in the draft, but are not on the route and so are never submitted.
"""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from wizard.flows import Step


class Journey:
    """The steps of `flow` for a draft with these `answers` (by step name)."""

    def __init__(self, flow: Sequence[Step], answers: Mapping[str, dict]):
        self.answers = answers
        self.steps = [step for step in flow if step.when(answers)]

    @property
    def completed(self) -> list[Step]:
        """The answered steps, up to the first that is not."""
        return list(takewhile(lambda step: step.name in self.answers, self.steps))

    @property
    def next(self) -> Step | None:
        """The first unanswered step; None when the registration can be reviewed."""
        return next((step for step in self.steps if step.name not in self.answers), None)

    @property
    def route(self) -> list[str]:
        """The names of the steps whose answers are submitted."""
        return [step.name for step in self.completed]

    def find(self, name: str) -> Step | None:
        """The step of this name, if it is asked."""
        return next((step for step in self.steps if step.name == name), None)

    def can_visit(self, step: Step) -> bool:
        """Answered already, or the one to answer now."""
        return step in self.completed or step == self.next

    def before(self, step: Step | None) -> Step | None:
        """The step that Back leads to; of the review (None) it is the last one, of the first one None."""
        if step is None:
            return self.steps[-1]
        place = self.steps.index(step)
        return self.steps[place - 1] if place else None

    def number(self, step: Step) -> int:
        """Which page this is, from 1."""
        return self.steps.index(step) + 1
