"""How values stand against a query's thresholds, and which of them is worst."""

import math
from collections.abc import Iterable

from cockpit.runbooks.model import Query
from cockpit.triage.model import Answer, Level, Sample
from cockpit.units import format_value

_RANK = {Level.CRIT: 0, Level.WARN: 1, Level.OK: 2, None: 3}


def thresholds(query: Query) -> tuple[float, ...]:
    """Return the query's thresholds that are set, warning first, in the query's unit."""
    return tuple(t for t in (query.warn, query.crit) if t is not None)


def low_is_bad(query: Query) -> bool:
    """Return whether a value under the thresholds is bad: `crit` is set below `warn`."""
    return query.warn is not None and query.crit is not None and query.crit < query.warn


def level_of(value: float, query: Query) -> Level | None:
    """Return the level of `value` (in the query's unit).

    None without a threshold, and for NaN and infinities, which cannot be compared honestly. A value that
    equals a threshold is not over it, as in an alerting rule's `>`.
    """
    if not math.isfinite(value) or not thresholds(query):
        return None
    if query.crit is not None and _beyond(value, query.crit, query):
        return Level.CRIT
    if query.warn is not None and _beyond(value, query.warn, query):
        return Level.WARN
    return Level.OK


def _beyond(value: float, threshold: float, query: Query) -> bool:
    return value < threshold if low_is_bad(query) else value > threshold


def worst_first(samples: Iterable[Sample], query: Query) -> tuple[Sample, ...]:
    """Return `samples` by level, then by value (highest first, or lowest where low is bad), NaN last."""
    sign = 1 if low_is_bad(query) else -1

    def key(sample: Sample) -> tuple[int, bool, float, list[tuple[str, str]]]:
        missing = math.isnan(sample.value)
        size = 0.0 if missing else sign * sample.value
        return _RANK[sample.level], missing, size, sorted(sample.labels.items())

    return tuple(sorted(samples, key=key))


def worst(answer: Answer) -> Level | None:
    """Return the worst level among the answer's samples; None where none has a level."""
    return min((s.level for s in answer.samples), key=_RANK.__getitem__, default=None)


def in_words(value: float, level: Level | None, query: Query) -> str:
    """Return a level for a person: `crit, over 5 %`, `ok, under 0.5 s`; empty where there is none.

    A bad value is put beside the threshold that it broke, a good one beside the first it would break.
    """
    if level is None:
        return ""
    bad, good = ("under", "over") if low_is_bad(query) else ("over", "under")
    if level is Level.OK:
        limit, side = thresholds(query)[0], good
    else:
        broken = query.crit if level is Level.CRIT else query.warn
        limit, side = (math.nan if broken is None else broken), bad
    at = "at" if value == limit else side
    return f"{level}, {at} {format_value(limit, query.unit)}"
