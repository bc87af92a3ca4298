"""Why an alert did not fire although it is expected to, or what it fired at, in a sentence. Pure."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import groupby

from cockpit.alerts.regex import compile_anchored
from cockpit.expression import Comparison, Selector
from cockpit.scenarios.model import Expectation
from cockpit.scenarios.own import alert_of
from cockpit.scenarios.proof.compile import Plan
from cockpit.scenarios.proof.document import Check, Input
from cockpit.scenarios.proof.findings import labels_shown, losers, shown
from cockpit.scenarios.proof.observed import Instance
from cockpit.scenarios.proof.pieces import MOST, Piece, culprit, is_empty
from cockpit.scenarios.proof.reading import Answer, Labels, marked
from cockpit.scenarios.proof.rulefiles import Rules
from cockpit.text import one_line

_MOMENTS = 7
_NAMES = 5
_SHOWN = 300
_OVER = {">": "over", ">=": "at or over", "<": "under", "<=": "at or under", "==": "at", "!=": "other than"}


def moments(plan: Plan) -> tuple[float, ...]:
    """Return the evaluations, from 0 to the recovery, at which the pieces of an expression are looked at."""
    until = int(plan.recovers // plan.step)
    return tuple(sorted({round(until * n / _MOMENTS) * plan.step for n in range(_MOMENTS + 1)}))


def questions(number: int, piece: Piece, plan: Plan) -> Iterator[Check]:
    """Yield the checks that ask for every piece at every moment; `number` tells them from others."""
    for index, expr in enumerate(_exprs(piece)):
        for moment, at in enumerate(moments(plan)):
            yield Check(at=at, expr=marked(expr, f"piece:{number}:{index}:{moment}"))


def values(number: int, piece: Piece, plan: Plan, answers: Mapping[str, Answer]) -> dict[str, list[Answer]]:
    """Return the answers to `questions`, by expression, one for each moment."""
    count = len(moments(plan))
    return {
        expr: [answers.get(f"piece:{number}:{index}:{moment}", ()) for moment in range(count)]
        for index, expr in enumerate(_exprs(piece))
    }


def _exprs(piece: Piece) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.expr for each in piece.all()))[:MOST]


def never_fired(
    piece: Piece | None,
    found: Mapping[str, Sequence[Answer]],
    expected: Expectation,
    plan: Plan,
    pushed: Sequence[Input],
    rules: Rules,
) -> str:
    """Say why the expression `piece`, with the values `found`, had no result when it should have."""
    if piece is None:
        return "never fires, and its expression cannot be taken apart to see why"
    if not is_empty(piece, found):
        return "never fires, although its expression has a value at times"
    wrong = culprit(piece, found)
    text = f"`{_short(wrong.text)}`"
    if wrong.kind == "selector" and wrong.selector is not None:
        return missing(wrong.selector, pushed, rules)
    if wrong.kind == "compare":
        return _never_beyond(wrong, found, expected, plan, rules)
    if wrong.kind == "absent":
        return f"never fires: {text} has no value, because the scenario pushes such series"
    if wrong.kind == "unless":
        return f"never fires: what follows `unless` takes all away of `{_short(wrong.parts[0].text)}`"
    if len(wrong.parts) == 2:
        return f"never fires: {text} has no value: {_unlike(wrong.parts, found)}"
    rest = ", ".join(f"`{_short(part.text)}`" for part in wrong.parts)
    return f"never fires: {text} has no value" + (f", though {rest} has" if rest else "")


def _never_beyond(
    wrong: Piece, found: Mapping[str, Sequence[Answer]], expected: Expectation, plan: Plan, rules: Rules
) -> str:
    bound = wrong.comparison
    if bound is None or not wrong.parts:
        sides = (f"`{_short(part.text)}` is {over_time(part, found, expected, plan)}" for part in wrong.parts)
        return f"never fires: `{_short(wrong.text)}` never holds: {', '.join(sides)}"
    left = wrong.parts[0]
    lasts = f"{over_time(left, found, expected, plan, bound)}, never {_OVER[bound.op]} {_number(bound.bound)}"
    if label := _lacking(left, found, expected, rules):
        wanted = f"{label}={one_line(expected.labels[label], 100)}"
        loser = losers(expected, rules, label) or _short(left.text)
        return f"expected {wanted}, but {loser} does not keep it; {_short(left.text)} is {lasts}"
    return f"{_short(left.text)} is {lasts}"


def _lacking(
    piece: Piece, found: Mapping[str, Sequence[Answer]], expected: Expectation, rules: Rules
) -> str | None:
    """Return the first expected label that neither the values of `piece` nor the rule have."""
    there = {name for answer in found.get(piece.expr, ()) for labels, _ in answer for name in labels}
    there |= {name for rule in rules.alerts(alert_of(expected)) for name in rule.labels}
    return next((name for name in expected.labels if name not in there), None)


def over_time(
    piece: Piece,
    found: Mapping[str, Sequence[Answer]],
    expected: Expectation,
    plan: Plan,
    bound: Comparison | None = None,
) -> str:
    """Return the values of a piece over time, of several series the nearest to the bound.

    Like `none at 0s, 0.012 at 2m, 0.02 from 4m to 15m`.
    """
    nearest = min if bound is not None and bound.op in {"<", "<="} else max
    texts = []
    for at, answer in zip(moments(plan), found.get(piece.expr, ()), strict=False):
        own = [value for labels, value in answer if _may_be(labels, expected) and not math.isnan(value)]
        texts.append((at, _number(nearest(own)) if own else "none"))
    words = []
    for text, same in groupby(texts, key=lambda each: each[1]):
        times = [at for at, _ in same]
        when = f"at {shown(times[0])}" if len(times) == 1 else f"from {shown(times[0])} to {shown(times[-1])}"
        words.append(f"{text} {when}")
    return ", ".join(words)


def _may_be(labels: Labels, expected: Expectation) -> bool:
    return all(labels.get(name, value) == value for name, value in expected.labels.items())


def _unlike(parts: Sequence[Piece], found: Mapping[str, Sequence[Answer]]) -> str:
    """Say how the labels of two sides differ that never meet."""
    left, right = (
        {name for answer in found.get(part.expr, ()) for labels, _ in answer for name in labels}
        - {"__name__"}
        for part in parts
    )
    if left == right:
        return "its two sides never have the same labels at once"
    name = min(left ^ right)
    has, lacks = ("left", "right") if name in left else ("right", "left")
    return f"its {has} side has the label {name}, its {lacks} side has none"


def missing(selector: Selector, pushed: Sequence[Input], rules: Rules) -> str:
    """Say that there is no series that `selector` matches, and what is pushed or recorded that is near."""
    if not selector.name:
        return f"no series {_short(str(selector))}"
    named = [each.labels for each in pushed if each.name == selector.name]
    if not named:
        recorded = sorted({rule.name for rule in rules.all if not rule.is_alert})
        names = sorted({each.name for each in pushed})
        near = get_close_matches(selector.name, [*names, *recorded], n=1, cutoff=0.6)
        who = "rules record" if near and near[0] in recorded else "scenario pushes"
        return f"no series {selector.name}: the {who} {_some(near or names)}"
    for label, op, value in selector.matchers:
        named_so = [labels for labels in named if _matches(labels.get(label, ""), op, value)]
        if named_so:
            named = named_so
            continue
        there = sorted({labels[label] for labels in named if label in labels})
        has = _some(f"{label}={one_line(each, 100)}" for each in there) if there else f"no label {label}"
        wanted = f"{selector.name}{{{label}{op}{one_line(value, 100)!r}}}"
        return f"no series {wanted}: the scenario pushes {selector.name} with {has}"
    return f"no series {_short(str(selector))} at the time: the scenario withholds it"


def _matches(has: str, op: str, value: str) -> bool:
    if op in {"=", "!="}:
        return (has == value) is (op == "=")
    try:
        return compile_anchored(value)(has) is (op == "=~")
    except ValueError:
        return True


def fired(first: Instance, answer: Answer, static: Labels) -> str:
    """Say when an alert that is to stay quiet fired, with which labels, and at which value if it is known."""
    at = shown(first.firing.first) if first.firing else "0s"
    known = [value for labels, value in answer if _is_of(labels, first.labels)]
    value = f" at {_number(known[0])}" if known else ""
    labels = labels_shown(first.labels, static)
    return f"fires at {at}{value}{f' with {labels}' if labels else ''}, and is to stay quiet"


def _is_of(labels: Labels, alert: Labels) -> bool:
    return all(alert.get(name) == value for name, value in labels.items() if name != "__name__")


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:_NAMES]) + (f" and {len(listed) - _NAMES} more" if len(listed) > _NAMES else "")


def _number(value: float) -> str:
    return "NaN" if math.isnan(value) else f"{value:.4g}"


def _short(text: str) -> str:
    return one_line(text, _SHOWN)
