"""How a value over time is written in a scenario file: a number, steps and ramps, and what swings on top.

    rate: 50
    rate: [{at: 0s, value: 50}, {at: 5m, value: 80, over: 1m}]
    rate: {steps: 50, sine: {amplitude: 10, period: 10m}, spikes: {height: 100, every: 5m, for: 30s},
           noise: {amplitude: 5}}

What it is at a moment is cockpit.scenarios.values.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from cockpit.scenarios.fields import Model, Moment, Number, Positive, Seconds, Text, refuse


class Step(Model):
    """From `at` on the value is `value`, reached in a straight line over the `over` seconds that follow."""

    at: Moment
    value: Number
    over: Moment = 0.0


class Sine(Model):
    """A swing of `amplitude` up and down every `period`; it starts `phase` seconds into its period."""

    amplitude: Positive
    period: Seconds
    phase: Moment = 0.0


class Spikes(Model):
    """From `at` on, the value is higher by `height` for `for` seconds, again `every` so many."""

    height: Number
    every: Seconds
    length: Annotated[Seconds, Field(alias="for")]
    at: Moment = 0.0

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.length > self.every:
            raise refuse("it must not be longer than `every`", "for")
        return self


class Noise(Model):
    """A new random value within plus and minus `amplitude` for each `every`.

    Each comes in a pair with its opposite, so that the mean is nothing over any two. `seed` makes two signals
    swing alike; by default each has its own, made of the scenario's name, the metric and its labels.
    """

    amplitude: Positive
    every: Seconds = 60.0
    seed: int | Text | None = None


def _steps(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [{"at": 0, "value": value}]
    if not isinstance(value, list | tuple):
        raise ValueError("a number, or a list of steps {at, value, over}")
    return value


class Value(Model):
    """A value over time: steps in order of time, the first at 0, and what is added to them."""

    steps: Annotated[tuple[Step, ...], BeforeValidator(_steps), Field(min_length=1)]
    sine: Sine | None = None
    spikes: Spikes | None = None
    noise: Noise | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.steps[0].at != 0 or self.steps[0].over != 0:
            raise refuse("the first step must be at 0s, without `over`", "steps", 0, "at")
        for index, (before, after) in enumerate(pairwise(self.steps), 1):
            if after.at < before.at + before.over:
                raise refuse("it begins before the step ahead of it has ended", "steps", index, "at")
        return self

    @property
    def first(self) -> float:
        """The value of the first step: how things are when nothing is wrong."""
        return self.steps[0].value

    def check_rate(self, key: str) -> None:
        """Raise where a rate of this could be negative; `key` is its key in the signal."""
        lowest = min(step.value for step in self.steps)
        for index, step in enumerate(self.steps):
            if step.value < 0:
                raise refuse("a rate is never negative", key, "steps", index, "value")
        if self.spikes and self.spikes.height < 0:
            raise refuse("a spike of a rate goes up: use steps to go down", key, "spikes", "height")
        swings = {"sine": self.sine, "noise": self.noise}
        total = sum(swing.amplitude for swing in swings.values() if swing)
        if total > lowest:
            named = " and ".join(name for name, swing in swings.items() if swing)
            problem = f"a rate is never negative: {named} swing by {total:g}, the lowest step is {lowest:g}"
            raise refuse(problem, key)

    def check_ends(self, duration: float, keys: Sequence[int | str]) -> None:
        """Raise for what would begin or end after the scenario's `duration`; `keys` lead here from there."""
        for index, step in enumerate(self.steps[1:], 1):
            if step.at >= duration:
                raise refuse("the scenario's `duration` is over by then", *keys, "steps", index, "at")
            if step.at + step.over > duration:
                raise refuse("the ramp ends after the scenario's `duration`", *keys, "steps", index, "over")
        if self.spikes and self.spikes.at >= duration:
            raise refuse("the scenario's `duration` is over by then", *keys, "spikes", "at")


def _value(value: Any) -> Any:
    if isinstance(value, int | float | list | tuple) and not isinstance(value, bool):
        return {"steps": value}
    if not isinstance(value, dict | Value):
        raise ValueError("a number, a list of steps {at, value, over}, or {steps, sine, spikes, noise}")
    return value


OverTime = Annotated[Value, BeforeValidator(_value)]
"""A value over time as people write it: a number, a list of steps, or a mapping."""
