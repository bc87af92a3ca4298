"""What the files' queries ask of the series of live servers: metrics, and labels of these. Pure."""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from cockpit import expression
from cockpit.contract.repository import Query, Repository
from cockpit.contract.vocabulary import ADDED_OUTSIDE, name_in, selectors_of
from cockpit.errors import UsageError
from cockpit.expression import Selector

_OF_ALERTS = frozenset({"ALERTS", "ALERTS_FOR_STATE"})
_MARK = "synthetic"
"""The label of what a scenario pushes: real series have none."""

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_EVERYTHING = re.compile(r"\.\*|\(\.\*\)|\|.*|.*\||.*\(\|.*|.*\|\).*")


class Asked(Struct, frozen=True):
    """What one query asks: its selectors of one metric each, and with them the labels that it names."""

    query: Query
    selectors: tuple[Selector, ...]
    labels: tuple[tuple[Selector, str], ...]


@lru_cache(maxsize=1)
def asked(repository: Repository) -> tuple[Asked, ...]:
    """Return what the queries ask, of rules, then of runbooks, then of dashboards.

    Metrics that a rule records are left out: their results may be empty for want of traffic, and what they
    rest on is asked for in their own queries.
    """
    recorded = {each.name for each in repository.rules if not each.rule.is_alert}
    found = (_asked(query, recorded | _OF_ALERTS) for query in repository.queries)
    return tuple(each for each in found if each.selectors)


def _asked(query: Query, left_out: set[str]) -> Asked:
    selectors = tuple(
        each
        for each in selectors_of(query.bound or "")
        if (name := name_in(each)) and name in query.expr and name not in left_out
    )
    named = dict.fromkeys(pair for each in selectors for pair in _matched(each, query))
    if selectors:
        named |= dict.fromkeys(pair for pair in _grouped(query) if pair[0] in selectors)
    labels = tuple(pair for pair in named if _is_asked(pair[1], query))
    return Asked(query, selectors, labels)


def _is_asked(label: str, query: Query) -> bool:
    """Say whether a label stands in a query as it is, and is one that series have where they are scraped."""
    own = label == _MARK or label in ADDED_OUTSIDE or label.startswith("__")
    return not own and label in query.expr and _NAME.fullmatch(label) is not None


def _matched(selector: Selector, query: Query) -> Iterator[tuple[Selector, str]]:
    """Yield the labels without which no series is selected.

    A pattern that a dashboard's variable fills may be one that takes everything.
    """
    for label, op, value in selector.matchers:
        narrows = op == "=~" and value in query.expr and not _EVERYTHING.fullmatch(value)
        if value and (op == "=" or narrows):
            yield selector, label


def _grouped(query: Query) -> tuple[tuple[Selector, str], ...]:
    try:
        return expression.named_labels(query.bound or "")
    except UsageError:
        return ()


def metrics(repository: Repository) -> frozenset[str]:
    """Return the names of the metrics that are asked for."""
    return frozenset(name_in(each) for one in asked(repository) for each in one.selectors)


def labels(repository: Repository) -> dict[str, frozenset[str]]:
    """Return the metrics of which each label is asked, by label."""
    found: dict[str, set[str]] = {}
    for one in asked(repository):
        for selector, label in one.labels:
            found.setdefault(label, set()).add(name_in(selector))
    return {label: frozenset(names) for label, names in found.items()}


def wanting(one: Asked, missing: frozenset[Selector]) -> tuple[Selector, ...]:
    """Return those of `missing` for lack of which a query has no result, whatever the values were.

    What stands in `absent`, on the one side of `or`, or to the right of `unless` is not among them.
    """
    own = missing.intersection(one.selectors)
    expr = one.query.bound or ""
    if not own or not expression.starves(expr, own):
        return ()
    return tuple(
        each
        for each in one.selectors
        if each in own and (expression.starves(expr, {each}) or not expression.starves(expr, own - {each}))
    )
