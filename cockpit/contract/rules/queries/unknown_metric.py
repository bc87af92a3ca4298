"""Query that reads a metric which nothing produces.

The query has no result, and never will: the panel stays empty, the alert never fires, and whoever follows the
runbook takes the missing answer for good news. The metric was renamed, is misspelt, or its recording rule is
gone.

Metrics are produced by the recording rules and the scenarios of the repository, and by Prometheus,
Alertmanager and Pushgateway themselves. Where the scenarios produce nine in ten of the metrics that the
rules read, they are taken to be all there is. Elsewhere only names of recorded metrics (with a `:`) are
judged, where the rules here record others of their family; for the rest ask a server with `--live`.

**Remedy.** Correct the name, or record the metric. One that exists though nothing here produces it, such as
an exporter's, is named under `metrics` in the settings.
"""

from collections.abc import Iterator

from cockpit.contract.model import Key, Problem, Severity
from cockpit.contract.repository import Query, Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.queries._words import resting, where
from cockpit.contract.vocabulary import metrics_of, vocabulary


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each query and metric that it reads for nothing."""
    known = vocabulary(repository)
    for query in repository.queries:
        for metric in metrics_of(query):
            if known.is_unknown(metric, query.origin.kind):
                yield _problem(repository, query, metric)


def _problem(repository: Repository, query: Query, metric: str) -> Problem:
    near = vocabulary(repository).near(metric)
    return Problem(
        at=query.at(metric),
        message=f"{where(query)} reads {metric}, which nothing here produces",
        remedy=f"did you mean {near}?" if near else "correct the name, or record the metric",
        breaks=frozenset[Key]([("metric", metric), *resting(repository, query)]),
        rests_on=frozenset([("rules",)]),
    )
