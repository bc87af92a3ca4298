"""Alerts that lack an annotation of some kind."""

from collections.abc import Iterator, Sequence

from cockpit.contract.model import Problem
from cockpit.contract.repository import Repository


def lacking(repository: Repository, names: Sequence[str], what: str, wanted: str) -> Iterator[Problem]:
    """Yield each alert that has nothing in any of the annotations `names`; `wanted` is what to say there."""
    for alert in repository.alerts if names else ():
        own = next((name for name in names if name in alert.rule.annotations), None)
        if not any(alert.rule.annotations.get(name, "").strip() for name in names):
            yield Problem(
                at=alert.at("annotations", own) if own else alert.at("alert"),
                message=f"{alert.name} has no {what}",
                remedy=f"say {wanted}, in the annotation `{names[0]}`",
            )
