"""What the keys of a scenario file are made of: durations, numbers, names, labels, and how one is refused."""

import re
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from cockpit.errors import UsageError
from cockpit.units import parse_duration

MAX_LABEL_BYTES = 1024
"""A label's value is no longer than this in UTF-8."""

_OWN = "is set by what pushes and scrapes"
_TAKEN = {"job": _OWN, "synthetic": _OWN, "instance": _OWN, "le": "belongs to the buckets"}
_TAKEN_NAMES = {
    "push_time_seconds": "the Pushgateway's own",
    "push_failure_time_seconds": "the Pushgateway's own",
    "ALERTS": "Prometheus's own",
    "ALERTS_FOR_STATE": "Prometheus's own",
}


class _Scaled:
    """Marks a field that is a time of the scenario, which a lab at another speed divides."""


SCALED = _Scaled()


class Model(BaseModel):
    """A mapping of a scenario file; a key that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def at_speed(self, speed: float) -> Self:
        """Return a copy in which every time is divided by `speed`, here and in all that it holds."""

        def faster(value: Any) -> Any:
            if isinstance(value, Model):
                return value.at_speed(speed)
            return tuple(faster(each) for each in value) if isinstance(value, tuple) else value

        update = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if SCALED in field.metadata:
                update[name] = None if value is None else value / speed
            else:
                update[name] = faster(value)
        return self.model_copy(update=update)


def refuse(problem: str, *keys: int | str) -> PydanticCustomError:
    """Return the error of a validator; `keys` lead from what is validated to what is wrong in it."""
    return PydanticCustomError("refused", "{problem}", {"problem": problem, "keys": keys})


def shaped(pattern: str, words: str) -> AfterValidator:
    """Return what refuses a text that is not of the shape `pattern`, with `words`."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(words)
        return text

    return AfterValidator(check)


def file_name(kind: str) -> AfterValidator:
    """Return what refuses a name that no file of a `kind` has."""
    words = f"a {kind}'s name has small letters, digits and -, at most 63"
    return shaped("[a-z0-9][a-z0-9-]{0,62}", words)


def _moment(value: object) -> object:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except UsageError as error:
            raise ValueError(str(error)) from error
    return value


_Time = Annotated[float, Strict(), BeforeValidator(_moment), Field(le=315_360_000)]

Moment = Annotated[_Time, Field(ge=0), SCALED]
"""Seconds since the scenario began, or for how long; zero is allowed."""

Seconds = Annotated[_Time, Field(gt=0), SCALED]
"""Seconds, more than none."""

Number = Annotated[float, Strict(), Field(ge=-1e15, le=1e15)]
"""A value; the bounds keep sums over years finite."""

Positive = Annotated[float, Strict(), Field(ge=0, le=1e15)]
"""A value that is not negative."""


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("has a lone surrogate, which UTF-8 cannot hold") from error
    return text


def _is_text(value: object) -> object:
    return _encodable(value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_is_text), Field(min_length=1, max_length=1000)]


def _label_value(value: object) -> object:
    if isinstance(value, str):
        if not value:
            raise ValueError("an empty value is no label: leave it out")
        if len(_encodable(value).encode()) > MAX_LABEL_BYTES:
            raise ValueError(f"longer than {MAX_LABEL_BYTES} bytes")
    return value


def _own_labels(labels: dict[str, str]) -> dict[str, str]:
    for name in labels:
        if name in _TAKEN or name.startswith("__"):
            raise refuse(f"{name} {_TAKEN.get(name, _OWN)}", name)
    return labels


def _metric_name(name: str) -> str:
    if name in _TAKEN_NAMES:
        raise ValueError(f"{name} is {_TAKEN_NAMES[name]}")
    return name


_NAMED = "a letter or _ first, then letters, digits and _"
MetricName = Annotated[
    str,
    Field(max_length=200),
    shaped("[a-zA-Z_:][a-zA-Z0-9_:]*", f"a metric's name has {_NAMED} or :"),
    AfterValidator(_metric_name),
]
LabelName = Annotated[
    str, Field(max_length=200), shaped("[a-zA-Z_][a-zA-Z0-9_]*", f"a label's name has {_NAMED}")
]
ScenarioName = Annotated[str, file_name("scenario")]

Labels = dict[LabelName, Annotated[str, BeforeValidator(_label_value)]]
"""Labels as an alert has them."""

SeriesLabels = Annotated[Labels, AfterValidator(_own_labels)]
"""Labels that a scenario may put on a series: none that the push or the scrape sets itself."""
