"""Alert without a runbook.

Whoever is paged by this alert finds no page that says what it means and what to do first.

An alert has a runbook when an annotation (`runbook_url`, `runbook`) links one, when the front matter of a
runbook names the alert under `alerts:`, or when a runbook file is named after the alert. A link to a page
elsewhere counts: whether that page is there is not looked at.

**Remedy.** Write a runbook and link it from the alert's annotations.
"""

from collections.abc import Iterator

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.alerts._annotations import usual


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each alert that nothing links a runbook to."""
    names = repository.settings.runbook_annotations
    called = usual(names, (each.rule.annotations for each in repository.alerts)) if names else ""
    link = f"link one with a `{called}` annotation, or " if names else ""
    for alert in repository.alerts:
        linked = any(alert.rule.annotations.get(name) for name in names)
        if not linked and repository.runbook_of(alert) is None:
            yield Problem(
                at=alert.at("alert"),
                message=f"{alert.name} has no runbook",
                remedy=f"{link}name the alert in a runbook's `alerts:`",
                rests_on=frozenset([("alert", alert.name)]),
            )
