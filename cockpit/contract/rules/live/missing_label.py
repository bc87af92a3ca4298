"""Label that a live metric does not have.

The metric is there, and none of its series has had the label within a week that a query matches, groups by
or joins on: the query selects nothing, or puts everything together that it should tell apart.

Labels that servers put on later (`cluster`, `region` and their like) and the mark of scenarios are not
looked at, nor is what stands on one side of an `or`.

**Remedy.** Ask for the label that the series have, or let the exporter add it.
"""

from collections.abc import Iterator

from cockpit.contract.live.asked import Asked, wanting
from cockpit.contract.live.missing import asked_here
from cockpit.contract.live.model import Live
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Query, Repository
from cockpit.contract.rule import meant, rule
from cockpit.contract.rules.queries._words import where
from cockpit.contract.vocabulary import name_in, vocabulary
from cockpit.contract.vocabulary.series import pushed


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each label of a metric that its series lack, at the first query that asks for it."""
    live = repository.live
    if live is None or not live.labels:
        return
    recorded = {each.name for group in live.groups.groups for each in group.recording}
    known = pushed(repository) if live.takes_scenarios else {}
    found: dict[tuple[str, str], Query] = {}
    for one in asked_here(repository):
        for metric, label in _lacking(one, live):
            # What the files alone tell to be wrong is another rule's.
            pushes = label in known.get(metric, frozenset())
            can_have = vocabulary(repository).labels(metric).can_have(label)
            if metric not in recorded and can_have and not pushes:
                found.setdefault((metric, label), one.query)
    for (metric, label), query in found.items():
        yield _problem(query, metric, label, live)


def _lacking(one: Asked, live: Live) -> Iterator[tuple[str, str]]:
    for selector, label in one.labels:
        metric = name_in(selector)
        lacks = metric in live.present and label not in live.labels.get(metric, frozenset([label]))
        if lacks and wanting(one, frozenset([selector])):
            yield metric, label


def _problem(query: Query, metric: str, label: str, live: Live) -> Problem:
    return Problem(
        at=query.at(label),
        message=f"{where(query)} asks for the label {label} of {metric}, which none of its series has",
        remedy=f"ask for a label that it has{meant(label, live.labels[metric])}",
        rests_on=frozenset([("metric", metric)]),
    )
