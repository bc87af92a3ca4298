"""Inhibition rule that inhibits nothing, or everything.

While an alert of its source fires, an inhibition rule keeps back the notifications of alerts of its target
that have the same values of the labels in `equal`. It does nothing where

- no alert of the files can be its source, or its target;
- no alert of its source and none of its target can agree in `equal`: `equal: [alertname]` between alerts
  whose names tell their severity (`DiskFull`, `DiskFullCritical`) is the usual case.

And it does too much where nothing gives an alert a label of `equal`: two alerts that both lack a label count
as equal in it, so that a misspelt `equal` lets any source silence every target.

Labels that series may have are unknown, and so are those that servers add (`cluster`, `region`): they are
given the benefit of the doubt. Where a route asks for a value that is written in no rule, the configuration
serves other alerts too, and only what is misspelt in `equal` is reported.

**Remedy.** Name alerts that there are, and in `equal` labels that both sides have.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from cockpit.contract.model import Key, Problem, Severity
from cockpit.contract.repository import AlertmanagerEntry, Repository
from cockpit.contract.routing.conditions import Condition, Inhibition, inhibitions, of_routes
from cockpit.contract.routing.known import Known, known
from cockpit.contract.routing.slips import asked_for, slips
from cockpit.contract.routing.spelling import misspelt
from cockpit.contract.rule import rule
from cockpit.contract.vocabulary import ADDED_OUTSIDE, ADDED_TO_TARGETS

_SOME = "\0"


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each inhibition rule that surely does not do what it is for."""
    if not repository.alerts or repository.rules_unknown:
        return
    for entry in repository.alertmanagers:
        is_general = _is_general(repository, entry)
        for inhibition in inhibitions(entry):
            sides = _Sides(repository, inhibition)
            found = sides.misspelt() if is_general else sides.problem()
            if found is not None:
                yield replace(found, rests_on=found.rests_on | _keys(repository, entry, inhibition))


class _Sides:
    """An inhibition rule, and the alerts that can be on its two sides."""

    def __init__(self, repository: Repository, inhibition: Inhibition) -> None:
        self._repository = repository
        self._rule = inhibition
        self._source = _meeting(repository, inhibition.source)
        self._target = _meeting(repository, inhibition.target)

    def problem(self) -> Problem | None:
        """Return what is wrong with it for certain, or None."""
        for side, place, met in (
            ("source", self._rule.at_source, self._source),
            ("target", self._rule.at_target, self._target),
        ):
            if not met:
                return Problem(
                    at=place,
                    message=f"no alert of these files can be the {side} of this inhibition rule",
                    remedy=f"name in its {side} an alert that there is, or delete the rule",
                    rests_on=self._severities(),
                )
        never = self._never()
        return replace(never, rests_on=self._severities()) if never is not None else self._always()

    def _never(self) -> Problem | None:
        equal = self._rule.equal
        if not equal or _can_agree(self._source, self._target, equal):
            return None
        alone = [label for label in equal if not _can_agree(self._source, self._target, (label,))]
        what = " and ".join(f"`{label}`" for label in alone or equal)
        return Problem(
            at=self._rule.at_equal,
            message=f"none of the alerts here that can be its source has the same {what} as one that can be "
            "its target: it never inhibits",
            remedy="name in `equal` only labels in which both sides agree",
        )

    def _severities(self) -> frozenset[Key]:
        """Return the keys of the alerts without a severity: with one they may be on a side that has none."""
        labels = self._repository.settings.severity_labels
        lacking = (each for each in known(self._repository) if not any(map(each.names, labels)))
        return frozenset(("severity", each.alert.name) for each in lacking)

    def misspelt(self) -> Problem | None:
        """Return what is wrong where a label of `equal` is misspelt, or None."""
        for label in self._unnamed():
            meant = None if label in ADDED_TO_TARGETS else misspelt(label, self._names())
            if meant is not None:
                return self._vacuous([label], f"; did you mean {meant}?")
        return None

    def _unnamed(self) -> list[str]:
        return [label for label in self._rule.equal if not self._is_named(label)]

    def _always(self) -> Problem | None:
        """Say that a label of `equal` tells no alerts apart, because none has it."""
        if (found := self.misspelt()) is not None:
            return found
        unnamed = self._unnamed()
        if unnamed and len(unnamed) == len(self._rule.equal) and all(map(self._none_has, unnamed)):
            return self._vacuous(unnamed, "")
        return None

    def _names(self) -> list[str]:
        """Return the labels that alerts are known to have, or commonly have."""
        alerts = known(self._repository)
        return sorted(ADDED_TO_TARGETS.union(*((*each.decided, *each.of_expr.names) for each in alerts)))

    def _vacuous(self, labels: list[str], meant: str) -> Problem:
        which = " and ".join(f"`{label}`" for label in labels)
        others = len(labels) < len(self._rule.equal)
        effect = "it tells no two alerts apart" if others else "any source inhibits every target"
        return Problem(
            at=self._rule.at_equal,
            message=f"nothing in these files gives an alert {which}, and alerts that both lack a label "
            f"count as equal: {effect}{meant}",
            remedy="name in `equal` labels that both sides have",
        )

    def _is_named(self, label: str) -> bool:
        """Say whether a rule names `label` anywhere, in an expression, a label or a template."""
        word = re.compile(rf"\b{re.escape(label)}\b")
        return label == "alertname" or any(word.search(file.text) for file in self._repository.rule_files)

    def _none_has(self, label: str) -> bool:
        sides = (*self._source, *self._target)
        return label not in ADDED_OUTSIDE and not any(each.of_expr.can_have(label) for each in sides)


def _is_general(repository: Repository, entry: AlertmanagerEntry) -> bool:
    """Say whether a route asks for what no rule has: it is there for alerts of other files."""
    asked = {
        value
        for each in of_routes(entry)
        if each.matcher.name not in ADDED_OUTSIDE and not list(slips(repository).of(each.matcher))
        for value in asked_for(each.matcher)
    }
    return not all(any(value in file.text for file in repository.rule_files) for value in asked)


def _meeting(repository: Repository, conditions: Sequence[Condition]) -> list[Known]:
    asked = tuple(each.matcher for each in conditions)
    return [each for each in known(repository) if each.meets_all(asked) is not False]


def _can_agree(source: Sequence[Known], target: Sequence[Known], labels: tuple[str, ...]) -> bool:
    """Say whether some alert of each side may have the same values of `labels`."""
    ones = {tuple(_value(each, label) for label in labels) for each in source}
    others = {tuple(_value(each, label) for label in labels) for each in target}
    if not ones.isdisjoint(others):
        return True
    return any(all(map(_may_equal, one, other)) for one in ones for other in others)


def _value(alert: Known, label: str) -> str | None:
    value = alert.value(label)
    return _SOME if value is None and alert.has(label) else value


def _may_equal(one: str | None, other: str | None) -> bool:
    if _SOME in (one, other):
        return "" not in (one, other)
    return one is None or other is None or one == other


def _keys(repository: Repository, entry: AlertmanagerEntry, inhibition: Inhibition) -> frozenset[Key]:
    """Return what a complaint about an inhibition rule rests on: its spelling, and the alerts it means."""
    keys: set[Key] = {("rules",), ("inhibition", entry.file.path, str(inhibition.number))}
    for condition in (*inhibition.source, *inhibition.target):
        keys |= {("asked", condition.matcher.name, value) for value in asked_for(condition.matcher)}
    # An alert that is gone, or called otherwise now, may be the one that it means.
    expected = {getattr(each, "alert", "") for own in repository.scenarios for each in own.scenario.expect}
    expected |= {name for own in repository.markdown for name in own.runbook.alerts}
    gone = expected - repository.alert_names
    return frozenset(keys | {(kind, name) for name in gone for kind in ("alert-name", "named-alert")})
