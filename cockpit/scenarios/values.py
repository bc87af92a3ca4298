"""A value over time as numbers: what it is at a moment, and its integral up to one.

Both are functions of the moment alone, in closed form, so that asking at other moments, on another machine,
or after a restart gives the same.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence

from cockpit.scenarios.shapes import Noise, Sine, Spikes, Step, Value


def value_at(value: Value, t: float, seed: str) -> float:
    """Return `value` at `t` seconds; `seed` is for noise that has none of its own."""
    now = _step_at(value.steps, t)
    if value.sine:
        now += value.sine.amplitude * math.sin(_angle(value.sine, t))
    if value.spikes and t >= value.spikes.at:
        now += value.spikes.height * (
            math.fmod(t - value.spikes.at, value.spikes.every) < value.spikes.length
        )
    if value.noise:
        index = int(t // value.noise.every)
        now += _pair(value.noise, index // 2, seed) * (-1) ** (index % 2)
    return now


def integral(value: Value, t: float, seed: str) -> float:
    """Return the integral of `value` from 0 to `t` seconds."""
    return math.fsum(terms(value, t, seed))


def terms(value: Value, t: float, seed: str) -> Iterator[float]:
    """Return what the integral from 0 to `t` seconds is the sum of.

    A sum of these and more by math.fsum is rounded once, so that a counter does not fall by a rounding.
    """
    yield from _under_steps(value.steps, t)
    if value.sine:
        yield _under_sine(value.sine, t)
    if value.spikes:
        yield _under_spikes(value.spikes, t)
    if value.noise:
        yield _under_noise(value.noise, t, seed)


def _step_at(steps: Sequence[Step], t: float) -> float:
    value = steps[0].value
    for step in steps:
        if t < step.at:
            break
        done = 1.0 if step.over == 0 else min(1.0, (t - step.at) / step.over)
        value += (step.value - value) * done
    return value


def _under_steps(steps: Sequence[Step], t: float) -> Iterator[float]:
    before = steps[0].value
    for index, step in enumerate(steps):
        end = t if index + 1 == len(steps) else min(t, steps[index + 1].at)
        if t <= step.at:
            break
        level = min(end, step.at + step.over)
        if step.over:
            run = level - step.at
            # Over a straight line the mean is half of where it began and where it is.
            yield run * (2 * before + (step.value - before) * (run / step.over)) / 2
        yield (end - level) * step.value
        before = step.value


def _angle(sine: Sine, t: float) -> float:
    return 2 * math.pi * (math.fmod(t + sine.phase, sine.period) / sine.period)


def _under_sine(sine: Sine, t: float) -> float:
    return (
        sine.amplitude * sine.period / (2 * math.pi) * (math.cos(_angle(sine, 0)) - math.cos(_angle(sine, t)))
    )


def _under_spikes(spikes: Spikes, t: float) -> float:
    since = t - spikes.at
    if since <= 0:
        return 0.0
    whole, rest = since // spikes.every, math.fmod(since, spikes.every)
    return spikes.height * (whole * spikes.length + min(rest, spikes.length))


def _under_noise(noise: Noise, t: float, seed: str) -> float:
    # Whole pairs have no integral; within one it goes up, or down, and comes back.
    rest, pair = math.fmod(t, 2 * noise.every), int(t // (2 * noise.every))
    return _pair(noise, pair, seed) * min(rest, 2 * noise.every - rest)


def _pair(noise: Noise, pair: int, seed: str) -> float:
    """Return the first value of a pair: uniform within the amplitude, from a hash of seed and number."""
    own = seed if noise.seed is None else str(noise.seed)
    digest = hashlib.blake2b(f"{own}:{pair}".encode(), digest_size=8).digest()
    return noise.amplitude * (int.from_bytes(digest, "big") / 2**63 - 1)
