"""Samples as the text that a Pushgateway takes, written by prometheus-client."""

import math
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from cockpit.scenarios.signals import Sample


class _Samples(Collector):
    def __init__(self, samples: Iterable[Sample]) -> None:
        self.families: dict[str, Metric] = {}
        for sample in samples:
            self._add(sample)

    def _add(self, sample: Sample) -> None:
        # prometheus-client appends `_total` to a counter; one that is called otherwise goes out untyped.
        kind, family = sample.kind, sample.name
        if kind == "counter":
            kind = "counter" if family.endswith("_total") else "unknown"
            family = family.removesuffix("_total") if kind == "counter" else family
        metric = self.families.setdefault(sample.name, Metric(family, "Synthetic.", kind))
        if sample.kind != "histogram":
            metric.add_sample(sample.name, sample.labels, sample.value)
            return
        for bound, count in sample.buckets:
            labels = {**sample.labels, "le": "+Inf" if math.isinf(bound) else repr(bound)}
            metric.add_sample(f"{sample.name}_bucket", labels, count)
        metric.add_sample(f"{sample.name}_count", sample.labels, sample.value)
        metric.add_sample(f"{sample.name}_sum", sample.labels, sample.sum)

    def collect(self) -> Iterator[Metric]:
        """Return the families."""
        return iter(self.families.values())


def text(samples: Iterable[Sample]) -> bytes:
    """Return `samples` in the text exposition format, without timestamps, which a Pushgateway refuses."""
    registry = CollectorRegistry()
    registry.register(_Samples(samples))
    return generate_latest(registry)
