"""What happens to a dossier after its submission: only declared moves, by those who may make them, one at a time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from desk import way
from desk.way import MOVES, STATES, MovedOn, NotAllowed
from models import Dossier, Event, Staff, Unit, database
from services import accounts, history
from services.history import APPLICANT, Note
from services.submissions import NotCorrectable
from tests.dossiers import correct, file_one, forget_codes
from views import states

PASSWORD = "một câu dễ nhớ"
UNITS = ("Xưởng May 1", "Xưởng May 2")
# Who may make which move from which state, as a person would write it on the wall; u(nit), d(epartment), a(dmin),
# e(mployee).
WALL = {
    "submitted": {"print": "uda", "sign": "uda", "return": "uda", "resubmit": "e", "confirm": "e", "withdraw": "dae"},
    "printed": {
        "sign": "uda",
        "return": "uda",
        "reset": "da",
        "resubmit": "e",
        "confirm": "e",
        "withdraw": "dae",
    },
    "signed": {"forward": "uda", "file": "da", "return": "uda", "reset": "da", "confirm": "e", "withdraw": "dae"},
    "forwarded": {"file": "da", "return": "uda", "reset": "da", "confirm": "e", "withdraw": "dae"},
    "filed": {"issue": "da", "reject": "da", "reset": "da", "confirm": "e", "withdraw": "dae"},
    "issued": {"reset": "da"},
    "returned": {"sign": "uda", "resubmit": "e", "confirm": "e", "withdraw": "dae"},
    "withdrawn": {},
}
# How to get there from the first state.
PATHS = {
    "submitted": (),
    "printed": ("print",),
    "signed": ("sign",),
    "forwarded": ("sign", "forward"),
    "filed": ("sign", "file"),
    "issued": ("sign", "file", "issue"),
    "returned": ("return",),
    "withdrawn": ("withdraw",),
}


@pytest.fixture
def cast(app):
    """The unit's HR, the department, the administrator, and the employee."""
    with database.connection_context():
        accounts.add("mot", PASSWORD, "unit", UNITS[0])
        accounts.add("phong", PASSWORD, "department")
        accounts.add("quantri", PASSWORD, "admin")
        people = {row.role[0]: row for row in Staff.select()}
    return {"u": people["u"], "d": people["d"], "a": people["a"], "e": APPLICANT}


def bring(dossier: Dossier, state: str, mover: Staff) -> Dossier:
    """Move the dossier to this state."""
    for name in PATHS[state]:
        dossier = way.move(mover, dossier, name, dossier.status)
    assert dossier.status == state
    return dossier


# The graph


def test_the_wall_names_every_state_and_every_move():
    assert tuple(WALL) == STATES
    assert {name for moves in WALL.values() for name in moves} | {"submit"} == set(MOVES)
    assert {move.target for move in MOVES.values()} == set(STATES)


def test_every_state_and_move_has_its_words():
    assert set(states.STATES) == set(states.HEADINGS) == set(STATES)
    assert set(states.DONE) == set(states.TOLD) == set(MOVES)
    assert set(states.BUTTONS) == {name for name, move in MOVES.items() if move.roles != {APPLICANT}}


@pytest.mark.parametrize("state", STATES)
def test_each_role_makes_exactly_the_moves_on_the_wall(cast, state):
    with database.connection_context():
        dossier = bring(file_one("0912345601", unit=UNITS[0]), state, cast["d"])
        count = Event.select().count()
        for letter, mover in cast.items():
            allowed = {name for name, letters in WALL[state].items() if letter in letters}
            assert {move.name for move in way.moves_for(mover, state)} == allowed
            for name in set(MOVES) - allowed:
                with pytest.raises((NotAllowed, MovedOn)):
                    way.move(mover, dossier, name, state)
            for name in allowed - {"resubmit"}:
                with database.atomic() as step:
                    moved = way.move(mover, dossier, name, state, Note("ghi chú"))
                    assert (moved.status, Dossier.get().status) == (MOVES[name].target,) * 2
                    last = history.entries(moved)[-1]
                    assert (last.move, last.note.text, last.staff) == (
                        name,
                        "ghi chú",
                        "" if letter == "e" else mover.username,
                    )
                    step.rollback()
        assert (Dossier.get().status, Event.select().count()) == (state, count)


def test_a_units_hr_moves_no_other_units_dossier(cast):
    with database.connection_context():
        Unit.get_or_create(name=UNITS[1])
        for unit in (UNITS[1], None):
            dossier = file_one(f"09123456{10 if unit else 11}", unit=unit)
            with pytest.raises(NotAllowed):
                way.move(cast["u"], dossier, "print", "submitted")
            assert Dossier.get_by_id(dossier.id).status == "submitted"


def test_submission_writes_the_first_event_and_what_is_noted_is_sealed(cast):
    with database.connection_context():
        dossier = file_one("0912345601")
        assert [(entry.seq, entry.who, entry.move) for entry in history.entries(dossier)] == [(1, APPLICANT, "submit")]
        way.move(cast["d"], dossier, "return", "submitted", Note("Số CCCD sai", ("id_unknown",), ("declaration",)))
        assert history.entries(dossier)[-1].note == Note("Số CCCD sai", ("id_unknown",), ("declaration",))
        assert b"sai" not in bytes(Event.get(Event.seq == 2).note)


# Two at the same time


def test_of_two_clerks_the_second_is_told_what_the_first_did(cast):
    with database.connection_context():
        dossier = file_one("0912345601")
        way.move(cast["a"], dossier, "print", "submitted")
        with pytest.raises(MovedOn) as told:
            way.move(cast["d"], dossier, "print", "submitted")
        assert (told.value.status, told.value.last.staff, told.value.last.move) == ("printed", "quantri", "print")


def test_a_state_that_was_left_and_reached_again_is_not_the_state_that_was_seen(cast):
    with database.connection_context():
        dossier = file_one("0912345601")
        seen = history.last_seq(dossier)
        dossier = correct(dossier)
        assert dossier.status == "submitted"
        with pytest.raises(MovedOn):
            way.move(cast["d"], dossier, "sign", "submitted", seq=seen)
        assert way.move(cast["d"], dossier, "sign", "submitted", seq=seen + 1).status == "signed"


def test_of_many_moves_at_once_exactly_one_is_made(cast):
    with database.connection_context():
        dossier = file_one("0912345601")
    names = ["print", "sign", "return", "withdraw"] * 3
    together = Barrier(len(names))

    def press(name):
        with database.connection_context():
            together.wait()
            try:
                return way.move(cast["d"], dossier, name, "submitted").status
            except MovedOn:
                return None

    with ThreadPoolExecutor(len(names)) as clerks:
        made = [status for status in clerks.map(press, names) if status]
    with database.connection_context():
        assert made == [Dossier.get().status]
        assert Event.select().count() == 2


# Every order


class Clerks(RuleBasedStateMachine):
    """Everybody tries anything at any time; `status` is what the wall says it must be."""

    people: dict = {}

    @initialize()
    def submit(self):
        Dossier.delete().execute()
        forget_codes()
        self.dossier = file_one("0912345678", unit=UNITS[0])
        self.status, self.count = "submitted", 1

    @rule(name=st.sampled_from(sorted(set(MOVES) - {"resubmit"})), letter=st.sampled_from("udae"))
    def move(self, name, letter):
        may = letter in WALL[self.status].get(name, "")
        try:
            self.dossier = way.move(self.people[letter], self.dossier, name, self.status)
        except (NotAllowed, MovedOn):
            assert not may
        else:
            assert may
            self.status, self.count = MOVES[name].target, self.count + 1

    @rule()
    def resubmit(self):
        if "resubmit" in WALL[self.status]:
            self.dossier = correct(self.dossier)
            self.status, self.count = "submitted", self.count + 1
        else:
            with pytest.raises(NotCorrectable):
                correct(self.dossier)

    @rule(name=st.sampled_from(sorted(MOVES)), expected=st.sampled_from(STATES))
    def move_what_was_seen_elsewhere(self, name, expected):
        if expected != self.status:
            with pytest.raises((NotAllowed, MovedOn)):
                way.move(self.people["d"], self.dossier, name, expected)

    @invariant()
    def the_history_leads_to_the_status(self):
        status = ""
        entries = history.entries(self.dossier)
        assert [entry.seq for entry in entries] == list(range(1, self.count + 1))
        for entry in entries:
            assert status in MOVES[entry.move].sources
            status = MOVES[entry.move].target
        assert status == self.status == Dossier.get_by_id(self.dossier.id).status


def test_no_order_of_moves_leaves_the_graph_or_the_history_behind(cast):
    Clerks.people = cast
    with database.connection_context():
        run_state_machine_as_test(Clerks, settings=settings(max_examples=15, stateful_step_count=20, deadline=None))
