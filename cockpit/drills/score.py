"""The score of an exercise, and how long its people took: folds over how it stands. Pure."""

from msgspec import Struct

from cockpit.drills.describe import condition_words, task_words
from cockpit.drills.events import PAUSED, PROCEEDED, RESUMED, text_of
from cockpit.drills.model import Decision, Opened, RanQuery
from cockpit.drills.state import Exercise, Mode, Outcome, PhaseState, State

HALF = 0.5
"""What a hint and a wrong turn cost."""


class Score(Struct, frozen=True, kw_only=True):
    """The points so far, `of` so many, and at the end the grade.

    `passed` is None while it goes on, where what is inconclusive decides, and where nothing is scored. Of an
    unattended exercise only the machine's phases count, and there is no grade.
    """

    points: float
    of: int
    mark: float
    grade: str
    passed: bool | None
    unscored: int = 0
    inconclusive: int = 0


class Times(Struct, frozen=True, kw_only=True):
    """Seconds from `told_at` (Unix seconds), when the first alert fired, to what the operator did first."""

    told_at: float | None = None
    detect: float | None = None
    runbook: float | None = None
    query: float | None = None
    decide: float | None = None

    def document(self) -> dict[str, float | None]:
        """Return the durations as JSON has them, each named with its unit, to the millisecond."""
        told = {"detect": self.detect, "runbook": self.runbook, "query": self.query, "decide": self.decide}
        return {f"{key}_seconds": None if took is None else round(took, 3) for key, took in told.items()}


def points_of(phase: PhaseState, mode: Mode) -> float | None:
    """Return the points of a phase; None where it is not scored (yet)."""
    if phase.by_hand is not None:
        return phase.by_hand.points
    outcome = phase.outcome(mode)
    if outcome in (Outcome.AWAITED, Outcome.UNSCORED):
        return None
    if outcome is not Outcome.PASSED:
        return 0.0
    return max(0.0, 1.0 - HALF * (phase.hints + len(phase.wrong)))


def lost(phase: PhaseState, mode: Mode) -> tuple[str, ...]:
    """Return why a phase that has ended did not bring its whole point, a sentence each."""
    if phase.by_hand is not None:
        return (f"{phase.by_hand.points:g} by hand, {phase.by_hand.by}: {phase.by_hand.reason}",)
    outcome = phase.outcome(mode)
    if outcome in (Outcome.AWAITED, Outcome.UNSCORED):
        return ()
    verified = zip(phase.phase.verify, phase.conditions, strict=True)
    reasons = [
        each.said or f"not verified: {condition_words(condition, phase.phase)}"
        for condition, each in verified
        if each.outcome is not Outcome.PASSED
    ]
    missed = zip(phase.phase.operator, phase.tasks, strict=True)
    reasons += [
        each.said or f"not in time: {task_words(task)}"
        for task, each in missed
        if each.outcome is Outcome.FAILED
    ]
    reasons += [each.said for each in phase.wrong]
    if phase.hints:
        reasons.append("a hint" if phase.hints == 1 else f"{phase.hints} hints")
    return tuple(reasons)


def score(exercise: Exercise) -> Score:
    """Return the score of `exercise` as it stands."""
    mode, drill = exercise.plan.mode, exercise.drill
    given = [points_of(each, mode) for each in exercise.phases]
    points = sum(each or 0.0 for each in given)
    outcomes = [each.outcome(mode) for each in exercise.phases if each.by_hand is None]
    unsure, unscored = outcomes.count(Outcome.INCONCLUSIVE), outcomes.count(Outcome.UNSCORED)
    alone = mode is Mode.UNATTENDED
    of = len(exercise.phases) - unscored if alone else len(exercise.phases)
    mark = float(of) if alone else drill.mark
    passed: bool | None = None
    if exercise.state is State.ABORTED:
        passed = False
    elif exercise.state is State.FINISHED and of and not (points < mark <= points + unsure):
        passed = points >= mark
    grade = drill.grade(points) if exercise.is_over and not alone else ""
    return Score(
        points=points,
        of=of,
        mark=mark,
        grade=grade,
        passed=passed,
        unscored=unscored,
        inconclusive=unsure,
    )


def times(exercise: Exercise) -> Times:
    """Return how long the people took."""
    told = [
        fired
        for phase in exercise.phases
        for seen in phase.conditions
        if isinstance(fired := seen.evidence.get("firing_since"), int | float)
    ]
    if not told:
        return Times()
    start = min(told)

    def since(at: float) -> float:
        return max(0.0, at - start - _halted(exercise, start, at))

    def first(*whats: str) -> float | None:
        ats = (each.at for each in exercise.did if text_of(each.data, "what") in whats and each.at >= start)
        return next((since(at) for at in ats), None)

    def earliest(kind: type) -> float | None:
        done = [
            state.at
            for phase in exercise.phases
            for task, state in zip(phase.phase.operator, phase.tasks, strict=True)
            if isinstance(task, kind) and state.at is not None
        ]
        return since(min(done)) if done else None

    return Times(
        told_at=start,
        detect=first("opened_alert", "opened"),
        runbook=earliest(Opened),
        query=earliest(RanQuery),
        decide=earliest(Decision),
    )


def _halted(exercise: Exercise, start: float, end: float) -> float:
    """Return how long, between two times, the exercise was paused or nobody ran it."""
    halts: list[tuple[float, float]] = []
    since: float | None = None
    for each in exercise.events:
        lost_at = each.data.get("lost_at")
        if each.kind == PAUSED and since is None:
            since = each.at
        elif each.kind == PROCEEDED and since is not None:
            halts.append((since, each.at))
            since = None
        elif each.kind == RESUMED and since is None and isinstance(lost_at, int | float):
            halts.append((lost_at, each.at))
    return sum(max(0.0, min(until, end) - max(at, start)) for at, until in halts)
