"""The score of an exercise, and how long its people took: folds over how it stands. Pure."""

from msgspec import Struct

from cockpit.drills.describe import condition_words, task_words
from cockpit.drills.events import text_of
from cockpit.drills.model import Choice, Decision, Opened, RanQuery
from cockpit.drills.state import Exercise, Mode, Outcome, PhaseState, State

HALF = 0.5
"""What a hint and a wrong turn cost."""


class Score(Struct, frozen=True, kw_only=True):
    """The points so far, `of` so many, and at the end the grade.

    `passed` is None while it goes on, and where what is inconclusive decides. Of an unattended exercise only
    the machine's phases count, and there is no grade.
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
        """Return the durations as JSON has them."""
        return {"detect": self.detect, "runbook": self.runbook, "query": self.query, "decide": self.decide}


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
    elif exercise.state is State.FINISHED and not (points < mark <= points + unsure):
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

    def first(*whats: str) -> float | None:
        ats = (each.at for each in exercise.did if text_of(each.data, "what") in whats and each.at >= start)
        return next((at - start for at in ats), None)

    def earliest(*kinds: type) -> float | None:
        done = [
            state.at
            for phase in exercise.phases
            for task, state in zip(phase.phase.operator, phase.tasks, strict=True)
            if isinstance(task, kinds) and state.at is not None
        ]
        return max(0.0, min(done) - start) if done else None

    return Times(
        told_at=start,
        detect=first("opened_alert", "opened"),
        runbook=earliest(Opened),
        query=earliest(RanQuery),
        decide=earliest(Decision, Choice),
    )
