"""Alert that no drill rehearses.

No drill makes this alert fire and verifies that it does: the first one to handle it is whoever is paged.
Alerts that look at no series, as a Watchdog does, are left out. Where a team has no drills at all, this is
said once, and not for each alert.

**Remedy.** Let a phase of a drill play a scenario and verify `{firing: ALERT}`. Where that cannot be, say
why: `# cockpit: ignore drills/undrilled -- REASON`.
"""

from collections.abc import Iterator

from cockpit.contract.coverage import verified
from cockpit.contract.kinds import Kind
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each alert that no drill verifies to fire."""
    if not repository.drills or any(bad.kind == Kind.DRILL for bad in repository.bad_files):
        return
    drilled = {name for entry in repository.drills for name in verified(entry.drill.phases)}
    for alert in repository.real_alerts:
        if alert.name not in drilled:
            yield Problem(
                at=alert.at("alert"),
                message=f"no drill rehearses {alert.name}",
                remedy="let a drill verify that it fires, or state why there is none",
                rests_on=frozenset([("renamed", alert.name), ("drilled", alert.name)]),
            )
