"""An engine without servers: what comes next is told by the real steps, what is seen by the test."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any, ClassVar, Self

import pytest

from cockpit.drills import events, running
from cockpit.drills.fold import fold
from cockpit.drills.model import Drill
from cockpit.drills.state import Exercise, Mode, Outcome, Plan, Seen
from cockpit.drills.step import step
from cockpit.journal.journal import Journal
from tests.tui.fakes import NOW
from tests.tui.playing import GATEWAY

AWAITED = Seen(said="awaited by the test")


class Rehearsal:
    """Runs an exercise as the engine does. `holds` says what the current phase's conditions are seen to be.

    `now` is the clock of its journal; `refuses` is raised instead of a beginning, `breaks` instead of a look.
    """

    last: ClassVar["Rehearsal"]
    refuses: ClassVar[Exception | None] = None

    def __init__(self, exercise: str, now: float) -> None:
        self.now = now
        self.journal = Journal(events.journal_of(exercise).path, now=lambda: self.now)
        self.id = exercise
        self.trouble: tuple[str, ...] = ()
        self.breaks: Exception | None = None
        self._seen: tuple[Seen, ...] = ()
        self._woken = asyncio.Event()

    @classmethod
    async def begin(cls, session: Any, drill: Drill, *, mode: Mode, blind: bool = False, **who: Any) -> Self:
        """Begin in a lab at speed 1."""
        if cls.refuses:
            raise cls.refuses
        self = cls(events.new_id(NOW), NOW - 161)
        plan = Plan(
            context="lab",
            gateway=GATEWAY,
            mode=mode,
            blind=blind,
            lab=who.get("lab"),
            sink=True,
            metrics=("action_error_total",),
        )
        self.journal.append(events.PLANNED, drill=drill.document(), plan=plan)
        return self._begun()

    @classmethod
    async def resume(cls, session: Any, exercise: str, **where: Any) -> Self:
        """Go on."""
        self = cls(exercise, NOW)
        self.journal.append(events.RESUMED, lost_at=NOW)
        return self._begun()

    def _begun(self) -> Self:
        Rehearsal.last = self
        self._read()
        return self

    @property
    def live(self) -> tuple[Seen, ...]:
        """How the conditions of the current phase stand."""
        phase = self.exercise.phase
        found = phase.conditions if phase else ()
        return tuple((self._seen or (AWAITED,) * len(found))[: len(found)])

    def wake(self) -> None:
        """Look at once."""
        self._woken.set()

    def holds(self, *said: str, outcome: Outcome = Outcome.PASSED) -> None:
        """Let the conditions of the current phase be found so, those left out awaited."""
        phase = self.exercise.phase
        assert phase is not None
        found = [Seen(outcome=outcome, said=each) for each in said]
        self._seen = (*found, *[AWAITED] * (len(phase.conditions) - len(found)))
        self.wake()

    async def run(self) -> AsyncGenerator[Exercise, None]:
        """Go on to the end, and clean up."""
        with running.hold(self.id, GATEWAY):
            async for exercise in self._looks():
                yield exercise

    async def _looks(self) -> AsyncGenerator[Exercise, None]:
        while not self.exercise.is_over:
            self._woken.clear()
            if self.breaks:
                raise self.breaks
            self._read()
            while following := step(self.exercise, self.live, self.now):
                for each in following:
                    self.journal.append(each.kind, **each.data)
                current = self.exercise.current
                self._read()
                if self.exercise.current != current:
                    self._seen = ()
            yield self.exercise
            if not self.exercise.is_over:
                await self._woken.wait()
        self.journal.append(events.CLEANED, left=[])
        self._read()
        yield self.exercise

    def _read(self) -> None:
        found = fold(self.id, self.journal.entries())
        assert found is not None
        self.exercise = found


@pytest.fixture
def rehearsal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Rehearsal]:
    """Put the rehearsal in the engine's place; return what tells the last that was begun."""
    monkeypatch.setattr("cockpit.drills.engine.Engine", Rehearsal)
    monkeypatch.setattr(Rehearsal, "refuses", None)
    return lambda: Rehearsal.last
