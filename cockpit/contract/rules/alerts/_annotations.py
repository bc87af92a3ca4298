"""Alerts that lack an annotation of some kind, and what a team calls it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from cockpit.contract.custom import said
from cockpit.contract.model import Problem
from cockpit.contract.repository import Repository


def usual(names: Sequence[str], held: Iterable[Collection[str]]) -> str:
    """Return that of `names` which most of `held` have; the first where none has any."""
    counts = Counter(name for own in held for name in names if name in own)
    return max(names, key=lambda name: counts[name])


def lacking(repository: Repository, names: Sequence[str], what: str, wanted: str) -> Iterator[Problem]:
    """Yield each alert that has nothing in any of the annotations `names`; `wanted` is what to say there."""
    if not names:
        return
    called = usual(names, (each.rule.annotations for each in repository.alerts))
    found = []
    for alert in repository.alerts:
        own = next((name for name in names if name in alert.rule.annotations), None)
        if not any(alert.rule.annotations.get(name, "").strip() for name in names):
            found.append(
                Problem(
                    at=alert.at("annotations", own) if own else alert.at("alert"),
                    message=f"{alert.name} has no {what}",
                    remedy=f"say {wanted}, in the annotation `{called}`",
                )
            )
    yield from said(found, len(repository.alerts), f"hardly any alert has a {what}")
