"""Runbook without a command.

It says what to do in words only: whoever is paged has to make the commands up. That is right for some
alerts, where there is nothing to type.

**Remedy.** Write the commands in `bash` fences, ready to be copied.
"""

from collections.abc import Iterator

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.runbooks.model import SectionKind


@rule(Severity.INFO)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each runbook in which nothing is to be run."""
    for entry in repository.runbooks:
        path = entry.runbook.path
        if not entry.runbook.commands:
            yield Problem(
                at=entry.head,
                message=f"{entry.runbook.title} has no command",
                remedy="write its commands as `bash` fences, ready to be copied",
                rests_on=frozenset([("runbook", path), ("section", path, SectionKind.MITIGATION.value)]),
            )
