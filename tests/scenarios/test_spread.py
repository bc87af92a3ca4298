"""Observations: the buckets that are pushed yield the percentiles that were asked for."""

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.scenarios.model import DEFAULT_BUCKETS
from cockpit.scenarios.signals import Sample, values_at
from cockpit.scenarios.spread import Spread, mean, share_below
from tests.scenarios.making import scenario


def histogram_quantile(q: float, buckets: Sequence[tuple[float, float]]) -> float:
    """Return what Prometheus makes of cumulative buckets (promql/quantile.go, bucketQuantile)."""
    rank = q * buckets[-1][1]
    index = next((i for i, (_, count) in enumerate(buckets[:-1]) if count >= rank), len(buckets) - 1)
    if index == len(buckets) - 1:
        return buckets[-2][0]
    end, count = buckets[index]
    if index == 0:
        return end * rank / count if end > 0 else end
    start, before = buckets[index - 1]
    return start + (end - start) * (rank - before) / (count - before)


def place(value: float, bounds: Sequence[float]) -> int:
    """Return the number of the bucket that holds `value`."""
    return next(i for i, bound in enumerate((*bounds, math.inf)) if value <= bound)


def increase(sample: Sample, before: Sample) -> list[tuple[float, float]]:
    pairs = zip(sample.buckets, before.buckets, strict=True)
    return [(bound, now - then) for (bound, now), (_, then) in pairs]


bounds_of = st.lists(st.integers(1, 2000), min_size=1, max_size=20, unique=True).map(
    lambda numbers: [n / 100 for n in sorted(numbers)]
)


@given(bounds_of | st.just(list(DEFAULT_BUCKETS)), st.floats(0.01, 1), st.floats(1, 100), st.data())
def test_the_buckets_yield_the_percentiles_within_one_bucket(
    bounds: list[float], share: float, factor: float, data: st.DataObject
) -> None:
    p95 = bounds[-1] * share
    p50 = p95 / factor
    made = scenario({"histogram": "h", "rate": 20, "p50": p50, "p95": p95, "buckets": bounds})
    start = data.draw(st.integers(0, 300))
    (before,), (after,) = values_at(made, start), values_at(made, start + 300)
    for q, wanted in ((0.5, p50), (0.95, p95)):
        found = histogram_quantile(q, increase(after, before))
        assert abs(place(found, bounds) - place(wanted, bounds)) <= 1
        # Within the bucket, unless the percentile is its bound and rounding decides.
        if not any(math.isclose(wanted, bound, rel_tol=1e-6) for bound in bounds):
            assert place(found, bounds) == place(wanted, bounds)


def test_a_threshold_on_a_bound_is_told_from_above_and_below() -> None:
    for p95, above in ((0.45, False), (0.6, True)):
        made = scenario({"histogram": "h", "rate": 20, "p50": 0.2, "p95": p95})
        (sample,) = values_at(made, 300)
        assert (histogram_quantile(0.95, sample.buckets) > 0.5) is above


def test_listed_observations_are_spread_as_listed() -> None:
    spread = Spread.model_validate({"values": [0.1, 0.2, 0.3, 1.0]})
    assert [share_below(spread, bound) for bound in (0.05, 0.2, 0.5, math.inf)] == [0, 0.5, 0.75, 1]
    assert mean(spread) == pytest.approx(0.4)


def test_listed_observations_count_by_their_weight() -> None:
    spread = Spread.model_validate({"values": [{"value": 0.1, "weight": 9}, 1.1]})
    assert [share_below(spread, bound) for bound in (0.1, 1, 1.1)] == pytest.approx([0.9, 0.9, 1])
    assert mean(spread) == pytest.approx(0.2)


@given(st.floats(0.01, 1), st.floats(1, 100))
def test_shares_rise_with_the_bound(p50: float, factor: float) -> None:
    spread = Spread(p50=p50, p95=p50 * factor)
    shares = [share_below(spread, bound) for bound in (0, *DEFAULT_BUCKETS, math.inf)]
    assert all(low <= high for low, high in pairwise(shares))
    assert (shares[0], shares[-1]) == (0, 1)
