"""Alert that has changed since it was drilled.

An exercise on this machine verified that the alert fires; since then its rule, or its runbook, is another:
what people have practised is not what they will meet. Where no exercise is on record, on a build server for
one, nothing is said.

**Remedy.** Run the drill again: `cockpit drill run NAME`.
"""

from collections.abc import Iterator

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.units import rfc3339


@rule(Severity.INFO)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each alert whose rule or runbook is not as it was when it was drilled."""
    for alert in repository.real_alerts:
        last = repository.covered.get(alert.name)
        if last is not None and last.at is not None and last.changed:
            yield Problem(
                at=alert.at("alert"),
                message=f"the {' and the '.join(last.changed)} of {alert.name} changed since it was drilled",
                remedy=f"run {last.drill} again; it was last run at {rfc3339(round(last.at))}",
                rests_on=frozenset((kind, alert.name) for kind in ("alert", "renamed", "drilled")),
            )
