"""How what a look says of a condition is put. Pure."""

from typing import Any

from cockpit.drills.state import Outcome, Seen


def passed(said: str, **evidence: Any) -> Seen:
    """Return that it holds, in a sentence, and what it was seen by."""
    return Seen(outcome=Outcome.PASSED, said=said, evidence=evidence)


def failed(said: str, **evidence: Any) -> Seen:
    """Return that it does not hold, and that time cannot mend it."""
    return Seen(outcome=Outcome.FAILED, said=said, evidence=evidence)


def awaited(said: str) -> Seen:
    """Return that it does not hold yet, in a phrase for a live view."""
    return Seen(outcome=Outcome.AWAITED, said=said)


def inconclusive(reason: str) -> Seen:
    """Return that this look cannot tell, and why."""
    return Seen(outcome=Outcome.INCONCLUSIVE, said=reason)
