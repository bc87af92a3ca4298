"""Scenario that expects an alert which no rule defines.

The scenario was written for an alert that is gone, was renamed, or is misspelt here: what it proves is
nothing, and the alert that it was meant for may be unproven. An alert that is missing is reported once, at
the first scenario that expects it.

**Remedy.** Write the alert's name as its rule has it, or delete the expectation.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from cockpit.contract.model import Key, Problem, Severity
from cockpit.contract.repository import Repository, ScenarioEntry
from cockpit.contract.rule import rule
from cockpit.expression import parsed, selectors
from cockpit.scenarios.model import Fires, name_of
from cockpit.scenarios.own import alert_of


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield the first expectation of each alert that is missing."""
    if not repository.rule_files or repository.rules_unknown:
        return
    expected = [
        (entry, number, each)
        for entry in repository.scenarios
        for number, each in enumerate(entry.scenario.expect)
    ]
    # Who makes it fire tells more of it than who wants it quiet.
    expected.sort(key=lambda found: not isinstance(found[2], Fires))
    fires = {each.alert for _, _, each in expected if isinstance(each, Fires)}
    free = sorted(repository.alert_names - fires)
    said: set[str] = set()
    for entry, number, each in expected:
        name = alert_of(each)
        if name in repository.alert_names or name in said:
            continue
        said.add(name)
        near = get_close_matches(name, free, n=1)
        meant = {*near, *_looking_at(entry, repository, free)}
        near = near or get_close_matches(name, repository.alert_names, n=1)
        yield Problem(
            at=entry.at("expect", number, "alert" if isinstance(each, Fires) else "quiet"),
            message=f"{entry.scenario.name} expects {name}, which no rule defines",
            remedy=f"did you mean {near[0]}?" if near else "name an alert of the rule files",
            breaks=frozenset[Key]([("alert-name", name), *(("renamed", other) for other in meant)]),
            rests_on=frozenset([("rules",)]),
        )


def _looking_at(entry: ScenarioEntry, repository: Repository, free: list[str]) -> Iterator[str]:
    """Yield those of the alerts `free` that look at what the scenario pushes: one may be the missing one."""
    pushed = {name_of(signal) for signal in entry.scenario.signals}
    for name in free:
        below = repository.graph.needed([name])
        exprs = (rule.expr for rule in below if parsed(rule.expr) is not None)
        read = {selector.name for expr in exprs for selector in selectors(expr)}
        if any(metric.startswith(tuple(pushed)) for metric in read):
            yield name
