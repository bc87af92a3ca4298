"""How a condition stands by one look. Pure."""

from msgspec.structs import replace

from cockpit.drills.model import (
    Compared,
    Condition,
    Firing,
    Inhibited,
    Leftovers,
    Notified,
    Pushed,
    Quiet,
    Resolved,
    Silenced,
)
from cockpit.drills.state import Exercise, PhaseState, Seen
from cockpit.drills.verify.alerts import firing, quiet
from cockpit.drills.verify.compared import compared
from cockpit.drills.verify.gateway import leftovers, pushed
from cockpit.drills.verify.looked import Look
from cockpit.drills.verify.notified import notified
from cockpit.drills.verify.resolved import resolved
from cockpit.drills.verify.seen import awaited
from cockpit.drills.verify.suppressed import inhibited, silenced
from cockpit.text import one_line


def judge(condition: Condition, phase: PhaseState, look: Look, exercise: Exercise) -> Seen:
    """Return how `condition`, one of `phase`, stands: a cleaned sentence, and evidence where it is settled.

    AWAITED says how it stands now; so does what stays quiet to the end. FAILED is only where time cannot mend
    it, INCONCLUSIVE where this look could not tell; the next one may. A look from before the phase tells
    nothing.
    """
    if phase.begun_at is not None and look.at < phase.begun_at:
        return awaited("not looked at yet")
    seen = _judged(condition, phase, look, exercise)
    return replace(seen, said=one_line(seen.said, 500))


def _judged(condition: Condition, phase: PhaseState, look: Look, exercise: Exercise) -> Seen:
    match condition:
        case Pushed():
            return pushed(condition, look, exercise)
        case Firing():
            return firing(condition, look, exercise)
        case Quiet():
            return quiet(condition, look, exercise)
        case Notified():
            return notified(condition, phase.phase.alert_told(condition), look, exercise)
        case Inhibited():
            return inhibited(condition, look, exercise)
        case Silenced():
            return silenced(condition, look, exercise)
        case Resolved():
            return resolved(condition, look, exercise)
        case Leftovers():
            return leftovers(look, exercise)
        case Compared():
            return compared(condition, look)
