"""Running a runbook's queries for one alert: binding, asking, and putting the worst first."""

import asyncio
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from cockpit.alerts.model import Alert
from cockpit.clients.source import Fetched, SourceError
from cockpit.errors import UsageError
from cockpit.promql import divide_durations
from cockpit.runbooks.bind import bind
from cockpit.runbooks.model import Query, Runbook
from cockpit.text import one_line
from cockpit.triage.levels import level_of, worst_first
from cockpit.triage.model import Answer, AnswerState, Sample, Series

if TYPE_CHECKING:
    from cockpit.clients.wire import QueryResult, WireSeries
    from cockpit.session import Session

DEFAULT_RANGE = 3600.0
"""Seconds plotted where a query does not say."""
MAX_SERIES = 1000
"""Series kept of one answer."""
MAX_POINTS = 11_000
"""Points a series that Prometheus answers at most (web/api/v1, queryRange)."""

_METRIC = "__name__"


class Triage(Struct, frozen=True, kw_only=True):
    """An alert, its runbook where it has one, and the answers in the runbook's order."""

    alert: Alert
    runbook: Runbook | None
    answers: tuple[Answer, ...] = ()


def prepare(
    runbook: Runbook | None,
    labels: Mapping[str, str],
    fills: Mapping[str, str] = {},
    *,
    speed: float = 1.0,
) -> tuple[Answer, ...]:
    """Return the runbook's queries bound to raw alert `labels` and to `fills` typed by hand, not yet asked.

    Each is ASKING, or UNFILLED and never to be sent. In a lab at `speed` N, the durations of the expression
    and the range to plot are divided by N, so that what is shown is what is sent.
    """
    queries = runbook.queries if runbook else ()
    return tuple(_prepared(i, q, labels, fills, speed) for i, q in enumerate(queries, 1))


def _prepared(
    number: int, query: Query, labels: Mapping[str, str], fills: Mapping[str, str], speed: float
) -> Answer:
    seconds = query.range_seconds or DEFAULT_RANGE
    bound = bind(query.expr, labels, fills, range_seconds=seconds)
    try:
        expr = divide_durations(bound.expr, speed)
    except UsageError:
        # A duration that is none: Prometheus will say so, on this query's own card.
        expr = bound.expr
    return Answer(
        number=number,
        query=replace(query, range_seconds=seconds / speed),
        expr=expr,
        state=AnswerState.UNFILLED if bound.unfilled else AnswerState.ASKING,
        unfilled=bound.unfilled,
    )


def step_for(range_seconds: float, points: int = 240, *, speed: float = 1.0) -> float:
    """Return the step in seconds that gives at most about `points` points, to the millisecond.

    Never under a second (250 ms in a lab, where a scrape is as short), never more than Prometheus answers.
    """
    least = 1.0 if speed == 1 else 0.25
    wanted = range_seconds / min(max(points, 1), MAX_POINTS)
    return max(least, math.ceil(round(wanted * 1000, 6)) / 1000)


async def answer(
    session: "Session",
    prepared: Answer,
    *,
    at: float | None = None,
    range_seconds: float | None = None,
    points: int = 240,
) -> Answer:
    """Ask `prepared` now, or as of `at` (Unix seconds), and return it answered; UNFILLED comes back as it is.

    The values are those of an instant query; the series are a range query over the `range_seconds` before it
    (the query's own where None; 0 asks for none), of at most about `points` points. A server that refuses or
    fails gives the state FAILED with its own words; a range that fails leaves the values and a warning.
    """
    if prepared.state is AnswerState.UNFILLED:
        return prepared
    try:
        instant = await session.prometheus.query(prepared.expr, at)
    except SourceError as error:
        return replace(
            prepared, state=AnswerState.FAILED, error=one_line(str(error)), source=error.source or None
        )
    done = _with_values(prepared, instant)
    if instant.data.kind in {"string", "matrix"} or range_seconds == 0:
        return done
    speed = session.context.speed
    seconds = range_seconds or prepared.query.range_seconds or DEFAULT_RANGE / speed
    # The server's own time, where it told it: the plot ends where the values are.
    end = at if at is not None else next((s.times[0] for s in instant.data.series if s.times), session.now())
    step = step_for(seconds, points, speed=speed)
    try:
        ranged = await session.prometheus.query_range(prepared.expr, end - seconds, end, step)
    except SourceError as error:
        return replace(done, warnings=(*done.warnings, f"no plot: {one_line(str(error))}"))
    return _with_series(done, ranged, end - seconds, end, step)


async def answers(
    session: "Session",
    prepared: Sequence[Answer],
    *,
    at: float | None = None,
    range_seconds: float | None = None,
    concurrency: int = 4,
) -> AsyncGenerator[Answer, None]:
    """Yield every one of `prepared` as it is answered, at most `concurrency` at a time.

    Closing or cancelling the iterator stops what still runs (`contextlib.aclosing` does so at once).
    """
    limit = asyncio.Semaphore(max(1, concurrency))

    async def limited(one: Answer) -> Answer:
        async with limit:
            return await answer(session, one, at=at, range_seconds=range_seconds)

    tasks = [asyncio.create_task(limited(one)) for one in prepared]
    try:
        for task in asyncio.as_completed(tasks):
            yield await task
    finally:
        for pending in tasks:
            pending.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def triage(session: "Session", alert: Alert, *, range_seconds: float | None = None) -> Triage:
    """Return `alert` with its runbook and all its queries answered; `range_seconds` as for `answer`.

    Without a runbook, or with one that is gone, `runbook` is None and there are no answers.
    """
    ref = alert.runbook or session.library.resolve(alert.labels, alert.annotations)
    runbook = session.library.get(ref.path) if ref else None
    prepared = prepare(runbook, alert.labels, speed=session.context.speed)
    done: list[Answer] = []
    async with aclosing(answers(session, prepared, range_seconds=range_seconds)) as coming:
        async for one in coming:
            done.append(one)
    return Triage(alert=alert, runbook=runbook, answers=tuple(sorted(done, key=lambda a: a.number)))


def _with_values(prepared: Answer, fetched: "Fetched[QueryResult]") -> Answer:
    result = fetched.data
    found = [s for s in result.series if s.values]
    drop = _shared_name(found)
    samples = worst_first((_sample(s, prepared.query, drop) for s in found), prepared.query)
    warnings = list(fetched.warnings)
    if result.kind == "string":
        warnings.append(f"the answer is a string: {one_line(result.text, 500)}")
    if len(found) < len(result.series):
        warnings.append(f"{len(result.series) - len(found)} series without plain values, such as histograms")
    warnings += _left_out(len(samples))
    return replace(
        prepared,
        state=AnswerState.ANSWERED if samples or result.kind == "string" else AnswerState.NO_DATA,
        samples=samples[:MAX_SERIES],
        series=_series(found, samples, drop) if result.kind == "matrix" else (),
        start=min((s.times[0] for s in found), default=None) if result.kind == "matrix" else None,
        end=max((s.times[-1] for s in found), default=None) if result.kind == "matrix" else None,
        warnings=tuple(warnings),
        source=fetched.source,
        answered_at=fetched.at,
    )


def _with_series(
    done: Answer, ranged: "Fetched[QueryResult]", start: float, end: float, step: float
) -> Answer:
    found = [s for s in ranged.data.series if s.values]
    warnings = dict.fromkeys((*done.warnings, *ranged.warnings, *_left_out(len(found))))
    drop = _shared_name(found)
    return replace(
        done,
        series=_series(found, done.samples, drop),
        start=start,
        end=end,
        step=step,
        warnings=tuple(warnings),
    )


def _left_out(count: int) -> list[str]:
    return [f"{count - MAX_SERIES} of {count} series left out"] if count > MAX_SERIES else []


def _shared_name(series: Sequence["WireSeries"]) -> bool:
    """Return whether all series have one metric name, which then tells nothing apart."""
    return len({s.labels.get(_METRIC) for s in series}) == 1


def _labels(series: "WireSeries", drop: bool) -> dict[str, str]:
    return {k: v for k, v in series.labels.items() if not (drop and k == _METRIC)}


def _sample(series: "WireSeries", query: Query, drop: bool) -> Sample:
    value = series.values[-1]
    return Sample(_labels(series, drop), value, level_of(value, query))


def _series(found: Sequence["WireSeries"], samples: Sequence[Sample], drop: bool) -> tuple[Series, ...]:
    """Return the series in the order of `samples`, so that a plot shows the worst; the others follow."""
    order = {_key(s.labels): i for i, s in enumerate(samples)}
    built = [Series(_labels(s, drop), s.times, s.values) for s in found]
    built.sort(key=lambda s: order.get(_key(s.labels), len(order)))
    return tuple(built[:MAX_SERIES])


def _key(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what a series of a sample is recognised by, whether or not either dropped the metric name."""
    return tuple(sorted((k, v) for k, v in labels.items() if k != _METRIC))
