"""How an exercise stands, by its journal alone."""

from pathlib import Path
from typing import Any

from cockpit.drills import events
from cockpit.drills.model import Drill
from cockpit.drills.score import lost, score
from cockpit.drills.state import Exercise, Mode, Outcome, Plan, State, fold
from cockpit.journal.journal import Journal

DRILL: dict[str, Any] = {
    "name": "tabletop-99",
    "title": "Two phases",
    "rubric": {2: "A", 1: "B", 0: "F"},
    "pass": 1.5,
    "phases": [
        {"name": "Fires", "limit": "5m", "verify": [{"firing": "Down"}]},
        {
            "name": "Triage",
            "limit": "5m",
            "operator": [
                {"opened": "down"},
                {"ran_query": True},
                {"answer": "Which code?", "accept": ["rate_limited"]},
            ],
            "hints": ["Look at the runbook."],
        },
    ],
}


class Diary:
    """An exercise's journal with a clock that is set by hand."""

    def __init__(self, folder: Path, mode: Mode = Mode.ALONE) -> None:
        self.now = 1000.0
        self.journal = Journal(folder / "x.jsonl", now=lambda: self.now)
        drill = Drill.model_validate(DRILL).document()
        self.add(events.PLANNED, drill=drill, plan=Plan(context="lab", mode=mode, metrics=("errors_total",)))
        self.add(events.BEGUN)

    def add(self, kind: str, /, *, later: float = 1.0, **data: Any) -> None:
        """Append an event so many seconds after the last one."""
        self.now += later
        self.journal.append(kind, **data)

    def exercise(self) -> Exercise:
        """Return how the exercise stands."""
        found = fold("x", self.journal.entries())
        assert found is not None
        return found

    def fires(self) -> None:
        """Let the first phase pass."""
        self.add(events.PHASE_BEGUN, phase=1)
        said: dict[str, Any] = {"said": "Down fires", "evidence": {"firing_since": self.now}}
        self.add(events.SEEN, phase=1, condition=0, outcome="passed", **said)
        self.add(events.PHASE_ENDED, phase=1, cause="all of it holds")
        self.add(events.PHASE_BEGUN, phase=2)
        self.add(events.WAITING, phase=2)

    def triage(self, runbook: str = "down", code: str = "rate_limited") -> None:
        """Do all that the second phase asks."""
        self.add(events.DONE, what="opened", runbook=runbook)
        self.add(events.DONE, what="opened", runbook="down")
        self.add(events.DONE, what="ran_query", query="rate(errors_total[5m])")
        self.add(events.ANSWERED, phase=2, task=2, text=code)

    def end(self) -> None:
        """End the second phase, and the exercise."""
        self.add(events.PHASE_ENDED, phase=2, cause="")
        self.add(events.FINISHED)


def test_all_done_in_time_is_the_whole_score(tmp_path: Path) -> None:
    diary = Diary(tmp_path)
    diary.fires()
    assert diary.exercise().state is State.WAITING
    diary.triage(code="Rate limited!")
    diary.end()
    result = score(diary.exercise())
    assert (result.points, result.of, result.grade, result.passed) == (2.0, 2, "A", True)


def test_a_wrong_runbook_first_a_wrong_answer_and_a_hint_cost_half_a_point_each(tmp_path: Path) -> None:
    diary = Diary(tmp_path)
    diary.fires()
    diary.add(events.HINT, phase=2)
    diary.triage(runbook="up", code="timeout")
    diary.add(events.ANSWERED, phase=2, task=2, text="rate_limited")
    diary.end()
    exercise = diary.exercise()
    assert score(exercise).points == 1.0
    reasons = ("wrong runbook first: up", "wrong answer: timeout", "a hint")
    assert lost(exercise.phases[1], Mode.ALONE) == reasons


def test_what_was_not_done_in_time_fails_the_phase(tmp_path: Path) -> None:
    diary = Diary(tmp_path)
    diary.fires()
    diary.add(events.DONE, what="ran_query", query="up")
    diary.end()
    exercise = diary.exercise()
    assert [each.outcome for each in exercise.phases[1].tasks] == [Outcome.FAILED] * 3
    assert score(exercise).points == 1.0
    assert score(exercise).passed is False


def test_unattended_the_operators_phases_are_unscored(tmp_path: Path) -> None:
    diary = Diary(tmp_path, Mode.UNATTENDED)
    diary.fires()
    diary.end()
    exercise = diary.exercise()
    assert exercise.phases[1].outcome(Mode.UNATTENDED) is Outcome.UNSCORED
    result = score(exercise)
    assert (result.points, result.of, result.grade, result.passed, result.unscored) == (1.0, 1, "", True, 1)


def test_the_clock_stands_still_while_paused_and_while_nobody_runs_it(tmp_path: Path) -> None:
    diary = Diary(tmp_path)
    diary.fires()
    diary.add(events.PAUSED, later=10, cause="coffee")
    assert diary.exercise().state is State.PAUSED
    diary.add(events.PROCEEDED, later=600, cause="back")
    assert diary.exercise().state is State.WAITING
    lost_at = diary.now + 20
    diary.add(events.RESUMED, later=500, lost_at=lost_at)
    phase = diary.exercise().phase
    assert phase is not None
    assert phase.elapsed(diary.now + 5) == 1 + 10 + 20 + 5


def test_a_phase_scored_by_hand_says_who_and_why(tmp_path: Path) -> None:
    diary = Diary(tmp_path)
    diary.fires()
    diary.end()
    events.score_by_hand(diary.journal, 2, 0.5, "told me aloud", "Kim")
    events.score_by_hand(diary.journal, 1, 7, "too much", "Kim")
    exercise = diary.exercise()
    assert score(exercise).points == 1.5
    assert lost(exercise.phases[1], Mode.ALONE) == ("0.5 by hand, Kim: told me aloud",)


def test_an_inconclusive_phase_is_no_pass_and_may_decide_nothing(tmp_path: Path) -> None:
    diary = Diary(tmp_path)
    diary.add(events.PHASE_BEGUN, phase=1)
    diary.add(events.SEEN, phase=1, condition=0, outcome="inconclusive", said="Prometheus did not answer")
    diary.add(events.PHASE_ENDED, phase=1, cause="")
    diary.add(events.PHASE_BEGUN, phase=2)
    diary.triage()
    diary.end()
    result = score(diary.exercise())
    assert (result.points, result.inconclusive, result.passed) == (1.0, 1, None)
