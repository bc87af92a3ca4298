"""Counter that is misspelt.

A rule, a runbook or a dashboard asks for a counter or histogram that Prometheus has not had within a week,
and has one whose name differs in a letter or two. The alert cannot fire, the panel stays empty.

Of names that differ in more live/never-counted speaks: what they count may not have happened yet.

**Remedy.** Correct the name; if both are meant, let the program begin at 0 before the first event.
"""

from collections.abc import Iterator

from cockpit.alerts.why.words import counted
from cockpit.contract.live.missing import Kind, missing
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.queries._words import where


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each counter that is not there, and is written almost like one that is."""
    for each in missing(repository):
        if each.kind is Kind.MISSPELT:
            first, others = each.queries[0], len(each.queries) - 1
            places = f" and {counted(others, 'other place')}" if others else ""
            yield Problem(
                at=first.at(each.metric),
                message=f"{each.metric} was not there within a week: {where(first)}{places}"
                f" {'ask' if others else 'asks'} for it",
                remedy=f"did you mean {each.meant}?",
                rests_on=frozenset([("metric", each.metric)]),
            )
