"""What a Pushgateway says of itself and of its groups, decoded (Pushgateway README, "Query API")."""

import math
from collections.abc import Iterator
from datetime import datetime

import msgspec
from msgspec import Raw, Struct

from cockpit.clients.decode import DecodeError, decode, number, seconds

Values = dict[tuple[str, frozenset[tuple[str, str]]], float]
"""Values by the scraped name and the labels of a series."""


class Group(Struct, frozen=True):
    """One group: the labels of its grouping key, and when it was last pushed to with success.

    `pushed_at` is in Unix seconds, None where no push has succeeded. `families` are its metric families by
    name, still packed; `values` unpacks them.
    """

    labels: dict[str, str]
    pushed_at: float | None
    families: dict[str, Raw]

    @property
    def series(self) -> int:
        """How many series stand in it, a histogram's buckets each; a family that cannot be read has none."""
        return sum(map(_count, self.families.values()))

    def values(self) -> Values:
        """Return what stands in it of counters, histograms and untyped metrics.

        The grouping key is left out of the labels, and so is the empty `instance` that a Pushgateway adds.
        Raises DecodeError.
        """
        return {
            (name, frozenset((k, v) for k, v in labels.items() if v and k not in self.labels)): value
            for family, raw in self.families.items()
            for name, labels, value in _series(family, decode(_FAMILY, raw))
            if math.isfinite(value)
        }


class _Metric(Struct):
    labels: dict[str, str] = {}
    value: str | None = None
    buckets: dict[str, str] | None = None
    count: str = "NaN"
    sum: str = "NaN"


class _Family(Struct):
    type: str
    metrics: list[_Metric] = []


class _Groups(Struct):
    data: list[dict[str, Raw]] | None


class _Build(Struct):
    start_time: datetime


class _Status(Struct):
    data: _Build


_GROUPS = msgspec.json.Decoder(_Groups)
_STATUS = msgspec.json.Decoder(_Status)
_LABELS = msgspec.json.Decoder(dict[str, str])
_FAMILY = msgspec.json.Decoder(_Family)
_OWN = frozenset({"labels", "last_push_successful", "push_time_seconds", "push_failure_time_seconds"})


def groups(body: bytes) -> tuple[Group, ...]:
    """Return the groups of `/api/v1/metrics`. Raises DecodeError.

    One whose labels are hidden by a metric called `labels` is left out.
    """
    return tuple(group for raw in decode(_GROUPS, body).data or () if (group := _group(raw)))


def started_at(body: bytes) -> float:
    """Return when the Pushgateway of `/api/v1/status` was started, in Unix seconds. Raises DecodeError."""
    return seconds(decode(_STATUS, body).data.start_time)


def _group(raw: dict[str, Raw]) -> Group | None:
    try:
        labels = decode(_LABELS, raw["labels"])
        pushed = decode(_FAMILY, raw["push_time_seconds"]).metrics
    except (KeyError, DecodeError):
        return None
    at = number(pushed[0].value or "") if pushed else 0.0
    # A group whose only push was refused has the time 0.
    return Group(labels, at if at > 0 else None, {k: v for k, v in raw.items() if k not in _OWN})


def _count(family: Raw) -> int:
    try:
        metrics = decode(_FAMILY, family).metrics
    except DecodeError:
        return 0
    return sum(1 if each.buckets is None else len(each.buckets) + 2 for each in metrics)


def _series(name: str, family: _Family) -> Iterator[tuple[str, dict[str, str], float]]:
    for metric in family.metrics:
        if metric.buckets is not None:
            for bound, count in metric.buckets.items():
                yield f"{name}_bucket", {**metric.labels, "le": bound}, number(count)
            yield f"{name}_count", metric.labels, number(metric.count)
            yield f"{name}_sum", metric.labels, number(metric.sum)
        elif metric.value is not None and family.type in {"COUNTER", "UNTYPED"}:
            yield name, metric.labels, number(metric.value)
