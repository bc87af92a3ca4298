"""The pace of polling: never in step, never hammering, never sooner than a server asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clients.backoff import MAX_BACKOFF, MAX_RETRY_AFTER, next_delay

RAND = st.floats(0, 1)


@given(st.floats(0.1, 300), RAND)
def test_a_healthy_source_is_asked_at_its_interval_give_or_take_a_tenth(interval: float, rand: float) -> None:
    assert 0.9 * interval <= next_delay(interval, 0, None, rand) <= 1.1 * interval * 1.000001


@given(st.floats(0.1, 60), st.integers(1, 10_000), RAND)
def test_failures_slow_it_down_to_a_minute_at_most(interval: float, failures: int, rand: float) -> None:
    delay = next_delay(interval, failures, None, rand)
    assert 0.9 * interval <= delay <= max(MAX_BACKOFF, 1.1 * interval)


def test_each_failure_doubles_the_wait() -> None:
    assert [next_delay(5, n, None, 0.5) for n in range(7)] == [5, 5, 10, 20, 40, 60, 60]


@pytest.mark.parametrize(
    ("asked", "least", "most"), [(30, 30, 33), (86_400, MAX_RETRY_AFTER, 660), (1, 4.5, 5.5)]
)
def test_retry_after_is_a_lower_bound_up_to_ten_minutes(asked: float, least: float, most: float) -> None:
    for rand in (0.0, 0.5, 1.0):
        assert least <= next_delay(5, 1, asked, rand) <= most
