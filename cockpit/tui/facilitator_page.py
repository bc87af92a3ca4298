"""What the facilitator of an exercise sees, as lines: all that comes, what is seen and done, live. Pure."""

from cockpit.drills.describe import condition_words, task_words
from cockpit.drills.model import Asked, Choice, Opened, Task
from cockpit.drills.score import lost, points_of, score
from cockpit.drills.state import Exercise, Outcome, PhaseState, State
from cockpit.drills.timeline import timeline
from cockpit.tui.evidence import OUTCOMES, did_words, indented, mark, outcome_word, time_words
from cockpit.tui.frame import clock
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, clip, fit, line, span, spread, wrap

STATES = {
    State.PLANNED: ("planned, not begun yet", "dim"),
    State.RUNNING: ("RUNNING: the machine verifies", "accent"),
    State.WAITING: ("WAITING for the operator", "accent"),
    State.PAUSED: ("PAUSED", "found"),
    State.FINISHED: ("FINISHED", "ok"),
    State.ABORTED: ("ABORTED", "crit"),
}


def heading(exercise: Exercise, now: float, width: int, glyphs: Glyphs, *, runs: bool) -> tuple[Line, ...]:
    """Return which drill it is, how it stands, its clock and score, and where nobody runs it that."""
    drill = exercise.drill
    name = line(Span(" FACILITATOR  ", "title"), span(drill.name, "strong"), span(f"  {drill.title}"))
    rows = [
        spread(name, line(span(f"{exercise.id} ", "dim")), width, ellipsis=glyphs.ellipsis),
        _standing(exercise, now, width, glyphs),
    ]
    if not runs and exercise.left is None:
        word, remedy = " INTERRUPTED ", f"cockpit drill run --resume {exercise.id} goes on with it"
        if exercise.is_over:
            word, remedy = " NOT CLEANED UP ", f"cockpit drill abort {exercise.id} deletes what it played"
        said = span(f"  nobody runs it now: {remedy}", "crit")
        rows += wrap(line(Span(word, "alarm"), said), width, indent=len(word) + 2)
    return tuple(rows)


def _standing(exercise: Exercise, now: float, width: int, glyphs: Glyphs) -> Line:
    result = score(exercise)
    word, kind = STATES[exercise.state]
    cause = f": {exercise.cause}" if exercise.cause else ""
    phase = exercise.phase
    where = "no phase has begun" if not exercise.current else ""
    if phase is not None:
        where = f"phase {phase.number} of {len(exercise.phases)}, {time_words(exercise, phase, now)}"
    left = line(Span(" "), span(word, kind), span(cause, "warn"), span(f"  {where}", "strong"))
    grade = f", {result.grade}" if result.grade else ""
    points = f"{result.points:g} of {result.of}{grade}; mark {result.mark:g} "
    return spread(left, line(span(points, "strong")), width, ellipsis=glyphs.ellipsis)


def phase_lines(
    exercise: Exercise, phase: PhaseState, now: float, width: int, glyphs: Glyphs
) -> tuple[Line, ...]:
    """Return a phase with its questions, accepted answers, hints and notes, and how each of them stands."""
    rows: list[Line] = [_head(exercise, phase, now, width, glyphs)]
    plays = [f"plays {phase.phase.play}"] if phase.phase.play else []
    plays += [f"stops {phase.phase.stop}"] if phase.phase.stop else []
    if plays:
        rows += indented(", ".join(plays), "dim", width)
    if phase.phase.brief:
        rows += indented(f"brief: {phase.phase.brief}", "dim", width)
    for condition, seen in zip(phase.phase.verify, phase.conditions, strict=True):
        words = condition_words(condition, phase.phase)
        holds = seen.outcome is Outcome.PASSED and seen.said
        rows += _item(seen.outcome, seen.said if holds else words, "" if holds else seen.said, width, glyphs)
    for task, state in zip(phase.phase.operator, phase.tasks, strict=True):
        said = did_words(task, state) if state.outcome is Outcome.PASSED else state.said
        rows += _item(state.outcome, f"{task_words(task)}{accepted(task)}", said, width, glyphs)
    for number, text in enumerate(phase.phase.hints, 1):
        taken = number <= phase.hints
        rows += indented(
            f"hint {number}{' TAKEN' if taken else ''}: {text}", "warn" if taken else "dim", width
        )
    rows += [each for turn in phase.wrong for each in indented(f"- {turn.said}", "warn", width)]
    if phase.by_hand:
        rows += indented(f"- {lost(phase, exercise.plan.mode)[0]}", "warn", width)
    if phase.phase.debrief:
        rows += indented(f"debrief: {phase.phase.debrief}", "dim", width)
    return (*rows, EMPTY)


def _head(exercise: Exercise, phase: PhaseState, now: float, width: int, glyphs: Glyphs) -> Line:
    points = points_of(phase, exercise.plan.mode)
    current = exercise.phase is not None and exercise.phase.number == phase.number
    name = fit(f"{phase.number} {phase.phase.name}", min(40, width // 2 - 4), ellipsis=glyphs.ellipsis)
    word = "NOW" if current else outcome_word(exercise, phase)
    kind = "accent" if current else OUTCOMES[phase.outcome(exercise.plan.mode)]
    return line(
        span(f"{name} ", "title" if current else "strong"),
        span(f"{word:<13}", kind),
        span(f"{'-' if points is None else f'{points:g}':<5}", "strong"),
        span(time_words(exercise, phase, now), "dim"),
    )


def _item(outcome: Outcome, asked: str, said: str, width: int, glyphs: Glyphs) -> list[Line]:
    head = (Span("  "), mark(outcome, glyphs), span(asked))
    return [*wrap(head, width - 2, indent=4), *(indented(said, "info", width) if said else ())]


def accepted(task: Task) -> str:
    """Return the accepted answers of a question, or the runbook that is the right one."""
    match task:
        case Asked():
            return f" [{' | '.join(task.accept)}]"
        case Choice():
            return f" [right: {' | '.join(task.accept or task.of)}]"
        case Opened():
            return f" [{task.opened}]"
        case _:
            return ""


def timeline_lines(exercise: Exercise, count: int, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Return the last `count` things that happened, the newest at the foot, below a rule."""
    rows: list[Line] = [(Span(glyphs.rule * width, "rule"),)]
    for moment in timeline(exercise)[-count:]:
        text = line(span(f" {clock(moment.at)}  ", "dim"), span(moment.said))
        rows.append(clip(text, width, ellipsis=glyphs.ellipsis))
    return tuple(rows)
