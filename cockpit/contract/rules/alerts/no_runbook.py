"""Alert without a runbook.

Whoever is paged by this alert finds no page that says what it means and what to do first.

An alert has a runbook when an annotation (`runbook_url`, `runbook`) links one, when the front matter of a
runbook names the alert under `alerts:`, or when a runbook file is named after the alert. A link to a page
elsewhere counts: whether that page is there is not looked at. So does one that other annotations link, such
as `documentation` or `wiki`, or a text that names a runbook with its URL. Where nine in ten alerts have none,
that is said once.

**Remedy.** Write a runbook and link it from the alert's annotations.
"""

import re
from collections.abc import Iterator

from cockpit.contract.custom import said
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository, RuleEntry
from cockpit.contract.rule import rule
from cockpit.contract.rules.alerts._annotations import usual

_PAGE = re.compile(
    r"(?:.*[_./-])?(?:runbook|playbook|documentation|docs?|wiki|handbook|guide|help|procedure|sop|troubleshooting)"
    r"(?:[_-]?(?:url|uri|link|href))?",
    re.IGNORECASE,
)
_LINK = re.compile(r"\w+://|[^\s/]/[^\s/]|\.(?:md|html?)\b")
_NAMED = re.compile(r"\b(?:run|play)[ -]?book\b[^\n]{0,60}https?://", re.IGNORECASE)


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each alert that nothing links a runbook to."""
    names = repository.settings.runbook_annotations
    called = usual(names, (each.rule.annotations for each in repository.alerts)) if names else ""
    link = f"link one with a `{called}` annotation, or " if names else ""
    found = [
        Problem(
            at=alert.at("alert"),
            message=f"{alert.name} has no runbook",
            remedy=f"{link}name the alert in a runbook's `alerts:`",
            rests_on=frozenset([("renamed", alert.name), ("documented", alert.name)]),
        )
        for alert in repository.alerts
        if not any(alert.rule.annotations.get(name) for name in names)
        and not _links_a_page(alert)
        and repository.runbook_of(alert) is None
    ]
    return said(found, len(repository.alerts), "hardly any alert has a runbook")


def _links_a_page(alert: RuleEntry) -> bool:
    """Say whether whoever is paged finds a link to a page about the alert, whatever it is called."""
    held = (*alert.rule.annotations.items(), *alert.rule.labels.items())
    return any((_PAGE.fullmatch(name) and _LINK.search(text)) or _NAMED.search(text) for name, text in held)
