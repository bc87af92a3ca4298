"""What an alert has and lacks. Pure values: who shows them need not import what finds them out."""

from enum import StrEnum

from msgspec import Struct

NO_RUNBOOK, UNPROVEN, UNDRILLED = "alerts/no-runbook", "scenarios/unproven", "drills/undrilled"
"""The rules that report what is missing, and whose suppression gives the reason."""


class Lack(StrEnum):
    """What an alert lacks."""

    RUNBOOK = "no runbook"
    PROOF = "unproven"
    DRILL = "undrilled"


class Covered(Struct, frozen=True, kw_only=True):
    """An alert with its runbook (its path), and the names of the scenarios and drills that make it fire.

    `failing` are those scenarios whose proof fails. `always` says that it fires always, as a Watchdog does:
    no proof or drill is due. `reasons` are the stated ones, by the id of the rule.
    """

    alert: str
    severity: str = ""
    runbook: str = ""
    scenarios: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    drills: tuple[str, ...] = ()
    always: bool = False
    reasons: dict[str, str] = {}

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """What it lacks without a stated reason."""
        proven = self.always or set(self.scenarios) - set(self.failing)
        found = (
            (Lack.RUNBOOK, self.runbook, NO_RUNBOOK),
            (Lack.PROOF, proven, UNPROVEN),
            (Lack.DRILL, self.always or self.drills, UNDRILLED),
        )
        return tuple(lack for lack, has, rule in found if not has and rule not in self.reasons)
