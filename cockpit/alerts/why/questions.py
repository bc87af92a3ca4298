"""The queries that a ladder asks Prometheus. Pure: text in, text out."""

import re
from collections.abc import Iterable

from cockpit.expression import Comparison, Selector
from cockpit.promql import quote
from cockpit.units import prometheus_duration

MOST_VALUES = 200
"""Values of a comparison that are looked at."""

_DAY, _COARSE = 86_400.0, 300.0
_HOUR, _FINE = 3600.0, 15.0
_EQUALITY = frozenset({"==", "!="})
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def newest(selector: Selector) -> str:
    """Return what asks for the time of the newest sample, by where the series are from."""
    return f"max by (job, instance) (timestamp({selector}))"


def how_many(selector: Selector) -> str:
    """Return what asks how many series there are."""
    return f"count({selector})"


def spread(selector: Selector, labels: Iterable[str]) -> str:
    """Return what asks which values of `labels` the series have."""
    names = ", ".join(name for name in labels if _NAME.fullmatch(name))
    return f"topk({MOST_VALUES}, count by ({names}) ({selector}))"


def last_seen(selector: Selector, speed: float) -> str:
    """Return what asks when the series were last there, back to a day: finely for the last hour of it.

    In a lab a day is shorter by its `speed`.
    """

    def back(span: float, step: float) -> str:
        window = f"{prometheus_duration(span / speed)}:{prometheus_duration(max(step / speed, 0.25))}"
        return f"max by (job, instance) (max_over_time(timestamp({selector})[{window}]))"

    return f"{back(_HOUR, _FINE)} or {back(_DAY, _COARSE)}"


def results(expr: str) -> str:
    """Return what asks how many results an expression has. A comment at its end would hide the bracket."""
    return f"count((\n{expr}\n))"


def values(comparison: Comparison) -> str:
    """Return what asks for the values of the left side that are the most beyond, or nearest to, the bound.

    Of equality no value is nearer than another: those for which it holds come besides the highest.
    """
    pick = "bottomk" if comparison.op in {"<", "<="} else "topk"
    most = f"{pick}({MOST_VALUES}, ({comparison.left}))"
    return f"topk({MOST_VALUES}, {_compared(comparison)}) or {most}" if comparison.op in _EQUALITY else most


def total(comparison: Comparison) -> str:
    """Return what asks how many values the left side has."""
    return f"count(({comparison.left}))"


def beyond(comparison: Comparison) -> str:
    """Return what asks how many of them are beyond the bound."""
    return f"count({_compared(comparison)})"


def _compared(comparison: Comparison) -> str:
    return f"({comparison.left}) {comparison.op} {_number(comparison.bound)}"


def _number(value: float) -> str:
    return {"inf": "Inf", "-inf": "-Inf", "nan": "NaN"}.get(repr(value), repr(value))


def sending_failed(window: float) -> str:
    """Return what asks how often sending failed in `window` seconds, by Alertmanager."""
    return f"sum by (alertmanager) (increase(prometheus_notifications_errors_total[{_range(window)}]))"


def sending_dropped(window: float) -> str:
    """Return what asks how many alerts were dropped in `window` seconds."""
    return f"sum(increase(prometheus_notifications_dropped_total[{_range(window)}]))"


def requests(kinds: Iterable[str], window: float, *, failed: bool) -> str:
    """Return what asks for the requests, or the failed ones, to receivers of `kinds` in `window` seconds.

    There is no answer where the counters were not there yet when the window began: a rise counts from the
    first sample on, and what was sent before would be missing.
    """
    which = "requests_failed" if failed else "requests"
    wanted = quote("|".join(re.escape(kind) for kind in kinds))
    series = f"alertmanager_notification_{which}_total{{integration=~{wanted}}}"
    began = f"sum by (integration) ({series} offset {_range(window)})"
    return f"sum by (integration) (increase({series}[{_range(window)}])) and {began}"


def _range(seconds: float) -> str:
    return prometheus_duration(max(seconds, 1.0))
