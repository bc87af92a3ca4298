"""Query that asks for a label which the metric does not have.

A matcher on it selects nothing, and grouping by it makes one group of all: the alert never fires, or no
longer says where; the panel is empty, or has one line.

The labels of a metric are known where a rule records it and its expression keeps only some, as
`sum by (job)` does, and where scenarios produce what the rules read. Labels that servers put on what they
hand on are not judged (`cluster`, `region` and the like, and whatever several recorded metrics are asked for
that cannot have it), nor are those that a scrape adds.

**Remedy.** Correct the label, or keep it where the metric is recorded.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from cockpit import expression
from cockpit.contract.model import Key, Place, Problem, Severity
from cockpit.contract.repository import Query, Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.queries._dialect import UNLIKE_GO
from cockpit.contract.rules.queries._words import meant, resting, where
from cockpit.contract.vocabulary import ADDED_TO_TARGETS, metrics_of, name_in, selectors_of, vocabulary
from cockpit.runbooks.placeholders import places

_SEVERAL = 3
_NAME = re.compile(r"[A-Za-z_:][\w:]*")

_Asked = tuple[Query, str, str]
"""A query, and a metric and a label that it asks of it."""


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each query, metric and label that it asks of it in vain."""
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
    for query, metric, label in found:
        if metric not in wrong:
            yield _problem(repository, query, metric, label)


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


def _problem(repository: Repository, query: Query, metric: str, label: str) -> Problem:
    known = vocabulary(repository)
    own = known.labels(metric).names - ADDED_TO_TARGETS
    instead = (
        f"keep it where {metric} is recorded" if known.is_recorded(metric) else "ask for one that it has"
    )
    has = f": {', '.join(sorted(own)[:10])}" if own and not known.is_recorded(metric) else ""
    return Problem(
        at=_place(query, metric, label),
        message=f"{where(query)} asks for the label {label} of {metric}, which cannot have it",
        remedy=meant(label, own) or f"{instead}{has}",
        breaks=frozenset[Key](resting(repository, query)),
        rests_on=frozenset[Key]([("rules",), ("labels", metric), ("metric", metric)]),
    )
