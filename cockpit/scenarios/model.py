"""The scenario file: what is pushed for how long, and what should come of it.

Durations are written as in Prometheus and are seconds here; rates are per second of real time at any speed
of the lab. Nothing here reads a file (cockpit.scenarios.files does).
"""

from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from cockpit.config_fields import Seconds
from cockpit.errors import UsageError
from cockpit.units import parse_duration

JOB = "relay_synth"
"""The `job` label of everything pushed; the label `synthetic` holds the scenario's name."""

DEFAULT_BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Seconds; a rule's threshold should be one of the bounds, or its P95 is a guess."""

_RESERVED = frozenset({"job", "synthetic", "le", "__name__", "instance"})


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _moment(value: object) -> object:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except UsageError as error:
            raise ValueError(str(error)) from error
    return value


Moment = Annotated[float, BeforeValidator(_moment), Field(ge=0)]
"""Seconds since the scenario began; zero is allowed."""

MetricName = Annotated[str, Field(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
LabelName = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
Labels = dict[LabelName, str]


class Step(_Model):
    """From `at` on the value is `value`, reached in a straight line over the `over` seconds that follow."""

    at: Moment
    value: float
    over: Moment = 0.0


def _steps(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [{"at": 0, "value": value}]
    if not isinstance(value, list | tuple):
        raise ValueError("a number, or a list of steps {at, value, over}")
    return value


Timed = Annotated[tuple[Step, ...], BeforeValidator(_steps), Field(min_length=1)]
"""A value over time: a number, or steps and ramps in order of time, the first at 0."""


def _check_order(steps: tuple[Step, ...], what: str, *, negative: bool = False) -> None:
    if steps[0].at != 0 or steps[0].over != 0:
        raise ValueError(f"{what}: the first step is at 0s, without `over`")
    for before, after in pairwise(steps):
        if after.at < before.at + before.over:
            raise ValueError(f"{what}: a step begins before the one ahead of it has ended")
    if not negative and any(step.value < 0 for step in steps):
        raise ValueError(f"{what}: it is never negative")


class _Signal(_Model):
    labels: Labels = {}
    gone: bool | Moment = False

    def gone_from(self) -> float | None:
        """Return from when the series is withheld while the scenario is unhealthy, in seconds; None: not."""
        if isinstance(self.gone, bool):
            return 0.0 if self.gone else None
        return self.gone


class Counter(_Signal):
    """A counter that rises by `rate` a second, and by `healthy` once recovered (default: as it began)."""

    counter: MetricName
    rate: Timed
    healthy: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_order(self.rate, "rate")
        return self


class Gauge(_Signal):
    """A gauge at `value`, and at `healthy` once recovered (default: where it began)."""

    gauge: MetricName
    value: Timed
    healthy: float | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_order(self.value, "value", negative=True)
        return self


class Spread(_Model):
    """How observations are spread, in seconds: log-normally by median and 95th percentile, or as listed."""

    p50: Annotated[float, Field(gt=0)] | None = None
    p95: Annotated[float, Field(gt=0)] | None = None
    values: tuple[Annotated[float, Field(ge=0)], ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.values:
            if self.p50 is not None or self.p95 is not None:
                raise ValueError("either p50 and p95, or values")
        elif self.p50 is None or self.p95 is None:
            raise ValueError("p50 and p95 are needed, or values")
        elif self.p95 < self.p50:
            raise ValueError("p95 is not below p50")
        return self


class Histogram(_Signal):
    """A histogram of `rate` observations a second, spread as said, and as `healthy` says once recovered."""

    histogram: MetricName
    rate: Timed
    buckets: Annotated[tuple[float, ...], Field(min_length=1)] = DEFAULT_BUCKETS
    p50: float | None = None
    p95: float | None = None
    values: tuple[float, ...] = ()
    healthy: Spread | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_order(self.rate, "rate")
        if list(self.buckets) != sorted(set(self.buckets)):
            raise ValueError("buckets: they rise")
        if "le" in self.labels:
            raise ValueError("labels: le belongs to the buckets")
        self.spread()
        return self

    def spread(self) -> Spread:
        """Return the spread while unhealthy."""
        return Spread(p50=self.p50, p95=self.p95, values=self.values)


def _kind(value: Any) -> str | None:
    keys = value if isinstance(value, dict) else type(value).model_fields
    return next((kind for kind in ("counter", "gauge", "histogram") if kind in keys), None)


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


class Fires(_Model):
    """`alert` fires within seconds of the start and, if said, resolves within seconds of the recovery.

    The one that fires has at least `labels`.
    """

    alert: str
    labels: Labels = {}
    fires_within: Seconds
    resolves_within: Seconds | None = None


class Quiet(_Model):
    """The alert `quiet` does not fire; with `labels`, none that has at least these."""

    quiet: str
    labels: Labels = {}


def _expectation(value: Any) -> str:
    keys = value if isinstance(value, dict) else type(value).model_fields
    return "quiet" if "quiet" in keys else "fires"


Expectation = Annotated[
    Annotated[Fires, Tag("fires")] | Annotated[Quiet, Tag("quiet")], Discriminator(_expectation)
]


class Scenario(_Model):
    """A scenario file: unhealthy for `duration` seconds (None: until stopped), then healthy for `recover`.

    `interval` is the time between pushes. `labels` stand on every signal that does not say otherwise.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    title: str
    duration: Seconds | None = None
    recover: Moment = 0.0
    interval: Seconds = 15.0
    labels: Labels = {}
    signals: Annotated[tuple[Signal, ...], Field(min_length=1)]
    expect: tuple[Expectation, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        seen = set()
        for signal in self.signals:
            labels = {**self.labels, **signal.labels}
            if taken := sorted(_RESERVED & set(labels)):
                raise ValueError(f"labels: {taken[0]} is set by what pushes and scrapes")
            series = (name_of(signal), *sorted(labels.items()))
            if series in seen:
                raise ValueError(f"signals: {name_of(signal)} with the same labels stands twice")
            seen.add(series)
        return self

    def at_speed(self, speed: float) -> "Scenario":
        """Return the scenario with every duration divided by `speed`; rates stay per real second."""

        def faster(model: BaseModel) -> dict[str, Any]:
            return {
                name: value / speed
                for name in (
                    "at",
                    "over",
                    "duration",
                    "recover",
                    "interval",
                    "fires_within",
                    "resolves_within",
                    "gone",
                )
                if isinstance(value := getattr(model, name, None), float)
            }

        def scaled(model: Any) -> Any:
            steps = {
                name: tuple(step.model_copy(update=faster(step)) for step in getattr(model, name))
                for name in ("rate", "value")
                if hasattr(model, name)
            }
            return model.model_copy(update={**faster(model), **steps})

        return self.model_copy(
            update={
                **faster(self),
                "signals": tuple(scaled(signal) for signal in self.signals),
                "expect": tuple(scaled(each) for each in self.expect),
            }
        )

    def held(self) -> "Scenario":
        """Return the scenario without an end: unhealthy until it is stopped."""
        return self.model_copy(update={"duration": None})


def name_of(signal: Counter | Gauge | Histogram) -> str:
    """Return the metric's name."""
    if isinstance(signal, Counter):
        return signal.counter
    return signal.gauge if isinstance(signal, Gauge) else signal.histogram
