"""Suppression without a reason.

A comment `cockpit: ignore` says nothing of why the finding is accepted. Nobody can tell later whether it
still should be, so the comment suppresses nothing.

**Remedy.** End the comment with two hyphens and the reason:
`# cockpit: ignore alerts/short-for -- a single lost write has to page`.
"""

from collections.abc import Iterator

from cockpit.contract.model import Problem, Severity
from cockpit.contract.repository import Repository
from cockpit.contract.rule import rule
from cockpit.contract.suppress import comments


@rule(Severity.ERROR)
def check(repository: Repository) -> Iterator[Problem]:
    """Yield each comment that suppresses without a reason."""
    for comment in comments(repository).all:
        if not comment.reason:
            yield Problem(
                at=comment.at,
                message="this comment gives no reason, and so suppresses nothing",
                remedy="end it with ` -- ` and the reason",
            )
