"""The score card of an exercise as lines: grade, points by phase and why, times, what to do. Pure."""

import time
from collections.abc import Sequence
from itertools import islice

from rich.segment import Segment
from rich.style import Style
from textual.renderables.digits import DIGITS, Digits

from cockpit.drills.events import HINT, text_of
from cockpit.drills.score import Score, lost, points_of, score, times
from cockpit.drills.state import Exercise, Mode, PhaseState, State
from cockpit.tui.evidence import OUTCOMES, best_evidence, evidence_lines, indented, outcome_word, time_words
from cockpit.tui.frame import clock
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, clip, fit, line, span, spread, wrap
from cockpit.units import short_duration

ROOMY = 110
"""Cells from which a phase's evidence stands in its own row."""
RUNS = 4
"""Exercises of the same drill, this one not counted, whose times are shown beside its own."""
MODES = {
    Mode.ALONE: "alone",
    Mode.FACILITATED: "with a facilitator",
    Mode.UNATTENDED: "unattended",
}


def headline(exercise: Exercise, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Return the grade in a block of its own with the drill, the points and who took part beside it."""
    result = score(exercise)
    word, kind = verdict(exercise, result)
    large = _large(word, glyphs)
    box = max(9, len(large[1]) + 4)
    dots, room = glyphs.ellipsis, width - box - 1
    drill, points = exercise.drill, line(Span("  "), *points_words(exercise, result))
    when = line(span(f"{stamp(exercise.begun_at or exercise.planned_at)} ", "dim"))
    beside = (
        clip(
            line(Span("  "), span(drill.name, "title"), span(f"  {drill.title}", "strong")),
            room,
            ellipsis=dots,
        ),
        spread(points, when, room, ellipsis=dots),
        clip(line(span(f"  {people(exercise)}; {place(exercise)}", "dim")), room, ellipsis=dots),
    )
    rows = zip(large, beside, strict=True)
    return tuple((Span(" "), Span(row.center(box), kind), *text) for row, text in rows)


def _large(word: str, glyphs: Glyphs) -> list[str]:
    """Return a grade in letters of three lines; in one where there are none for it."""
    if glyphs.ascii or not set(word) <= set(DIGITS):
        return ["", word, ""]
    parts = Digits(word).render(Style.null())
    drawn = "".join(part.text for part in parts if isinstance(part, Segment))
    return [row.ljust(3 * len(word)) for row in drawn.splitlines()]


def verdict(exercise: Exercise, result: Score) -> tuple[str, str]:
    """Return the grade, or the word that stands for it where there is none, and its kind."""
    if exercise.state is State.ABORTED:
        return "ABORTED", "alarm"
    if not exercise.is_over:
        return "NOT OVER", "synthetic"
    if result.passed is None:
        return "INCONCLUSIVE", "found"
    word = {True: "PASS", False: "FAIL"}[result.passed]
    return result.grade or word, "passed" if result.passed else "alarm"


def points_words(exercise: Exercise, result: Score) -> Line:
    """Return the points, and what they mean against the mark."""
    head = span(f"{result.points:g} of {result.of} points", "strong")
    mark = f"the mark is {result.mark:g}"
    if exercise.state is State.ABORTED:
        why = f": {exercise.cause}" if exercise.cause else ""
        return line(head, span(f", aborted{why}", "crit"))
    if not exercise.is_over:
        return line(head, span(f" so far; {mark}", "dim"))
    said = {
        True: ("passed", "ok"),
        False: ("not passed", "crit"),
        None: ("neither passed nor failed", "warn"),
    }[result.passed]
    unsure = f"; {result.inconclusive} inconclusive" if result.inconclusive else ""
    alone = f"; {result.unscored} of the operator's phases unscored, no grade"
    rest = alone if exercise.plan.mode is Mode.UNATTENDED else ""
    return line(
        head, Span(", "), Span(*said), span(f"; {mark}", "dim"), span(unsure, "warn"), span(rest, "dim")
    )


def people(exercise: Exercise) -> str:
    """Return who took part: `Sam; facilitator Kim`."""
    plan = exercise.plan
    if plan.mode is Mode.UNATTENDED:
        return MODES[plan.mode]
    who = ", ".join(plan.operators) or "an operator"
    with_whom = f"facilitator {exercise.facilitator}" if exercise.facilitator else MODES[plan.mode]
    return f"{who}, {with_whom}"


def place(exercise: Exercise) -> str:
    """Return where it was held, how fast, and how long it took."""
    plan = exercise.plan
    speed = f" at speed {plan.speed:g}" if plan.speed != 1 else ""
    took = ""
    if exercise.begun_at is not None and exercise.ended_at is not None:
        took = f", {short_duration(int(exercise.ended_at - exercise.begun_at))} in all"
    blind = ", blind" if plan.blind else ""
    return f"{plan.context}{speed}{blind}{took}"


def left_lines(exercise: Exercise, width: int) -> tuple[Line, ...]:
    """Return what the clean-up left behind, or that nobody has cleaned up yet; nothing where all is gone."""
    if exercise.left:
        head = line(Span(" LEFT BEHIND ", "alarm"), span(f"  {'; '.join(exercise.left)}", "crit"))
        return tuple(wrap(head, width, indent=14))
    if exercise.left is None and exercise.is_over:
        return (
            line(Span(" NOT CLEANED UP YET ", "alarm"), span("  what it played may still be there", "crit")),
        )
    return ()


def columns(width: int) -> Line:
    """Return the names of the columns of the phases, as they stand behind the cursor's."""
    last = "EVIDENCE" if width >= ROOMY else ""
    names = ("PHASE", "POINTS", "OUTCOME", "TIME")
    cells = (fit(name, size) for name, size in zip(names, _sizes(width), strict=True))
    return (Span(" " + "".join(cells) + last, "dim"),)


def phase_lines(
    exercise: Exercise, phase: PhaseState, now: float, width: int, glyphs: Glyphs, *, opened: bool = False
) -> tuple[Line, ...]:
    """Return a phase: points, outcome, time, best evidence, why points were lost; all where `opened`."""
    mode, sizes, dots = exercise.plan.mode, _sizes(width), glyphs.ellipsis
    points = points_of(phase, mode)
    kind = "dim" if phase.begun_at is None else "strong"
    cells = (
        (fit(f"{phase.number} {phase.phase.name}", sizes[0] - 1, ellipsis=dots), kind),
        ("-" if points is None else f"{points:g}", "warn" if points is not None and points < 1 else kind),
        (outcome_word(exercise, phase), OUTCOMES[phase.outcome(mode)]),
        (time_words(exercise, phase, now), "dim"),
    )
    row = tuple(span(fit(text, size), kind) for (text, kind), size in zip(cells, sizes, strict=True))
    best, why = best_evidence(phase), lost(phase, mode)
    rows = (
        _beside(row, best, why, width) if width >= ROOMY else _below(row, "" if opened else best, why, width)
    )
    return (*rows, *(evidence_lines(phase, width) if opened else ()))


def _beside(row: Line, best: str, why: Sequence[str], width: int) -> list[Line]:
    """Return `row` with the best evidence, and why points were lost, behind it."""
    taken = sum(_sizes(width))
    texts = wrap([span(best)], width - taken - 1) if best else []
    texts += [each for text in why for each in wrap([span(f"- {text}", "warn")], width - taken - 1, indent=2)]
    first, *more = texts or [EMPTY]
    return [(*row, *first), *((Span(" " * taken), *each) for each in more)]


def _below(row: Line, best: str, why: Sequence[str], width: int) -> list[Line]:
    rows = [row, *(indented(best, "dim", width) if best else ())]
    return rows + [each for text in why for each in indented(f"- {text}", "warn", width)]


def times_lines(exercise: Exercise, past: Sequence[Exercise]) -> tuple[Line, ...]:
    """Return how long the people took, beside the last runs (`past`, newest first) of the same drill."""
    if exercise.plan.mode is Mode.UNATTENDED:
        return (line(span("TIMES", "title"), span("  nobody took part", "dim")),)
    own, others = times(exercise), [times(each) for each in past[:RUNS]]
    days = "".join(f"{_day(each):>13}" for each in past[:RUNS])
    rows = [
        line(
            span(fit("TIMES", 8), "title"), span(f"{'from the first alert':<25}{'this run':>8}{days}", "dim")
        )
    ]
    for what, of in (
        ("to detect it", "detect"),
        ("to open the right runbook", "runbook"),
        ("to ask a useful query", "query"),
        ("to decide", "decide"),
    ):
        took, before = getattr(own, of), [getattr(each, of) for each in others]
        better = next((each for each in before if each is not None), None)
        kind = "strong" if took is None or better is None else "ok" if took <= better else "warn"
        rest = "".join(f"{_seconds(each):>13}" for each in before)
        rows.append(line(span(f"  {what:<30} "), span(f"{_seconds(took):>8}", kind), span(rest, "dim")))
    if not past:
        rows[0] = line(*rows[0], span("   the first run of this drill", "dim"))
    return tuple(rows)


def wrong_lines(exercise: Exercise, width: int) -> tuple[Line, ...]:
    """Return the wrong turns and the hints of all phases, in the order in which they came."""
    found = [(turn.at, phase, turn.said) for phase in exercise.phases for turn in phase.wrong]
    for phase in exercise.phases:
        taken = (
            each for each in exercise.events if each.kind == HINT and each.data.get("phase") == phase.number
        )
        found += [(each.at, phase, "a hint") for each in islice(taken, phase.hints)]
    rows: list[Line] = []
    for at, phase, said in sorted(found, key=lambda each: each[0]):
        text = line(span(f"  {clock(at)}  ", "dim"), span(f"{phase.phase.name}: "), span(said, "warn"))
        rows += wrap(text, width - 2, indent=13)
    return _section("WRONG TURNS AND HINTS", rows, "none")


def debrief_lines(exercise: Exercise, width: int) -> tuple[Line, ...]:
    """Return what to talk about, and what was noted on the way."""
    rows: list[Line] = []
    if exercise.drill.debrief:
        rows += indented(exercise.drill.debrief, "plain", width, 2)
    for phase in exercise.phases:
        if phase.phase.debrief:
            text = line(span(f"  {phase.phase.name}: ", "dim"), span(phase.phase.debrief))
            rows += wrap(text, width - 2, indent=4)
    for note in exercise.notes:
        by = text_of(note.data, "by") or "operator"
        text = line(span(f"  {clock(note.at)} {by} noted: ", "dim"), span(text_of(note.data, "text")))
        rows += wrap(text, width - 2, indent=4)
    return _section("DEBRIEF", rows, "nothing to talk about was written down")


def action_lines(exercise: Exercise, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Return the action items with their owners."""
    rows: list[Line] = []
    for item in exercise.action_items:
        owner = text_of(item.data, "owner")
        text = line(
            Span("  "),
            span(f"{glyphs.unchecked} {text_of(item.data, 'text')}  "),
            span(f"@{owner}" if owner else "nobody's yet", "accent" if owner else "warn"),
        )
        rows += wrap(text, width - 2, indent=4)
    return _section("ACTION ITEMS", rows, "none yet: a adds one")


def parse_action(text: str) -> tuple[str, str]:
    """Return an action item and its owner, empty where there is none, from `Mend the link @kim`."""
    words = text.split()
    owners = [word for word in words if word.startswith("@") and len(word) > 1]
    rest = [word for word in words if word not in owners[-1:]]
    return " ".join(rest), owners[-1][1:] if owners else ""


def stamp(at: float) -> str:
    """Return a date and time in UTC: `2026-11-21 17:18Z`."""
    return f"{_date(at)} {clock(at)[:5]}Z"


def _date(at: float) -> str:
    try:
        return time.strftime("%Y-%m-%d", time.gmtime(at))
    except (OverflowError, ValueError, OSError):
        return "----------"


def _day(exercise: Exercise) -> str:
    return stamp(exercise.begun_at or exercise.planned_at)[5:-1]


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else short_duration(int(seconds))


def _sizes(width: int) -> tuple[int, int, int, int]:
    """Return the cells of a phase's columns: name, points, outcome, time."""
    return (30, 7, 13, 15) if width >= ROOMY else (36, 8, 13, 16)


def _section(title: str, rows: Sequence[Line], empty: str) -> tuple[Line, ...]:
    return (line(span(title, "title"), span("" if rows else f"  {empty}", "dim")), *rows)
