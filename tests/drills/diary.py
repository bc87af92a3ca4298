"""An exercise's journal with a clock that is set by hand: two phases, one of the machine, one of people."""

from pathlib import Path
from typing import Any

from cockpit.drills import events
from cockpit.drills.fold import fold
from cockpit.drills.model import Drill
from cockpit.drills.state import Exercise, Mode, Plan
from cockpit.journal.journal import Journal

DRILL: dict[str, Any] = {
    "name": "tabletop-99",
    "title": "Two phases",
    "rubric": {2: "A", 1: "B", 0: "F"},
    "pass": 1.5,
    "phases": [
        {"name": "Fires", "limit": "5m", "verify": [{"firing": "Down"}]},
        {
            "name": "Triage",
            "limit": "5m",
            "operator": [
                {"opened": "down"},
                {"ran_query": True},
                {"answer": "Which code?", "accept": ["rate_limited"]},
            ],
            "hints": ["Look at the runbook."],
        },
    ],
}


class Diary:
    """The journal at `path` of an exercise of `drill` that begins at `now` (Unix seconds).

    `planned` is what its plan says beside its mode.
    """

    def __init__(
        self,
        path: Path,
        mode: Mode = Mode.ALONE,
        *,
        drill: dict[str, Any] = DRILL,
        now: float = 1000.0,
        **planned: Any,
    ) -> None:
        self.now = now
        self.journal = Journal(path, now=lambda: self.now)
        plan = Plan(**({"context": "lab", "mode": mode, "metrics": ("errors_total",)} | planned))
        self.add(events.PLANNED, drill=Drill.model_validate(drill).document(), plan=plan)
        self.add(events.BEGUN)

    def add(self, kind: str, /, *, later: float = 1.0, **data: Any) -> None:
        """Append an event so many seconds after the last one."""
        self.now += later
        self.journal.append(kind, **data)

    def exercise(self) -> Exercise:
        """Return how the exercise stands."""
        found = fold(self.journal.path.stem, self.journal.entries())
        assert found is not None
        return found

    def fires(self, outcome: str = "passed", said: str = "Down fires", **evidence: Any) -> None:
        """Let the first phase end so, and the second begin."""
        self.add(events.PHASE_BEGUN, phase=1)
        seen = {"firing_since": self.now, **evidence} if outcome == "passed" else evidence
        self.add(events.SEEN, phase=1, condition=0, outcome=outcome, said=said, evidence=seen)
        self.add(events.PHASE_ENDED, phase=1, cause="all of it holds")
        self.add(events.PHASE_BEGUN, phase=2)
        self.add(events.WAITING, phase=2)

    def triage(self, runbook: str = "down", code: str = "rate_limited") -> None:
        """Do all that the second phase asks."""
        self.add(events.DONE, what="opened", runbook=runbook)
        self.add(events.DONE, what="opened", runbook="down")
        self.add(events.DONE, what="ran_query", query="rate(errors_total[5m])")
        self.add(events.ANSWERED, phase=2, task=2, text=code)

    def end(self) -> None:
        """End the second phase, and the exercise."""
        self.add(events.PHASE_ENDED, phase=2, cause="")
        self.add(events.FINISHED)
