"""Counter that nobody has seen.

A rule, a runbook or a dashboard asks for a counter or histogram that Prometheus has not had within a week.
Either its name is wrong, or what it counts has not happened: many programs expose a counter with the first
event only. Both are weak: `rate()` does not see that first event, for there is no value before it.

**Remedy.** Look the name up; if it is right, let the program begin at 0 for each label value that it knows.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from cockpit.contract.live.missing import Kind, missing
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.live._words import asked_for


@rule(Severity.INFO)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each counter that may have counted nothing yet, or be called otherwise."""
    live = repository.live
    if live is None:
        return
    for each in missing(repository):
        if each.kind is Kind.NEVER_COUNTED:
            near = get_close_matches(each.metric, live.metrics, n=1, cutoff=0.8)
            name = f"see whether {near[0]} is meant" if near else "look the name up"
            yield Problem(
                at=each.queries[0].at(each.metric),
                message=f"{each.metric} was not there within a week: {asked_for(each)};"
                " is its name right, or was nothing ever counted?",
                remedy=f"{name}, and let the program begin at 0 before the first event",
                rests_on=frozenset([("metric", each.metric)]),
            )
