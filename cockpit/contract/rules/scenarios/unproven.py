"""Alert that no scenario proves.

Nobody ever saw this alert fire: a misspelt metric, a threshold in the wrong unit or a label that is lost on
the way would be noticed in the night that it should have fired. Alerts that look at no series, as a Watchdog
does, need no proof. Where a team has no scenarios at all, this is said once, and not for each alert.

**Remedy.** Write a scenario that expects it to fire; `cockpit scenario prove` runs it. Where that cannot be,
say why: `# cockpit: ignore scenarios/unproven -- REASON`.
"""

from collections.abc import Iterator

from cockpit.contract.kinds import Kind
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.scenarios.model import Fires


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each alert that no scenario expects to fire."""
    if not repository.scenarios or any(bad.kind == Kind.SCENARIO for bad in repository.bad_files):
        return
    proven = {
        each.alert
        for entry in repository.scenarios
        for each in entry.scenario.expect
        if isinstance(each, Fires)
    }
    for alert in repository.real_alerts:
        if alert.name not in proven:
            yield Problem(
                at=alert.at("alert"),
                message=f"no scenario proves that {alert.name} fires",
                remedy="write a scenario that expects it, or state why there is none",
                rests_on=frozenset([("renamed", alert.name)]),
            )
