"""What a check looked at, in words."""

from cockpit.contract.model import Severity

NAMES = {
    "alerts": "alert",
    "recordings": "recording rule",
    "alertmanagers": "Alertmanager config",
    "runbooks": "runbook",
    "scenarios": "scenario",
    "drills": "drill",
    "dashboards": "dashboard",
    "queries": "query",
}
"""What is told of what was looked at, in this order, and what one of them is called."""


def counted(counts: dict[str, int]) -> str:
    """Return what was looked at, in words: `15 alerts, 14 runbooks, 130 queries`."""
    told = [several(counts[key], name) for key, name in NAMES.items() if counts.get(key)]
    return ", ".join(told) or "nothing"


def several(count: int, name: str) -> str:
    """Return how many there are: `1 query`, `2 queries`."""
    plural = name if name == Severity.INFO else name[:-1] + "ies" if name.endswith("y") else name + "s"
    return f"{count} {name if count == 1 else plural}"
