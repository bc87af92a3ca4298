"""Route or inhibition rule that asks for a misspelt label.

A condition in the Alertmanager configuration names a label, or a value of one, that no alert has, although
alerts have one that is written almost like it: `severty` for `severity`, `criticl` for `critical`. Its route
takes nothing, and what was meant for it goes elsewhere, to the default receiver at worst; an inhibition rule
inhibits nothing.

Only what is written almost alike is reported. A label that series may bring, or that servers commonly add, is
not, and neither is a value of a label that templates or queries make.

**Remedy.** Write in the condition what the alerts have.
"""

from collections.abc import Iterator

from cockpit.contract.model import Key, Problem, Severity
from cockpit.contract.repository import AlertmanagerEntry, Repository
from cockpit.contract.routing.conditions import Condition, inhibitions, of_routes
from cockpit.contract.routing.slips import Slip, asked_for, slips
from cockpit.contract.routing.spelling import is_shortened
from cockpit.contract.rule import rule


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each condition that asks for what is misspelt."""
    if repository.rules_unknown:
        return
    for entry in repository.alertmanagers:
        conditions = tuple(_conditions(entry))
        asked = {(each.group, value) for each, _ in conditions for value in asked_for(each.matcher)}
        for condition, keys in conditions:
            for slip in slips(repository).of(condition.matcher):
                # Who asks for `warn` and, beside it, for `warning` takes either.
                if not (is_shortened(slip.asks, slip.has) and (condition.group, slip.has) in asked):
                    yield _problem(condition, slip, keys)


def _conditions(entry: AlertmanagerEntry) -> Iterator[tuple[Condition, frozenset[Key]]]:
    for condition in of_routes(entry):
        yield condition, frozenset()
    for each in inhibitions(entry):
        keys = frozenset([("inhibition", entry.file.path, str(each.number))])
        for condition in (*each.source, *each.target):
            yield condition, keys


def _problem(condition: Condition, slip: Slip, keys: frozenset[Key]) -> Problem:
    what = f"the label {slip.asks}" if slip.is_label else f'{condition.matcher.name}="{slip.asks}"'
    return Problem(
        at=condition.at,
        message=f"no alert has {what}; did you mean {slip.has}?",
        remedy=f"write {slip.has}, as the alerts have it",
        breaks=keys | {("route", name) for name in slip.alerts},
        rests_on=frozenset([("rules",), ("alert-name", slip.asks), ("named-alert", slip.asks)]),
    )
