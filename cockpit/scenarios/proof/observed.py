"""When alerts were pending and firing in a proof, by asking promtool for the times of ALERTS. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from cockpit.promql import escape_regex, quote
from cockpit.scenarios.proof.compile import Plan
from cockpit.scenarios.proof.document import Check
from cockpit.scenarios.proof.reading import Answer, Labels, marked
from cockpit.units import prometheus_duration

_WINDOW = 40
"""Evaluations that one question spans: promtool loads 10 000 samples at most for one."""

_ENDS = {"min": min, "max": max}


class Span(Struct, frozen=True):
    """The first and the last evaluation, in seconds from the start; there may be gaps between them."""

    first: float
    last: float


class Instance(Struct, frozen=True):
    """An alert with its labels, `alertname` among them, and when it was pending and firing, if ever."""

    labels: Labels
    pending: Span | None
    firing: Span | None


def questions(alerts: Sequence[str], plan: Plan) -> Iterator[Check]:
    """Yield the checks whose answers `instances` reads."""
    size = _WINDOW * plan.step
    lasts = f"{prometheus_duration(size + plan.step)}:{prometheus_duration(plan.step)}"
    names = quote("|".join(escape_regex(alert) for alert in alerts))
    for end in _ENDS:
        expr = f"{end}_over_time(timestamp(ALERTS{{alertname=~{names}}})[{lasts}])"
        for window in range(math.ceil(plan.end / size)):
            at = min((window + 1) * size, plan.end)
            yield Check(at=at, expr=marked(expr, f"alert:{end}:{window}"))


def instances(answers: Mapping[str, Answer]) -> dict[str, tuple[Instance, ...]]:
    """Return the instances of each alert, as asked by `questions`."""
    found: dict[tuple[tuple[str, str], ...], dict[tuple[str, str], float]] = {}
    for mark, answer in answers.items():
        kind, _, rest = mark.partition(":")
        if kind != "alert":
            continue
        end = rest.partition(":")[0]
        for labels, value in answer:
            key = tuple(sorted((n, v) for n, v in labels.items() if n != "alertstate"))
            ends = found.setdefault(key, {})
            of = (labels.get("alertstate", ""), end)
            ends[of] = _ENDS[end](value, ends.get(of, value))
    by_name: dict[str, list[Instance]] = {}
    for key, ends in sorted(found.items()):
        labels = dict(key)
        instance = Instance(labels, _span(ends, "pending"), _span(ends, "firing"))
        by_name.setdefault(labels.get("alertname", ""), []).append(instance)
    return {name: tuple(each) for name, each in by_name.items()}


def _span(ends: Mapping[tuple[str, str], float], state: str) -> Span | None:
    if (state, "min") not in ends or (state, "max") not in ends:
        return None
    return Span(ends[state, "min"], ends[state, "max"])
