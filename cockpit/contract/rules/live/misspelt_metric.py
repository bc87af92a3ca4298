"""Counter that is misspelt.

A rule, a runbook or a dashboard asks for a counter or histogram that Prometheus has not had within a week,
and has one whose name differs in a letter or two. The alert cannot fire, the panel stays empty.

Of names that differ in more live/never-counted speaks: what they count may not have happened yet.

**Remedy.** Correct the name; if both are meant, let the program begin at 0 before the first event.
"""

from collections.abc import Iterator

from cockpit.contract.live.missing import Kind, missing
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.live._words import asked_for


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each counter that is not there, and is written almost like one that is."""
    for each in missing(repository):
        if each.kind is Kind.MISSPELT:
            yield Problem(
                at=each.queries[0].at(each.metric),
                message=f"{each.metric} was not there within a week: {asked_for(each)}",
                remedy=f"did you mean {each.meant}?",
                rests_on=frozenset([("metric", each.metric)]),
            )
