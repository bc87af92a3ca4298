"""Which alerts were drilled, when last, and whether rule or runbook changed since: then it is undrilled."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from cockpit.drills import history
from cockpit.drills.digests import digests
from cockpit.drills.model import Firing
from cockpit.drills.state import Exercise, Mode, Outcome, State
from cockpit.errors import UsageError
from cockpit.runbooks.library import Library
from cockpit.scenarios.proof.rulefiles import Rules
from cockpit.units import rfc3339

_VERIFIED = (Outcome.PASSED, Outcome.UNSCORED)
"""What comes of a phase in which all holds that the machine verifies."""


class Covered(Struct, frozen=True, kw_only=True):
    """An alert, and the last exercise whose phase verified it to fire: of which drill, at (Unix seconds).

    `changed` names what is not as it was then: rule, runbook.
    """

    alert: str
    drill: str = ""
    exercise: str = ""
    at: float | None = None
    mode: Mode | None = None
    changed: tuple[str, ...] = ()

    @property
    def is_drilled(self) -> bool:
        """Whether it was drilled as it is now."""
        return self.at is not None and not self.changed


def coverage(folder: Path, library: Library) -> tuple[Covered, ...]:
    """Return all alerts of the rule files under `folder` (the context's `scenarios`), by name.

    What fires always, as a Watchdog does, is left out. Raises UsageError where there are no rule files.
    """
    where = folder / "rules"
    try:
        rules = Rules.read([where])
    except UsageError as error:
        remedy = "name a folder that has rule files in `rules` with --scenarios"
        raise UsageError(error.message, remedy=remedy) from error
    alerts = sorted({each.name for each in rules.all if each.is_alert and not rules.always_firing(each)})
    return covered(digests(alerts, where, library), alerts, history.exercises())


def covered(
    now: Mapping[str, Mapping[str, str]], alerts: Iterable[str], exercises: Iterable[Exercise]
) -> tuple[Covered, ...]:
    """Return how `alerts` were covered by `exercises`, the oldest first; `now` has their digests."""
    last = {
        alert: each for each in exercises if each.state is State.FINISHED for alert in sorted(_verified(each))
    }
    return tuple(_covered(alert, last.get(alert), now.get(alert, {})) for alert in alerts)


def document(row: Covered) -> dict[str, Any]:
    """Return the JSON form of a row; what is not known is null."""
    return {
        "alert": row.alert,
        "drilled": row.is_drilled,
        "drill": row.drill or None,
        "exercise": row.exercise or None,
        "at": None if row.at is None else rfc3339(row.at),
        "mode": row.mode,
        "changed": list(row.changed),
    }


def _covered(alert: str, exercise: Exercise | None, now: Mapping[str, str]) -> Covered:
    if exercise is None:
        return Covered(alert=alert)
    then = exercise.plan.digests.get(alert, {})
    # What was not noted then cannot be told to be the same.
    changed = tuple(part for part in ("rule", "runbook") if part not in then or then[part] != now.get(part))
    return Covered(
        alert=alert,
        drill=exercise.drill.name,
        exercise=exercise.id,
        at=exercise.begun_at or exercise.planned_at,
        mode=exercise.plan.mode,
        changed=changed,
    )


def _verified(exercise: Exercise) -> set[str]:
    """Return the alerts that a phase of `exercise`, all of it verified, saw firing."""
    return {
        condition.firing
        for each in exercise.phases
        if each.outcome(exercise.plan.mode) in _VERIFIED
        for condition in each.phase.verify
        if isinstance(condition, Firing)
    }
