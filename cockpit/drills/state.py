"""How an exercise stands, as its journal tells it. Times are Unix seconds, durations seconds.

The state machine: planned -> running (what the machine verifies is awaited) <-> waiting (for the operator),
either <-> paused, and at the end finished or aborted.
"""

from enum import StrEnum
from typing import Any

from msgspec import Struct

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
        return phase.limit if phase.operator else self.machine_limit(phase)

    def machine_limit(self, phase: Phase) -> float:
        """Return the seconds that what `phase` verifies gets, at the lab's speed."""
        return phase.limit if self.speed <= 1 else phase.limit / self.speed + SERVERS_TAKE


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


class Blind(Struct, frozen=True):
    """The time in which a condition could not be looked at, by its phase's clock, and the last reason."""

    lasted: float = 0.0
    since: float | None = None
    said: str = ""

    def total(self, clock: float) -> float:
        """Return how long that was until the phase's clock showed `clock`."""
        return self.lasted + (max(0.0, clock - self.since) if self.since is not None else 0.0)


class Clock(Struct, frozen=True):
    """What a phase's clock shows against its limit: the machine's, or the operator's once it waits."""

    elapsed: float
    limit: float
    operators: bool


class PhaseState(Struct, frozen=True, kw_only=True):
    """How one phase stands. `cause` says why it ended; `hints` counts those taken.

    `phase` asks for the operator's word too where no sink tells who was told. `elapsed` tells its clock,
    which stands still while the exercise is paused or nobody runs it; `waits_from` is what it showed when the
    operator was first waited for.
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
    waits_from: float | None = None
    blind: tuple[Blind, ...] = ()

    def elapsed(self, now: float) -> float:
        """Return the seconds that its clock shows at `now`."""
        return self.ran + (max(0.0, now - self.ticking_since) if self.ticking_since is not None else 0.0)

    def clock(self, now: float, plan: Plan) -> Clock:
        """Return its clock at `now`. The operator's begins when the operator is waited for."""
        if self.waits_from is not None:
            return Clock(self.elapsed(now) - self.waits_from, self.phase.limit, operators=True)
        if not self.phase.verify:
            return Clock(self.elapsed(now), self.phase.limit, operators=True)
        return Clock(self.elapsed(now), plan.machine_limit(self.phase), operators=False)

    @property
    def machine_settled(self) -> bool:
        """Whether nothing is awaited any more of what the machine verifies."""
        return all(each.outcome is not Outcome.AWAITED for each in self.conditions)

    @property
    def tasks_done(self) -> bool:
        """Whether the operator has done all that is asked."""
        return all(each.outcome is Outcome.PASSED for each in self.tasks)

    @property
    def tasks_settled(self) -> bool:
        """Whether nothing is awaited any more of the operator."""
        return all(each.outcome is not Outcome.AWAITED for each in self.tasks)

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

    `did` is what the operator did, in order; `cause` says why it was paused or ended. `moved_at` is when it
    last went on in another lab, which knows nothing of what was before. `left` is what the clean-up could not
    remove, None before it was done.
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
    moved_at: float | None = None
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
    def facilitator(self) -> str:
        """Who facilitates it: as planned, or else who scored a phase by hand; empty where nobody is known."""
        by_hand = (each.by_hand.by for each in self.phases if each.by_hand)
        return self.plan.facilitator or next((name for name in by_hand if name), "")

    @property
    def is_secret(self) -> bool:
        """Whether it may not yet be said which drill this is."""
        return self.plan.blind and not self.is_over
