"""Alert without a description.

A notification does not say what was measured, where, and what it means for users.

An alert has a description when it has an annotation `description` or `message` (the setting `descriptions`)
with something in it. Where nine in ten alerts have none, that is said once.

**Remedy.** Say under `annotations:` what is measured, with its value and its labels, and what follows from
it.
"""

from collections.abc import Iterator

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.alerts._annotations import lacking


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each alert without a description."""
    wanted = "what is measured, and what follows from it"
    return lacking(repository, repository.settings.descriptions, "description", wanted)
