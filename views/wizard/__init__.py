"""The registration: one view for every step of every flow, and the few actions that answer no step.

The token in the form is the whole session. A page is fetched with `?t=`, which may only look; a form writes with
`step_token`, which names the step and the revision that the page showed.
"""

from flask import Blueprint

from views.wizard import another, card, finish, steps, submission

bp = Blueprint("wizard", __name__, url_prefix="/register")

for module in (submission, finish, another, card, steps):
    module.add_to(bp)
