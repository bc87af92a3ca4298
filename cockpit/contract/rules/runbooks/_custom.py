"""What nearly all runbooks of a team lack: its custom, which is said once."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from cockpit.contract.model import Problem
from cockpit.contract.repository import Repository, RunbookEntry

_LEAST = 10


def is_custom(repository: Repository, lacking: Sequence[RunbookEntry]) -> bool:
    """Say whether hardly any of the runbooks has what these lack."""
    return len(lacking) >= _LEAST and 10 * len(lacking) >= 9 * len(repository.runbooks)


def said(
    repository: Repository, lacking: Sequence[tuple[RunbookEntry, Problem]], what: str
) -> Iterator[Problem]:
    """Yield the problems of runbooks; of a custom only the first, for all: hardly any runbook does `what`.

    It has no number in it, so that a baseline knows it again when there is a runbook more.
    """
    problems = [problem for _, problem in lacking]
    if not is_custom(repository, [entry for entry, _ in lacking]):
        yield from problems
        return
    breaks = frozenset().union(*(each.breaks for each in problems))
    yield replace(problems[0], message=f"hardly any runbook {what}", breaks=breaks)
