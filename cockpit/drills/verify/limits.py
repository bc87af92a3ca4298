"""How long a message may take, and how that is put. Pure.

What was seen is told in the scenario's time, what is still awaited by the clock of those who wait.
"""

from cockpit.drills.model import Notified
from cockpit.drills.verify.looked import Look
from cockpit.scenarios.run.standing import spoken

SPARE = 2.0
"""Seconds that sending takes at any speed, granted where a lab passes time faster."""


def granted(condition: Notified, look: Look) -> float | None:
    """Return the real seconds that the message has from the alert's firing on, None where it has all time."""
    if condition.within is None:
        return None
    return condition.within / look.speed + (SPARE if look.speed > 1 else 0.0)


def late(condition: Notified, took: float, look: Look) -> str:
    """Return that a message which took so many real seconds came too late; empty where it did not."""
    within = granted(condition, look)
    return f"later than the {spoken(condition.within or 0.0)} granted" if within and took > within else ""


def after(at: float, since: float | None, look: Look) -> str:
    """Return ` 40s after it fired`, nothing where it is not known when that was."""
    return "" if since is None else f" {spoken(max(0.0, at - since) * look.speed)} after it fired"


def untold(condition: Notified, names: str, since: float | None, look: Look) -> str:
    """Return that `names` were not told yet, and how long they have."""
    if since is None:
        return f"{names} not told yet: it does not fire"
    within = granted(condition, look)
    if within is None:
        return f"{names} not told yet"
    left = since + within - look.at
    if left < 0:
        return f"{names} not told within the {spoken(condition.within or 0.0)} granted"
    return f"{names} not told yet, {spoken(left)} left"


def carried(condition: Notified) -> str:
    """Return `, with runbook and summary`."""
    return f", with {' and '.join(condition.carrying)}" if condition.carrying else ""
