"""Query that reads a metric which nothing produces.

The query has no result, and never will: the panel stays empty, the alert never fires, and whoever follows the
runbook takes the missing answer for good news. The metric was renamed, is misspelt, or its recording rule is
gone.

Metrics are produced by the recording rules and the scenarios of the repository, and by Prometheus,
Alertmanager and Pushgateway themselves. Where the scenarios produce nine in ten of the metrics that the
rules read, they are taken to be all there is. Elsewhere only names of recorded metrics (with a `:`) are
judged, where the rules here record others of their family; for the rest ask a server with `--live`.

What several queries ask for is one finding where a rule here records almost that, and nobody asks for its
result: there it was renamed. Of more than five queries that ask for one metric the first is reported, and the
others are told with it.

**Remedy.** Correct the name, or record the metric. One that exists though nothing here produces it, such as
an exporter's, is named under `metrics` in the settings.
"""

from collections.abc import Iterator, Sequence

from cockpit.contract.model import Key, Problem, Severity
from cockpit.contract.repository import Query, Repository, RuleEntry
from cockpit.contract.rule import rule
from cockpit.contract.rules.queries._words import listed, resting, where
from cockpit.contract.vocabulary import metrics_of, vocabulary

_FEW = 5
"""The most queries of which each is told that the metric is not there."""


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each query and metric that it reads for nothing; of a metric that was renamed where it was."""
    known = vocabulary(repository)
    asking: dict[str, list[Query]] = {}
    unknown: dict[str, list[Query]] = {}
    for query in repository.queries:
        for metric in metrics_of(query):
            asking.setdefault(metric, []).append(query)
            if known.is_unknown(metric, query.origin.kind):
                unknown.setdefault(metric, []).append(query)
    for metric, queries in unknown.items():
        renamed = known.renamed(metric) if len(asking[metric]) > 1 else None
        if renamed is not None:
            yield _renamed(repository, metric, asking[metric], renamed)
        elif len(queries) > _FEW:
            yield _problem(repository, metric, queries)
        else:
            yield from (_problem(repository, metric, [query]) for query in queries)


def _renamed(repository: Repository, metric: str, queries: Sequence[Query], entry: RuleEntry) -> Problem:
    return Problem(
        at=entry.at("record"),
        message=f"nothing records {metric}, and nobody here asks for {entry.name}: was it renamed?",
        remedy=f"call it {metric} again, or ask for {entry.name} in {_places(metric, queries)}",
        breaks=_breaks(repository, metric, queries),
        rests_on=frozenset([("rules",)]),
    )


def _problem(repository: Repository, metric: str, queries: Sequence[Query]) -> Problem:
    near = vocabulary(repository).near(metric)
    first, *others = queries
    also = f"; so do {_places(metric, others)}" if others else ""
    return Problem(
        at=first.at(metric),
        message=f"{where(first)} reads {metric}, which nothing here produces",
        remedy=(f"did you mean {near}?" if near else "correct the name, or record the metric") + also,
        breaks=_breaks(repository, metric, queries),
        rests_on=frozenset([("rules",)]),
    )


def _places(metric: str, queries: Sequence[Query]) -> str:
    return listed([query.at(metric) for query in queries])


def _breaks(repository: Repository, metric: str, queries: Sequence[Query]) -> frozenset[Key]:
    return frozenset([("metric", metric), *(key for query in queries for key in resting(repository, query))])
