"""Runbook without a command.

It says what to do in words only: whoever is paged has to make the commands up. That is right for some
alerts, where there is nothing to type. Where nine in ten runbooks have none, that is said once.

**Remedy.** Write the commands in `bash` fences, ready to be copied.
"""

from collections.abc import Iterator

from cockpit.contract.custom import said
from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository, RunbookEntry
from cockpit.contract.rule import rule
from cockpit.runbooks.model import SectionKind


@rule(Severity.INFO)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each runbook in which nothing is to be run."""
    found = [_problem(entry) for entry in repository.runbooks if not entry.runbook.commands]
    return said(found, len(repository.runbooks), "hardly any runbook has a command")


def _problem(entry: RunbookEntry) -> Problem:
    path = entry.runbook.path
    return Problem(
        at=entry.head,
        message=f"{entry.runbook.title} has no command",
        remedy="write its commands as `bash` fences, ready to be copied",
        rests_on=frozenset([("runbook", path), ("section", path, SectionKind.MITIGATION.value)]),
    )
