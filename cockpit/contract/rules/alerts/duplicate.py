"""Alerts of one name that differ only by accident.

Two rules of one name are normal: one for each severity, or one for each job. They are an accident where

- a file has the same rule twice, with the same labels and the same expression, or with two thresholds of
  which the one includes the other: both fire, as one alert, which resolves when either does;
- the labels of one are misspelt (`alert_typ` for `alert_type`, `warnign` for `warning`): what routes,
  inhibits and silences the one does not do so for the other;
- one lacks a label that nearly all rules of its file have, and its namesake too.

Rules of other files may be loaded elsewhere, and are not compared.

**Remedy.** Delete one of the two, or make their labels agree.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository, RuleEntry
from cockpit.contract.routing.known import Known, known
from cockpit.contract.routing.spelling import misspelt
from cockpit.contract.rule import rule
from cockpit.contract.rules.alerts._same_alert import is_same

_MOST = 30
_NEARLY_ALL = 10


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each rule that differs from an earlier one of its name only by accident."""
    names = Counter(label for alert in repository.alerts for label in alert.rule.labels)
    values = Counter(pair for alert in repository.alerts for pair in alert.rule.labels.items())
    by_file: dict[str, list[Known]] = {}
    for each in known(repository):
        by_file.setdefault(each.alert.file.path, []).append(each)
    for alerts in by_file.values():
        namesakes: dict[str, list[Known]] = {}
        for each in alerts:
            namesakes.setdefault(each.alert.name, []).append(each)
        usual = _usual(alerts)
        for several in namesakes.values():
            if 1 < len(several) <= _MOST:
                yield from _among(several, names, values, usual)


def _usual(alerts: Sequence[Known]) -> frozenset[str]:
    """Return the labels that nearly all alerting rules of a file set."""
    counts = Counter(label for each in alerts for label in each.alert.rule.labels)
    return frozenset(
        label
        for label, count in counts.items()
        if len(alerts) - count <= max(1, len(alerts) // _NEARLY_ALL) and count > _NEARLY_ALL // 2
    )


def _among(
    several: Sequence[Known], names: Counter[str], values: Counter[tuple[str, str]], usual: frozenset[str]
) -> Iterator[Problem]:
    for number, each in enumerate(several):
        for other in (*several[:number], *several[number + 1 :]):
            found = _slip(each.alert, other.alert, names, values) or _lack(each, other, usual)
            if found is None and other in several[:number]:
                found = _twin(each.alert, other.alert)
            if found is not None:
                yield found
                break


def _twin(alert: RuleEntry, other: RuleEntry) -> Problem | None:
    if alert.rule.labels != other.rule.labels or not is_same(alert.rule.expr, other.rule.expr):
        return None
    return Problem(
        at=alert.at("alert"),
        message=f"{alert.name} stands here twice, with the same labels: both make one and the same alert",
        remedy=f"delete one of the two, or give them labels that tell them apart; the other stands in line "
        f"{other.at('alert').line}",
    )


def _slip(
    alert: RuleEntry, other: RuleEntry, names: Counter[str], values: Counter[tuple[str, str]]
) -> Problem | None:
    """Return what is wrong where a label of `alert`, or its value, is written as nowhere else, and almost as
    in the other one.
    """
    mine, theirs = alert.rule.labels, other.rule.labels
    for label, value in mine.items():
        if label not in theirs:
            missing = [name for name in theirs if name not in mine and names[name] > 2 * names[label]]
            meant = misspelt(label, missing)
        elif value != theirs[label] and values[label, theirs[label]] > 2 * values[label, value]:
            meant = misspelt(value, [theirs[label]])
        else:
            meant = None
        if meant is not None:
            wrong = label if label not in theirs else f"{label}: {value}"
            return _of_labels(alert, other, label, f"has {wrong}, {meant} in line {other.at('alert').line}")
    return None


def _lack(each: Known, other: Known, usual: frozenset[str]) -> Problem | None:
    mine, theirs = each.alert.rule.labels, other.alert.rule.labels
    for label in theirs:
        if label in usual and label not in mine and not each.of_expr.can_have(label):
            line = other.alert.at("alert").line
            return _of_labels(
                each.alert, other.alert, "", f"lacks the label {label}, which it has in line {line}"
            )
    return None


def _of_labels(alert: RuleEntry, other: RuleEntry, label: str, what: str) -> Problem:
    return Problem(
        at=alert.at("labels", label) if label else alert.at("alert"),
        message=f"{alert.name} {what} and in other rules" if label else f"{alert.name} {what}",
        remedy="make the labels of the two agree",
        rests_on=frozenset((kind, alert.name) for kind in ("owner", "severity")),
    )
