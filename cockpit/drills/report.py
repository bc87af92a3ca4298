"""The report of an exercise, from its journal alone: a document for programs, Markdown for people."""

from typing import Any

import msgspec

from cockpit.drills.describe import condition_words, task_words
from cockpit.drills.events import text_of
from cockpit.drills.model import Asked, Choice, Task, verb_of
from cockpit.drills.report_markdown import render
from cockpit.drills.report_model import (
    ActionItem,
    Asking,
    ByHand,
    Checked,
    Note,
    Part,
    Points,
    Report,
    Said,
    WrongTurn,
)
from cockpit.drills.score import lost, points_of, score, times
from cockpit.drills.state import Exercise, PhaseState, State
from cockpit.drills.timeline import phase_name, timeline
from cockpit.errors import UsageError
from cockpit.journal.journal import LATEST
from cockpit.text import one_line
from cockpit.units import rfc3339


def document(exercise: Exercise) -> dict[str, Any]:
    """Return the report as JSON has it. Raises UsageError as `report` does."""
    built: dict[str, Any] = msgspec.to_builtins(report(exercise))
    return built


def markdown(exercise: Exercise) -> str:
    """Return the report as Markdown, whatever its texts are. Raises UsageError as `report` does."""
    return render(report(exercise))


def report(exercise: Exercise) -> Report:
    """Return the report of `exercise` as it stands.

    Raises UsageError for a blind one that is not over: its report would tell which drill it is.
    """
    if exercise.is_secret:
        raise UsageError(
            f"exercise {exercise.id} is blind and not over: its report would tell the drill",
            remedy="let it end, or abort it with `cockpit drill abort`",
        )
    plan, drill = exercise.plan, exercise.drill
    parts = tuple(_part(exercise, each) for each in exercise.phases)
    return Report(
        id=exercise.id,
        drill={"name": drill.name, "title": one_line(drill.title)},
        verdict=verdict(exercise),
        context=one_line(plan.context, 100),
        speed=plan.speed,
        mode=plan.mode,
        blind=plan.blind,
        participants={
            "operators": [one_line(each, 100) for each in plan.operators],
            "facilitator": one_line(exercise.facilitator, 100),
        },
        state=exercise.state,
        cause=exercise.cause,
        started_at=_time(exercise.begun_at),
        ended_at=_time(exercise.ended_at),
        took_seconds=_between(exercise.begun_at, exercise.ended_at),
        score=_points(exercise),
        times=times(exercise).document(),
        phases=parts,
        timeline=tuple(Said(at=rfc3339(each.at), said=each.said) for each in timeline(exercise)),
        wrong_turns=tuple(turn for part in parts for turn in part.wrong_turns),
        notes=tuple(
            Note(at=rfc3339(each.at), said=text_of(each.data, "text"), by=text_of(each.data, "by"))
            for each in exercise.notes
        ),
        went_wrong=went_wrong(exercise),
        debrief=_line(drill.debrief) if exercise.is_over else None,
        action_items=tuple(
            ActionItem(text=text_of(each.data, "text"), owner=text_of(each.data, "owner"))
            for each in exercise.action_items
        ),
        left_behind=None if exercise.left is None else tuple(one_line(each, 200) for each in exercise.left),
    )


def verdict(exercise: Exercise) -> str:
    """Return what came of it: not over, aborted, inconclusive, passed, below the pass mark."""
    if not exercise.is_over:
        return "not over"
    if exercise.state is State.ABORTED:
        return "aborted"
    passed = score(exercise).passed
    return "inconclusive" if passed is None else "passed" if passed else "below the pass mark"


def went_wrong(exercise: Exercise) -> tuple[str, ...]:
    """Return what did not go as it should, a sentence each."""
    mode, said = exercise.plan.mode, []
    if exercise.state is State.ABORTED:
        said.append(f"it was aborted: {exercise.cause}" if exercise.cause else "it was aborted")
    for phase in exercise.phases:
        points = points_of(phase, mode)
        if points is not None and points < 1:
            said += [f"{phase_name(phase)}: {why}" for why in lost(phase, mode)]
        elif exercise.is_over and phase.ended_at is None:
            said.append(f"{phase_name(phase)}: not played to its end")
    if exercise.left:
        said.append(f"left behind: {', '.join(one_line(each, 200) for each in exercise.left)}")
    return tuple(said)


def _part(exercise: Exercise, phase: PhaseState) -> Part:
    mode = exercise.plan.mode
    return Part(
        number=phase.number,
        name=one_line(phase.phase.name),
        limit_seconds=exercise.plan.limit_of(phase.phase),
        took_seconds=None if phase.ended_at is None else round(phase.ran, 3),
        outcome=phase.outcome(mode),
        points=points_of(phase, mode),
        why=lost(phase, mode),
        conditions=tuple(
            Checked(
                verb=verb_of(condition),
                verifies=condition_words(condition, phase.phase),
                outcome=seen.outcome,
                said=seen.said,
                at=_time(seen.at),
                evidence=_evidence(seen.evidence),
            )
            for condition, seen in zip(phase.phase.verify, phase.conditions, strict=True)
        ),
        tasks=tuple(
            Asking(
                asks=task_words(task),
                outcome=state.outcome,
                said=state.said,
                at=_time(state.at),
                accepts=_accepted(task) if exercise.is_over else (),
            )
            for task, state in zip(phase.phase.operator, phase.tasks, strict=True)
        ),
        hints=phase.hints,
        wrong_turns=tuple(WrongTurn(at=rfc3339(w.at), said=w.said, phase=phase.number) for w in phase.wrong),
        by_hand=_by_hand(phase),
        debrief=_line(phase.phase.debrief) if exercise.is_over else None,
    )


def _by_hand(phase: PhaseState) -> ByHand | None:
    given = phase.by_hand
    if given is None:
        return None
    return ByHand(points=given.points, reason=given.reason, by=given.by, at=rfc3339(given.at))


def _accepted(task: Task) -> tuple[str, ...]:
    return tuple(map(one_line, task.accept)) if isinstance(task, Asked | Choice) else ()


def _points(exercise: Exercise) -> Points:
    found = score(exercise)
    return Points(
        points=found.points,
        of=found.of,
        pass_mark=found.mark,
        grade=found.grade or None,
        passed=found.passed,
        unscored=found.unscored,
        inconclusive=found.inconclusive,
    )


def _evidence(value: dict[str, Any]) -> dict[str, Any]:
    """Return evidence with its times as RFC 3339: a key that ends in `_at` or `_since` is one."""
    return {key: _told(key, each) for key, each in value.items()}


def _told(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _evidence(value)
    if isinstance(value, list):
        return [_told(key, each) for each in value]
    if isinstance(value, int | float) and key.endswith(("_at", "_since")) and 0 <= value <= LATEST:
        return rfc3339(value)
    return value


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round(end - start, 3)


def _time(at: float | None) -> str | None:
    return None if at is None else rfc3339(at)


def _line(text: str | None) -> str | None:
    return one_line(text) if text else None
