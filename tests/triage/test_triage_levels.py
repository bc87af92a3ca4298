"""A value's level, its words, and the order in which a person should read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.runbooks.model import Query
from cockpit.triage.levels import in_words, level_of, thresholds, worst_first
from cockpit.triage.model import Level, Sample

HIGH = Query("errors", "x", 0, unit="ratio", warn=0.01, crit=0.05)
LOW = Query("runs", "x", 0, warn=10, crit=2)


@pytest.mark.parametrize(
    ("value", "level"),
    [(0.0, Level.OK), (0.01, Level.OK), (0.011, Level.WARN), (0.05, Level.WARN), (0.051, Level.CRIT)],
)
def test_over_a_threshold_is_bad_and_at_it_is_not(value: float, level: Level) -> None:
    assert level_of(value, HIGH) is level


@pytest.mark.parametrize(
    ("value", "level"), [(11.0, Level.OK), (10.0, Level.OK), (9.0, Level.WARN), (1.0, Level.CRIT)]
)
def test_under_a_threshold_is_bad_where_crit_is_set_below_warn(value: float, level: Level) -> None:
    assert level_of(value, LOW) is level


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_cannot_be_compared_has_no_level(value: float) -> None:
    assert level_of(value, HIGH) is None
    assert level_of(1.0, Query("t", "x", 0)) is None


def test_one_threshold_alone_is_enough() -> None:
    assert level_of(2.0, Query("t", "x", 0, crit=1)) is Level.CRIT
    assert level_of(2.0, Query("t", "x", 0, warn=1)) is Level.WARN
    assert thresholds(Query("t", "x", 0, crit=1)) == (1,)


def test_words_name_the_threshold_that_was_broken_or_would_be() -> None:
    assert in_words(0.06, Level.CRIT, HIGH) == "crit, over 5 %"
    assert in_words(0.02, Level.WARN, HIGH) == "warn, over 1 %"
    assert in_words(0.0, Level.OK, HIGH) == "ok, under 1 %"
    assert in_words(0.01, Level.OK, HIGH) == "ok, at 1 %"
    assert in_words(1.0, Level.CRIT, LOW) == "crit, under 2"
    assert in_words(11.0, Level.OK, LOW) == "ok, over 10"
    assert in_words(11.0, None, LOW) == ""


def test_worst_comes_first_and_unknown_last() -> None:
    values = [0.0, math.nan, 0.02, 0.9, 0.06]
    samples = [Sample({"n": str(v)}, v, level_of(v, HIGH)) for v in values]
    assert [s.labels["n"] for s in worst_first(samples, HIGH)] == ["0.9", "0.06", "0.02", "0.0", "nan"]


def test_lowest_is_worst_where_low_is_bad() -> None:
    samples = [Sample({}, v, level_of(v, LOW)) for v in (20.0, 1.0, 0.0, 5.0)]
    assert [s.value for s in worst_first(samples, LOW)] == [0.0, 1.0, 5.0, 20.0]


@given(st.lists(st.floats()))
def test_ordering_holds_for_any_values(values: list[float]) -> None:
    samples = [Sample({}, v, level_of(v, HIGH)) for v in values]
    ordered = worst_first(samples, HIGH)
    assert len(ordered) == len(values)
    rank = [(Level.CRIT, Level.WARN, Level.OK, None).index(s.level) for s in ordered]
    assert rank == sorted(rank)
