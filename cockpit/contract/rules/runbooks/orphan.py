"""Runbook that no alert leads to.

A runbook is there, and no alert leads to it: none links it, its front matter names none that is among the
rules, and none is called like it. Either its alert is gone, and the runbook is in the way of whoever searches
for help; or the alert is there, and whoever it pages does not find this page.

Where no alerting rule is among the files, or some are templates, nothing is reported.

**Remedy.** Link it from an alert's annotations, name the alert under `alerts:`, or delete it.
"""

from collections.abc import Iterator

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each runbook without an alert."""
    if not repository.alerts or repository.rules_unknown:
        return
    for entry in repository.runbooks:
        if entry.alerts:
            continue
        runbook = entry.runbook
        named = [(kind, name) for name in runbook.alerts for kind in ("alert-name", "named-alert")]
        yield Problem(
            at=entry.head,
            message=f"no alert leads to the runbook {runbook.title}",
            remedy="link it from an alert's annotations, name its alert under `alerts:`, or delete it",
            rests_on=frozenset(
                [("rules",), ("runbook", runbook.path), ("front-matter", runbook.path), *named]
            ),
        )
