"""How an exercise stands, by its journal alone."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from cockpit.drills import events, tasks
from cockpit.drills.fold import fold
from cockpit.drills.report import document, markdown
from cockpit.drills.score import lost, score
from cockpit.drills.state import Mode, Outcome, Plan, State
from cockpit.journal.journal import Entry
from tests.drills.diary import DRILL, Diary


def test_all_done_in_time_is_the_whole_score(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl")
    diary.fires()
    assert diary.exercise().state is State.WAITING
    diary.triage(code="Rate limited!")
    diary.end()
    result = score(diary.exercise())
    assert (result.points, result.of, result.grade, result.passed) == (2.0, 2, "A", True)


def test_a_wrong_runbook_first_a_wrong_answer_and_a_hint_cost_half_a_point_each(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl")
    diary.fires()
    diary.add(events.HINT, phase=2)
    diary.triage(runbook="up", code="timeout")
    diary.add(events.ANSWERED, phase=2, task=2, text="rate_limited")
    diary.end()
    exercise = diary.exercise()
    assert score(exercise).points == 1.0
    reasons = ("wrong runbook first: up", "wrong answer: timeout", "a hint")
    assert lost(exercise.phases[1], Mode.ALONE) == reasons


def test_many_queries_of_an_operator_are_each_judged_once_a_fold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []
    monkeypatch.setattr(tasks, "useful", lambda query, metrics: judged.append(query))
    diary = Diary(tmp_path / "x.jsonl")
    diary.fires()
    for number in range(20):
        diary.add(events.DONE, what="ran_query", query=f"up{number}")
    diary.exercise()
    assert judged == [f"up{number}" for number in range(20)]


def test_what_was_not_done_in_time_fails_the_phase(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl")
    diary.fires()
    diary.add(events.DONE, what="ran_query", query="up")
    diary.end()
    exercise = diary.exercise()
    assert [each.outcome for each in exercise.phases[1].tasks] == [Outcome.FAILED] * 3
    assert score(exercise).points == 1.0
    assert score(exercise).passed is False


def test_unattended_the_operators_phases_are_unscored(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl", Mode.UNATTENDED)
    diary.fires()
    diary.end()
    exercise = diary.exercise()
    assert exercise.phases[1].outcome(Mode.UNATTENDED) is Outcome.UNSCORED
    result = score(exercise)
    assert (result.points, result.of, result.grade, result.passed, result.unscored) == (1.0, 1, "", True, 1)


def test_unattended_a_drill_in_which_nothing_can_be_scored_is_not_passed(tmp_path: Path) -> None:
    drill = {**DRILL, "pass": 1, "phases": DRILL["phases"][1:]}
    diary = Diary(tmp_path / "x.jsonl", Mode.UNATTENDED, drill=drill)
    diary.add(events.PHASE_BEGUN, phase=1)
    diary.add(events.PHASE_ENDED, phase=1, cause="nobody is there")
    diary.add(events.FINISHED)
    result = score(diary.exercise())
    assert (result.of, result.unscored, result.passed) == (0, 1, None)


def test_the_clock_stands_still_while_paused_and_while_nobody_runs_it(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl")
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
    diary = Diary(tmp_path / "x.jsonl")
    diary.fires()
    diary.end()
    events.score_by_hand(diary.journal, 2, 0.5, "told me aloud", "Kim")
    events.score_by_hand(diary.journal, 1, 7, "too much", "Kim")
    exercise = diary.exercise()
    assert score(exercise).points == 1.5
    assert lost(exercise.phases[1], Mode.ALONE) == ("0.5 by hand, Kim: told me aloud",)


def test_an_inconclusive_phase_is_no_pass_and_may_decide_nothing(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl")
    diary.add(events.PHASE_BEGUN, phase=1)
    diary.add(events.SEEN, phase=1, condition=0, outcome="inconclusive", said="Prometheus did not answer")
    diary.add(events.PHASE_ENDED, phase=1, cause="")
    diary.add(events.PHASE_BEGUN, phase=2)
    diary.triage()
    diary.end()
    result = score(diary.exercise())
    assert (result.points, result.inconclusive, result.passed) == (1.0, 1, None)


def test_the_times_in_which_a_condition_was_unseen_add_up_without_pauses_and_losses(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl")
    diary.add(events.PHASE_BEGUN, phase=1)
    blind = {"phase": 1, "condition": 0, "said": "no answer"}
    diary.add(events.BLIND, later=10, **blind)
    diary.add(events.SIGHTED, later=5, **blind)
    diary.add(events.BLIND, later=10, **blind)
    diary.add(events.PAUSED, later=3, cause="coffee")
    diary.add(events.PROCEEDED, later=600, cause="back")
    diary.add(events.RESUMED, later=500, lost_at=diary.now + 4)
    phase = diary.exercise().phase
    assert phase is not None
    assert phase.blind[0].total(phase.elapsed(diary.now + 2)) == 5 + 3 + 4 + 2


def test_it_goes_on_in_the_lab_in_which_it_was_resumed(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl", gateway="http://old", lab=1)
    diary.add(events.RESUMED, lost_at=diary.now, gateway="http://new", lab=2, speed=10.0)
    plan = diary.exercise().plan
    assert (plan.gateway, plan.lab, plan.speed) == ("http://new", 2, 10.0)
    assert diary.exercise().moved_at == (moved_at := diary.now)
    diary.add(events.RESUMED, lost_at=diary.now, gateway="http://new")
    assert diary.exercise().moved_at == moved_at
    diary.add(events.RESUMED, lost_at=diary.now, gateway=7, lab="x")
    assert diary.exercise().plan == plan


def test_a_pause_while_the_operator_is_waited_for_ends_in_waiting(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "x.jsonl")
    diary.fires()
    diary.add(events.PAUSED, cause="")
    diary.add(events.PROCEEDED, cause="")
    assert diary.exercise().state is State.WAITING


def test_evidence_that_no_server_sent_is_left_out_and_the_report_is_written(tmp_path: Path) -> None:
    deep: Any = "deep"
    for _ in range(300):
        deep = [deep]
    diary = Diary(tmp_path / "x.jsonl")
    diary.fires(text=deep)
    diary.end()
    assert diary.exercise().phases[0].outcome(Mode.ALONE) is Outcome.PASSED
    assert "deep" not in markdown(diary.exercise())
    assert msgspec.json.encode(document(diary.exercise()))


def test_a_flooded_journal_keeps_what_an_exercise_may_have_of_each_kind() -> None:
    plan = Plan(context="lab", mode=Mode.ALONE)
    first = Entry(1.0, events.PLANNED, {"drill": DRILL, "plan": msgspec.to_builtins(plan)})
    flood = [Entry(2.0, kind, {"what": "opened", "text": "x"}) for kind in (events.NOTE, events.DONE)] * 6000
    found = fold("x", [first, *flood])
    assert found is not None
    assert (len(found.notes), len(found.did)) == (5000, 5000)
