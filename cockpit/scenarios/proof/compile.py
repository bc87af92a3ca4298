"""A scenario as the input series of a promtool test: what a Prometheus would have scraped of it. Pure."""

import math
from collections.abc import Sequence

from msgspec import Struct

from cockpit.errors import UsageError
from cockpit.scenarios.model import Fires, Histogram, Scenario
from cockpit.scenarios.play.grouping import JOB
from cockpit.scenarios.proof.document import Input
from cockpit.scenarios.signals import series, values_at

ENDLESS = 1800.0
"""Seconds that a scenario without a duration is evaluated for."""

TAIL = 600.0
"""Seconds that are evaluated beyond the last thing due, so that one that comes too late is seen."""


_MOST = 5_000_000
"""Samples that are worked out at once: some hundred MiB."""

_GRAIN = 1024.0
_EXACT = 2.0**40


class Plan(Struct, frozen=True, kw_only=True):
    """When what happens in a proof, in seconds from the scenario's start.

    The series are pushed every `interval` until `deleted` (None: they stay) and then gone; rules are
    evaluated every `step` until `end`.
    """

    interval: float
    step: float
    recovers: float
    deleted: float | None
    end: float


def plan(scenario: Scenario, step: float) -> Plan:
    """Return the plan of proving `scenario` with rules that are evaluated every `step` seconds."""
    fires = [each for each in scenario.expect if isinstance(each, Fires)]
    recovers = ENDLESS if scenario.duration is None else scenario.duration
    # A play stays healthy until what it made fire has resolved: a group that is deleted resolves nothing.
    heals = max([scenario.recover, *(each.resolves_within or 0 for each in fires)])
    deleted = None if scenario.duration is None else recovers + heals
    due = [each.fires_within for each in fires] + [recovers + (each.resolves_within or 0) for each in fires]
    end = max([deleted or recovers, *due]) + (TAIL if fires or deleted else 0)
    return Plan(
        interval=scenario.interval,
        step=step,
        recovers=recovers,
        deleted=deleted,
        end=math.ceil(end / step) * step,
    )


def inputs(scenario: Scenario, plan: Plan) -> tuple[Input, ...]:
    """Return the series of `scenario`, with the labels that a Pushgateway's group gives them.

    There is also the gateway's own `push_time_seconds` of the group. A series that is withheld or deleted
    becomes stale, as it does at the next scrape. Raises UsageError where that is more than fits in memory.
    """
    group = {"job": JOB, "synthetic": scenario.name}
    count = math.floor((plan.end if plan.deleted is None else plan.deleted) / plan.interval + 1e-9) + 1
    width = sum(len(each.buckets) + 3 if isinstance(each, Histogram) else 1 for each in scenario.signals)
    if count * width > _MOST:
        raise UsageError(
            f"{scenario.name} cannot be proven: it is pushed {count} times, {width} series each",
            remedy="make its duration shorter, or its interval longer",
        )
    found: dict[tuple[str, tuple[tuple[str, str], ...]], list[float | None]] = {}
    for number in range(count):
        for each in series(values_at(scenario, number * plan.interval)):
            key = (each.name, tuple(each.labels.items()))
            found.setdefault(key, [None] * count)[number] = each.value
    after: list[float | None] = [] if plan.deleted is None else [None]
    pushes = f"0+{_number(plan.interval)}x{count - 1}" + (" stale" if after else "")
    return (
        *(Input(n, {**dict(labels), **group}, values_text(v + after)) for (n, labels), v in found.items()),
        Input("push_time_seconds", group, pushes),
    )


def values_text(values: Sequence[float | None]) -> str:
    """Return values in promtool's notation, exactly; None is no sample, and stale behind one."""
    words: list[str] = []
    at = 0
    while at < len(values):
        value = values[at]
        count = _run(values, at)
        if value is None:
            ends = at > 0
            words += ["stale"] if ends else []
            words += [f"_x{count - ends}"] if count > ends else []
        else:
            after = values[at + 1] if count > 1 else None
            words.append(_number(value) + (_steps(after - value, count - 1) if after is not None else ""))
        at += count
    return " ".join(words)


def _steps(step: float, count: int) -> str:
    return f"{'-' if step < 0 else '+'}{_number(abs(step))}x{count}"


def _run(values: Sequence[float | None], at: int) -> int:
    """Return how many values from `at` on are one word: all missing, all the same, or in equal steps."""
    first = values[at]
    count = 1
    if first is None:
        while at + count < len(values) and values[at + count] is None:
            count += 1
        return count
    step = None
    while at + count < len(values):
        before, value = values[at + count - 1], values[at + count]
        now = None if before is None or value is None else _step(before, value)
        if now is None or now != (now if step is None else step):
            break
        step = now
        count += 1
    # Two numbers are shorter than a start, a step and a count.
    return count if step == 0 or count > 2 else 1


def _step(before: float, value: float) -> float | None:
    """Return the step between two values if promtool, which adds steps up, gets there exactly.

    It does with sums of multiples of 1/1024, which floats hold exactly.
    """
    if before == value:
        return 0.0
    exact = all((each * _GRAIN).is_integer() and abs(each) < _EXACT for each in (before, value))
    return value - before if exact else None


def _number(value: float) -> str:
    return repr(float(value)).removesuffix(".0")
