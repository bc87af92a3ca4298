"""A running exercise as lines: its phases as a checklist, the current one in full. Pure.

What is to come is only named. A blind exercise names nothing that would tell which drill it is.
"""

from collections.abc import Sequence

from cockpit.drills.describe import condition_words, task_words
from cockpit.drills.events import text_of
from cockpit.drills.model import Asked, Choice, Decision, Drill, Task
from cockpit.drills.score import lost, points_of
from cockpit.drills.state import Exercise, Outcome, PhaseState, Seen, State, TaskState
from cockpit.scenarios.run.standing import spoken
from cockpit.tui.evidence import OUTCOMES, did_words, mark, time_words
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, clip, fit, line, span, spread, width_of, wrap

NEARLY = 0.8
"""The share of its limit from which on a clock is nearly out."""
NOTES = 3
"""Notes that are shown, the last ones."""
NAMED_UP_TO = 32
"""Cells for the name of a phase that is over."""


def status(exercise: Exercise, key: str, now: float, width: int, glyphs: Glyphs) -> Line:
    """Return the line that every other screen has while the exercise runs; `key` leads back to it."""
    right = line(span(f"  {key}", "key"), Span(": back to the drill ", "dim"))
    left: Line = (Span(" "), Span(" DRILL ", "found"), Span("  "))
    phase = exercise.phase
    if phase is None:
        return spread((*left, *state_words(exercise)), right, width, ellipsis=glyphs.ellipsis)
    ticks = _ticks(exercise, phase, now)
    stands = _stands(exercise)
    room = width - width_of((*left, *ticks, *stands, *right)) - 3
    name = clip(line(span(_position(exercise))), room, ellipsis=glyphs.ellipsis)
    return spread((*left, *name, Span("  "), *ticks, *stands), right, width, ellipsis=glyphs.ellipsis)


def heading(exercise: Exercise, now: float, width: int, glyphs: Glyphs) -> tuple[Line, Line]:
    """Return the drill with the score so far, and the phase with its clock."""
    given = [points_of(each, exercise.plan.mode) for each in exercise.phases]
    scored = [points for points in given if points is not None]
    points = line(span(f"score so far {sum(scored):g} of {len(scored)} ", "dim"))
    blind = line(span("blind: which drill this is, is told at the end"))
    told = line(span(exercise.drill.name, "strong"), span(f"  {exercise.drill.title}"))
    name = line(Span(" DRILL ", "title"), *(blind if exercise.is_secret else told))
    phase = exercise.phase
    where = line(span(f" {_position(exercise)}", "strong"), Span("  ")) if phase else (Span(" "),)
    ticks = (*_ticks(exercise, phase, now), Span(" ")) if phase else EMPTY
    return (
        spread(name, points, width, ellipsis=glyphs.ellipsis),
        spread((*where, *state_words(exercise)), ticks, width, ellipsis=glyphs.ellipsis),
    )


def state_words(exercise: Exercise) -> Line:
    """Return in words where the exercise is, and for whom it waits."""
    match exercise.state:
        case State.PAUSED:
            return line(span(f"paused {exercise.cause}", "warn"))
        case State.WAITING:
            return line(Span("waiting for you", "accent"))
        case State.FINISHED | State.ABORTED:
            rest = ": what it played heals and is deleted" if exercise.left is None else ""
            return line(span(f"{exercise.state}{rest}", "accent"))
    if exercise.phase is None:
        return line(Span("begins", "dim"))
    open_tasks = sum(each.outcome is Outcome.AWAITED for each in exercise.phase.tasks)
    yours = f", and {open_tasks} of the tasks are yours" if open_tasks else ""
    return line(span(f"the machine verifies{yours}", "accent"))


def checklist(
    exercise: Exercise, live: Sequence[Seen], trouble: Sequence[str], width: int, glyphs: Glyphs
) -> tuple[tuple[Line, ...], int]:
    """Return all phases, and the row at which the current one begins.

    `live` is how the current phase's conditions stood when they were last looked at, `trouble` what kept them
    from being looked at.
    """
    rows: list[Line] = [row for said in trouble for row in _text(f"trouble: {said}", "warn", width, 1)]
    if exercise.current <= 1 and exercise.drill.brief and not exercise.is_secret:
        rows += [*_text(exercise.drill.brief, "plain", width, 1), EMPTY]
    at, coming = 0, []
    for phase in exercise.phases:
        if phase is exercise.phase:
            at = len(rows)
            rows += _current(exercise, phase, live, width, glyphs)
        elif phase.begun_at is not None:
            rows += _past(exercise, phase, width, glyphs)
        else:
            coming.append(phase)
    rows += _coming(exercise, coming, width)
    noted = [text_of(note.data, "text") for note in exercise.notes if text_of(note.data, "by") == "operator"]
    if noted:
        more = f", the last {NOTES}" if len(noted) > NOTES else ""
        rows += [EMPTY, line(span(f" NOTES  {len(noted)}{more}", "dim"))]
        rows += [row for text in noted[-NOTES:] for row in _text(text, "plain", width, 3)]
    return tuple(rows), at


def called(exercise: Exercise, phase: PhaseState) -> str:
    """Return a phase's name; in a blind exercise the machine's own phases have none."""
    return "the machine's part" if exercise.is_secret and not phase.tasks else phase.phase.name


def drill_lines(drill: Drill, speed: float, width: int) -> tuple[Line, ...]:
    """Return what a drill is: what it says of itself, how it is scored, its phases with their limits."""
    grades = ", ".join(f"{grade} from {at:g}" for at, grade in sorted(drill.rubric.items(), reverse=True))
    rows: list[Line] = [line(span(f" {drill.name}", "title"), span(f"  {drill.title}")), EMPTY]
    rows += _text(drill.brief, "plain", width, 1) if drill.brief else []
    of = len(drill.phases)
    rows += _text(f"{of} phases, a point each; {drill.mark:g} pass. Grades: {grades}.", "dim", width, 1)
    rows.append(EMPTY)
    for number, phase in enumerate(drill.phases, 1):
        who = "you" if phase.operator else "the machine"
        limit = span(f"  {who}, {spoken(phase.limit)}", "dim")
        rows.append(line(span(f"  {number} ", "dim"), span(fit(phase.name, NAMED_UP_TO), "strong"), limit))
    if speed > 1:
        rows += _text(f"In this lab, at speed {speed:g}, the machine's limits are shorter.", "dim", width, 1)
    return tuple(rows)


def open_question(exercise: Exercise) -> int | None:
    """Return the index of the next task of the current phase that an answer settles; None where none is."""
    phase = exercise.phase
    if phase is None:
        return None
    pairs = enumerate(zip(phase.phase.operator, phase.tasks, strict=True))
    waits = (
        index
        for index, (task, state) in pairs
        if isinstance(task, Asked | Choice | Decision) and state.outcome is Outcome.AWAITED
    )
    return next(waits, None)


def hints_left(exercise: Exercise) -> int:
    """Return how many hints of the current phase are not taken yet."""
    phase = exercise.phase
    return len(phase.phase.hints) - phase.hints if phase else 0


def _position(exercise: Exercise) -> str:
    phase = exercise.phase
    name = called(exercise, phase) if phase else ""
    return f"phase {exercise.current} of {len(exercise.phases)}: {name}"


def _ticks(exercise: Exercise, phase: PhaseState, now: float) -> Line:
    """Return the clock of a phase against its limit."""
    shown = phase.clock(now, exercise.plan)
    share = shown.elapsed / shown.limit
    kind = "crit" if share >= 1 else "warn" if share >= NEARLY else "plain"
    return line(span(time_words(exercise, phase, now), kind))


def _stands(exercise: Exercise) -> Line:
    return line(Span("  paused", "warn")) if exercise.state is State.PAUSED else EMPTY


def _current(
    exercise: Exercise, phase: PhaseState, live: Sequence[Seen], width: int, glyphs: Glyphs
) -> list[Line]:
    name = span(f"{phase.number} {called(exercise, phase)}", "strong")
    rows = [line(Span(f" {glyphs.cursor} ", "accent"), name)]
    told = phase.phase.brief if phase.tasks or not exercise.is_secret else ""
    rows += _text(told, "plain", width, 5) if told else []
    rows += _verified(exercise, phase, live, width, glyphs)
    for task, state in zip(phase.phase.operator, phase.tasks, strict=True):
        rows += _task(task, state, width, glyphs)
    for turn in phase.wrong:
        rows += _marked(
            [mark(Outcome.FAILED, glyphs), span(f"{turn.said}: half a point lost", "crit")], width
        )
    for hint in phase.phase.hints[: phase.hints]:
        rows += _marked([Span("  "), Span("hint, half a point: ", "warn"), span(hint)], width)
    return rows


def _task(task: Task, state: TaskState, width: int, glyphs: Glyphs) -> list[Line]:
    """Return a task; one that is done in a single row, whatever was asked or answered."""
    sign, words = mark(state.outcome, glyphs), task_words(task)
    if state.outcome is not Outcome.PASSED:
        return _marked([sign, span(words, "strong"), span(f"  {state.said}", OUTCOMES[state.outcome])], width)
    asked = clip(line(span(words)), width // 2, ellipsis=glyphs.ellipsis)
    row = line(Span("     "), sign, *asked, span(f"  {did_words(task, state)}", "ok"))
    return [clip(row, width - 1, ellipsis=glyphs.ellipsis)]


def _verified(
    exercise: Exercise, phase: PhaseState, live: Sequence[Seen], width: int, glyphs: Glyphs
) -> list[Line]:
    """Return what the machine verifies in a phase; only how much of it holds where more would tell too much.

    That is in a blind exercise, and in a phase that asks what the machine has seen.
    """
    looked = live if len(live) == len(phase.conditions) else phase.conditions
    stands = [
        said if known.outcome is Outcome.AWAITED else known
        for known, said in zip(phase.conditions, looked, strict=True)
    ]
    asks = any(isinstance(task, Asked | Choice) for task in phase.phase.operator)
    if stands and (asks or exercise.is_secret):
        holds = sum(each.outcome is Outcome.PASSED for each in stands)
        said = f"the machine verifies: {holds} of {len(stands)} hold"
        return _marked([mark(_together(stands), glyphs), span(said)], width)
    rows = []
    for condition, seen in zip(phase.phase.verify, stands, strict=True):
        words, said = condition_words(condition, phase.phase), seen.said
        if seen.outcome is Outcome.PASSED:
            parts = [span(said or words)]
        else:
            parts = [
                span(words, "strong"),
                span(f"  {said}" if said else "  awaited", OUTCOMES[seen.outcome]),
            ]
        rows += _marked([mark(seen.outcome, glyphs), *parts], width)
    return rows


def _past(exercise: Exercise, phase: PhaseState, width: int, glyphs: Glyphs) -> list[Line]:
    """Return a phase that is over: a row with what was seen in it, and why it lost points."""
    mode = exercise.plan.mode
    points, outcome = points_of(phase, mode), phase.outcome(mode)
    name = fit(f"{phase.number} {called(exercise, phase)}", NAMED_UP_TO, ellipsis=glyphs.ellipsis)
    brought = f"{points:g}" if points is not None else "-"
    less = points is not None and points < 1
    # A tick is for what brought points: all of it may be done, and every point lost on the way.
    brought_none = outcome is Outcome.PASSED and points == 0
    sign = Span("- ", "warn") if brought_none else mark(outcome, glyphs)
    head = [Span(" "), sign, span(name), span(f" {brought:<4}", "warn" if less else "ok")]
    pairs = zip(phase.phase.operator, phase.tasks, strict=True)
    seen = [each.said for each in phase.conditions if each.outcome is Outcome.PASSED and each.said]
    done = [did_words(task, state) for task, state in pairs if state.outcome is Outcome.PASSED]
    told = "" if exercise.is_secret else "; ".join((*seen, *done))
    rows = [clip(line(*head, span(told, "dim")), width - 1, ellipsis=glyphs.ellipsis)]
    why = [] if exercise.is_secret and phase.conditions else lost(phase, mode)
    return rows + [row for text in why for row in _text(f"- {text}", "warn", width, 5)]


def _coming(exercise: Exercise, phases: Sequence[PhaseState], width: int) -> list[Line]:
    """Return what is to come, by name alone, as many in a row as fit."""
    if not phases or exercise.is_over:
        return []
    if exercise.is_secret:
        return _text(f"{len(phases)} more to come", "dim", width, 3)
    names = [f"{each.number} {each.phase.name}".replace(" ", "\N{NO-BREAK SPACE}") for each in phases]
    wrapped = wrap([Span("   "), span("    ".join(names), "dim")], width - 1, indent=3)
    return [
        tuple(part._replace(text=part.text.replace("\N{NO-BREAK SPACE}", " ")) for part in row)
        for row in wrapped
    ]


def _together(stands: Sequence[Seen]) -> Outcome:
    found = {each.outcome for each in stands}
    order = (Outcome.FAILED, Outcome.AWAITED, Outcome.INCONCLUSIVE, Outcome.PASSED)
    return next(outcome for outcome in order if outcome in found)


def _marked(parts: Sequence[Span], width: int) -> list[Line]:
    return wrap([Span("     "), *parts], width - 1, indent=7)


def _text(text: str, kind: str, width: int, indent: int) -> list[Line]:
    return wrap([Span(" " * indent), span(text, kind)], width - 1, indent=indent)
