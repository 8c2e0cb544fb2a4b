"""What every step's form can do. A form owns its words and checks; what it must ask of the world is handed in."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import Field, FileField, TextAreaField
from wtforms.fields.core import UnboundField

# Bidirectional overrides and zero-width characters make a name look different from what it is.
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
# The letter that no decomposition makes a plain one.
WITHOUT_STROKE = {0x0110: "D", 0x0111: "d"}


def words(value: object) -> object:
    """A file that is sent for a field of words says nothing; other values as they are."""
    return None if isinstance(value, FileStorage) else value


def unaccented(text: object) -> object:
    """The text without accents, its capitals kept; other values as they are."""
    if not isinstance(text, str):
        return text
    plain = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return plain.translate(WITHOUT_STROKE)


def tidy(text: object) -> object:
    """Text in NFC, on one line, without invisible characters or doubled spaces; other values as `words` has them."""
    if not isinstance(text, str):
        return words(text)
    visible = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in INVISIBLE
    )
    # Composed only now: an invisible character may have stood between a letter and its accent.
    return " ".join(unicodedata.normalize("NFC", visible).split())


def tidy_lines(text: object) -> object:
    """`tidy`, line by line, without empty lines at either end; other values as `words` has them."""
    return "\n".join(map(tidy, text.splitlines())).strip() if isinstance(text, str) else words(text)


def same(field: UnboundField, label=None, **changes) -> UnboundField:
    """A field of another form once more, with its checks; in this form's own order, and in other words where given."""
    label, *others = (label or field.args[0], *field.args[1:])
    return field.field_class(label, *others, **{**field.kwargs, **changes})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the summary: what was asked, what was answered, what we think of it, and what speaks for it."""

    field: str
    label: str
    value: str
    note: str = ""
    ok: str = ""
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """What a step's form may need from outside: lists, finders, the other answers, the photos that are there already.

    `guardian` is what `services.guardians.PhoneDesk` can do; `today` the calendar day in Vietnam.
    """

    resolve_commune: Callable[[str], list] = lambda text: []
    search_commune: Callable[[str], list] = lambda text: []
    agencies: list = field(default_factory=list)
    default_agency: str = ""
    is_agency_locked: bool = False
    sends_mail: bool = False
    units: list[str] = field(default_factory=list)
    find_unit: Callable[[str], str] = lambda employee_code: ""
    photos: Mapping = field(default_factory=dict)
    prepare_photo: Callable[[bytes, bool], object] = lambda data, reads_card: data
    read_card: Callable[[tuple], object] = lambda texts: None
    # What cards say instead of these values, by field; nothing where they say the same.
    compare_with_cards: Callable[[Mapping], Mapping[str, str]] = lambda typed: {}
    edit_photo: Callable[[str, int, list[int] | None], object | None] = lambda kind, quarters, frame: None
    answers: Mapping[str, dict] = field(default_factory=dict)
    today: Callable[[], date] = date.today
    guardian: object = None


class StepForm(FlaskForm):
    """A step's form. The signed step token guards it, so Flask-WTF's own guard, which needs a cookie, stays off."""

    # Whether a card can fill it in.
    reads_card = False
    # Whether an answer that was good may stop being so by itself, as days go by or lists change.
    lapses = False

    class Meta:
        csrf = False

        def bind_field(self, form, unbound_field, options):
            filters = [*_tidying(unbound_field.field_class), *unbound_field.kwargs.get("filters", ())]
            return unbound_field.bind(form=form, **{**options, "filters": filters})

    def __init__(self, formdata: MultiDict | None = None, *, answer=None, sources: Sources | None = None):
        self.sources = sources or Sources()
        self.kept = answer or {}
        super().__init__(formdata=formdata, data=self.shown(answer) if answer else None)

    @property
    def stays(self) -> bool:
        """Whether an accepted form comes back to the same step."""
        return False

    @property
    def retry_after(self) -> int:
        """After how many seconds what was refused may be tried again; 0 where nothing was asked too often."""
        return 0

    def act(self) -> None:
        """Do what the pressed button asks besides keeping the answer, such as sending a code; before the checks."""

    @property
    def photos(self) -> dict:
        """The pictures to keep (or, where None, to remove), by kind."""
        return {}

    @property
    def accepted(self) -> tuple[str, ...]:
        """The kinds of pictures that shall be used whatever we think of them."""
        return ()

    @property
    def required(self) -> tuple[str, ...]:
        """The kinds of photos that answer the step; none where it is answered by its fields."""
        return ()

    def shown(self, answer: dict) -> dict:
        """The fields' values for a stored answer."""
        return answer

    def answer(self) -> dict:
        """What to keep of a valid form; plain values only."""
        return {name: each.data for name, each in self._fields.items()}

    def typed(self) -> dict:
        """What was typed, valid or not."""
        return {name: each.data for name, each in self._fields.items() if isinstance(each.data, str | bool)}

    def is_blank(self) -> bool:
        """Whether nothing was typed or ticked at all."""
        return not any(self.typed().values())

    def notes(self) -> dict[str, str]:
        """What we noticed about valid answers, by field; advice, never a refusal."""
        return {}

    def rows(self) -> list[Row]:
        """The summary of a stored answer, a line per field."""
        notes = self.notes()
        return [
            Row(each.name, str(each.label.text), self.display(each), str(notes.get(each.name, "")))
            for each in self._fields.values()
        ]

    def display(self, each: Field) -> str:
        """A field's value as a person reads it."""
        return str(each.data or "")


def _tidying(kind: type[Field]) -> list[Callable]:
    if issubclass(kind, FileField):
        return []
    return [tidy_lines if issubclass(kind, TextAreaField) else tidy]
