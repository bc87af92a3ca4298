"""The series of a scenario over time: what Prometheus demands of counters and histograms always holds."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cockpit.scenarios.model import Scenario
from cockpit.scenarios.signals import Sample, series, values_at
from tests.scenarios.making import scenario, scenarios


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


def test_a_gauge_follows_its_steps_and_recovers() -> None:
    made = scenario({"gauge": "g", "value": [{"at": 0, "value": -1}, {"at": 60, "value": 5}], "healthy": 2})
    assert [one(made, t).value for t in (0, 59, 60, 599, 600)] == [-1, -1, 5, 5, 2]


def test_before_the_start_a_gauge_is_healthy_and_nothing_is_gone() -> None:
    made = scenario({"gauge": "g", "value": 5, "healthy": 2}, {"gauge": "h", "value": 1, "gone": True})
    assert [(s.name, s.value) for s in values_at(made, -15)] == [("g", 2), ("h", 1)]
    assert [(s.name, s.value) for s in values_at(made, 0)] == [("g", 5)]


def test_a_series_that_is_gone_is_withheld_until_the_recovery() -> None:
    made = scenario({"counter": "c_total", "rate": 1, "gone": "5m"}, {"gauge": "g", "value": 1, "gone": True})
    assert [s.name for s in values_at(made, 0)] == ["c_total"]
    assert values_at(made, 300) == ()
    assert [s.name for s in values_at(made, 600)] == ["c_total", "g"]


def test_a_series_can_be_gone_for_stretches_and_goes_on_rising_behind_them() -> None:
    gone = [{"from": "1m", "to": "2m"}, {"from": "5m"}]
    made = scenario({"counter": "c_total", "rate": 1, "gone": gone})
    there = {t: [s.value for s in values_at(made, t)] for t in (59, 60, 119, 120, 299, 300, 599, 600)}
    assert there == {59: [59], 60: [], 119: [], 120: [120], 299: [299], 300: [], 599: [], 600: [600]}


moments = st.integers(0, 12_000).map(lambda n: n / 10)


def rising(made: Scenario, t: float) -> dict[tuple[str, str], float]:
    flat = series(values_at(made, t))
    return {(each.name, each.labels.get("le", "")): each.value for each in flat if each.cumulative}


@given(scenarios(), moments, moments)
def test_what_counts_never_falls(made: Scenario, first: float, second: float) -> None:
    before, after = (rising(made, t) for t in sorted((first, second)))
    assert all(after[each] >= before[each] for each in before.keys() & after.keys())


@given(scenarios(), st.integers(0, 2000).map(lambda n: n / 100))
def test_what_counts_never_falls_from_one_push_to_the_next(made: Scenario, start: float) -> None:
    pushed = [rising(made, start + 15 * number) for number in range(60)]
    for before, after in pairwise(pushed):
        assert all(after[each] >= before[each] for each in before.keys() & after.keys())


@given(scenarios(), moments)
def test_buckets_are_cumulative_and_the_count_is_the_last(made: Scenario, t: float) -> None:
    (sample,) = (each for each in values_at(made, t) if each.kind == "histogram")
    counts = [count for _, count in sample.buckets]
    assert all(low <= high for low, high in pairwise(counts))
    assert math.isinf(sample.buckets[-1][0])
    assert sample.value == counts[-1]


@given(scenarios(), moments)
def test_the_same_file_gives_the_same_series(made: Scenario, t: float) -> None:
    again = Scenario.model_validate(made.model_dump(by_alias=True))
    assert again == made
    assert values_at(again, t) == values_at(made, t)


def test_signals_of_one_file_are_noisy_each_in_its_own_way_unless_a_seed_says_so() -> None:
    def values(**noise: object) -> list[float]:
        value = {"steps": 0, "noise": {"amplitude": 1, **noise}}
        made = scenario(*({"gauge": "g", "labels": {"a": a}, "value": value} for a in "bc"))
        return [sample.value for sample in values_at(made, 10)]

    assert len(set(values())) == 2
    assert len(set(values(seed=1))) == 1


@given(scenarios(), moments, st.sampled_from([2, 16, 64]))
def test_at_a_speed_times_are_divided_and_rates_are_per_real_second(made: Scenario, t: float, n: int) -> None:
    plain, fast = values_at(made, t), values_at(made.at_speed(n), t / n)
    assert [each.labels for each in fast] == [each.labels for each in plain]
    for slow, quick in zip(series(plain), series(fast), strict=True):
        scale = n if slow.cumulative else 1
        assert math.isclose(quick.value * scale, slow.value, rel_tol=1e-9, abs_tol=1e-9)
