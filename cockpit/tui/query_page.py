"""The parts of a query shown large: head, plot, and a table that can be sorted. Pure."""

from collections.abc import Sequence

from cockpit.triage.levels import in_words
from cockpit.triage.model import Answer, AnswerState, Sample
from cockpit.tui.cards import LEVEL_KINDS, naming, plot_rows
from cockpit.tui.glyphs import Glyphs
from cockpit.tui.lines import EMPTY, Line, Span, clip, fit, line, span, spread, wrap
from cockpit.units import format_value, prometheus_duration, short_duration

EXPR_LINES = 5


def head(answer: Answer, range_seconds: float, now: float, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Return title, range, age and source, then the whole expression, then what went wrong."""
    number = f"{answer.number}  " if answer.number else ""
    when = [f"range {prometheus_duration(round(range_seconds, 3))}"]
    if answer.answered_at is not None:
        when.append(
            f"{answer.source or ''} {short_duration(max(0, int(now - answer.answered_at)))} ago".strip()
        )
    title = spread(
        line(Span(" "), span(number, "key"), span(answer.query.title, "strong")),
        line(span(", ".join(when) + " ", "dim")),
        width,
        ellipsis=glyphs.ellipsis,
    )
    expr = [(Span("  "), *row) for row in wrap([span(" ".join(answer.expr.split()), "code")], width - 4)]
    rows: list[Line] = [title, *expr[:EXPR_LINES]]
    if len(expr) > EXPR_LINES:
        rows.append(line(span(f"  {glyphs.ellipsis} y copies the whole expression", "dim")))
    problem = {
        AnswerState.FAILED: (f"failed: {answer.error}", "crit"),
        AnswerState.NO_DATA: ("no data: nothing matched", "warn"),
        AnswerState.ASKING: (f"asking{glyphs.ellipsis}", "dim"),
        AnswerState.UNFILLED: (f"unfilled: {', '.join(answer.unfilled)}; e edits the query", "warn"),
    }.get(answer.state)
    if problem:
        rows += [(Span("  "), *row) for row in wrap([span(*problem)], width - 4)[:6]]
    rows += [clip(line(span(f"  {w}", "warn")), width, ellipsis=glyphs.ellipsis) for w in answer.warnings]
    return tuple(rows)


def plot(answer: Answer, width: int, height: int, glyphs: Glyphs, marks: Sequence[float]) -> tuple[Line, ...]:
    """Return the plot, or a line that says why there is none."""
    if answer.state is not AnswerState.ANSWERED:
        return ()
    if not answer.series or answer.start is None:
        return (EMPTY, line(span("  nothing over this range", "dim")))
    return (EMPTY, *plot_rows(answer, width - 2, height, glyphs, marks, indent=1))


def ordered(answer: Answer, sort: int) -> tuple[tuple[Sample, ...], str]:
    """Return the samples in the `sort`-th order, and its name: worst first, by value, or by each label."""
    names, _ = naming(answer.samples)
    orders = ["worst first", "lowest first", *names]
    chosen = orders[sort % len(orders)]
    samples = answer.samples
    if chosen == "lowest first":
        return tuple(sorted(samples, key=lambda s: s.value)), chosen
    if chosen in names:
        return tuple(sorted(samples, key=lambda s: s.labels.get(chosen, ""))), f"by {chosen}"
    return samples, chosen


def table(answer: Answer, sort: int, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Return one line a series: value, level, labels; what all share stands above."""
    if not answer.samples:
        return ()
    samples, order = ordered(answer, sort)
    names, shared = naming(samples)
    common = " ".join(f"{n}={samples[0].labels[n]}" for n in shared if n in samples[0].labels)
    sizes = {n: min(40, max(len(n), *(len(s.labels.get(n, "")) for s in samples)) + 2) for n in names}
    top = spread(
        line(
            span(f"  {len(samples)} series, {order}", "strong"),
            span(f"  all: {common}" if common else "", "dim"),
        ),
        (),
        width,
        ellipsis=glyphs.ellipsis,
    )
    columns = "".join(fit(n, sizes[n], ellipsis=glyphs.ellipsis) for n in names)
    rows: list[Line] = [
        top,
        line(span("  " + fit("value", 12, right=True) + "  " + columns + "level", "dim")),
    ]
    for sample in samples:
        kind = LEVEL_KINDS[sample.level]
        value = fit(format_value(sample.value, answer.query.unit), 12, right=True)
        labels = "".join(fit(sample.labels.get(n, "-"), sizes[n], ellipsis=glyphs.ellipsis) for n in names)
        words = in_words(sample.value, sample.level, answer.query)
        rows.append(line(Span("  "), span(value, kind), span(f"  {labels}"), span(words, kind)))
    return tuple(rows)


def as_tsv(answer: Answer, sort: int) -> str:
    """Return the table with tabs, raw values, one header line."""
    samples, _ = ordered(answer, sort)
    names = sorted({n for s in samples for n in s.labels})
    rows = ["\t".join(["value", *names])]
    rows += ["\t".join([repr(s.value), *(s.labels.get(n, "") for n in names)]) for s in samples]
    return "\n".join(rows)
