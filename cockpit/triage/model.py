"""A runbook's query, bound to an alert and answered."""

from enum import StrEnum

from msgspec import Struct

from cockpit.runbooks.model import Query


class Level(StrEnum):
    """How a value stands against its query's thresholds."""

    OK = "ok"
    WARN = "warn"
    CRIT = "crit"


class AnswerState(StrEnum):
    """UNFILLED is never sent; NO_DATA is an answer too: nothing matched."""

    UNFILLED = "unfilled"
    ASKING = "asking"
    ANSWERED = "answered"
    NO_DATA = "no_data"
    FAILED = "failed"


class Sample(Struct, frozen=True):
    """One series now: raw labels without the metric name where it adds nothing, its value, and its level."""

    labels: dict[str, str]
    value: float
    level: Level | None = None


class Series(Struct, frozen=True):
    """One series over time: raw labels, Unix seconds and values, of equal length; gaps have no point."""

    labels: dict[str, str]
    times: tuple[float, ...]
    values: tuple[float, ...]


class Answer(Struct, frozen=True, kw_only=True):
    """What is known of query number `number` (from 1). `expr` is bound, and is what was or would be sent.

    `unfilled` names placeholders that nothing fills; `error` is the server's own words, cleaned.
    `samples` are worst first; `series` is empty where the range was not asked for. Times are Unix seconds.
    """

    number: int
    query: Query
    expr: str
    state: AnswerState
    unfilled: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()
    series: tuple[Series, ...] = ()
    start: float | None = None
    end: float | None = None
    step: float | None = None
    error: str | None = None
    warnings: tuple[str, ...] = ()
    source: str | None = None
    answered_at: float | None = None
