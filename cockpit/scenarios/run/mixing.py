"""Rules in which the series of a scenario would be mixed with real ones. Pure.

A rule mixes them when one of its selectors matches a series of the scenario, and it gives up the label
`synthetic` that sets them apart. What a recording rule makes of them, still marked, is looked for in turn.
Matching: Prometheus, docs/querying/basics (a label that is not there is empty, patterns are anchored).
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from cockpit.alerts.regex import compile_anchored
from cockpit.clients.wire import RuleGroups
from cockpit.errors import UsageError
from cockpit.expression import Selector, gives_up, selectors
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.play.grouping import JOB
from cockpit.scenarios.signals import series, values_at

MARK = "synthetic"
"""The label that sets what a scenario pushes apart; it holds the scenario's name."""


class Mixed(Struct, frozen=True):
    """A rule that would mix synthetic series into real ones: its name, its group, and what it selects.

    `kind` is alerting or recording. `selector` is empty for a rule that cannot be read but names a metric.
    """

    rule: str
    kind: str
    group: str
    selector: str


class _Series(Struct, frozen=True):
    """A series as far as its labels are known: with `open`, those that are not named may be anything."""

    labels: Mapping[str, str]
    open: bool = False


def mixed(scenario: Scenario, rules: RuleGroups) -> tuple[Mixed, ...]:
    """Return the rules of `rules` that would mix the series of `scenario` into real ones."""
    known = _known(scenario, rules)
    found = []
    for kind, group, name, expr in _rules(rules):
        at = _gives_up(expr, known)
        if at is not None:
            found.append(Mixed(name, kind, group, at))
    return tuple(dict.fromkeys(found))


def marked(scenario: Scenario, rules: RuleGroups) -> frozenset[str]:
    """Return the alerts that, where the series of `scenario` cause them, carry its mark.

    One of these that lacks it is caused by real series.
    """
    known = _known(scenario, rules)
    keeping: dict[str, bool] = {}
    for kind, _, name, expr in _rules(rules):
        if kind == "alerting":
            keeps = _touches(expr, known) and _gives_up(expr, known) is None
            keeping[name] = keeping.get(name, True) and keeps
    return frozenset(name for name, keeps in keeping.items() if keeps)


def _known(scenario: Scenario, rules: RuleGroups) -> "_Known":
    """Return what carries the mark: what is pushed, and what recording rules make of it."""
    known = _Known(_pushed(scenario))
    recording = [rule for group in rules.groups for rule in group.recording]
    size = -1
    while size != len(recording):
        size, left = len(recording), []
        for rule in recording:
            if _touches(rule.query, known) and _gives_up(rule.query, known) is None:
                known.add(_Series({**rule.labels, "__name__": rule.name, MARK: scenario.name}, open=True))
            else:
                left.append(rule)
        recording = left
    return known


class _Known:
    """The series that are marked, by their metric's name."""

    def __init__(self, found: Iterable[_Series]) -> None:
        self.by_name: dict[str, list[_Series]] = {}
        for each in found:
            self.add(each)

    def add(self, one: _Series) -> None:
        """Take one more."""
        self.by_name.setdefault(one.labels["__name__"], []).append(one)

    def has(self, selector: Selector) -> bool:
        """Say whether `selector` selects any of them."""
        if selector.name:
            candidates: Iterable[_Series] = self.by_name.get(selector.name, ())
        else:
            candidates = (each for some in self.by_name.values() for each in some)
        return any(all(_matches(matcher, each) for matcher in selector.matchers) for each in candidates)


def _rules(rules: RuleGroups) -> Iterator[tuple[str, str, str, str]]:
    for group in rules.groups:
        for recording in group.recording:
            yield "recording", group.name, recording.name, recording.query
        for alerting in group.rules:
            yield "alerting", group.name, alerting.name, alerting.query


def _pushed(scenario: Scenario) -> Iterator[_Series]:
    """Yield every series that the scenario ever pushes; those that are gone for a while too."""
    mark = {"job": JOB, MARK: scenario.name}
    for name in ("push_time_seconds", "push_failure_time_seconds"):
        yield _Series({**mark, "__name__": name})
    there = scenario.model_copy(
        update={"signals": tuple(each.model_copy(update={"gone": ()}) for each in scenario.signals)}
    )
    for one in series(values_at(there, 0.0)):
        yield _Series({**one.labels, **mark, "__name__": one.name})


def _touches(expr: str, known: _Known) -> bool:
    try:
        return any(map(known.has, selectors(expr)))
    except UsageError:
        return False


def _gives_up(expr: str, known: _Known) -> str | None:
    """Return the first selector that matches a known series and loses its mark, as text; None without one."""
    try:
        found = next(filter(known.has, gives_up(expr, MARK)), None)
    except UsageError:
        # A dialect that the parser lacks: what names a metric of the scenario may well select it.
        return "" if any(name in expr for name in known.by_name) else None
    return None if found is None else str(found)


def _matches(matcher: tuple[str, str, str], one: _Series) -> bool:
    label, op, wanted = matcher
    if one.open and label not in one.labels:
        return True
    value = one.labels.get(label, "")
    if op in {"=", "!="}:
        return (value == wanted) is (op == "=")
    try:
        return compile_anchored(wanted)(value) is (op == "=~")
    except ValueError:
        # What cannot be matched here in good time may match there.
        return True
