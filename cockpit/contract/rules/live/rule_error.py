"""Rule that Prometheus cannot evaluate.

A rule whose evaluation fails never fires, and looks like one for which all is well. So does one whose group
has not been evaluated for long: the server is overloaded, or the group takes longer than its interval.

Only rules that stand in the files are looked at.

**Remedy.** Mend the expression where the error names it: usually labels that match several series on both
sides (`many-to-many matching`). For a group that is late, look at
`prometheus_rule_group_last_duration_seconds`.
"""

from collections.abc import Iterator

from cockpit.contract.live.loaded import Pair, compared
from cockpit.contract.live.model import Live
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.live._words import said, utc

_LATE_INTERVALS = 5
_LATE_AT_LEAST = 60.0


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each rule with an error, and each group that is late."""
    live = repository.live
    if live is None:
        return
    late: set[str] = set()
    for pair in compared(repository).pairs:
        if pair.loaded is None or pair.group is None:
            continue
        if pair.loaded.health == "err":
            yield _problem(
                pair,
                f"{pair.entry.name} cannot be evaluated: {said(pair.loaded.last_error)}",
                "mend what the error names, in the expression or in the labels of its series",
            )
        elif pair.group.name not in late and _is_late(pair, live):
            late.add(pair.group.name)
            yield _problem(
                pair,
                f"the group {said(pair.group.name)} has not been evaluated"
                f" since {utc(pair.loaded.last_evaluation)}",
                "look at Prometheus's load and log; a longer `interval` helps a group that takes too long",
            )


def _is_late(pair: Pair, live: Live) -> bool:
    """Say whether an evaluation is overdue; of a rule that has had none yet nothing is known."""
    if pair.loaded is None or pair.group is None or not pair.loaded.last_evaluation:
        return False
    allowed = max(_LATE_INTERVALS * pair.group.interval, live.scaled(_LATE_AT_LEAST), 5.0)
    return live.at - pair.loaded.last_evaluation > allowed


def _problem(pair: Pair, message: str, remedy: str) -> Problem:
    return Problem(
        at=pair.entry.at("expr"),
        message=message,
        remedy=remedy,
        rests_on=frozenset([("loaded", pair.entry.name), ("alert", pair.entry.name)]),
    )
