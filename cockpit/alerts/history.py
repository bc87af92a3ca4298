"""When an alert fired before: read from the series ALERTS that Prometheus writes of its own accord."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from cockpit.alerts.model import Alert, Span
from cockpit.clients.source import SourceError
from cockpit.clients.wire import Relabelling, WireSeries
from cockpit.promql import quote
from cockpit.session import Session

MAX_POINTS = 11_000
"""Points of one series that Prometheus gives at most."""

FINEST = 15.0
"""Seconds between points where there is room: a usual rule interval."""

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


async def fired_before(session: Session, alert: Alert, *, hours: float = 24, end: float) -> tuple[Span, ...]:
    """Return when `alert` was pending and firing in the `hours` before `end` (Unix seconds), oldest first.

    Raises SourceError when Prometheus does not answer.
    """
    seconds = hours * 3600
    try:
        relabelling = (await session.prometheus.external_labels()).data
    except SourceError:
        relabelling = Relabelling()
    step = step_for(seconds, session.context.speed)
    expr = selector(alert.labels, relabelling, session.context.ignore_labels)
    result = await session.prometheus.query_range(expr, end - seconds, end, step)
    return spans(result.data.series, step, end)


def step_for(seconds: float, speed: float = 1.0) -> float:
    """Return the step in seconds for a range of `seconds`: FINEST at the clock's `speed`, or coarser."""
    least = seconds / (MAX_POINTS - 1)
    return max(FINEST / speed, math.ceil(least * 1000) / 1000)


def selector(labels: Mapping[str, str], relabelling: Relabelling, ignored: Iterable[str] = ()) -> str:
    """Return the selector of the alert's series in ALERTS, without the labels that only sending changes."""
    left_out = {*ignored, *relabelling.touched}
    pairs = (
        f"{name}={quote(value)}"
        for name, value in sorted(labels.items())
        if name not in left_out and relabelling.external.get(name) != value and _NAME.fullmatch(name)
    )
    return f"ALERTS{{{','.join(pairs)}}}"


def spans(series: Sequence[WireSeries], step: float, end: float) -> tuple[Span, ...]:
    """Return the stretches that `series` of ALERTS cover, oldest first; those that touch are one.

    A sample stands for `step` seconds, but not beyond `end`.
    """
    result: list[Span] = []
    for firing in (False, True):
        mine = [one for one in series if (one.labels.get("alertstate", "firing") == "firing") is firing]
        current: Span | None = None
        for time in sorted({time for one in mine for time in one.times}):
            until = min(time + step, end)
            if current is not None and time <= current.end + step / 2:
                current = Span(current.start, max(until, current.end), firing)
                continue
            if current is not None:
                result.append(current)
            current = Span(time, until, firing)
        if current is not None:
            result.append(current)
    return tuple(sorted(result, key=lambda span: (span.start, span.firing)))


async def last_fired(session: Session, *, hours: float = 24, end: float) -> tuple[str, float] | None:
    """Return the name of the alert that fired last in the `hours` before `end`, the Watchdog aside, and when.

    Both times are Unix seconds; None when nothing fired. Raises SourceError when Prometheus does not answer.
    """
    seconds = hours * 3600
    watchdog = quote(session.context.watchdog)
    expr = f'max by (alertname) (ALERTS{{alertstate="firing",alertname!={watchdog}}})'
    result = await session.prometheus.query_range(expr, end - seconds, end, max(0.25, seconds / 1440))
    last = [(one.times[-1], one.labels.get("alertname", "")) for one in result.data.series if one.times]
    if not last:
        return None
    when, name = max(last)
    return name, when
