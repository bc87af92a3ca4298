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
    """An alert with its labels, `alertname` among them, and when it was pending and firing, if ever.

    `fired` is at how many evaluations up to the recovery it fired; None where that is not known.
    """

    labels: Labels
    pending: Span | None
    firing: Span | None
    fired: int | None = None


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
    yield from _counts(f'ALERTS{{alertname=~{names}, alertstate="firing"}}', plan)


def _counts(alerts: str, plan: Plan) -> Iterator[Check]:
    """Yield the checks that count, each evaluation up to the recovery once."""
    size, last = _WINDOW * plan.step, plan.recovers // plan.step * plan.step
    for window in range(max(1, math.ceil(last / size))):
        at = min((window + 1) * size, last)
        # Half a step more than the evaluations are apart takes in the one at 0, half a step less leaves out
        # that of the window before.
        lasts = at - window * size + plan.step / 2 * (-1 if window else 1)
        over = f"{prometheus_duration(lasts)}:{prometheus_duration(plan.step)}"
        yield Check(at=at, expr=marked(f"count_over_time({alerts}[{over}])", f"alert:count:{window}"))


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
            if end == "count":
                ends[of] = ends.get(of, 0.0) + value
            else:
                ends[of] = _ENDS[end](value, ends.get(of, value))
    by_name: dict[str, list[Instance]] = {}
    for key, ends in sorted(found.items()):
        labels = dict(key)
        fired = ends.get(("firing", "count"))
        count = None if fired is None else int(fired)
        instance = Instance(labels, _span(ends, "pending"), _span(ends, "firing"), count)
        by_name.setdefault(labels.get("alertname", ""), []).append(instance)
    return {name: tuple(each) for name, each in by_name.items()}


def _span(ends: Mapping[tuple[str, str], float], state: str) -> Span | None:
    if (state, "min") not in ends or (state, "max") not in ends:
        return None
    return Span(ends[state, "min"], ends[state, "max"])
