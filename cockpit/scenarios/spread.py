"""How the observations of a histogram are spread, and what share of them each bucket therefore holds."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from cockpit.scenarios.fields import Model, Positive, refuse

_NORMAL = NormalDist()
_Z95 = _NORMAL.inv_cdf(0.95)
_WIDEST = 1000

_MoreThanNone = Annotated[Positive, Field(gt=0)]


class Weighted(Model):
    """An observation that occurs in proportion to `weight`."""

    value: Positive
    weight: Annotated[Positive, Field(gt=0)] = 1.0


def _weighted(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"value": value}
    return value


class Spread(Model):
    """Observations in the metric's unit, mostly seconds: log-normal by median and 95th percentile, or listed.

    `values` are numbers, or {value, weight}.
    """

    p50: _MoreThanNone | None = None
    p95: _MoreThanNone | None = None
    values: tuple[Annotated[Weighted, BeforeValidator(_weighted)], ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.values:
            if self.p50 is not None or self.p95 is not None:
                raise refuse("either p50 and p95, or values", "values")
        elif self.p50 is None or self.p95 is None:
            raise ValueError("p50 and p95 are needed, or values")
        elif self.p95 < self.p50:
            raise refuse("it must not be below p50", "p95")
        elif self.p95 > _WIDEST * self.p50:
            raise refuse(f"it must be at most {_WIDEST} times p50", "p95")
        return self

    def check_buckets(self, buckets: Sequence[float], *keys: str) -> None:
        """Raise where a percentile is beyond the last of `buckets`, which then could not show it."""
        for name, value in (("p95", self.p95), ("p50", self.p50)):
            if value is not None and value > buckets[-1]:
                raise refuse(f"{value:g} is beyond the largest of the buckets, {buckets[-1]:g}", *keys, name)


def share_below(spread: Spread, bound: float) -> float:
    """Return the share of observations that are at most `bound`; 1 for infinity."""
    if math.isinf(bound):
        return 1.0
    if spread.values:
        total = math.fsum(each.weight for each in spread.values)
        return min(1.0, math.fsum(each.weight for each in spread.values if each.value <= bound) / total)
    p50, sigma = _log_normal(spread)
    if bound <= 0:
        return 0.0
    if sigma == 0:
        return float(bound >= p50)
    return _NORMAL.cdf(math.log(bound / p50) / sigma)


def mean(spread: Spread) -> float:
    """Return the mean observation."""
    if spread.values:
        total = math.fsum(each.weight for each in spread.values)
        return math.fsum(each.value * each.weight for each in spread.values) / total
    p50, sigma = _log_normal(spread)
    return p50 * math.exp(sigma * sigma / 2)


def _log_normal(spread: Spread) -> tuple[float, float]:
    p50, p95 = spread.p50 or 1.0, spread.p95 or 1.0
    return p50, math.log(p95 / p50) / _Z95
