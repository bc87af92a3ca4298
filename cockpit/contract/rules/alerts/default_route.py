"""Alert that no route but the default one takes.

The other alerts go where somebody decided that they go; this one goes to the receiver at the root of the
Alertmanager configuration, which is often a channel that nobody reads at night. A label that is missing or
misspelt in the rule is the usual cause.

`amtool config routes test` is asked for the labels that the alert surely has (without amtool, the routes are
walked here). Labels that come from series are not known: where a value of one could make another route take
the alert, nothing is reported. Neither is anything where half of the alerts or more go to the default route,
which is then meant for them, nor where one of several configurations has a route for it.

**Remedy.** Give the alert the labels that a route asks for, or write a route for it.
"""

from collections.abc import Iterator

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import AlertmanagerEntry, Repository, RuleEntry
from cockpit.contract.routing.conditions import of_routes
from cockpit.contract.routing.default import unrouted
from cockpit.contract.routing.slips import Slips, asked_for, slips
from cockpit.contract.routing.spelling import misspelt
from cockpit.contract.rule import rule


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each alert that falls through all routes."""
    found = unrouted(repository)
    if 2 * len(found) >= len(repository.alerts):
        return
    for alert, entry in found:
        slip = _slip(alert, entry, slips(repository))
        label, meant = slip or ("", "")
        yield Problem(
            at=alert.at("labels", label) if slip else alert.at("alert"),
            message=f"no route but the default one takes {alert.name}"
            + (f"; did you mean {label}: {meant}?" if slip else ""),
            remedy=f"give it the labels that a route of {entry.file.path} asks for, or write a route for it",
            breaks=frozenset([("asked", label, meant)] if slip else []),
            rests_on=frozenset((kind, alert.name) for kind in ("route", "alert", "owner", "severity")),
        )


def _slip(alert: RuleEntry, entry: AlertmanagerEntry, known: Slips) -> tuple[str, str] | None:
    """Return the label of an alert whose value is almost what a route asks for, and that value."""
    for condition in of_routes(entry):
        label = condition.matcher.name
        own = alert.rule.labels.get(label, "")
        meant = misspelt(own, asked_for(condition.matcher)) if own else None
        if meant is not None and known.is_of_alert(label, meant, own):
            return label, meant
    return None
