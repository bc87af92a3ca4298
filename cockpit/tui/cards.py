"""A triage query and its answer as a card: title, the bound expression, the values, and a plot. Pure."""

from collections.abc import Sequence

from cockpit.runbooks.model import Query
from cockpit.triage.levels import in_words, thresholds
from cockpit.triage.model import Answer, AnswerState, Level, Sample, Series
from cockpit.triage.plot import plot_lines
from cockpit.triage.strip import sparkline
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, clip, fit, line, span, spread, wrap
from cockpit.units import format_value, prometheus_duration, short_duration

LEVEL_KINDS: dict[Level | None, str] = {Level.CRIT: "crit", Level.WARN: "warn", Level.OK: "ok", None: "plain"}
SHOWN = 5
"""Values on a card; the rest are in the query's own screen."""
PLOT_KINDS = {"blank": "plain", "axis": "dim", "label": "dim"}


def card_head(answer: Answer, width: int, glyphs: Glyphs, *, now: float) -> Line:
    """Return the first line of a card: number, title, range and age."""
    return spread(
        line(span(f" {answer.number} ", "key"), span(answer.query.title, "strong")),
        line(span(f"{_when(answer, now)} ", "dim")),
        width,
        ellipsis=glyphs.ellipsis,
    )


def card_body(
    answer: Answer, width: int, glyphs: Glyphs, *, plot_height: int, marks: Sequence[float] = ()
) -> tuple[Line, ...]:
    """Return the rest of a card in `width` cells; `plot_height` 0 draws sparklines instead of plots."""
    dots = glyphs.ellipsis
    expr = clip(line(Span("   "), span(" ".join(answer.expr.split()), "code")), width, ellipsis=dots)
    body = [expr, *_state_lines(answer, width, dots)]
    if answer.state is AnswerState.ANSWERED:
        body += _values(answer, width, dots)
        body += _picture(answer, width, glyphs, plot_height, marks)
    return (*body, EMPTY)


def _when(answer: Answer, now: float) -> str:
    parts = []
    if answer.series and answer.start is not None and answer.end is not None:
        parts.append(f"range {prometheus_duration(round(answer.end - answer.start, 3))}")
    if answer.answered_at is not None:
        parts.append(f"{short_duration(max(0, int(now - answer.answered_at)))} ago")
    return ", ".join(parts)


def _state_lines(answer: Answer, width: int, dots: str) -> list[Line]:
    """Say what stands in the way of values, if anything does."""
    if answer.state is AnswerState.UNFILLED:
        names = ", ".join(answer.unfilled)
        return [
            clip(
                line(
                    Span("   "),
                    span(f"unfilled: {names}", "warn"),
                    span("  (not sent; f fills it)", "dim"),
                ),
                width,
            )
        ]
    if answer.state is AnswerState.ASKING:
        return [line(span(f"   asking{dots}", "dim"))]
    if answer.state is AnswerState.NO_DATA:
        return [line(Span("   "), span("no data", "warn"), span("  nothing matched", "dim"))]
    if answer.state is AnswerState.FAILED:
        rows = wrap([span(f"failed: {answer.error or 'no reason given'}", "crit")], max(10, width - 4))
        return [(Span("   "), *row) for row in rows[:4]]
    rows = []
    for text in answer.warnings:
        rows += [(Span("   "), *row) for row in wrap([span(text, "warn")], max(10, width - 4))[:2]]
    return rows


def naming(samples: Sequence[Sample | Series]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the label names that tell the samples apart, and those that all of them share."""
    if not samples:
        return (), ()
    names = sorted({name for s in samples for name in s.labels})
    if len(samples) == 1:
        return tuple(names), ()
    differ = tuple(n for n in names if len({s.labels.get(n) for s in samples}) > 1)
    return differ, tuple(n for n in names if n not in differ)


def name_of(labels: dict[str, str], names: Sequence[str]) -> str:
    """Return the short name of a series: the bare value where one label tells all apart."""
    if len(names) == 1:
        return labels.get(names[0], "-") or '""'
    return " ".join(f"{n}={labels[n]}" for n in names if n in labels)


def short_name_of(labels: dict[str, str], names: Sequence[str], width: int) -> str:
    """Return the name of a series, its values alone where the labels' names do not fit in `width`."""
    whole = name_of(labels, names)
    return whole if len(whole) <= width else " ".join(labels.get(n, "-") for n in names)


def _value(sample: Sample, query: Query) -> tuple[Span, ...]:
    words = in_words(sample.value, sample.level, query) or "no threshold"
    kind = LEVEL_KINDS[sample.level]
    return (
        span(format_value(sample.value, query.unit), "strong" if kind == "plain" else kind),
        span(f"   {words}", kind if sample.level else "dim"),
    )


def _values(answer: Answer, width: int, dots: str) -> list[Line]:
    names, _ = naming(answer.samples)
    shown = answer.samples[:SHOWN]
    size = max(len(format_value(s.value, answer.query.unit)) for s in shown)
    longest = max(len(name_of(s.labels, names)) for s in shown)
    room = min(longest + 2, max(12, width - size - 22)) if longest else 0
    rows = []
    for sample in shown:
        value, words = _value(sample, answer.query)
        rows.append(
            clip(
                line(
                    Span("   "),
                    span(fit(short_name_of(sample.labels, names, room - 2), room, ellipsis=dots)),
                    Span(fit(value.text, size, right=True), value.kind),
                    words,
                ),
                width,
                ellipsis=dots,
            )
        )
    left = len(answer.samples) - len(shown)
    if left > 0:
        rows.append(line(span(f"   {dots} {left} more: enter shows all", "dim")))
    return rows


def _picture(answer: Answer, width: int, glyphs: Glyphs, height: int, marks: Sequence[float]) -> list[Line]:
    if not answer.series or answer.start is None or answer.end is None:
        return []
    if height >= 4:
        return plot_rows(answer, width - 3, height, glyphs, marks, indent=3)
    worst = answer.series[0]
    graph = sparkline(worst.values, min(32, width - 24), ascii=glyphs.ascii)
    low, high = min(worst.values, default=0.0), max(worst.values, default=0.0)
    unit = answer.query.unit
    least, most = format_value(low, unit), format_value(high, unit)
    words = f"steady at {most}" if least == most else f"{least} to {most}"
    return [line(Span("   "), span(graph, "series0"), span(f"  {words}", "dim"))]


def plot_rows(
    answer: Answer, width: int, height: int, glyphs: Glyphs, marks: Sequence[float], *, indent: int = 0
) -> list[Line]:
    """Return a plot of the answer's series, worst first, with its thresholds and the alert's firing times."""
    assert answer.start is not None
    assert answer.end is not None
    text = plot_lines(
        answer.series,
        width,
        height,
        start=answer.start,
        end=answer.end,
        unit=answer.query.unit,
        thresholds=thresholds(answer.query),
        marks=marks,
        step=answer.step,
        ascii=glyphs.ascii,
    )
    return [
        (Span(" " * indent), *(Span(s.text, PLOT_KINDS.get(s.kind, s.kind)) for s in row))
        for row in text.rows
    ]
