"""Range data as CSV and as a picture, through prometheus-api-client's DataFrames: the `report` extra.

Nothing of the extra is imported before one of these functions runs.
"""

import io
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING, Any

from cockpit.errors import UsageError
from cockpit.text import clean, one_line
from cockpit.triage.export import distinct, labels_text, prometheus_number, wire
from cockpit.units import rfc3339

if TYPE_CHECKING:
    from cockpit.clients.wire import QueryResult

PICTURES = ("png", "svg")
MAX_LEGEND = 20
"""Series named in a picture's legend; all are drawn."""

_OWN = ("timestamp", "value")


def require() -> ModuleType:
    """Return prometheus-api-client. Raises UsageError that says what to install where it is missing."""
    try:
        import matplotlib.figure  # noqa: F401
        import pandas  # noqa: F401
        import prometheus_api_client
    except ImportError as error:
        missing = one_line(error.name or str(error), 100)
        raise UsageError(
            f"CSV and pictures need the report extra ({missing} is missing)",
            remedy="install this project's extra, in its checkout: .venv/bin/pip install '.[report]'",
        ) from error
    module: ModuleType = prometheus_api_client
    return module


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to themselves the deprecations that prometheus-api-client meets in pandas, and missing glyphs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def frame(result: "QueryResult") -> Any:
    """Return a vector as a MetricSnapshotDataFrame, a matrix as a MetricRangeDataFrame; labels cleaned.

    A label that is called as a column of the frame, `timestamp` or `value`, becomes `exported_...`.
    """
    api = require()
    ranged = result.kind == "matrix"
    data = wire((s for s in result.series if s.values), ranged=ranged)
    for one in data:
        one["metric"] = {_column(k): clean(v) for k, v in one["metric"].items()}
    with _quiet():
        if not data:
            return _empty()
        return api.MetricRangeDataFrame(data) if ranged else api.MetricSnapshotDataFrame(data)


def _empty() -> Any:
    from pandas import DataFrame

    return DataFrame({name: [] for name in _OWN})


def _column(label: str) -> str:
    return clean(f"exported_{label}" if label in _OWN else label)


def to_csv(result: "QueryResult") -> str:
    """Return a vector or matrix as CSV: `timestamp` (RFC 3339), the labels, `value` as in Prometheus."""
    table = frame(result)
    with _quiet():
        if result.kind == "matrix" and "timestamp" not in table.columns:
            table = table.reset_index()
        labels = sorted((c for c in table.columns if c not in _OWN), key=lambda c: (c != "__name__", c))
        table = table[["timestamp", *labels, "value"]]
        table["timestamp"] = [rfc3339(t.timestamp()) for t in table["timestamp"]]
        table["value"] = [prometheus_number(float(v)) for v in table["value"]]
        text: str = table.to_csv(index=False, lineterminator="\n")
    return text


def picture(
    result: "QueryResult", *, form: str, title: str, unit: str | None = None, step: float | None = None
) -> bytes:
    """Return a matrix as a plot in `form` (`png` or `svg`): titled, units on the axes, times in UTC.

    The legend has the labels that differ. Points farther apart than 1.5 `step` seconds are not joined.
    """
    api = require()
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    found = [s for s in result.series if s.values]
    with _quiet(), rc_context({"svg.hashsalt": "cockpit", "axes.formatter.useoffset": False}):
        figure = Figure(figsize=(10, 5), dpi=120, layout="constrained")
        axes = figure.add_subplot()
        lines = [_draw(axes, api, one, step) for one in wire(found, ranged=True)]
        axes.set_title(_wrapped(title), parse_math=False, fontsize=10)
        axes.set_xlabel("time (UTC)")
        axes.set_ylabel(_axis_name(unit), parse_math=False)
        axes.grid(visible=True, alpha=0.3)
        _ticks(axes, unit)
        _legend(axes, lines, [labels_text(d) for d in distinct([s.labels for s in found])])
        out = io.BytesIO()
        figure.savefig(out, format=form, metadata={"Date": None} if form == "svg" else None)
    return out.getvalue()


def _draw(axes: Any, api: ModuleType, one: dict[str, Any], step: float | None) -> Any:
    # Only the values are drawn, so the labels need not become columns.
    table = api.MetricRangeDataFrame([{"metric": {}, "values": _with_gaps(one["values"], step)}])
    marker = "." if len(one["values"]) == 1 else ""
    return axes.plot(table.index, table["value"], linewidth=1.4, marker=marker)[0]


def _with_gaps(values: Sequence[tuple[float, str]], step: float | None) -> list[tuple[float, str]]:
    kept = [(t, v if math.isfinite(float(v)) else "NaN") for t, v in values]
    if not step:
        return kept
    out = kept[:1]
    for (before, _), point in pairwise(kept):
        if point[0] - before > 1.5 * step:
            out.append((before + step, "NaN"))
        out.append(point)
    return out


def _axis_name(unit: str | None) -> str:
    names = {"ratio": "%", "percent": "%", "seconds": "s", "per_second": "per second"}
    return one_line(names.get(unit, unit), 40) if unit else "value"


def _ticks(axes: Any, unit: str | None) -> None:
    from matplotlib import dates, ticker

    if unit == "ratio":
        axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value * 100:g}"))
    locator = dates.AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def _legend(axes: Any, lines: Sequence[Any], names: Sequence[str]) -> None:
    if len(lines) < 2:
        return
    shown = list(lines[:MAX_LEGEND])
    more = f"and {len(lines) - MAX_LEGEND} more" if len(lines) > MAX_LEGEND else None
    legend = axes.legend(shown, [one_line(n, 80) or "(no labels)" for n in names[: len(shown)]], title=more)
    for text in legend.get_texts():
        text.set_parse_math(False)


def _wrapped(title: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(one_line(title, 400), 110)[:4])
