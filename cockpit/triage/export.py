"""Answers and query results as text and as JSON for the command line; nothing here needs the report extra."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cockpit.text import one_line
from cockpit.triage.levels import in_words, worst
from cockpit.triage.model import Answer, AnswerState, Sample, Series
from cockpit.triage.run import Triage
from cockpit.triage.strip import sparkline
from cockpit.units import format_value, rfc3339

if TYPE_CHECKING:
    from cockpit.clients.source import Fetched
    from cockpit.clients.wire import QueryResult, WireSeries

MAX_LINES = 10
"""Samples printed of one answer; JSON has them all."""
_METRIC = "__name__"


def labels_text(labels: Mapping[str, str]) -> str:
    """Return raw `labels` for a person, cleaned, on one line: `code=timeout, provider=google`."""
    name = labels.get(_METRIC, "")
    rest = ", ".join(f"{k}={v}" for k, v in sorted(labels.items()) if k != _METRIC)
    return one_line(f"{name}{{{rest}}}" if name and rest else name or rest, 300)


def distinct(labels: Sequence[Mapping[str, str]]) -> tuple[dict[str, str], ...]:
    """Return each of `labels` with only those that differ among them, in order."""
    names = sorted({k for one in labels for k in one})
    differing = [k for k in names if len({one.get(k) for one in labels}) > 1]
    return tuple({k: one[k] for k in differing if k in one} for one in labels)


def prometheus_number(value: float) -> str:
    """Return `value` as Prometheus writes samples: `1`, `0.02`, `NaN`, `+Inf`."""
    if not math.isfinite(value):
        return format_value(value)
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def json_value(value: float) -> float | str:
    """Return a number that JSON has; NaN and infinities become the words Prometheus uses for them."""
    return value if math.isfinite(value) else format_value(value)


def answer_dict(answer: Answer) -> dict[str, Any]:
    """Return the JSON form of an answer; labels are raw, `answered_at` is RFC 3339."""
    query = answer.query
    return {
        "number": answer.number,
        "title": query.title,
        "expr": answer.expr,
        "state": answer.state,
        "unit": query.unit,
        "warn": query.warn,
        "crit": query.crit,
        "level": worst(answer),
        "range_seconds": query.range_seconds,
        "samples": [
            {"labels": s.labels, "value": json_value(s.value), "level": s.level} for s in answer.samples
        ],
        "error": answer.error,
        "warnings": list(answer.warnings),
        "unfilled": list(answer.unfilled),
        "source": answer.source,
        "answered_at": None if answer.answered_at is None else rfc3339(answer.answered_at),
    }


def triage_dict(done: Triage, alert: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON form of a triage; `alert` is that of `alerts -o json`."""
    runbook = done.runbook
    return {
        "alert": alert,
        "runbook": runbook and {"path": runbook.path, "title": runbook.title, "owner": runbook.owner},
        "queries": [answer_dict(a) for a in done.answers],
    }


def card(answer: Answer, *, ascii: bool = False) -> list[str]:
    """Return an answer as cleaned lines for a terminal: title and outcome, the expression, the values."""
    head = f"{answer.number}  {one_line(answer.query.title, 120)}"
    state = f"   {_state_words(answer)}" if answer.state is not AnswerState.ANSWERED else ""
    lines = [head + state, f"   {one_line(answer.expr)}"]
    lines += _sample_lines(answer, ascii=ascii)
    lines += [f"   warning: {one_line(w)}" for w in answer.warnings]
    return lines


def _state_words(answer: Answer) -> str:
    if answer.state is AnswerState.UNFILLED:
        names = ", ".join(f"`{one_line(n, 60)}`" for n in answer.unfilled)
        return f"unfilled, not sent: the alert has no label {names}"
    if answer.state is AnswerState.NO_DATA:
        return "no data: nothing matched"
    if answer.state is AnswerState.FAILED:
        return f"failed: {one_line(answer.error or '')}"
    return "not answered yet"


def _sample_lines(answer: Answer, *, ascii: bool) -> list[str]:
    shown = answer.samples[:MAX_LINES]
    rows = [_sample_cells(s, answer, ascii=ascii) for s in shown]
    wide = [max(len(row[i]) for row in rows) for i in range(3)] if rows else []
    lines = [
        f"   {name.ljust(wide[0])}  {value.rjust(wide[1])}  {level.ljust(wide[2])}  {line}".rstrip()
        for name, value, level, line in rows
    ]
    if len(answer.samples) > len(shown):
        lines.append(f"   and {len(answer.samples) - len(shown)} more")
    return lines


def _sample_cells(sample: Sample, answer: Answer, *, ascii: bool) -> tuple[str, str, str, str]:
    query = answer.query
    history = next((s for s in answer.series if s.labels == sample.labels), None)
    name = labels_text(sample.labels) or "value"
    value = one_line(format_value(sample.value, query.unit), 40)
    drawn = sparkline(on_grid(history, answer), 24, ascii=ascii) if history else ""
    if ascii:
        value = value.replace("µ", "u")
    return name, value, in_words(sample.value, sample.level, query), drawn


def on_grid(series: Series, answer: Answer) -> list[float | None]:
    """Return the values of `series` at every step of the answer's range, None where it has no point."""
    if answer.start is None or answer.end is None or not answer.step:
        return list(series.values)
    count = min(round((answer.end - answer.start) / answer.step), 11_000) + 1
    values: list[float | None] = [None] * count
    for t, v in zip(series.times, series.values, strict=True):
        at = round((t - answer.start) / answer.step)
        if 0 <= at < count:
            values[at] = v
    return values


def result_dict(fetched: "Fetched[QueryResult]") -> dict[str, Any]:
    """Return a query's result as Prometheus's own API writes it, plus `source` and `warnings`."""
    kind, series = fetched.data.kind, fetched.data.series
    result: Any
    if kind == "string":
        result = [fetched.at, fetched.data.text]
    elif kind == "scalar":
        result = _pairs(series[0])[-1] if series and series[0].values else None
    else:
        result = wire(series, ranged=kind == "matrix")
    return {
        "status": "success",
        "data": {"resultType": kind, "result": result},
        "warnings": list(fetched.warnings),
        "source": fetched.source,
    }


def wire(series: Iterable["WireSeries"], *, ranged: bool) -> list[dict[str, Any]]:
    """Return series in the form of Prometheus's API: `metric` with `values`, or with one `value`."""
    if ranged:
        return [{"metric": dict(s.labels), "values": _pairs(s)} for s in series]
    return [{"metric": dict(s.labels), "value": _pairs(s)[-1]} for s in series if s.values]


def _pairs(series: "WireSeries") -> list[tuple[float, str]]:
    return [(t, prometheus_number(v)) for t, v in zip(series.times, series.values, strict=True)]


def rows(result: "QueryResult", unit: str | None) -> tuple[list[str], list[list[str]]]:
    """Return a query's result as a head and rows: a column a label, then the value, or for a range what
    became of it: first, lowest, highest, last and the number of points. Raw labels.
    """
    if result.kind == "string":
        return ["VALUE"], [[result.text]]
    found = [s for s in result.series if s.values]
    names = sorted({k for s in found for k in s.labels}, key=lambda k: (k != _METRIC, k))
    columns = ["FIRST", "MIN", "MAX", "LAST", "POINTS"] if result.kind == "matrix" else ["VALUE"]
    table = []
    for s in found:
        known = [v for v in s.values if not math.isnan(v)] or [math.nan]
        numbers = [s.values[0], min(known), max(known), s.values[-1]]
        values = [format_value(v, unit) for v in (numbers if result.kind == "matrix" else s.values[-1:])]
        if result.kind == "matrix":
            values.append(str(len(s.values)))
        table.append([s.labels.get(k, "") for k in names] + values)
    return [*("METRIC" if k == _METRIC else k for k in names), *columns], table
