"""What a drill's file means: its grades, its accepted answers, and the same again from the journal."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from cockpit.config import shipped
from cockpit.drills import files
from cockpit.drills.model import Asked, Choice, Drill, Notified, verb_of

FOLDER = shipped("scenarios")


@pytest.mark.parametrize("name", files.names(FOLDER))
def test_what_the_journal_keeps_of_a_drill_is_the_drill(name: str) -> None:
    drill = files.find(name, FOLDER)
    assert Drill.model_validate(json.loads(json.dumps(drill.document()))) == drill


@pytest.mark.parametrize("step", [0.12345, 33.3333333, 1e-7, 12345, 1e6])
def test_a_rubric_comes_back_from_the_journal_whatever_its_steps_are(step: float) -> None:
    written = Drill.model_validate(drill(FIRES).document() | {"rubric": {step: "A", 0: "F"}})
    assert Drill.model_validate(json.loads(json.dumps(written.document()))) == written


def drill(*phases: Mapping[str, object], mark: float = 1) -> Drill:
    head = {"name": "x", "title": "t", "rubric": {2: "A", 1.5: "B", 0: "F"}, "pass": mark}
    return Drill.model_validate({**head, "phases": phases})


FIRES = {"name": "p", "limit": "5m", "verify": [{"firing": "A"}, {"notified": "slack"}]}


@pytest.mark.parametrize(("points", "grade"), [(2, "A"), (1.9, "B"), (1.5, "B"), (1, "F"), (0, "F")])
def test_the_grade_is_the_highest_step_that_is_reached(points: float, grade: str) -> None:
    assert drill(FIRES).grade(points) == grade


def test_who_is_told_is_told_of_what_fires_in_the_phase() -> None:
    (phase,) = drill(FIRES).phases
    told = phase.verify[1]
    assert isinstance(told, Notified)
    assert phase.alert_told(told) == "A"
    assert phase.alert_told(told.model_copy(update={"alert": "B"})) == "B"
    assert [verb_of(each) for each in phase.verify] == ["firing", "notified"]


def test_a_scenario_plays_once_for_what_was_seen_of_it_would_pass_again() -> None:
    one = {**FIRES, "play": "a"}
    for between in ((), ({**FIRES, "stop": "a"},), ({**FIRES, "stop": "all"},)):
        with pytest.raises(ValidationError, match="it was played before"):
            drill(one, *between, one)


@pytest.mark.parametrize(
    ("given", "accepted"),
    [("rate_limited", True), ("Rate limited.", True), ('code="rate_limited"', False), ("", False)],
)
def test_an_answer_is_compared_without_case_and_punctuation(given: str, accepted: bool) -> None:
    assert Asked(answer="Which?", accept=("rate_limited",)).accepts(given) is accepted


def test_a_choice_without_a_right_one_takes_any_of_its_options_and_nothing_else() -> None:
    free = Choice(choice="Which?", of=("a", "b"))
    assert [free.accepts(each) for each in ("a", "b", "c")] == [True, True, False]
    right = free.model_copy(update={"accept": ("b",)})
    assert [right.accepts(each) for each in ("a", "b")] == [False, True]


def test_the_shipped_drills_are_where_they_are_looked_for() -> None:
    assert files.path_of("tabletop-01", FOLDER) == Path(FOLDER / "drills" / "tabletop-01.yaml")
