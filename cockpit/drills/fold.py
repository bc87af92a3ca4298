"""The fold of an exercise's journal into how it stands. Pure.

What an entry says that does not fit the state, in a journal that anybody may write, changes nothing.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec.structs import replace
from pydantic import ValidationError

from cockpit.drills import events, tasks
from cockpit.drills.events import evidence_of, text_of
from cockpit.drills.model import Drill, Phase
from cockpit.drills.state import (
    Blind,
    ByHand,
    Exercise,
    Mode,
    Outcome,
    PhaseState,
    Plan,
    Seen,
    State,
    TaskState,
    WrongTurn,
)
from cockpit.journal.journal import Entry

_KEPT = 5000
"""Entries of a kind that count: an exercise has hundreds, and a flooded journal is folded in a moment."""
_SETTLED = (Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE)


def fold(exercise: str, entries: Iterable[Entry]) -> Exercise | None:
    """Return the exercise with the id `exercise` as `entries` tell it; None where it was never planned."""
    found: Exercise | None = None
    told: list[Entry] = []
    for entry in entries:
        if found is None:
            found = _planned(exercise, entry) if entry.kind == events.PLANNED else None
        elif step := _STEPS.get(entry.kind):
            told.append(entry)
            found = step(found, entry)
    return replace(_judged(found), events=(*found.events, *told)) if found else None


def _planned(exercise: str, entry: Entry) -> Exercise | None:
    try:
        drill = Drill.model_validate(entry.data.get("drill"))
        plan = msgspec.convert(entry.data.get("plan"), Plan, strict=False)
    except (ValidationError, msgspec.ValidationError):
        return None
    phases = tuple(_phase_of(number, phase, plan) for number, phase in enumerate(drill.phases, 1))
    at, told = entry.at, (entry,)
    return Exercise(id=exercise, drill=drill, plan=plan, planned_at=at, phases=phases, events=told)


def _phase_of(number: int, phase: Phase, plan: Plan) -> PhaseState:
    if not plan.sink and plan.mode is not Mode.UNATTENDED:
        phase = tasks.with_words(phase)
    return PhaseState(
        number=number,
        phase=phase,
        conditions=tuple(Seen() for _ in phase.verify),
        tasks=tuple(TaskState() for _ in phase.operator),
        blind=tuple(Blind() for _ in phase.verify),
    )


def _begun(old: Exercise, entry: Entry) -> Exercise:
    if old.state is not State.PLANNED:
        return old
    return replace(old, state=State.RUNNING, begun_at=entry.at)


def _phase_begun(old: Exercise, entry: Entry) -> Exercise:
    number = entry.data.get("phase")
    if old.state not in (State.RUNNING, State.WAITING) or number != old.current + 1 or old.phase:
        return old
    if not isinstance(number, int) or number > len(old.phases):
        return old
    new = replace(old, current=number, state=State.RUNNING)
    return _phase(new, number, begun_at=entry.at, ticking_since=entry.at)


def _waiting(old: Exercise, entry: Entry) -> Exercise:
    phase = old.phase
    if old.state is not State.RUNNING or phase is None or entry.data.get("phase") != phase.number:
        return old
    if not phase.machine_settled:
        return old
    waits_from = phase.elapsed(entry.at) if phase.waits_from is None else phase.waits_from
    return _phase(replace(old, state=State.WAITING), phase.number, waits_from=waits_from)


def _paused(old: Exercise, entry: Entry) -> Exercise:
    if old.state not in (State.RUNNING, State.WAITING):
        return old
    new = replace(old, state=State.PAUSED, cause=text_of(entry.data, "cause"))
    return _stopped(new, entry.at)


def _proceeded(old: Exercise, entry: Entry) -> Exercise:
    if old.state is not State.PAUSED:
        return old
    new = replace(old, state=State.RUNNING, cause="")
    if new.phase is None:
        return new
    new = replace(new, state=State.RUNNING if new.phase.waits_from is None else State.WAITING)
    return _phase(new, new.current, ticking_since=entry.at)


def _resumed(old: Exercise, entry: Entry) -> Exercise:
    """Leave out of the clock the time from `lost_at` (Unix seconds) on, in which nobody ran the exercise.

    It may have gone on in another lab.
    """
    plan = _moved(old.plan, entry.data)
    new = replace(old, plan=plan, moved_at=old.moved_at if plan.gateway == old.plan.gateway else entry.at)
    phase, lost_at = new.phase, entry.data.get("lost_at")
    if phase is None or phase.ticking_since is None or not isinstance(lost_at, int | float):
        return new
    ran = phase.ran + max(0.0, min(lost_at, entry.at) - phase.ticking_since)
    return _phase(new, phase.number, ran=ran, ticking_since=entry.at)


def _moved(plan: Plan, data: dict[str, Any]) -> Plan:
    """Return `plan` with the lab that an entry's data tell of."""
    told = {key: data[key] for key in ("context", "gateway", "lab", "speed") if key in data}
    try:
        return msgspec.convert(msgspec.to_builtins(plan) | told, Plan, strict=False)
    except msgspec.ValidationError:
        return plan


def _sight(old: Exercise, entry: Entry) -> Exercise:
    """Note that a condition could not be looked at, or could again."""
    found = _awaited(old, entry)
    if found is None:
        return old
    phase, index = found
    before, clock = phase.blind[index], phase.elapsed(entry.at)
    if entry.kind == events.SIGHTED:
        new = Blind(before.total(clock), None, before.said)
    else:
        since = clock if before.since is None else before.since
        new = Blind(before.lasted, since, text_of(entry.data, "said"))
    return _phase(old, phase.number, blind=(*phase.blind[:index], new, *phase.blind[index + 1 :]))


def _awaited(old: Exercise, entry: Entry) -> tuple[PhaseState, int] | None:
    """Return the current phase and the awaited condition of it that an entry is about."""
    number, index = entry.data.get("phase"), entry.data.get("condition")
    phase = old.phase
    if phase is None or number != phase.number or not isinstance(index, int):
        return None
    if index not in range(len(phase.conditions)):
        return None
    return (phase, index) if phase.conditions[index].outcome is Outcome.AWAITED else None


def _seen(old: Exercise, entry: Entry) -> Exercise:
    found = _awaited(old, entry)
    outcome = text_of(entry.data, "outcome")
    if found is None or outcome not in _SETTLED:
        return old
    phase, index = found
    seen = Seen(
        outcome=Outcome(outcome),
        said=text_of(entry.data, "said"),
        at=entry.at,
        evidence=evidence_of(entry.data),
    )
    conditions = (*phase.conditions[:index], seen, *phase.conditions[index + 1 :])
    return _phase(old, phase.number, conditions=conditions)


def _phase_ended(old: Exercise, entry: Entry) -> Exercise:
    old = _judged(old)
    phase = old.phase
    if phase is None or entry.data.get("phase") != phase.number:
        return old
    new = _stopped(old, entry.at)
    missed = tuple(
        replace(each, outcome=Outcome.UNSCORED if old.plan.mode is Mode.UNATTENDED else Outcome.FAILED)
        if each.outcome is Outcome.AWAITED
        else each
        for each in phase.tasks
    )
    return _phase(new, phase.number, ended_at=entry.at, cause=text_of(entry.data, "cause"), tasks=missed)


def _did(old: Exercise, entry: Entry) -> Exercise:
    if old.is_over:
        return old
    return replace(old, did=(*old.did, entry)[:_KEPT])


def _hint(old: Exercise, entry: Entry) -> Exercise:
    phase = old.phase
    if phase is None or entry.data.get("phase") != phase.number or phase.hints >= len(phase.phase.hints):
        return old
    return _phase(old, phase.number, hints=phase.hints + 1)


def _scored(old: Exercise, entry: Entry) -> Exercise:
    number, points = entry.data.get("phase"), entry.data.get("points")
    if not isinstance(number, int) or not 1 <= number <= len(old.phases) or points not in (0, 0.5, 1):
        return old
    reason, by = text_of(entry.data, "reason"), text_of(entry.data, "by")
    if not reason:
        return old
    return _phase(old, number, by_hand=ByHand(points=float(points), reason=reason, by=by, at=entry.at))


def _noted(old: Exercise, entry: Entry) -> Exercise:
    return replace(old, notes=(*old.notes, entry)[:_KEPT])


def _action_item(old: Exercise, entry: Entry) -> Exercise:
    return replace(old, action_items=(*old.action_items, entry)[:_KEPT])


def _ended(old: Exercise, entry: Entry) -> Exercise:
    if old.is_over:
        return old
    state = State.FINISHED if entry.kind == events.FINISHED else State.ABORTED
    new = _stopped(_judged(old), entry.at)
    return replace(new, state=state, ended_at=entry.at, cause=text_of(entry.data, "cause"))


def _cleaned(old: Exercise, entry: Entry) -> Exercise:
    left = entry.data.get("left")
    return replace(old, left=tuple(map(str, left)) if isinstance(left, list) else ())


_STEPS: dict[str, Callable[[Exercise, Entry], Exercise]] = {
    events.BEGUN: _begun,
    events.PHASE_BEGUN: _phase_begun,
    events.WAITING: _waiting,
    events.PAUSED: _paused,
    events.PROCEEDED: _proceeded,
    events.RESUMED: _resumed,
    events.BLIND: _sight,
    events.SIGHTED: _sight,
    events.SEEN: _seen,
    events.PHASE_ENDED: _phase_ended,
    events.DONE: _did,
    events.ANSWERED: _did,
    events.HINT: _hint,
    events.SCORED: _scored,
    events.NOTE: _noted,
    events.ACTION_ITEM: _action_item,
    events.FINISHED: _ended,
    events.ABORTED: _ended,
    events.CLEANED: _cleaned,
}


def _judged(old: Exercise) -> Exercise:
    """Return `old` with the current phase's tasks and wrong turns as what the operator did makes them.

    That takes parsing queries: it is done once a phase, and for the phase that goes on.
    """
    phase = old.phase
    if phase is None or not phase.tasks:
        return old
    since = max(
        (each.ended_at for each in old.phases if each.tasks and each.ended_at is not None),
        default=old.begun_at or old.planned_at,
    )
    did = tuple(each for each in old.did if each.at >= since)
    found, wrong = [], []
    for index, task in enumerate(phase.phase.operator):
        judged = tasks.judge(task, phase.number, index, did, metrics=old.plan.metrics)
        outcome = (
            Outcome.AWAITED if judged.at is None else Outcome.FAILED if judged.denied else Outcome.PASSED
        )
        found.append(TaskState(outcome=outcome, said=judged.said, at=judged.at))
        wrong += [WrongTurn(at=at, said=said) for at, said in judged.wrong]
    return _phase(old, phase.number, tasks=tuple(found), wrong=tuple(wrong))


def _phase(old: Exercise, number: int, **changes: Any) -> Exercise:
    phases = list(old.phases)
    phases[number - 1] = replace(phases[number - 1], **changes)
    return replace(old, phases=tuple(phases))


def _stopped(old: Exercise, at: float) -> Exercise:
    """Return `old` with the current phase's clock stopped."""
    phase = old.phases[old.current - 1] if old.current else None
    if phase is None or phase.ticking_since is None:
        return old
    return _phase(old, phase.number, ran=phase.elapsed(at), ticking_since=None)
