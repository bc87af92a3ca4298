"""Alert without a severity.

Nothing says how bad it is: routes and inhibition rules that ask for a severity pass it by, and so a page may
go to nobody.

An alert has a severity when its rule, or the group of its rule, sets one of the labels `severity` or
`priority` (the setting `severity_labels`), or when its expression names one of them: in `by (...)`, in a
matcher, in `label_replace`. A query of `ALERTS` brings the severities of the alerts that it asks for. Where
nine in ten alerts have none, that is said once.

**Remedy.** Set the label under `labels:` of the rule.
"""

from collections.abc import Iterator

from cockpit.contract.custom import said
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.routing.known import Known, known
from cockpit.contract.rule import rule
from cockpit.contract.rules.alerts._annotations import usual
from cockpit.errors import UsageError
from cockpit.expression import selectors

_OF_ALERTS = frozenset({"ALERTS", "ALERTS_FOR_STATE"})


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each alert whose rule gives it no severity."""
    labels = repository.settings.severity_labels
    called = usual(labels, (each.rule.labels for each in repository.alerts)) if labels else ""
    found = [
        Problem(
            at=each.alert.at("alert"),
            message=f"{each.alert.name} has no severity",
            remedy=f"set the label `{called}` under `labels:`",
            breaks=frozenset((kind, each.alert.name) for kind in ("severity", "labels")),
        )
        for each in known(repository)
        if labels and not any(map(each.names, labels)) and not _is_of_alerts(each)
    ]
    return said(found, len(repository.alerts), "hardly any alert has a severity")


def _is_of_alerts(each: Known) -> bool:
    try:
        return any(found.name in _OF_ALERTS for found in selectors(each.alert.rule.expr))
    except UsageError:
        return False
