"""A scenario file in words: what is pushed, and what is expected of it. Pure."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from cockpit.promql import quote
from cockpit.scenarios.model import AnySignal, Counter, Fires, Gauge, Histogram, Quiet, Scenario, name_of
from cockpit.scenarios.run.standing import spoken
from cockpit.scenarios.shapes import Value
from cockpit.scenarios.spread import Spread
from cockpit.text import one_line
from cockpit.units import format_value

_MANY = 4
"""Signals of one metric from which on they are counted instead of listed."""


def course(scenario: Scenario) -> str:
    """Return how long it is unhealthy and healthy, and how often it is pushed."""
    unhealthy = "until it is stopped" if scenario.duration is None else f"for {spoken(scenario.duration)}"
    return (
        f"unhealthy {unhealthy}, then healthy for {spoken(scenario.recover)}, "
        f"pushed every {spoken(scenario.interval)}"
    )


def pushed(scenario: Scenario) -> Iterator[str]:
    """Yield a line for each signal; many of one metric, as for every tenant, are one line."""
    for (kind, name), group in groupby(scenario.signals, key=_metric):
        signals = list(group)
        if len(signals) < _MANY:
            yield from (f"{kind} {name}{_labels(each.labels)}: {_course(each)}" for each in signals)
            continue
        counts: dict[str, int] = {}
        for each in signals:
            counts[_course(each)] = counts.get(_course(each), 0) + 1
        told = [f"{count} of them {words}" for words, count in counts.items()]
        if len(counts) == 1:
            told = [f"each {next(iter(counts))}"]
        yield f"{kind} {name}: {len(signals)} series, {'; '.join(told)}"


def expected(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Yield the name of each expected alert, with the labels it must have, and what is expected of it."""
    for each in scenario.expect:
        name = f"{_name(each)}{_labels(each.labels)}"
        if isinstance(each, Quiet):
            yield name, "stays quiet"
            continue
        ends = f", resolves within {spoken(each.resolves_within)}" if each.resolves_within else ""
        yield name, f"fires within {spoken(each.fires_within)}{ends}"


def _metric(signal: AnySignal) -> tuple[str, str]:
    return type(signal).__name__.lower(), name_of(signal)


def _name(each: Fires | Quiet) -> str:
    return one_line(each.alert if isinstance(each, Fires) else each.quiet, 200)


def _labels(labels: Mapping[str, str]) -> str:
    inside = ", ".join(f"{name}={quote(value)}" for name, value in sorted(labels.items()))
    return f"{{{one_line(inside, 300)}}}" if inside else ""


def _course(signal: AnySignal) -> str:
    words = []
    if isinstance(signal, Gauge):
        words.append(_over_time(signal.value, ""))
        healthy = signal.healthy
        words += [] if healthy is None else [f"healthy {format_value(healthy)}"]
    elif isinstance(signal, Counter):
        words.append(_over_time(signal.rate, "/s"))
        words += [] if signal.healthy is None else [f"healthy {format_value(signal.healthy)}/s"]
    else:
        assert isinstance(signal, Histogram)
        words += [_over_time(signal.rate, "/s"), _spread(signal)]
        words += [f"healthy {_spread(signal.healthy)}"] if signal.healthy else []
    for stretch in signal.gone:
        until = f" to {spoken(stretch.to)}" if stretch.to is not None else ""
        words.append(f"gone from {spoken(stretch.start)}{until}")
    return ", ".join(words)


def _over_time(value: Value, unit: str) -> str:
    first, *rest = value.steps
    words = format_value(first.value) + unit
    for step in rest:
        ramp = f" over {spoken(step.over)}" if step.over else ""
        words += f", {format_value(step.value)}{unit} from {spoken(step.at)}{ramp}"
    extras = [name for name in ("sine", "spikes", "noise") if getattr(value, name)]
    return words + (f" with {' and '.join(extras)}" if extras else "")


def _spread(spread: Spread) -> str:
    if spread.values:
        return f"{len(spread.values)} weighted values"
    return f"p50 {format_value(spread.p50 or 0.0)}, p95 {format_value(spread.p95 or 0.0)}"
