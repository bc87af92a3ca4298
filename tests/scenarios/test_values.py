"""A value over time: what it is at a moment, and that its integral is that of the same value."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from cockpit.scenarios.shapes import OverTime, Value
from cockpit.scenarios.values import integral, value_at
from tests.scenarios.making import over_time

_READER: TypeAdapter[Value] = TypeAdapter(OverTime)


def value(written: object) -> Value:
    return _READER.validate_python(written)


def at(written: object, *moments: float) -> list[float]:
    return [value_at(value(written), t, "seed") for t in moments]


STEPS = [{"at": 0, "value": 1}, {"at": 10, "value": 3, "over": 10}, {"at": 30, "value": 0}]


def test_steps_and_ramps() -> None:
    assert at(STEPS, 0, 9.9, 10, 15, 20, 29, 30, 99) == [1, 1, 1, 2, 3, 3, 0, 0]
    under = [integral(value(STEPS), t, "") for t in (10, 15, 20, 99)]
    assert under == pytest.approx([10, 10 + 7.5, 10 + 20, 10 + 20 + 30])


def test_a_sine_swings_about_the_steps_and_starts_at_its_phase() -> None:
    swing = {"amplitude": 2, "period": 40}
    assert at({"steps": 5, "sine": swing}, 0, 10, 20, 30, 40) == pytest.approx([5, 7, 5, 3, 5])
    assert at({"steps": 5, "sine": {**swing, "phase": 10}}, 0, 10) == pytest.approx([7, 5])


def test_spikes_last_as_long_and_come_as_often_as_said() -> None:
    made = {"steps": 1, "spikes": {"height": 4, "every": 60, "for": 5, "at": 30}}
    assert at(made, 0, 29.9, 30, 34.9, 35, 89.9, 90, 95) == [1, 1, 5, 5, 1, 1, 5, 1]


def test_noise_stays_within_its_amplitude_and_its_pairs_cancel() -> None:
    made = {"steps": 10, "noise": {"amplitude": 3, "every": 15}}
    values = at(made, *(15 * k + 7 for k in range(200)))
    assert all(7 <= each <= 13 for each in values)
    assert len({round(each, 9) for each in values}) > 190
    assert all(a + b == pytest.approx(20) for a, b in zip(values[::2], values[1::2], strict=True))


def test_noise_is_the_same_on_any_machine_and_goes_by_its_seed() -> None:
    noise = {"amplitude": 1, "every": 10}
    one = value({"steps": 0, "noise": {**noise, "seed": 7}})
    assert [round(value_at(one, t, "anything"), 6) for t in (0, 10, 20, 1e6)] == [
        0.731615,
        -0.731615,
        -0.397876,
        0.652765,
    ]
    other = value({"steps": 0, "noise": {**noise, "seed": 8}})
    assert value_at(one, 0, "") != value_at(other, 0, "")
    default = value({"steps": 0, "noise": noise})
    assert value_at(default, 0, "a") != value_at(default, 0, "b")


@given(over_time(), st.integers(0, 400))
def test_the_integral_is_that_of_the_value(written: dict[str, Any], end: int) -> None:
    made = value(written)
    # Times are whole seconds, so that within each half second all but the sine is a straight line.
    middles = math.fsum(0.5 * value_at(made, (k + 0.5) / 2, "s") for k in range(2 * end))
    swing = made.sine.amplitude * made.sine.period if made.sine else 0
    assert integral(made, end, "s") == pytest.approx(middles, rel=1e-9, abs=1e-6 + 0.005 * swing)


@given(over_time(), st.floats(0, 1e6))
def test_a_rate_that_is_let_in_is_never_negative(written: dict[str, Any], t: float) -> None:
    made = value(written)
    made.check_rate("rate")
    assert value_at(made, t, "s") >= -1e-9
