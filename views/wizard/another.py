"""From the receipt of one child to the registration of the next."""

from flask import request

import tokens
from services import guardians, submissions
from views.wizard.pages import go_to, journey_of, of_flow


def add_to(bp) -> None:
    """Register the action."""
    bp.post("/child/another", endpoint="another")(begin)


def begin():
    """Begin a registration for another child, with all that is known of the parent; the consents are asked anew."""
    ticket = tokens.check_step(request.form.get("step_token", ""), "receipt")
    draft = guardians.begin_another(of_flow("child", submissions.submitted(ticket)))
    return go_to(draft, journey_of(draft).next)
