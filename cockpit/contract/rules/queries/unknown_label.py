"""Query that asks for a label which the metric does not have.

A matcher on it selects nothing, and grouping by it makes one group of all: the alert never fires, or no
longer says where; the panel is empty, or has one line.

The labels of a metric are known where a rule records it and its expression keeps only some, as
`sum by (job)` does, and where scenarios produce what the rules read. Labels that servers put on what they
hand on are not judged (`cluster`, `region` and the like, and whatever several recorded metrics are asked for
that cannot have it), nor are those that a scrape adds.

Where several places ask for a label that one rule drops, the rule is reported, and not each of the places:
queries, the runbooks of the alerts that rest on it, and the texts of these alerts.

**Remedy.** Correct the label, or keep it where the metric is recorded.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from cockpit import expression
from cockpit.contract.model import Key, Place, Problem, Severity
from cockpit.contract.repository import Query, Repository, RuleEntry
from cockpit.contract.rule import rule
from cockpit.contract.rules.alerts import unknown_template_label
from cockpit.contract.rules.queries import unfillable_placeholder
from cockpit.contract.rules.queries._dialect import UNLIKE_GO
from cockpit.contract.rules.queries._dropped import dropped_key, key_of, place_of, proofs_on
from cockpit.contract.rules.queries._words import listed, meant, resting, where
from cockpit.contract.vocabulary import ADDED_TO_TARGETS, metrics_of, name_in, selectors_of, vocabulary
from cockpit.runbooks.placeholders import places

_SEVERAL = 3
_NAME = re.compile(r"[A-Za-z_:][\w:]*")

_Asked = tuple[Query, str, str]
"""A query, and a metric and a label that it asks of it."""


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each query and label that it asks for in vain; of a label that a rule drops, that rule."""
    known = vocabulary(repository)
    found = [
        (query, metric, label)
        for query in repository.queries
        for metric, label in dict.fromkeys(_asked(query))
        if not known.labels(metric).can_have(label) and not label.startswith("exported_")
    ]
    outside = _added_outside(repository, found)
    found = [each for each in found if each[2] not in outside]
    wrong = _recorded_wrong(repository, found)
    dropped = _dropped(repository, [each for each in found if each[1] not in wrong])
    for each in dropped.values():
        yield each.problem(repository)
    alone: dict[tuple[int, str], list[_Asked]] = {}
    for query, metric, label in found:
        if metric not in wrong and dropped.keys().isdisjoint(_keys(repository, metric, label)):
            alone.setdefault((id(query), label), []).append((query, metric, label))
    for several in alone.values():
        yield _problem(repository, *several[0][::2], [metric for _, metric, _ in several])


class _Dropped(Struct):
    """A label that a rule drops, and what asks for it: places, each once, and what the queries break."""

    rule: RuleEntry
    label: str
    places: dict[tuple[str, tuple[int, int]], Place]
    breaks: set[Key]

    def add(self, place: Place, breaks: Iterable[Key] = ()) -> None:
        self.places.setdefault((place.path, place.span), place)
        self.breaks.update(breaks)

    def is_cause(self, repository: Repository) -> bool:
        """Say whether the rule is to be mended, and not one page that misspells a label."""
        known = vocabulary(repository)
        names = known.of_rule(self.rule).names - ADDED_TO_TARGETS
        is_misspelt = bool(meant(self.label, names)) and len({path for path, _ in self.places}) == 1
        return len(self.places) > 1 and not is_misspelt

    def problem(self, repository: Repository) -> Problem:
        name, label = self.rule.name, self.label
        kinds = ("alert",) if self.rule.rule.is_alert else ("labels", "metric")
        return Problem(
            at=place_of(repository, self.rule, label),
            message=f"{name} does not keep the label {label}, which several places ask for",
            remedy=f"keep {label} in its expression, or do not ask for it in "
            f"{listed(list(self.places.values()))}",
            breaks=frozenset([key_of(self.rule, label), *self.breaks]) | proofs_on(repository, self.rule),
            rests_on=frozenset[Key]([("rules",), *((kind, name) for kind in kinds)]),
        )


def _dropped(repository: Repository, found: Iterable[_Asked]) -> dict[Key, _Dropped]:
    """Return the labels that rules drop for which several ask: queries, and those who need their alerts."""
    rules = {(each.file.path, str(each.node.line)): each for each in repository.rules}
    dropped: dict[Key, _Dropped] = {}
    found = list(found)

    def of(key: Key) -> _Dropped:
        _, path, line, label = key
        return dropped.setdefault(key, _Dropped(rules[path, line], label, {}, set()))

    for query, metric, label in found:
        for key in _keys(repository, metric, label):
            of(key).add(_place(query, metric, label), resting(repository, query))
    for needing in (unfillable_placeholder, unknown_template_label):
        for problem in needing.check.check(repository):
            for key in problem.rests_on:
                if key[0] == "label" and (key in dropped or needing is unfillable_placeholder):
                    of(key).add(problem.at)
    # A rule that itself asks for a wrong label lacks the right one: that is to be mended.
    misspelling = {id(query.rule) for query, _, _ in found}
    return {
        key: each
        for key, each in dropped.items()
        if id(each.rule) not in misspelling and each.is_cause(repository)
    }


def _keys(repository: Repository, metric: str, label: str) -> frozenset[Key]:
    """Return the keys of the rules for which a recorded metric lacks a label."""
    rules = vocabulary(repository).recording(metric)
    return frozenset(key for each in rules for key in dropped_key(repository, each, label))


def _asked(query: Query) -> Iterator[tuple[str, str]]:
    """Yield the metrics that a query reads, each with a label that it asks of it."""
    if query.bound is None:
        return
    names = set(metrics_of(query))
    filled = any(True for _ in places(query.expr)) if query.rule is None else False
    for selector in selectors_of(query.bound):
        metric = name_in(selector)
        if metric in names:
            for label, op, value in selector.matchers:
                certain = op == "=" or not filled or value in query.expr
                if label in query.expr and certain and _wants(op, value):
                    yield metric, label
    for selector, label in expression.named_labels(query.bound):
        metric = name_in(selector)
        if metric in names and label in query.expr:
            yield metric, label


@lru_cache(maxsize=10_000)
def _wants(op: str, value: str) -> bool:
    """Say whether a matcher wants the label to be there."""
    if op == "=":
        return value != ""
    if op != "=~" or UNLIKE_GO.search(value):
        return False
    try:
        return re.fullmatch(value, "") is None
    except (re.error, RecursionError, OverflowError):
        return False


def _added_outside(repository: Repository, found: Iterable[_Asked]) -> frozenset[str]:
    """Return the labels asked of several recorded metrics that cannot have them: a server puts those on."""
    known = vocabulary(repository)
    metrics: dict[str, set[str]] = {}
    for _, metric, label in found:
        if known.is_recorded(metric) and label not in ADDED_TO_TARGETS and label != "le":
            metrics.setdefault(label, set()).add(metric)
    return frozenset(label for label, asked in metrics.items() if len(asked) >= _SEVERAL)


def _recorded_wrong(repository: Repository, found: Iterable[_Asked]) -> frozenset[str]:
    """Return the recorded metrics that lack a label because a rule below them asks for another in vain."""
    rules = {query.rule.name for query, _, _ in found if query.rule and not query.rule.rule.is_alert}
    known = vocabulary(repository)
    return frozenset(name for each in rules for name in known.recorded_on(each))


def _place(query: Query, metric: str, label: str) -> Place:
    """Return the line in which the label stands with the metric, or else its first one."""
    first, last = query.lines
    for number in range(first, last + 1):
        if {metric, label} <= set(_NAME.findall(query.file.line(number))):
            return query.file.at(number, query.span)
    return query.at(label)


def _problem(repository: Repository, query: Query, label: str, metrics: Sequence[str]) -> Problem:
    known, metric = vocabulary(repository), metrics[0]
    own = known.labels(metric).names - ADDED_TO_TARGETS
    is_recorded = known.is_recorded(metric)
    instead = f"keep it where {metric} is recorded" if is_recorded else "ask for one that it has"
    has = f": {', '.join(sorted(own)[:10])}" if own and not is_recorded else ""
    keys = {key for each in metrics for key in _keys(repository, each, label)}
    if keys:
        keys |= {
            key for each in metrics for rule in known.recording(each) for key in proofs_on(repository, rule)
        }
    return Problem(
        at=_place(query, metric, label),
        message=f"{where(query)} asks for the label {label} of {' and '.join(metrics)}, which cannot have it",
        remedy=meant(label, own) or f"{instead}{has}",
        breaks=frozenset[Key]([*resting(repository, query), *keys]),
        rests_on=frozenset[Key](
            [("rules",), *((kind, each) for each in metrics for kind in ("labels", "metric"))]
        ),
    )
