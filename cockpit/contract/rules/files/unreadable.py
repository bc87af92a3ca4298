"""File that cannot be read.

A rule file, a configuration, a scenario, a drill or a runbook could not be read at all: it is no YAML, is not
text, is too large, or may not be opened; or a folder cannot be listed. Its own reader, Prometheus or whoever
is paged, cannot read it either. What it holds is missing in everything that is checked, and what follows
from that is not reported.

Files of other kinds that cannot be read are listed, and are no finding.

**Remedy.** Mend the file at the line that is named.
"""

from collections.abc import Iterator

from cockpit.contract.kinds import Kind
from cockpit.contract.model import Key, Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule

_MAY_HOLD_RULES = frozenset({Kind.RULES.value, Kind.OTHER.value, "folder"})


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each file of a known kind that could not be read."""
    for bad in repository.bad_files:
        if not bad.invalid:
            keys: list[Key] = [("file", bad.place.path)]
            keys += [("rules",)] if bad.kind in _MAY_HOLD_RULES else []
            keys += [("runbook", bad.path)] if bad.path else []
            keys += [("folder",)] if bad.kind == "folder" else []
            yield Problem(
                at=bad.place,
                message=f"this {bad.kind} cannot be read: {bad.reason}",
                remedy="mend it, or leave it out with `exclude` in the settings",
                breaks=frozenset(keys),
            )
