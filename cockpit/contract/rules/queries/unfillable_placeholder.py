"""Placeholder of a runbook that no alert can fill.

A query such as `up{instance="$instance"}` is bound to the labels of the alert that led to its runbook. None
of the alerts that lead here can have this label: what they rest on aggregates it away. Whoever is on call
gets a query with a hole in it.

Placeholders in angle brackets, which ask the reader, are not judged, nor are labels that servers put on what
they hand on (`cluster`, `region` and the like, and whatever several runbooks ask for).

**Remedy.** Ask for a label that the alert has, keep this one in the alert's expression, or leave it out.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from cockpit.contract.model import Key, Problem, Severity
from cockpit.contract.repository import Query, Repository, RuleEntry
from cockpit.contract.rule import rule
from cockpit.contract.rules.queries._dropped import dropped_key
from cockpit.contract.rules.queries._words import meant, where
from cockpit.contract.vocabulary import ADDED_OUTSIDE, ADDED_TO_TARGETS, vocabulary
from cockpit.expression import Labels
from cockpit.runbooks.placeholders import Place, places

_SEVERAL = 3


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each query of a runbook and placeholder that stays empty."""
    found = list(_unfilled(repository))
    files: dict[str, set[str]] = {}
    for query, name, _ in found:
        files.setdefault(name, set()).add(query.file.path)
    named = {each.file.path: each.runbook.alerts for each in repository.runbooks}
    for query, name, its in found:
        if len(files[name]) < _SEVERAL or name.lower() in ADDED_TO_TARGETS:
            problem = _problem(query, name, its, named.get(query.file.path, ()))
            yield replace(problem, rests_on=problem.rests_on | _dropped(repository, query, name))


def _unfilled(repository: Repository) -> Iterator[tuple[Query, str, list[Labels]]]:
    """Yield queries, each with a placeholder, and the labels of the alerts of which none fills it."""
    labels: dict[int, Labels] = {}
    for query in repository.queries:
        if query.origin.kind != "runbook" or not query.alerts:
            continue
        names = dict.fromkeys(place.name for place in places(query.expr) if _is_for_a_label(query, place))
        if not names:
            continue
        for alert in query.alerts:
            if id(alert) not in labels:
                labels[id(alert)] = _labels(repository, alert)
        its = [labels[id(alert)] for alert in query.alerts]
        yield from ((query, name, its) for name in names if not any(_fills(each, name) for each in its))


def _is_for_a_label(query: Query, place: Place) -> bool:
    text = query.expr[place.start : place.end]
    is_name = place.name.isidentifier() and place.name.isascii() and not place.name.startswith("__")
    return is_name and not text.startswith("<") and place.bracket != "["


def _labels(repository: Repository, alert: RuleEntry) -> Labels:
    """Return the labels that an alert can have."""
    its = vocabulary(repository).of_rule(alert)
    own = {name for name, value in alert.rule.labels.items() if value}
    return Labels(its.names | own | {"alertname"}, its.is_open, its.lacking - own - {"alertname"})


def _fills(labels: Labels, name: str) -> bool:
    if name.lower() in ADDED_OUTSIDE or labels.can_have(name):
        return True
    return name.isupper() and (labels.is_open or any(label.upper() == name for label in labels.names))


def _dropped(repository: Repository, query: Query, name: str) -> frozenset[Key]:
    """Return the key of the rule for which no alert has the label; none where there are several."""
    found = {dropped_key(repository, alert, name) for alert in query.alerts}
    return found.pop() if len(found) == 1 else frozenset()


def _problem(query: Query, name: str, its: Sequence[Labels], named: Sequence[str]) -> Problem:
    alerts = sorted({alert.name for alert in query.alerts})
    near = meant(name, {label for each in its for label in each.names})
    who = f"{alerts[0]} has" if len(alerts) == 1 else f"the {len(alerts)} alerts that lead here have"
    return Problem(
        at=query.at(name),
        message=f"{where(query)}: {who} no label {name} to fill in",
        remedy=near or f"ask for a label that the alert has, or keep {name} in its expression",
        rests_on=frozenset[Key](
            [
                ("rules",),
                *((kind, name) for kind in ("alert", "renamed", "documented") for name in (*alerts, *named)),
            ]
        ),
    )
