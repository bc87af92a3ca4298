"""The series of a scenario over time. Pure: a moment in, samples out.

Counters are integrals of their rate, so a value depends on the moment alone, not on when it was asked before;
histograms are as many counters, the buckets cumulative (Prometheus, docs/concepts/metric_types).
"""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import NormalDist

from msgspec import Struct

from cockpit.scenarios.model import Counter, Gauge, Histogram, Scenario, Spread, Step, name_of

_Z95 = NormalDist().inv_cdf(0.95)


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

    The bound in `le` is written as prometheus-client writes it: `0.5`, `1.0`, `1e+06`, `+Inf`.
    """
    from prometheus_client.utils import floatToGoString

    for sample in samples:
        name, labels = sample.name, sample.labels
        if sample.kind != "histogram":
            yield Series(name, labels, sample.value, sample.kind == "counter")
            continue
        for bound, count in sample.buckets:
            yield Series(f"{name}_bucket", {**labels, "le": floatToGoString(bound)}, count, True)
        yield Series(f"{name}_count", labels, sample.value, True)
        yield Series(f"{name}_sum", labels, sample.sum, True)


def values_at(scenario: Scenario, t: float) -> tuple[Sample, ...]:
    """Return every series that is there `t` seconds after the start, leaving out those that are gone.

    At and before 0 every counter stands at its baseline, 0: that has to be scraped before it rises.
    """
    t = max(0.0, t)
    samples = []
    for signal in scenario.signals:
        if _is_gone(signal, scenario, t):
            continue
        labels = {**scenario.labels, **signal.labels}
        sick = t if scenario.duration is None else min(t, scenario.duration)
        if isinstance(signal, Counter):
            rise = integral(signal.rate, sick)
            after = signal.rate[0].value if signal.healthy is None else signal.healthy
            samples.append(Sample(name_of(signal), "counter", labels, rise + after * (t - sick)))
        elif isinstance(signal, Gauge):
            samples.append(Sample(name_of(signal), "gauge", labels, _gauge(signal, scenario, t)))
        else:
            samples.append(_histogram(signal, labels, sick, t - sick))
    return tuple(samples)


def value_of(steps: tuple[Step, ...], t: float) -> float:
    """Return the value of steps and ramps at `t` seconds."""
    value = steps[0].value
    for step in steps:
        if t < step.at:
            break
        done = 1.0 if step.over == 0 else min(1.0, (t - step.at) / step.over)
        value += (step.value - value) * done
    return value


def integral(steps: tuple[Step, ...], t: float) -> float:
    """Return the integral of steps and ramps from 0 to `t` seconds."""
    corners = sorted({0.0, t, *(x for s in steps for x in (s.at, s.at + s.over) if 0 < x < t)})
    # Within two corners the value is a straight line, so its middle is its mean.
    return math.fsum((b - a) * value_of(steps, (a + b) / 2) for a, b in pairwise(corners))


def share_below(spread: Spread, bound: float) -> float:
    """Return the share of observations that are at most `bound` seconds; 1 for infinity."""
    if math.isinf(bound):
        return 1.0
    if spread.values:
        return sum(value <= bound for value in spread.values) / len(spread.values)
    p50, sigma = _log_normal(spread)
    if bound <= 0:
        return 0.0
    if sigma == 0:
        return float(bound >= p50)
    return NormalDist().cdf(math.log(bound / p50) / sigma)


def mean(spread: Spread) -> float:
    """Return the mean observation in seconds."""
    if spread.values:
        return math.fsum(spread.values) / len(spread.values)
    p50, sigma = _log_normal(spread)
    return p50 * math.exp(sigma * sigma / 2)


def _log_normal(spread: Spread) -> tuple[float, float]:
    p50, p95 = spread.p50 or 1.0, spread.p95 or 1.0
    return p50, math.log(p95 / p50) / _Z95


def _histogram(signal: Histogram, labels: dict[str, str], sick: float, well: float) -> Sample:
    spread = signal.spread()
    after = signal.healthy or spread
    before, since = integral(signal.rate, sick), signal.rate[0].value * well
    buckets = tuple(
        (bound, before * share_below(spread, bound) + since * share_below(after, bound))
        for bound in (*(b for b in signal.buckets if not math.isinf(b)), math.inf)
    )
    total = before * mean(spread) + since * mean(after)
    return Sample(name_of(signal), "histogram", labels, buckets[-1][1], buckets, total)


def _gauge(signal: Gauge, scenario: Scenario, t: float) -> float:
    if scenario.duration is None or t < scenario.duration:
        return value_of(signal.value, t)
    return signal.value[0].value if signal.healthy is None else signal.healthy


def _is_gone(signal: Counter | Gauge | Histogram, scenario: Scenario, t: float) -> bool:
    start = signal.gone_from()
    return start is not None and t >= start and (scenario.duration is None or t < scenario.duration)
