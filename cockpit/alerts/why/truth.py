"""The second rung: is the expression true, and what is its value against its threshold? Pure."""

import re
from collections.abc import Mapping

from msgspec.structs import replace

from cockpit.alerts.why.facts import Condition, Facts
from cockpit.alerts.why.model import RULE, TRUE, Rung, RungState
from cockpit.alerts.why.rule import NOT_KNOWN
from cockpit.alerts.why.words import clock, compared, counted, error_text, labels_text, number, shown, when
from cockpit.units import short_duration

_LISTED = 3
_RATE = re.compile(r"\b(?:i?rate|increase|i?delta|deriv)\s*\(")


def truth_rung(facts: Facts) -> Rung:
    """Return the rung; it hinges on the rule where that is not there."""
    subject = facts.subject
    if subject.rule is None:
        if subject.rules_error is not None:
            evidence = f"could not be asked: {error_text(subject.rules_error)}"
            return _rung(RungState.UNKNOWN, evidence, facts)
        return Rung(name=TRUE, state=RungState.UNKNOWN, evidence=NOT_KNOWN, hinges_on=RULE)
    if subject.rule.health == "err":
        return _rung(RungState.BROKEN, f"it fails: {shown(subject.rule.last_error)}", facts)
    failed = [each.error for each in facts.series.conditions if each.error is not None]
    if failed and subject.instance is None:
        return _rung(RungState.UNKNOWN, f"could not be asked: {error_text(failed[0])}", facts)
    conditions = [each for each in facts.series.conditions if each.error is None]
    return _true(conditions, facts) if subject.instance is not None else _false(conditions, facts)


def _rung(state: RungState, evidence: str, facts: Facts, detail: tuple[str, ...] = ()) -> Rung:
    return Rung(name=TRUE, state=state, evidence=evidence, detail=detail, at=facts.now)


def _true(conditions: list[Condition], facts: Facts) -> Rung:
    instance, rule = facts.subject.instance, facts.subject.rule
    assert instance is not None
    assert rule is not None
    since = f"since {when(instance.active_at, facts.now)}"
    if len(conditions) != 1:
        detail = tuple(_condition(each, instance.labels) for each in conditions)
        return _rung(RungState.OK, f"{since}, its value is {number(instance.value)}", facts, detail)
    (one,) = conditions
    value = _own(one, instance.labels)
    value = instance.value if value is None else value
    if not one.comparison.holds(value):
        return _no_longer(one, value, facts)
    evidence = f"{compared(value, one.comparison.op, one.comparison.bound, holds=True)} {since}"
    if one.total > 1:
        evidence += f", true for {one.beyond} of {one.total} series"
    return _rung(RungState.OK, evidence, facts)


def _no_longer(one: Condition, value: float, facts: Facts) -> Rung:
    """Return the rung of an alert whose value went back: kept firing, or over at the next evaluation."""
    assert facts.subject.rule is not None
    evidence = f"{compared(value, one.comparison.op, one.comparison.bound, holds=False)} any more"
    if kept := facts.subject.rule.keep_firing_for:
        evidence += f"; keep_firing_for {short_duration(kept)} keeps it firing"
        return _rung(RungState.OK, evidence, facts)
    return _rung(RungState.BROKEN, f"{evidence}; it ends at the next evaluation", facts)


def _false(conditions: list[Condition], facts: Facts) -> Rung:
    absent = facts.series.wanted_absent
    there = [each for each in facts.series.presences if each.selector in absent and each.count]
    if not conditions:
        evidence = "no result"
        if there:
            count = counted(sum(each.count for each in there), "series", "series")
            evidence = f"absent() has no result: {count} of {shown(str(there[0].selector))}"
        return _unless_due(_rung(RungState.BROKEN, evidence, facts), facts)
    if len(conditions) > 1:
        hold = sum(each.beyond > 0 for each in conditions)
        detail = tuple(_condition(each, {}) for each in conditions)
        return _rung(
            RungState.BROKEN, f"not true: {hold} of {len(conditions)} conditions hold", facts, detail
        )
    (one,) = conditions
    if not one.values:
        evidence = f"{shown(one.comparison.left)} has no value"
        hint = ("a rate needs two samples within its window",) if _RATE.search(one.comparison.left) else ()
        return _rung(RungState.BROKEN, evidence, facts, hint)
    detail = (
        tuple(_value(one, labels, value) for labels, value in one.values[:_LISTED]) if (one.total > 1) else ()
    )
    more = f", the nearest of {one.total}" if one.total > 1 and not one.beyond else ""
    if one.beyond and not facts.series.results:
        more = ", but the rest of the expression has no result"
    return _unless_due(_rung(RungState.BROKEN, _worst(one) + more, facts, detail), facts)


def _unless_due(rung: Rung, facts: Facts) -> Rung:
    """Return `rung`, or that an expression which is true by now waits for its rule to be evaluated."""
    rule, group = facts.subject.rule, facts.subject.group
    if not facts.series.results or rule is None or group is None:
        return rung
    due = max(facts.now, rule.last_evaluation + group.interval)
    evidence = f"{rung.evidence}, true by now; evaluated next about {clock(due)}"
    return replace(rung, state=RungState.WAITING, evidence=evidence, due=due)


def _worst(condition: Condition) -> str:
    """Return the value nearest to the bound, or most beyond it, against it."""
    comparison, value = condition.comparison, condition.values[0][1]
    return compared(value, comparison.op, comparison.bound, holds=comparison.holds(value))


def _condition(condition: Condition, labels: Mapping[str, str]) -> str:
    """Return one branch of a compound expression: its value against its bound, and what it is."""
    comparison = condition.comparison
    value = _own(condition, labels)
    if value is None and condition.values:
        value = condition.values[0][1]
    if value is None:
        return f"no value: {shown(comparison.left)}"
    return (
        f"{compared(value, comparison.op, comparison.bound, holds=comparison.holds(value))}: "
        f"{shown(comparison.left)}"
    )


def _value(condition: Condition, labels: Mapping[str, str], value: float) -> str:
    comparison = condition.comparison
    said = compared(value, comparison.op, comparison.bound, holds=comparison.holds(value))
    return f"{said}  {labels_text(labels)}".rstrip()


def _own(condition: Condition, labels: Mapping[str, str]) -> float | None:
    """Return the value of the series that `labels` came from: they agree where both have a label."""
    for own, value in condition.values:
        if all(labels.get(name, text) == text for name, text in own.items() if name != "__name__"):
            return value
    return None
