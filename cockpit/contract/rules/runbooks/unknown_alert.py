"""Runbook that names an alert which is not there.

The front matter of a runbook names alerts under `alerts:`, and no rule has an alert of that name: it was
renamed or deleted, or the name is misspelt. The alert that was meant leads elsewhere, or nowhere.

Where no alerting rule is among the files, or some are templates, nothing is reported.

**Remedy.** Name the alert as its rule does, or take the name out.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository, RunbookEntry
from cockpit.contract.rule import rule


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each name under `alerts:` that no alerting rule has."""
    known = repository.alert_names
    if not known or repository.rules_unknown:
        return
    for entry in repository.runbooks:
        named = entry.runbook.alerts
        for name in named:
            if name in known:
                continue
            here = {each.name for each in entry.alerts}.difference(named)
            near = get_close_matches(name, sorted(known.difference(named)), n=1)
            yield Problem(
                at=entry.at(_line(entry, name)),
                message=f"there is no alert {name}" + (f", did you mean {near[0]}?" if near else ""),
                remedy="name the alert as its rule does, or take it out of `alerts:`",
                breaks=frozenset(
                    [("named-alert", name), *(("documented", each) for each in here.union(near))]
                ),
                rests_on=frozenset([("rules",), ("alert-name", name)]),
            )


def _line(entry: RunbookEntry, name: str) -> int:
    """Return the line, from 0, of a name in the front matter."""
    last = next((each.start for each in entry.runbook.sections), entry.file.text.count("\n"))
    return entry.file.line_of(name, 1, max(last, 1)) - 1
