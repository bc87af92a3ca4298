"""How a phase of an exercise went, as words and lines: for its score card and for its facilitator. Pure."""

from cockpit.drills.describe import condition_words, task_words
from cockpit.drills.model import Asked, Choice, Copied, Decision, Opened, RanQuery, Task
from cockpit.drills.state import Exercise, Outcome, PhaseState, Seen, TaskState
from cockpit.tui.frame import clock
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, fit, line, span, wrap
from cockpit.units import prometheus_duration, short_duration

OUTCOMES = {
    Outcome.PASSED: "ok",
    Outcome.FAILED: "crit",
    Outcome.INCONCLUSIVE: "warn",
    Outcome.UNSCORED: "dim",
    Outcome.AWAITED: "dim",
}
"""The kind in which an outcome is shown."""
MAX_FACT = 1000
"""Characters of a piece of evidence that are shown; the report has all of it."""


def mark(outcome: Outcome, glyphs: Glyphs) -> Span:
    """Return the sign of an outcome, and a space."""
    sign = {
        Outcome.PASSED: glyphs.passed,
        Outcome.FAILED: glyphs.failed,
        Outcome.INCONCLUSIVE: "?",
        Outcome.UNSCORED: "-",
        Outcome.AWAITED: glyphs.never,
    }[outcome]
    return Span(f"{sign} ", OUTCOMES[outcome])


def outcome_word(exercise: Exercise, phase: PhaseState) -> str:
    """Return what came of a phase in a word or two."""
    if phase.begun_at is None:
        return "not reached" if exercise.is_over else "to come"
    if phase.by_hand is not None:
        return "by hand"
    return (
        "cut short" if exercise.is_over and phase.ended_at is None else str(phase.outcome(exercise.plan.mode))
    )


def time_words(exercise: Exercise, phase: PhaseState, now: float) -> str:
    """Return what a phase's clock shows at `now` of its limit: `2m41s of 5m`."""
    if phase.begun_at is None:
        return f"of {prometheus_duration(round(exercise.plan.limit_of(phase.phase)))}"
    clock = phase.clock(exercise.ended_at or now, exercise.plan)
    return f"{short_duration(int(clock.elapsed))} of {prometheus_duration(round(clock.limit))}"


def best_evidence(phase: PhaseState) -> str:
    """Return the sentence that says most: the last that was seen to hold, or what the operator did last."""
    seen = [each.said for each in phase.conditions if each.outcome is Outcome.PASSED and each.said]
    done = [
        did_words(task, each)
        for task, each in zip(phase.phase.operator, phase.tasks, strict=True)
        if each.outcome is Outcome.PASSED
    ]
    return next(iter([*reversed(done), *reversed(seen)]), "")


def did_words(task: Task, state: TaskState) -> str:
    """Return what the operator did, in words: `answered: rate_limited`."""
    match task:
        case Asked():
            return f"answered: {state.said}"
        case Choice():
            return f"chose: {state.said}"
        case Decision():
            return f"decided: {state.said}"
        case Opened():
            return f"opened {state.said}"
        case RanQuery():
            return f"asked {state.said}"
        case Copied():
            return f"copied: {state.said}"
        case _:
            return f"silenced: {state.said}"


def evidence_lines(phase: PhaseState, width: int) -> tuple[Line, ...]:
    """Return all that is known of a phase: what was seen of each condition, and done of each task."""
    rows: list[Line] = []
    for condition, seen in zip(phase.phase.verify, phase.conditions, strict=True):
        rows += _judged(condition_words(condition, phase.phase), seen, seen.said, width)
        rows += _facts(seen, width)
    for task, state in zip(phase.phase.operator, phase.tasks, strict=True):
        said = did_words(task, state) if state.outcome is Outcome.PASSED else state.said
        rows += _judged(task_words(task), state, said, width)
    for turn in phase.wrong:
        rows += indented(f"{clock(turn.at)}  {turn.said}", "warn", width)
    if phase.ended_at is not None:
        rows += indented(
            f"{clock(phase.ended_at)}  ended: {phase.cause or 'for no known cause'}", "dim", width
        )
    return (*rows, EMPTY)


def _judged(asked: str, state: Seen | TaskState, said: str, width: int) -> list[Line]:
    at = clock(state.at) if state.at is not None else " " * 9
    head = line(
        span(f"    {at}  "), span(f"{state.outcome}  ", OUTCOMES[state.outcome]), span(asked, "emphasis")
    )
    return [*wrap(head, width - 2, indent=15), *(indented(said, "plain", width, 15) if said else ())]


def _facts(seen: Seen, width: int) -> list[Line]:
    """Return the evidence behind a condition, as much of it as is read: labels, value, times, message."""
    rows: list[Line] = []
    for name, value in seen.evidence.items():
        if value in (None, "", {}, []):
            continue
        first, *more = fact_text(name, value)[:MAX_FACT].splitlines() or [""]
        called = fit(name.replace("_", " "), 13)
        rows += wrap((Span(" " * 15), span(f"{called} ", "dim"), span(first, "code")), width - 2, indent=29)
        rows += [
            row for text in more for row in wrap((Span(" " * 29), span(text, "code")), width - 2, indent=29)
        ]
    return rows


def fact_text(name: str, value: object) -> str:
    """Return a piece of evidence as text; times, which end in `_at` or `_since`, as times of day."""
    if name.endswith(("_at", "_since")) and isinstance(value, int | float):
        return clock(value)
    if isinstance(value, dict):
        return "  ".join(f"{key}={fact_text(key, each)}" for key, each in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(fact_text(name, each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def indented(text: str, kind: str, width: int, indent: int = 4) -> list[Line]:
    """Return `text` wrapped into `width` cells."""
    return wrap((Span(" " * indent), span(text, kind)), width - 2, indent=indent + 2)
