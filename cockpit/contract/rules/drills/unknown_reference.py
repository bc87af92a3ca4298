"""Drill that speaks of what is not there.

A scenario to play, an alert to verify, a receiver to be told or a runbook to open that the drill names does
not exist: the drill would be refused, or lost, for a fault of its own. A missing alert that a scenario
expects too is reported there.

**Remedy.** Write the name as it is now.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import PurePosixPath

from cockpit.contract.model import Key, Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.drills.references import Kind, Reference, references

_WHERE = {
    Kind.SCENARIO: "the scenarios",
    Kind.ALERT: "the rule files",
    Kind.RUNBOOK: "the runbooks",
    Kind.RECEIVER: "the receivers of Alertmanager",
}


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each name that leads nowhere, once for each drill."""
    known = _known(repository)
    for entry in repository.drills:
        said: set[tuple[Kind, str]] = set()
        for kind, names in known.items():
            if kind is Kind.ALERT and repository.rules_unknown:
                continue
            for each in references(entry.drill, kind):
                if each.name in names or not names or (kind, each.name) in said:
                    continue
                said.add((kind, each.name))
                near = get_close_matches(each.name, sorted(names), n=1)
                yield Problem(
                    at=entry.at(*each.keys),
                    message=f"{entry.drill.name} speaks of the {kind} {each.name}, which {_WHERE[kind]} lack",
                    remedy=f"did you mean {near[0]}?"
                    if near
                    else f"there are: {', '.join(sorted(names)[:8])}",
                    breaks=_breaks(each, near),
                    rests_on=_rests_on(each),
                )


def _known(repository: Repository) -> Mapping[Kind, frozenset[str]]:
    """Return the names that there are; none of a kind means that nothing of it was read."""
    receivers = (each.routing.receivers for each in repository.alertmanagers if each.routing)
    bad = tuple(bad.place.path for bad in repository.bad_files)
    scenarios = {entry.scenario.name for entry in repository.scenarios}
    # One that cannot be read is there all the same.
    scenarios |= {PurePosixPath(path).stem for path in bad} if scenarios else set()
    runbooks = {PurePosixPath(path).stem for path in repository.library.names()}
    return {
        Kind.SCENARIO: frozenset(scenarios),
        Kind.ALERT: repository.alert_names,
        Kind.RUNBOOK: frozenset(runbooks),
        Kind.RECEIVER: frozenset(name for names in receivers for name in names),
    }


def _breaks(each: Reference, near: list[str]) -> frozenset[Key]:
    if each.kind is not Kind.ALERT:
        return frozenset()
    return frozenset([("alert-name", each.name), *(("drilled", name) for name in near)])


def _rests_on(each: Reference) -> frozenset[Key]:
    if each.kind is Kind.ALERT:
        return frozenset([("alert-name", each.name), ("rules",)])
    if each.kind is Kind.RUNBOOK:
        return frozenset([("runbook", each.name), ("runbook", f"{each.name}.md"), ("folder",)])
    return frozenset([(each.kind.value, each.name), ("folder",)])
