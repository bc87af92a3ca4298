"""The queries that a check asks Prometheus, each of many metrics at once. Pure: text in, text out."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from cockpit.contract.live.model import HOUR, WEEK, Origin
from cockpit.promql import quote
from cockpit.units import prometheus_duration

MOST_NAMES = 100
"""Metrics that one query asks for."""

STEP, FINE = 300.0, 15.0
"""Seconds between two looks back over a week, and between those that find the moment."""

_LABELS_AT_ONCE = 10


def batches(names: Iterable[str], most: int = MOST_NAMES) -> Iterator[list[str]]:
    """Yield the names in order, at most so many at a time."""
    left = sorted(names)
    while left:
        yield left[:most]
        left = left[most:]


def one_of(names: Collection[str]) -> str:
    """Return a matcher's value that takes these names alone."""
    return quote("|".join(re.escape(name) for name in sorted(names)))


def present(names: Collection[str]) -> str:
    """Return what asks which of the metrics have series now."""
    return f"count by (__name__) ({{__name__=~{one_of(names)}}})"


def by_mark(names: Collection[str]) -> str:
    """Return what asks which of the metrics have series, by the scenario that pushes them."""
    return f"count by (__name__, synthetic) ({{__name__=~{one_of(names)}}})"


def having(asked: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Yield what asks which of their metrics have the labels, as pairs of `__name__` and `asked`."""
    parts = [
        f'label_replace(count by (__name__) ({{__name__=~{one_of(batch)}, {label}!=""}}),'
        f' "asked", {quote(label)}, "", "")'
        for label, names in sorted(asked.items())
        for batch in batches(names)
    ]
    for at in range(0, len(parts), _LABELS_AT_ONCE):
        yield " or ".join(parts[at : at + _LABELS_AT_ONCE])


def last_samples(metric: str, speed: float) -> str:
    """Return what asks for the last sample of a metric within two steps, by where it came from."""
    return (
        "max by (job, instance) (max_over_time(timestamp("
        f"{{__name__={quote(metric)}}})[{_span(2 * STEP, FINE, speed)}]))"
    )


def samples(metric: str, speed: float) -> str:
    """Return what asks for every sample of a metric within a week: for one that no look back finds."""
    return f"{{__name__={quote(metric)}}}[{prometheus_duration(WEEK / speed)}]"


def course(metric: str, speed: float) -> str:
    """Return what asks how often a counter rose within an hour, and its least value."""
    window = f"{{__name__={quote(metric)}}}[{prometheus_duration(HOUR / speed)}]"
    rises = f'label_replace(sum(changes({window})), "what", "rises", "", "")'
    return f'{rises} or label_replace(min(min_over_time({window})), "what", "least", "", "")'


def last_up(origins: Collection[Origin], speed: float) -> str:
    """Return what asks when targets were last up: finely for the last hour, and back to a week."""
    jobs, instances = {each.job for each in origins}, {each.instance for each in origins}
    up = f"timestamp(up{{job=~{one_of(jobs)}, instance=~{one_of(instances)}}} == 1)"
    fine, coarse = _span(HOUR, FINE, speed), _span(WEEK, STEP, speed)
    return (
        f"max by (job, instance) (max_over_time({up}[{fine}])) or"
        f" max by (job, instance) (max_over_time({up}[{coarse}]))"
    )


def notifications(which: str, speed: float) -> str:
    """Return what asks how many notifications an integration was sent in an hour; `which` is of a counter."""
    window = prometheus_duration(max(HOUR / speed, 1.0))
    return f"sum by (integration) (increase(alertmanager_notifications_{which}[{window}]))"


def _span(seconds: float, step: float, speed: float) -> str:
    return f"{prometheus_duration(seconds / speed)}:{prometheus_duration(max(step / speed, 0.25))}"


PLAYING = 'count by (synthetic) (push_time_seconds{job="relay_synth", synthetic!=""})'
"""Asks which scenarios are pushed now."""
