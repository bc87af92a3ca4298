"""Samples as the text that a Pushgateway takes, written by prometheus-client."""

import math
from collections.abc import Iterable, Iterator, Mapping

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from cockpit.scenarios.signals import Sample, series

_Key = tuple[str, frozenset[tuple[str, str]]]

Base = Mapping[_Key, float]
"""Where the series of a group stood: their values by scraped name and labels.

The labels of the grouping key, and the empty `instance` that a Pushgateway adds, may be among them or not.
"""

_PUT_ON = {"job", "synthetic", "instance", "le"}


def text(samples: Iterable[Sample], base: Base | None = None) -> bytes:
    """Return `samples` in the text exposition format, without timestamps, which a Pushgateway refuses.

    What only rises goes on from `base`, the group's last values; a gauge does not.
    """
    registry = CollectorRegistry()
    registry.register(_Families(_onto(base, samples) if base else samples))
    return generate_latest(registry)


class _Families(Collector):
    def __init__(self, samples: Iterable[Sample]) -> None:
        self.families: dict[str, Metric] = {}
        for sample in samples:
            metric = self._family(sample)
            for each in series((sample,)):
                metric.add_sample(each.name, each.labels, each.value)

    def _family(self, sample: Sample) -> Metric:
        found = self.families.get(sample.name)
        if found is None:
            # prometheus-client appends `_total` to a counter; one that is called otherwise goes out untyped.
            kind, family = sample.kind, sample.name
            if kind == "counter":
                stem = family.removesuffix("_total")
                kind, family = ("counter", stem) if stem not in {"", family} else ("unknown", family)
            found = self.families[sample.name] = Metric(family, "Synthetic.", kind)
        return found

    def collect(self) -> Iterator[Metric]:
        """Return the families."""
        return iter(self.families.values())


def _onto(base: Base, samples: Iterable[Sample]) -> Iterator[Sample]:
    stood, bounds = _parted(base)
    for sample in samples:
        labels = frozenset(sample.labels.items())
        if sample.kind == "counter":
            yield msgspec.structs.replace(sample, value=sample.value + stood.get((sample.name, labels), 0.0))
        elif sample.kind == "histogram":
            below = bounds.get((f"{sample.name}_bucket", labels), [])
            count = max([stood.get((f"{sample.name}_count", labels), 0.0), *(value for _, value in below)])
            # A bound that the base lacks stood at least where the bounds below it did.
            buckets = tuple(
                (bound, value + (count if math.isinf(bound) else _at(below, bound)))
                for bound, value in sample.buckets
            )
            total = sample.sum + stood.get((f"{sample.name}_sum", labels), 0.0)
            yield msgspec.structs.replace(sample, value=buckets[-1][1], buckets=buckets, sum=total)
        else:
            yield sample


def _parted(base: Base) -> tuple[dict[_Key, float], dict[_Key, list[tuple[float, float]]]]:
    """Return the values of `base`, and its buckets as bound and value by name and labels without `le`.

    Servers write one bound in several ways (`1`, `1.0`), so bounds are numbers here.
    """
    stood: dict[_Key, float] = {}
    buckets: dict[_Key, list[tuple[float, float]]] = {}
    for (name, labels), value in base.items():
        bound = next((float(written) for label, written in labels if label == "le"), None)
        key = name, frozenset(pair for pair in labels if pair[0] not in _PUT_ON)
        if bound is None:
            stood[key] = value
        else:
            buckets.setdefault(key, []).append((bound, value))
    return stood, buckets


def _at(stood: Iterable[tuple[float, float]], bound: float) -> float:
    return max((value for at, value in stood if at <= bound), default=0.0)
