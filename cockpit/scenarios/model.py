"""The scenario file: what is pushed for how long, and what should come of it.

Durations are written as in Prometheus and are seconds here; rates are per second of real time at any speed
of the lab. Nothing here reads a file (cockpit.scenarios.files does).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from cockpit.scenarios.fields import (
    SCALED,
    Labels,
    MetricName,
    Model,
    Moment,
    Number,
    Positive,
    ScenarioName,
    Seconds,
    SeriesLabels,
    Text,
    refuse,
)
from cockpit.scenarios.shapes import OverTime
from cockpit.scenarios.spread import Spread

DEFAULT_BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Seconds; a rule's threshold should be one of the bounds, or its P95 is a guess."""


class Stretch(Model):
    """From `from` on, until `to` or the end of the unhealthy part."""

    start: Annotated[Moment, Field(alias="from")]
    to: Annotated[Seconds | None, SCALED] = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.to is not None and self.to <= self.start:
            raise refuse("it must be later than `from`", "to")
        return self


def _stretches(value: Any) -> Any:
    if isinstance(value, bool):
        return [{"from": 0.0}] if value else []
    if isinstance(value, list | tuple):
        return value
    return [value if isinstance(value, dict) else {"from": value}]


class _Signal(Model):
    labels: SeriesLabels = Field(default_factory=dict)
    gone: Annotated[tuple[Stretch, ...], BeforeValidator(_stretches)] = ()
    """When the series is withheld while unhealthy: true, from when on, {from, to}, or a list of these."""

    def is_gone(self, t: float) -> bool:
        """Return whether the series is withheld at `t` seconds, were the scenario unhealthy then."""
        return any(each.start <= t and (each.to is None or t < each.to) for each in self.gone)


class Counter(_Signal):
    """A counter that rises by `rate` a second, and by `healthy` once recovered (default: as it began)."""

    counter: MetricName
    rate: OverTime
    healthy: Positive | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        self.rate.check_rate("rate")
        return self


class Gauge(_Signal):
    """A gauge at `value`, and at `healthy` once recovered (default: where it began)."""

    gauge: MetricName
    value: OverTime
    healthy: Number | None = None


class Histogram(_Signal, Spread):
    """A histogram of `rate` observations a second, spread as said, and as `healthy` says once recovered."""

    histogram: MetricName
    rate: OverTime
    buckets: Annotated[tuple[Positive, ...], Field(min_length=1, max_length=200)] = DEFAULT_BUCKETS
    healthy: Spread | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        self.rate.check_rate("rate")
        for index, (lower, upper) in enumerate(pairwise(self.buckets), 1):
            if upper <= lower:
                raise refuse("each bucket must be above the one before it", "buckets", index)
        self.check_buckets(self.buckets)
        if self.healthy:
            self.healthy.check_buckets(self.buckets, "healthy")
        return self


def _has(value: Any) -> Any:
    """Return the keys of what may be a mapping of a file, or already a model."""
    return type(value).model_fields if isinstance(value, Model) else value if isinstance(value, dict) else ()


def _kind(value: Any) -> str | None:
    return next((kind for kind in ("counter", "gauge", "histogram") if kind in _has(value)), None)


AnySignal = Counter | Gauge | Histogram
Signal = Annotated[
    Annotated[Counter, Tag("counter")]
    | Annotated[Gauge, Tag("gauge")]
    | Annotated[Histogram, Tag("histogram")],
    Discriminator(
        _kind,
        custom_error_type="signal",
        custom_error_message="a signal is a `counter`, a `gauge` or a `histogram`",
    ),
]


class Fires(Model):
    """`alert` fires within seconds of the start and, if said, resolves within seconds of the recovery.

    The one that fires has at least `labels`.
    """

    alert: Text
    labels: Labels = Field(default_factory=dict)
    fires_within: Seconds
    resolves_within: Annotated[Seconds | None, SCALED] = None


class Quiet(Model):
    """The alert `quiet` does not fire; with `labels`, none that has at least these."""

    quiet: Text
    labels: Labels = Field(default_factory=dict)


def _expectation(value: Any) -> str | None:
    return next((tag for key, tag in (("quiet", "quiet"), ("alert", "fires")) if key in _has(value)), None)


Expectation = Annotated[
    Annotated[Fires, Tag("fires")] | Annotated[Quiet, Tag("quiet")],
    Discriminator(
        _expectation,
        custom_error_type="expectation",
        custom_error_message="what is expected is an `alert` or a `quiet`",
    ),
]


class Scenario(Model):
    """A scenario file: unhealthy for `duration` seconds (None: until stopped), then healthy for `recover`.

    `interval` is the time between pushes. `labels` stand on every signal that does not say otherwise.
    """

    name: ScenarioName
    title: Text
    duration: Annotated[Seconds | None, SCALED] = None
    recover: Moment = 0.0
    interval: Annotated[Seconds, Field(ge=0.01)] = 15.0
    labels: SeriesLabels = Field(default_factory=dict)
    signals: Annotated[tuple[Signal, ...], Field(min_length=1)]
    expect: tuple[Expectation, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_names(self.signals)
        seen = set()
        for index, signal in enumerate(self.signals):
            series = (name_of(signal), *sorted((self.labels | signal.labels).items()))
            if series in seen:
                raise refuse(f"{name_of(signal)} with the same labels stands twice", "signals", index)
            seen.add(series)
        _check_expectations(self.expect)
        if self.duration is not None:
            self._check_duration(self.duration)
        return self

    def _check_duration(self, duration: float) -> None:
        if self.interval > duration:
            raise refuse("nothing unhealthy is pushed: it is longer than `duration`", "interval")
        for index, signal in enumerate(self.signals):
            key = "value" if isinstance(signal, Gauge) else "rate"
            over_time = signal.value if isinstance(signal, Gauge) else signal.rate
            over_time.check_ends(duration, ("signals", index, key))
            for number, stretch in enumerate(signal.gone):
                if stretch.start >= duration or (stretch.to or 0) > duration:
                    what = ("from", "to")[stretch.start < duration]
                    keys = ("signals", index, "gone", number, what)
                    raise refuse("the scenario's `duration` is over by then", *keys)
        for index, each in enumerate(self.expect):
            if isinstance(each, Fires) and each.fires_within > duration:
                raise refuse("the scenario's `duration` is over by then", "expect", index, "fires_within")

    def held(self) -> "Scenario":
        """Return the scenario without an end: unhealthy until it is stopped."""
        return self.model_copy(update={"duration": None})


def name_of(signal: AnySignal) -> str:
    """Return the metric's name."""
    if isinstance(signal, Counter):
        return signal.counter
    return signal.gauge if isinstance(signal, Gauge) else signal.histogram


def _check_names(signals: Sequence[AnySignal]) -> None:
    """Raise where two metrics share a scraped name: `x_count` beside a histogram `x`, or one of two types."""
    owners: dict[str, str] = {}
    for index, signal in enumerate(signals):
        name, kind = name_of(signal), type(signal).__name__.lower()
        parts = ("", "_bucket", "_count", "_sum") if isinstance(signal, Histogram) else ("",)
        for part in parts:
            owner = owners.setdefault(name + part, f"the {kind} {name}")
            if owner != f"the {kind} {name}":
                raise refuse(f"{name + part} is a series of {owner} already", "signals", index, kind)


def _check_expectations(expect: Sequence[Fires | Quiet]) -> None:
    """Raise where one expectation says the opposite of another, or the same once more."""
    for index, each in enumerate(expect):
        if each in expect[:index]:
            raise refuse("it stands twice", "expect", index)
        if isinstance(each, Quiet) and any(
            other.alert == each.quiet and each.labels.items() <= other.labels.items()
            for other in expect
            if isinstance(other, Fires)
        ):
            raise refuse(f"{each.quiet} is expected to fire and to be quiet", "expect", index, "quiet")
