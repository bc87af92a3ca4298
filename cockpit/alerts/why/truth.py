"""The second rung: is the expression true, and what is its value against its threshold? Pure."""

import re
from collections.abc import Mapping

from msgspec.structs import replace

from cockpit.alerts.why.facts import Condition, Facts
from cockpit.alerts.why.model import RULE, TRUE, Rung, RungState
from cockpit.alerts.why.rule import NOT_KNOWN
from cockpit.alerts.why.words import clock, compared, counted, error_text, labels_text, number, shown, when
from cockpit.clients.source import SourceError
from cockpit.expression import Role
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
    one = _alone(conditions)
    value = _own(one, instance.labels) if one is not None else None
    if one is not None and value is not None and not one.comparison.holds(value):
        gone = compared(value, one.comparison.op, one.comparison.bound, holds=False)
        return _no_longer(f"{gone} any more", facts)
    if facts.series.results == 0:
        return _no_longer("no result any more", facts)
    if one is None or value is None:
        detail = tuple(_condition(each, instance.labels) for each in conditions)
        return _rung(RungState.OK, f"{since}, its value is {number(instance.value)}", facts, detail)
    evidence = f"{compared(value, one.comparison.op, one.comparison.bound, holds=True)} {since}"
    if one.total > 1:
        evidence += f", true for {one.beyond} of {one.total} series"
    return _rung(RungState.OK, evidence, facts)


def _alone(conditions: list[Condition]) -> Condition | None:
    """Return the condition that decides whether there is a result, if one alone does."""
    if len(conditions) == 1 and conditions[0].comparison.role is Role.NEEDED:
        return conditions[0]
    return None


def _no_longer(evidence: str, facts: Facts) -> Rung:
    """Return the rung of an alert whose value went back: kept firing, or over at the next evaluation."""
    assert facts.subject.rule is not None
    if kept := facts.subject.rule.keep_firing_for:
        evidence += f"; keep_firing_for {short_duration(kept)} keeps it firing"
        return _rung(RungState.OK, evidence, facts)
    return _rung(RungState.BROKEN, f"{evidence}; it ends at the next evaluation", facts)


def _false(conditions: list[Condition], facts: Facts) -> Rung:
    results = facts.series.results
    needed = [each for each in conditions if each.comparison.role is Role.NEEDED]
    if isinstance(results, SourceError) and all(map(_met, needed)):
        return _rung(RungState.UNKNOWN, f"could not be asked: {error_text(results)}", facts)
    one = _alone(conditions)
    if one is not None:
        return _below(one, facts)
    if results and isinstance(results, int):
        return _unless_due(_rung(RungState.BROKEN, counted(results, "result"), facts), facts)
    if not conditions:
        return _rung(RungState.BROKEN, _nothing(facts), facts)
    met = sum(map(_met, conditions))
    evidence = f"not true: {met} of {len(conditions)} conditions hold"
    if met == len(conditions):
        evidence = "no result: what holds does not hold for the same labels"
    return _rung(RungState.BROKEN, evidence, facts, tuple(_condition(each, {}) for each in conditions))


def _met(condition: Condition) -> bool:
    """Whether the condition does its part: what follows `unless` must not hold."""
    return (condition.beyond > 0) == (condition.comparison.role is not Role.UNWANTED)


def _nothing(facts: Facts) -> str:
    """Return that there is no result; of an absence, what is there."""
    absent = facts.series.wanted_absent
    there = [each for each in facts.series.presences if each.selector in absent and each.count]
    if not there:
        return "no result"
    count = counted(sum(each.count for each in there), "series", "series")
    return f"absent() has no result: {count} of {shown(str(there[0].selector))}"


def _below(one: Condition, facts: Facts) -> Rung:
    """Return the rung of the one condition that decides: its value nearest to the bound."""
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
    rule, group, results = facts.subject.rule, facts.subject.group, facts.series.results
    if not isinstance(results, int) or not results or rule is None or group is None:
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
    unless = "unless " if comparison.role is Role.UNWANTED else ""
    value = _own(condition, labels)
    if value is None and condition.values:
        value = condition.values[0][1]
    if value is None:
        return f"{unless}no value: {shown(comparison.left)}"
    return (
        f"{unless}{compared(value, comparison.op, comparison.bound, holds=comparison.holds(value))}: "
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
