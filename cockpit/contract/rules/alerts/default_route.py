"""Alert that no route but the default one takes.

The other alerts go where somebody decided that they go; this one goes to the receiver at the root of the
Alertmanager configuration, which is often a channel that nobody reads at night. A label that is missing or
misspelt in the rule is the usual cause.

`amtool config routes test` is asked for the labels that the alert surely has (without amtool, the routes are
walked here). Labels that come from series are not known: where a value of one could make another route take
the alert, nothing is reported. Neither is anything where half of the alerts or more go to the default route,
which is then meant for them, nor where one of several configurations has a route for it. Alerts that give
routes the same labels are reported once, at the first.

**Remedy.** Give the alert the labels that a route asks for, or write a route for it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import AlertmanagerEntry, Repository, RuleEntry
from cockpit.contract.routing.conditions import of_routes
from cockpit.contract.routing.default import unrouted, with_routes
from cockpit.contract.routing.slips import Slips, asked_for, slips
from cockpit.contract.routing.spelling import misspelt
from cockpit.contract.rule import rule


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield the alerts that fall through all routes, those that are alike to routes at the first of them."""
    entries, found = with_routes(repository), unrouted(repository)
    if not found or 2 * len(found) >= len(repository.alerts):
        return
    asked: dict[str, set[str]] = {}
    for condition in of_routes(entries[0]):
        asked.setdefault(condition.matcher.name, set()).update(asked_for(condition.matcher))
    alike: dict[tuple[str, ...], list[RuleEntry]] = {}
    for alert in found:
        alike.setdefault(tuple(alert.rule.labels.get(name, "") for name in asked), []).append(alert)
    for several in alike.values():
        yield _problem(several, entries[0], _slip(several[0], asked, slips(repository)))


def _problem(several: Sequence[RuleEntry], entry: AlertmanagerEntry, slip: tuple[str, str] | None) -> Problem:
    first, *more = several
    others = f"; {len(more)} more have the same labels" if more else ""
    meant = "; did you mean {}: {}?".format(*slip) if slip else ""
    kinds = ("route", "alert", "owner", "severity", "renamed", "documented", "drilled")
    return Problem(
        at=first.at("labels", slip[0]) if slip else first.at("alert"),
        message=f"no route but the default one takes {first.name}{meant}",
        remedy=f"give it the labels that a route of {entry.file.path} asks for, or its own route{others}",
        breaks=frozenset([("asked", *slip)] if slip else []),
        rests_on=frozenset((kind, each.name) for each in several for kind in kinds),
    )


def _slip(alert: RuleEntry, asked: Mapping[str, Collection[str]], known: Slips) -> tuple[str, str] | None:
    """Return the label of an alert whose value is almost what a route asks for, and that value."""
    for label, values in asked.items():
        own = alert.rule.labels.get(label, "")
        meant = misspelt(own, values) if own else None
        if meant is not None and known.is_of_alert(label, meant, own):
            return label, meant
    return None
