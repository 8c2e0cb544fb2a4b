"""The roster as HR brings it, and the desk's forms about it."""

from forms.roster.columns import BY_HEADING, BY_NAME, COLUMNS, HALVES, sample
from forms.roster.pages import REFUSALS, STATES, PeopleForm, UploadForm
from forms.roster.table import Table, understand

__all__ = [
    "BY_HEADING",
    "BY_NAME",
    "COLUMNS",
    "HALVES",
    "REFUSALS",
    "STATES",
    "PeopleForm",
    "Table",
    "UploadForm",
    "sample",
    "understand",
]
