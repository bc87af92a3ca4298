"""Metric that Prometheus does not have.

A rule, a runbook or a dashboard asks for a metric that Prometheus had and lost, or never had within a week:
the alert cannot fire, the panel stays empty, and the runbook gives no answer. It was renamed, its exporter
is gone, or its name is misspelt.

One finding for each metric, at the first rule, runbook or dashboard that asks for it. Not reported is what
may be in order: a metric inside `absent()`, or one side of an `or`; what a rule records (its result may be
empty); a counter that rises so seldom that it may just not have been counted again since a restart; a
metric that was away as long before and came back; what only a scenario pushes that does not play.

**Remedy.** Ask for the new name, bring the exporter back, or remove the query.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from cockpit.contract.live.missing import Kind, Missing, missing
from cockpit.contract.live.model import Live, Lost, origin_of
from cockpit.contract.model import Key, Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.live._words import asked_for, utc


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each metric that is missing for certain."""
    live = repository.live
    if live is None:
        return
    for each in missing(repository):
        if each.kind is Kind.MISSING:
            yield _problem(each, live)


def _problem(found: Missing, live: Live) -> Problem:
    lost, metric = found.lost, found.metric
    gone = f"is gone since {utc(lost.since)}" if lost else "was not there within a week"
    near = get_close_matches(metric, live.metrics - {metric}, n=1, cutoff=0.75)
    return Problem(
        at=found.queries[0].at(metric),
        message=f"{metric} {gone}: {asked_for(found)}",
        remedy=f"did you mean {near[0]}?" if near else "ask for its new name, or bring back what exposes it",
        rests_on=frozenset([("metric", metric), *(_down(lost, live) if lost else ())]),
    )


def _down(lost: Lost, live: Live) -> list[Key]:
    """Return the targets that it came from where all of them are down: then that is why."""
    down = {origin_of(each) for each in live.targets if each.health == "down"}
    if not lost.origins or not down.issuperset(lost.origins):
        return []
    return [("target", each.job, each.instance) for each in lost.origins]
