"""A drill and an exercise in lines of text for the command line: the file, and the score card."""

from collections.abc import Iterator
from typing import Any

from cockpit.drills.describe import condition_words, task_words
from cockpit.drills.model import Asked, Choice, Drill, Opened, Phase, Task
from cockpit.drills.report import verdict
from cockpit.drills.score import Score, lost, points_of, score
from cockpit.drills.state import Exercise, Outcome, PhaseState, State
from cockpit.scenarios.run.standing import spoken
from cockpit.text import one_line

_SIGN = {
    Outcome.PASSED: "PASS",
    Outcome.FAILED: "FAIL",
    Outcome.INCONCLUSIVE: "INCONCLUSIVE",
    Outcome.UNSCORED: "UNSCORED",
    Outcome.AWAITED: "NOT OVER",
}
_GIVEN_AWAY = {"hints", "accept", "debrief", "opened"}
"""The keys of a drill file that an operator is not to know."""


def drill_lines(drill: Drill, *, answers: bool) -> list[tuple[str, str]]:
    """Return a drill as a person reads it: the indent of each line, and the line.

    With `answers` there is what an operator is not to know too.
    """
    steps = sorted(drill.rubric.items(), reverse=True)
    grades = ", ".join(f"{grade} from {points:g}" for points, grade in steps)
    phases = "1 phase" if len(drill.phases) == 1 else f"{len(drill.phases)} phases"
    lines = [
        f"{drill.name}: {_line(drill.title)}",
        f"{phases}, a point each; passed with {drill.mark:g}; {_line(grades)}",
    ]
    lines += [_line(drill.brief)] if drill.brief else []
    found = [("", line) for line in lines]
    for number, phase in enumerate(drill.phases, 1):
        found += [("", ""), ("", f"{number}. {_line(phase.name)}, within {spoken(phase.limit)}")]
        found += [("   ", line) for line in _phase_lines(phase, answers=answers)]
    if answers and drill.debrief:
        found += [("", ""), ("", f"debrief: {_line(drill.debrief)}")]
    return found


def open_document(drill: Drill) -> dict[str, Any]:
    """Return the drill as JSON has it, without what an operator is not to know."""
    found = _without_answers(drill.document())
    assert isinstance(found, dict)
    return found


def card(exercise: Exercise) -> list[tuple[str, str]]:
    """Return the score card: each phase, why it did not bring its whole point, and the result."""
    found = []
    for phase in exercise.phases:
        found += [("", _phase_result(phase, exercise))]
        found += [("  ", reason) for reason in lost(phase, exercise.plan.mode)]
    return [
        *found,
        *(("", f"left behind: {_line(each)}") for each in exercise.left or ()),
        ("", result(exercise)),
    ]


def result(exercise: Exercise) -> str:
    """Return the points, the grade, and whether they are enough."""
    found = score(exercise)
    grade = f", grade {_line(found.grade)}" if found.grade else ""
    aborted = exercise.state is State.ABORTED and exercise.cause
    return f"{points_line(found)}{grade}: {verdict(exercise)}{f' ({exercise.cause})' if aborted else ''}"


def points_line(found: Score) -> str:
    """Return the points of so many, and how many phases bring none because nobody was there."""
    unscored = f", {found.unscored} unscored" if found.unscored else ""
    return f"{found.points:g} of {found.of}{unscored}"


def _phase_result(phase: PhaseState, exercise: Exercise) -> str:
    mode = exercise.plan.mode
    outcome, points = phase.outcome(mode), points_of(phase, mode)
    took = f", {spoken(int(phase.ran))}" if phase.ended_at and outcome is not Outcome.UNSCORED else ""
    brought = (
        f", {points:g}"
        if points is not None and (phase.by_hand or (outcome is Outcome.PASSED and points < 1))
        else ""
    )
    sign = _SIGN[outcome] if phase.begun_at is not None else "NOT REACHED"
    return f"{sign} {phase.number}. {_line(phase.phase.name)}{took}{brought}"


def _phase_lines(phase: Phase, *, answers: bool) -> Iterator[str]:
    if phase.play:
        yield f"plays {phase.play}"
    if phase.stop:
        yield "stops all that it played" if phase.stop == "all" else f"stops {phase.stop}"
    for condition in phase.verify:
        yield f"verified: {condition_words(condition, phase)}"
    for task in phase.operator:
        yield f"operator: {task_words(task)}{_accepted(task) if answers else ''}"
    if not answers:
        return
    yield from (f"hint: {_line(hint)}" for hint in phase.hints)
    if phase.debrief:
        yield f"debrief: {_line(phase.debrief)}"


def _accepted(task: Task) -> str:
    if isinstance(task, Opened):
        return f": {_line(task.opened)}"
    if isinstance(task, Asked) or (isinstance(task, Choice) and task.accept):
        return f" (accepted: {_line(', '.join(task.accept))})"
    return ""


def _without_answers(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: True if key == "opened" else _without_answers(each)
            for key, each in value.items()
            if key == "opened" or key not in _GIVEN_AWAY
        }
    return [_without_answers(each) for each in value] if isinstance(value, list) else value


def _line(text: str | None) -> str:
    return one_line((text or "").strip(), 500)
