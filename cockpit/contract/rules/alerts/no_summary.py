"""Alert without a summary.

A notification shows its name and nothing else: whoever is woken has to guess what is wrong.

An alert has a summary when it has an annotation `summary`, `message` or `title` (the setting `summaries`)
with something in it. Where nine in ten alerts have none, that is said once.

**Remedy.** Say under `annotations:`, in one line, what is wrong with what.
"""

from collections.abc import Iterator

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.contract.rules.alerts._annotations import lacking


@rule(Severity.WARNING)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each alert without a summary."""
    return lacking(repository, repository.settings.summaries, "summary", "what is wrong, in one line")
