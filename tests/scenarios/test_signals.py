"""The series of a scenario over time: what Prometheus demands of counters and histograms always holds."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from cockpit.scenarios.exposition import text
from cockpit.scenarios.model import DEFAULT_BUCKETS, Scenario, Spread, Step
from cockpit.scenarios.signals import Sample, integral, mean, share_below, value_of, values_at

moments = st.floats(0, 2000, allow_nan=False)


def scenario(*signals: object, **more: object) -> Scenario:
    return Scenario.model_validate(
        {"name": "x", "title": "t", "duration": 600, "recover": 300, "signals": list(signals), **more}
    )


def one(made: Scenario, t: float) -> Sample:
    (sample,) = values_at(made, t)
    return sample


def test_a_counter_starts_at_its_baseline_and_rises_by_its_rate_then_by_the_healthy_one() -> None:
    made = scenario({"counter": "c_total", "rate": 2, "healthy": 0.5}, labels={"a": "b"})
    assert one(made, -5).value == 0
    assert one(made, 0) == Sample("c_total", "counter", {"a": "b"}, 0.0)
    assert one(made, 100).value == 200
    assert one(made, 700).value == 1200 + 50


def test_a_counter_without_a_healthy_rate_recovers_to_how_it_began() -> None:
    made = scenario({"counter": "c_total", "rate": [{"at": 0, "value": 1}, {"at": 300, "value": 10}]})
    assert one(made, 600).value == 300 + 3000
    assert one(made, 700).value == 3300 + 100


@given(
    st.lists(st.tuples(st.integers(0, 100), st.floats(0, 100), st.integers(0, 50)), max_size=4),
    moments,
    moments,
)
def test_a_counter_never_falls(parts: list[tuple[int, float, int]], first: float, second: float) -> None:
    steps, at = [{"at": 0, "value": 1.0}], 0
    for gap, value, over in parts:
        steps.append({"at": at + gap, "value": value, "over": over})
        at += gap + over
    made = scenario({"counter": "c_total", "rate": steps, "healthy": 0})
    before, after = sorted((first, second))
    assert one(made, after).value >= one(made, before).value - 1e-9


def test_steps_and_ramps() -> None:
    steps = (Step(at=0, value=1), Step(at=10, value=3, over=10), Step(at=30, value=0))
    assert [value_of(steps, t) for t in (0, 9.9, 10, 15, 20, 29, 30, 99)] == [1, 1, 1, 2, 3, 3, 0, 0]
    assert integral(steps, 10) == pytest.approx(10)
    assert integral(steps, 20) == pytest.approx(10 + 20)
    assert integral(steps, 99) == pytest.approx(10 + 20 + 30)


def test_a_gauge_follows_its_steps_and_recovers() -> None:
    made = scenario({"gauge": "g", "value": [{"at": 0, "value": -1}, {"at": 60, "value": 5}], "healthy": 2})
    assert [one(made, t).value for t in (0, 59, 60, 599, 600)] == [-1, -1, 5, 5, 2]


def test_a_series_that_is_gone_is_withheld_until_the_recovery() -> None:
    made = scenario({"counter": "c_total", "rate": 1, "gone": "5m"}, {"gauge": "g", "value": 1, "gone": True})
    assert [s.name for s in values_at(made, 0)] == ["c_total"]
    assert values_at(made, 300) == ()
    assert [s.name for s in values_at(made, 600)] == ["c_total", "g"]


@given(st.floats(0.001, 5), st.floats(1, 20), moments)
def test_a_histogram_is_cumulative_and_its_count_is_its_last_bucket(
    p50: float, factor: float, t: float
) -> None:
    healthy = {"p50": 0.1, "p95": 0.2}
    made = scenario({"histogram": "h", "rate": 20, "p50": p50, "p95": p50 * factor, "healthy": healthy})
    sample = one(made, t)
    counts = [count for _, count in sample.buckets]
    assert all(low <= high for low, high in pairwise(counts))
    assert math.isinf(sample.buckets[-1][0])
    assert sample.value == counts[-1] == pytest.approx(20 * t)


@given(st.floats(0.06, 9), st.floats(1, 20))
def test_the_quantiles_lie_in_the_bucket_they_should(p50: float, factor: float) -> None:
    p95 = min(p50 * factor, 9.5)
    p50 = min(p50, p95)
    bounds = (0.0, *DEFAULT_BUCKETS)
    spread = Spread(p50=p50, p95=p95)
    for quantile, value in ((0.5, p50), (0.95, p95)):
        low, high = next((a, b) for a, b in pairwise(bounds) if a < value <= b)
        assert share_below(spread, low) <= quantile + 1e-9
        assert share_below(spread, high) >= quantile - 1e-9


def test_listed_observations_are_spread_as_listed() -> None:
    spread = Spread(values=(0.1, 0.2, 0.3, 1.0))
    assert [share_below(spread, bound) for bound in (0.05, 0.2, 0.5, math.inf)] == [0, 0.5, 0.75, 1]
    assert mean(spread) == pytest.approx(0.4)


def test_the_text_is_what_a_pushgateway_takes() -> None:
    made = scenario(
        {"counter": "c_total", "labels": {"code": 'a"b\\c'}, "rate": 1},
        {"counter": "c_total", "labels": {"code": "other"}, "rate": 2},
        {"counter": "requests", "rate": 1},
        {"gauge": "g", "value": 2},
        {"histogram": "h_seconds", "rate": 1, "p50": 0.1, "p95": 0.2, "buckets": [0.1, 1]},
    )
    written = text(values_at(made, 10)).decode()
    assert written.count("# TYPE c_total counter") == 1
    families = {family.name: family for family in text_string_to_metric_families(written)}
    assert {name: family.type for name, family in families.items()} == {
        "c": "counter",
        "requests": "unknown",
        "g": "gauge",
        "h_seconds": "histogram",
    }
    assert {s.labels["code"]: s.value for s in families["c"].samples} == {'a"b\\c': 10, "other": 20}
    assert [s.name for s in families["requests"].samples] == ["requests"]
    assert [s.labels.get("le") for s in families["h_seconds"].samples][:3] == ["0.1", "1.0", "+Inf"]
    assert all(sample.timestamp is None for family in families.values() for sample in family.samples)
    assert written.endswith("\n")
    assert "\r" not in written
