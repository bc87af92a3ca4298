"""What an exercise's engine appends next, by how the exercise stands, what was seen, and the time. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct

from cockpit.drills import events
from cockpit.drills.model import ALL, Quiet
from cockpit.drills.state import Blind, Exercise, Mode, Outcome, PhaseState, Seen, State
from cockpit.scenarios.run.standing import spoken

UNSEEN = 0.1
"""The share of a limit for which a condition may go unseen before nobody can tell that it did not hold."""


class Next(Struct, frozen=True):
    """An event to append. `explain` is the condition of which it has yet to be said why it did not hold."""

    kind: str
    data: dict[str, Any] = {}
    explain: int | None = None


def step(exercise: Exercise, judged: Sequence[Seen], now: float) -> tuple[Next, ...]:
    """Return what comes next at `now` (Unix seconds); nothing where time or people have to go on.

    `judged` is how the last look found each condition of the current phase. Once what is returned was
    appended, it is to be asked again.
    """
    if exercise.state is State.PLANNED:
        return (Next(events.BEGUN),)
    if exercise.state not in (State.RUNNING, State.WAITING):
        return ()
    phase = exercise.phase
    if phase is None:
        return (_next_phase(exercise),)
    if found := _conditions(exercise, phase, judged, now):
        return found
    if not phase.machine_settled:
        return ()
    return _operators(exercise, phase, now)


def due(exercise: Exercise) -> frozenset[str]:
    """Return the scenarios that are to play as the exercise stands."""
    playing: set[str] = set()
    for each in exercise.phases[: exercise.current] if not exercise.is_over else ():
        playing -= playing if each.phase.stop == ALL else {each.phase.stop or ""}
        playing |= {each.phase.play} if each.phase.play else set()
    return frozenset(playing)


def played_no_more(exercise: Exercise, going: Mapping[str, bool], starting: Collection[str]) -> str:
    """Return in words what is due and was ended by somebody else; empty where all of it plays.

    `going` are the scenarios that play, and whether each heals; `starting` are those yet to be started.
    """
    ended = sorted(name for name in due(exercise) if going.get(name, True) and name not in starting)
    return f"{' and '.join(ended)} {'is' if len(ended) == 1 else 'are'} played no more" if ended else ""


def unplayed(seen: Seen, stopped: str) -> Seen:
    """Return `seen` where `stopped` says what is played no more: what does not hold tells nothing then."""
    if not stopped or seen.outcome is not Outcome.AWAITED:
        return seen
    return Seen(outcome=Outcome.INCONCLUSIVE, said=stopped, evidence=seen.evidence)


def _next_phase(exercise: Exercise) -> Next:
    if exercise.current == len(exercise.phases):
        return Next(events.FINISHED, {"cause": "all phases are over"})
    return Next(events.PHASE_BEGUN, {"phase": exercise.current + 1})


def _operators(exercise: Exercise, phase: PhaseState, now: float) -> tuple[Next, ...]:
    alone = exercise.plan.mode is Mode.UNATTENDED
    if not alone and not phase.tasks_settled:
        if exercise.state is State.RUNNING:
            return (Next(events.WAITING, {"phase": phase.number}),)
        clock = phase.clock(now, exercise.plan)
        if clock.elapsed < clock.limit:
            return ()
    return (Next(events.PHASE_ENDED, {"phase": phase.number, "cause": _cause(phase, alone=alone)}),)


def _cause(phase: PhaseState, *, alone: bool) -> str:
    if any(each.outcome is not Outcome.PASSED for each in phase.conditions):
        return "not all of it was seen to hold"
    if alone and phase.tasks:
        return "nobody is there to do what it asks"
    if not phase.tasks:
        return "all of it held"
    return "all of it was done" if phase.tasks_settled else "the time is up"


def _conditions(
    exercise: Exercise, phase: PhaseState, judged: Sequence[Seen], now: float
) -> tuple[Next, ...]:
    found = []
    for index, (known, seen) in enumerate(zip(phase.conditions, judged, strict=True)):
        if known.outcome is Outcome.AWAITED:
            one = _condition(exercise, phase, index, seen, now)
            found += [one] if one else []
    return tuple(found)


def _condition(exercise: Exercise, phase: PhaseState, index: int, seen: Seen, now: float) -> Next | None:
    """Return what is to be noted of an awaited condition: that it is settled, or that sight came or went."""
    quiet = isinstance(phase.phase.verify[index], Quiet)
    if seen.outcome is Outcome.FAILED or (seen.outcome is Outcome.PASSED and not quiet):
        return _settled(phase, index, seen)
    limit = exercise.plan.machine_limit(phase.phase)
    clock, blind = phase.elapsed(now), phase.blind[index]
    sees = seen.outcome is not Outcome.INCONCLUSIVE
    if clock >= limit or (quiet and sees and _rest_is_settled(phase)):
        return _in_the_end(phase, index, seen, _unseen(blind, clock, limit), quiet=quiet)
    where = {"phase": phase.number, "condition": index}
    if sees and blind.since is not None:
        return Next(events.SIGHTED, where)
    if not sees and blind.since is None:
        return Next(events.BLIND, {**where, "said": seen.said})
    return None


def _in_the_end(phase: PhaseState, index: int, seen: Seen, unseen: str, *, quiet: bool) -> Next:
    """Return what came of a condition that nothing more is waited for."""
    if seen.outcome is Outcome.INCONCLUSIVE or unseen:
        said = seen.said if seen.outcome is Outcome.INCONCLUSIVE else unseen
        return _settled(phase, index, Seen(outcome=Outcome.INCONCLUSIVE, said=said, evidence=seen.evidence))
    if quiet:
        return _settled(phase, index, Seen(outcome=Outcome.PASSED, said=seen.said, evidence=seen.evidence))
    return _settled(
        phase, index, Seen(outcome=Outcome.FAILED, said=seen.said, evidence=seen.evidence), explain=index
    )


def _settled(phase: PhaseState, index: int, seen: Seen, explain: int | None = None) -> Next:
    data = {
        "phase": phase.number,
        "condition": index,
        "outcome": seen.outcome,
        "said": seen.said,
        "evidence": seen.evidence,
    }
    return Next(events.SEEN, data, explain)


def _unseen(blind: Blind, clock: float, limit: float) -> str:
    """Return why it was not looked at for long enough to tell; empty where it was."""
    total = blind.total(clock)
    if total <= UNSEEN * limit:
        return ""
    return f"it could not be looked at for {spoken(total)} of {spoken(limit)}: {blind.said}"


def _rest_is_settled(phase: PhaseState) -> bool:
    """Say whether nothing else is awaited in a phase in which an alert is to stay quiet meanwhile.

    Where there is nothing else, it is to stay quiet for as long as the limit says.
    """
    rest = [
        seen.outcome
        for condition, seen in zip(phase.phase.verify, phase.conditions, strict=True)
        if not isinstance(condition, Quiet)
    ]
    if not rest:
        return bool(phase.tasks) and phase.tasks_settled
    return Outcome.AWAITED not in rest
