"""The series of a scenario over time. Pure: a moment in, samples out.

Counters are integrals of their rate, so a value depends on the moment alone, not on when it was asked before;
histograms are as many counters, the buckets cumulative (Prometheus, docs/concepts/metric_types).
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from cockpit.scenarios.model import AnySignal, Counter, Histogram, Scenario, name_of
from cockpit.scenarios.spread import mean, share_below
from cockpit.scenarios.values import integral, terms, value_at


class Sample(Struct, frozen=True):
    """One series of a scenario at one moment.

    A histogram has `buckets`, upper bound and cumulative count, the last bound being infinite, and `sum`;
    its `value` is the count. `kind` is counter, gauge or histogram.
    """

    name: str
    kind: str
    labels: dict[str, str]
    value: float
    buckets: tuple[tuple[float, float], ...] = ()
    sum: float = 0.0


class Series(Struct, frozen=True):
    """One line of a scrape: `cumulative` is what only rises, a counter or a part of a histogram."""

    name: str
    labels: dict[str, str]
    value: float
    cumulative: bool


def series(samples: Iterable[Sample]) -> Iterator[Series]:
    """Return `samples` as they are scraped, a histogram as its `_bucket`s, `_count` and `_sum`.

    The bound in `le` is written as prometheus-client writes it, `1.0`, `1e+06`, `+Inf`, and as Prometheus 3
    stores it; a Pushgateway hands on `1`, which an older Prometheus keeps.
    """
    from prometheus_client import utils

    written: Callable[[float], str] = utils.floatToGoString

    for sample in samples:
        name, labels = sample.name, sample.labels
        if sample.kind != "histogram":
            yield Series(name, labels, sample.value, sample.kind == "counter")
            continue
        for bound, count in sample.buckets:
            yield Series(f"{name}_bucket", {**labels, "le": written(bound)}, count, True)
        yield Series(f"{name}_count", labels, sample.value, True)
        yield Series(f"{name}_sum", labels, sample.sum, True)


def values_at(scenario: Scenario, t: float) -> tuple[Sample, ...]:
    """Return every series that is there `t` seconds after the start, leaving out those that are gone.

    At and before 0 every counter stands at its baseline, 0: that has to be scraped before it rises. Before 0
    nothing is gone yet, and a gauge is as healthy as it is once recovered.
    """
    unhealthy = t >= 0 and (scenario.duration is None or t < scenario.duration)
    t = max(0.0, t)
    sick = t if scenario.duration is None else min(t, scenario.duration)
    samples = []
    for signal in scenario.signals:
        if unhealthy and signal.is_gone(t):
            continue
        labels = {**scenario.labels, **signal.labels}
        seed = _seed(scenario, signal)
        if isinstance(signal, Counter):
            after = signal.rate.first if signal.healthy is None else signal.healthy
            value = math.fsum([*terms(signal.rate, sick, seed), after * (t - sick)])
            samples.append(Sample(signal.counter, "counter", labels, value))
        elif isinstance(signal, Histogram):
            samples.append(_histogram(signal, labels, integral(signal.rate, sick, seed), t - sick))
        elif unhealthy:
            samples.append(Sample(signal.gauge, "gauge", labels, value_at(signal.value, t, seed)))
        else:
            after = signal.value.first if signal.healthy is None else signal.healthy
            samples.append(Sample(signal.gauge, "gauge", labels, after))
    return tuple(samples)


def _seed(scenario: Scenario, signal: AnySignal) -> str:
    """Return what the noise of `signal` is made of by default, so that no two signals swing alike."""
    return json.dumps([scenario.name, name_of(signal), sorted(signal.labels.items())])


def _histogram(signal: Histogram, labels: dict[str, str], before: float, well: float) -> Sample:
    """Return the histogram after `before` observations and `well` healthy seconds."""
    after = signal.healthy or signal
    since = signal.rate.first * well
    buckets = tuple(
        (bound, before * share_below(signal, bound) + since * share_below(after, bound))
        for bound in (*signal.buckets, math.inf)
    )
    total = before * mean(signal) + since * mean(after)
    return Sample(signal.histogram, "histogram", labels, buckets[-1][1], buckets, total)
