"""An exercise in its second phase, which verifies what a test asks; the first one plays another scenario."""

from collections.abc import Sequence
from typing import Any

from cockpit.drills.model import Drill
from cockpit.drills.state import Exercise, PhaseState, Plan, Seen, State

FIRST, SECOND = "busy", "worse"


def exercise(
    *verify: dict[str, Any],
    begun_at: float = 0.0,
    first: str = FIRST,
    second: str = SECOND,
    seen: Sequence[tuple[dict[str, Any], Seen]] = (),
    **plan: Any,
) -> Exercise:
    """Return an exercise that plays `first` and `second`, its current phase with `verify`.

    In the phase before `seen` came of its conditions.
    """
    drill = Drill.model_validate(
        {
            "name": "tabletop-99",
            "title": "Two phases",
            "rubric": {1: "A", 0: "F"},
            "pass": 1,
            "phases": [
                {
                    "name": "One",
                    "limit": "1h",
                    "play": first,
                    "verify": [{"pushed": first}, *(verb for verb, _ in seen)],
                },
                {"name": "Two", "limit": "1h", "play": second, "verify": list(verify)},
            ],
        }
    )
    known = {1: (Seen(), *(each for _, each in seen)), 2: tuple(Seen() for _ in verify)}
    phases = tuple(
        PhaseState(
            number=number,
            phase=phase,
            begun_at=begun_at,
            ticking_since=begun_at,
            conditions=known[number],
        )
        for number, phase in enumerate(drill.phases, 1)
    )
    return Exercise(
        id="x",
        drill=drill,
        plan=Plan(context="lab", **plan),
        state=State.RUNNING,
        begun_at=begun_at,
        current=2,
        phases=phases,
    )
