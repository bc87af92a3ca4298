"""How an exercise stands: a fold over its journal. Pure; times are Unix seconds, durations seconds.

The state machine: planned -> running (what the machine verifies is awaited) <-> waiting (for the operator),
either <-> paused, and at the end finished or aborted. What an entry says that does not fit the state, in a
journal that anybody may write, changes nothing.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from pydantic import ValidationError

from cockpit.drills import events, tasks
from cockpit.drills.events import text_of
from cockpit.drills.model import Drill, Phase
from cockpit.journal.journal import Entry

SERVERS_TAKE = 10.0
"""Seconds that servers take at any speed, for which a limit that a lab's speed divides is longer."""


class State(StrEnum):
    """Where an exercise is."""

    PLANNED = "planned"
    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    FINISHED = "finished"
    ABORTED = "aborted"


class Mode(StrEnum):
    """Who takes part: one alone, with a facilitator, or nobody."""

    ALONE = "alone"
    FACILITATED = "facilitated"
    UNATTENDED = "unattended"


class Outcome(StrEnum):
    """What is known of a condition, a task or a phase."""

    AWAITED = "awaited"
    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    UNSCORED = "unscored"


class Plan(Struct, frozen=True, kw_only=True):
    """What was planned: who takes part, where, and what the files said then.

    `gateway` is the Pushgateway's URL, `lab` the pid of the lab's owner where the exercise brought its own.
    `metrics` are those on which the alerts and their runbooks' queries rest. `digests` maps each alert that
    is verified to fire onto what changes with its rule and its runbook (cockpit.drills.coverage).
    """

    context: str
    speed: float = 1.0
    gateway: str = ""
    lab: int | None = None
    mode: Mode = Mode.ALONE
    blind: bool = False
    operators: tuple[str, ...] = ()
    facilitator: str = ""
    scenarios: str = ""
    metrics: tuple[str, ...] = ()
    digests: dict[str, dict[str, str]] = {}
    sink: bool = False

    def limit_of(self, phase: Phase) -> float:
        """Return the seconds on the clock that `phase` may take: people's minutes are those of the file."""
        if phase.operator or self.speed <= 1:
            return phase.limit
        return phase.limit / self.speed + SERVERS_TAKE


class Seen(Struct, frozen=True, kw_only=True):
    """What is known of a condition: in a sentence, with the labels, values, times, messages behind it."""

    outcome: Outcome = Outcome.AWAITED
    said: str = ""
    at: float | None = None
    evidence: dict[str, Any] = {}


class TaskState(Struct, frozen=True, kw_only=True):
    """How one of the operator's tasks stands; `said` is the answer, or what was done."""

    outcome: Outcome = Outcome.AWAITED
    said: str = ""
    at: float | None = None


class WrongTurn(Struct, frozen=True, kw_only=True):
    """A wrong answer, or a wrong runbook opened first: half a point each."""

    at: float
    said: str


class ByHand(Struct, frozen=True, kw_only=True):
    """A phase's points as the facilitator gave them."""

    points: float
    reason: str
    by: str
    at: float


class PhaseState(Struct, frozen=True, kw_only=True):
    """How one phase stands. `cause` says why it ended; `hints` counts those taken.

    `elapsed` tells its clock, which stands still while the exercise is paused or nobody runs it.
    """

    number: int
    phase: Phase
    begun_at: float | None = None
    ended_at: float | None = None
    cause: str = ""
    conditions: tuple[Seen, ...] = ()
    tasks: tuple[TaskState, ...] = ()
    hints: int = 0
    wrong: tuple[WrongTurn, ...] = ()
    by_hand: ByHand | None = None
    ran: float = 0.0
    ticking_since: float | None = None

    def elapsed(self, now: float) -> float:
        """Return the seconds that its clock shows at `now`."""
        return self.ran + (max(0.0, now - self.ticking_since) if self.ticking_since is not None else 0.0)

    @property
    def machine_settled(self) -> bool:
        """Whether nothing is awaited any more of what the machine verifies."""
        return all(each.outcome is not Outcome.AWAITED for each in self.conditions)

    @property
    def tasks_done(self) -> bool:
        """Whether the operator has done all that is asked."""
        return all(each.outcome is Outcome.PASSED for each in self.tasks)

    def outcome(self, mode: Mode) -> Outcome:
        """Return what came of it: what the machine saw counts before what the operator did."""
        if self.ended_at is None:
            return Outcome.AWAITED
        seen = {each.outcome for each in self.conditions}
        if Outcome.FAILED in seen:
            return Outcome.FAILED
        if self.tasks and mode is Mode.UNATTENDED and not seen - {Outcome.PASSED}:
            return Outcome.UNSCORED
        if mode is not Mode.UNATTENDED and not self.tasks_done:
            return Outcome.FAILED
        return Outcome.INCONCLUSIVE if seen - {Outcome.PASSED} else Outcome.PASSED


class Exercise(Struct, frozen=True, kw_only=True):
    """One running of `drill`. `phases` has all of them; `current` counts from 1, 0 before the first.

    `did` is what the operator did, in order; `cause` says why it was paused or ended. `left` is what the
    clean-up could not remove, None before it was done.
    """

    id: str
    drill: Drill
    plan: Plan
    state: State = State.PLANNED
    planned_at: float = 0.0
    begun_at: float | None = None
    ended_at: float | None = None
    current: int = 0
    phases: tuple[PhaseState, ...] = ()
    cause: str = ""
    did: tuple[Entry, ...] = ()
    notes: tuple[Entry, ...] = ()
    action_items: tuple[Entry, ...] = ()
    events: tuple[Entry, ...] = ()
    left: tuple[str, ...] | None = None

    @property
    def is_over(self) -> bool:
        """Whether it was finished or aborted."""
        return self.state in (State.FINISHED, State.ABORTED)

    @property
    def phase(self) -> PhaseState | None:
        """The current phase; None before the first and after the last."""
        running = self.current and not self.is_over and self.phases[self.current - 1].ended_at is None
        return self.phases[self.current - 1] if running else None

    @property
    def is_secret(self) -> bool:
        """Whether it may not yet be said which drill this is."""
        return self.plan.blind and not self.is_over


def fold(exercise: str, entries: Iterable[Entry]) -> Exercise | None:
    """Return the exercise with the id `exercise` as `entries` tell it; None where it was never planned."""
    found: Exercise | None = None
    for entry in entries:
        if found is None:
            found = _planned(exercise, entry) if entry.kind == events.PLANNED else None
        elif step := _STEPS.get(entry.kind):
            told = (*found.events, entry)
            found = replace(step(found, entry), events=told)
    return found


def _planned(exercise: str, entry: Entry) -> Exercise | None:
    try:
        drill = Drill.model_validate(entry.data.get("drill"))
        plan = msgspec.convert(entry.data.get("plan"), Plan, strict=False)
    except (ValidationError, msgspec.ValidationError):
        return None
    phases = tuple(
        PhaseState(
            number=number,
            phase=phase,
            conditions=tuple(Seen() for _ in phase.verify),
            tasks=tuple(TaskState() for _ in phase.operator),
        )
        for number, phase in enumerate(drill.phases, 1)
    )
    at, told = entry.at, (entry,)
    return Exercise(id=exercise, drill=drill, plan=plan, planned_at=at, phases=phases, events=told)


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
    return _judged(_phase(new, number, begun_at=entry.at, ticking_since=entry.at))


def _waiting(old: Exercise, entry: Entry) -> Exercise:
    return replace(old, state=State.WAITING) if old.state is State.RUNNING and old.phase else old


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
    waits = new.phase.machine_settled and bool(new.phase.tasks)
    new = replace(new, state=State.WAITING if waits else State.RUNNING)
    return _phase(new, new.current, ticking_since=entry.at)


def _resumed(old: Exercise, entry: Entry) -> Exercise:
    """Leave out of the clock the time from `lost_at` (Unix seconds) on, in which nobody ran the exercise."""
    phase, lost_at = old.phase, entry.data.get("lost_at")
    if phase is None or phase.ticking_since is None or not isinstance(lost_at, int | float):
        return old
    ran = phase.ran + max(0.0, min(lost_at, entry.at) - phase.ticking_since)
    return _phase(old, phase.number, ran=ran, ticking_since=entry.at)


def _seen(old: Exercise, entry: Entry) -> Exercise:
    number, index = entry.data.get("phase"), entry.data.get("condition")
    phase = old.phase
    if phase is None or number != phase.number or not isinstance(index, int):
        return old
    if index not in range(len(phase.conditions)):
        return old
    try:
        outcome = Outcome(text_of(entry.data, "outcome"))
    except ValueError:
        return old
    evidence = entry.data.get("evidence")
    seen = Seen(
        outcome=outcome,
        said=text_of(entry.data, "said"),
        at=entry.at,
        evidence=evidence if isinstance(evidence, dict) else {},
    )
    conditions = (*phase.conditions[:index], seen, *phase.conditions[index + 1 :])
    return _phase(old, phase.number, conditions=conditions)


def _phase_ended(old: Exercise, entry: Entry) -> Exercise:
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
    return _judged(replace(old, did=(*old.did, entry)))


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
    return replace(old, notes=(*old.notes, entry))


def _action_item(old: Exercise, entry: Entry) -> Exercise:
    return replace(old, action_items=(*old.action_items, entry))


def _ended(old: Exercise, entry: Entry) -> Exercise:
    if old.is_over:
        return old
    state = State.FINISHED if entry.kind == events.FINISHED else State.ABORTED
    new = _stopped(old, entry.at)
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
    """Return `old` with the current phase's tasks and wrong turns as what the operator did makes them."""
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
        found.append(
            TaskState(outcome=Outcome.PASSED, said=judged.said, at=judged.at)
            if judged.at is not None
            else TaskState(said=judged.said)
        )
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
