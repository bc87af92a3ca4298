"""Running an exercise: looking, appending what comes next, playing what its phases say, and cleaning up.

All that it knows is in the exercise's journal, so that whoever goes on with it goes on where it was.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import ExitStack
from typing import Any, Self

from cockpit.drills import events, planning, running
from cockpit.drills.fold import fold
from cockpit.drills.model import Drill, Silenced
from cockpit.drills.playing import Plays, require_unplayed
from cockpit.drills.state import Exercise, Mode, Outcome, Seen
from cockpit.drills.step import Next, due, played_no_more, step, unplayed
from cockpit.drills.verify import Look, explain, judge, look, silenced_lately
from cockpit.errors import CockpitError, UsageError
from cockpit.journal.journal import Journal
from cockpit.scenarios.run.checks import require_allowed
from cockpit.session import Session
from cockpit.text import one_line

_FASTEST_LOOK = 0.5
_NEWS_EVERY = 0.25
_ASLEEP = 60.0
"""Seconds between two looks from which on this machine slept: that is nobody's time."""

_PATIENCE = 20.0
"""Seconds that plays get to be deleted once they have healed."""


class Engine:
    """Runs one exercise: `begin` or `resume` it, then iterate `run` to its end.

    To be read meanwhile: `exercise`, how it stands; `live`, how the last look found what the current phase
    verifies; `trouble`, what is wrong now, a line each. Whoever appends to `journal` calls `wake`.
    """

    def __init__(
        self,
        session: Session,
        exercise: Exercise,
        journal: Journal,
        held: ExitStack,
        say: Callable[[str], None],
    ) -> None:
        self.exercise = exercise
        self.journal = journal
        self.live: tuple[Seen, ...] = ()
        self.trouble: tuple[str, ...] = ()
        self._session = session
        self._held = held
        self._say = say
        self._plays = Plays(exercise)
        self._to_start: set[str] = set()
        self._acted_on: int | None = None
        self._stopped = ""
        self._look_every = max(_FASTEST_LOOK, session.context.poll_interval)
        self._asleep_after = max(_ASLEEP, 3 * session.context.stale_after)
        self._woken = asyncio.Event()
        self._size = -1
        self._seen: Look | None = None

    @classmethod
    async def begin(
        cls,
        session: Session,
        drill: Drill,
        *,
        mode: Mode,
        operators: Sequence[str] = (),
        facilitator: str = "",
        blind: bool = False,
        lab: int | None = None,
        say: Callable[[str], None] = lambda line: None,
    ) -> Self:
        """Plan an exercise of `drill` and journal it; nothing is played yet.

        Raises FileError for a name in the drill that nobody knows, UsageError where it may not be run here or
        another is in the way, CockpitError where the journal cannot be written.
        """
        plan = await planning.plan(
            session,
            drill,
            mode=mode,
            operators=tuple(operators),
            facilitator=facilitator,
            blind=blind,
            lab=lab,
        )
        new = events.new_id()
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, running.hold(new, plan.gateway))
            await asyncio.to_thread(require_unplayed, drill, plan.gateway)
            journal = events.journal_of(new)
            journal.append(events.PLANNED, drill=drill.document(), plan=plan)
            return cls(session, _folded(new, journal), journal, stack.pop_all(), say)

    @classmethod
    async def resume(
        cls,
        session: Session,
        exercise: str,
        *,
        lab: int | None = None,
        say: Callable[[str], None] = lambda line: None,
    ) -> Self:
        """Go on with the exercise of that id; the time since it was last run is left out of its clock.

        Raises UsageError where it is over, runs, or was begun elsewhere.
        """
        require_allowed(session.context)
        journal = events.journal_of(exercise)
        found = _folded(exercise, journal)
        if found.left is not None:
            raise UsageError(f"the exercise {exercise} is over", remedy=f"`cockpit drill report {exercise}`")
        where = running.where(session, found, lab)
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, running.hold(exercise, where["gateway"]))
            lost_at = running.last_beat(exercise) or found.events[-1].at
            journal.append(events.RESUMED, lost_at=lost_at, **where)
            running.beat(exercise, session.now())
            return cls(session, _folded(exercise, journal), journal, stack.pop_all(), say)

    def wake(self) -> None:
        """Look at once: something was appended."""
        self._woken.set()

    def hurry(self) -> None:
        """Delete what is played without healing, at the end that has come."""
        self._plays.hurried = True

    async def run(self) -> AsyncGenerator[Exercise, None]:
        """Run the exercise to its end and clean up; yield how it stands at every look.

        Closed before, it leaves the exercise and its plays to whoever resumes it. Raises CockpitError where
        the journal cannot be written any more; its plays are told to stop then.
        """
        with self._held:
            try:
                while not self.exercise.is_over:
                    await self._turn()
                    yield self.exercise
                    if not self.exercise.is_over:
                        await self._pause()
                cleaning = asyncio.create_task(clean_up(self.exercise, self.journal, self._plays))
                try:
                    while not cleaning.done():
                        yield self.exercise
                        await self._pause(cleaning)
                finally:
                    cleaning.cancel()
                await cleaning
                await self._read()
                yield self.exercise
            except CockpitError as error:
                self._plays.stop(self._plays.going())
                resume = f"then `cockpit drill run --resume {self.exercise.id}` goes on with it"
                remedy = f"{error.remedy or 'mend that'}; {resume}"
                raise CockpitError(f"the drill stops: {error.message}", remedy=remedy) from error

    async def _turn(self) -> None:
        """Look once, and do all that follows from it."""
        now, last = self._session.now(), running.last_beat(self.exercise.id)
        if last is not None and now - last > self._asleep_after:
            await asyncio.to_thread(self.journal.append, events.RESUMED, lost_at=last)
        running.beat(self.exercise.id, now)
        await self._read()
        await asyncio.to_thread(self._act)
        found = await self._look()
        await self._note_silenced(found)
        while following := step(self.exercise, self._judge(found), self._session.now()):
            current = self.exercise.current
            for each in following:
                await self._append(each, found)
            await self._read()
            await asyncio.to_thread(self._act)
            if self.exercise.current != current:
                # What a phase verifies is asked for while it is current.
                found = await self._look()
        await self._tell(found)

    async def _look(self) -> Look:
        starts = await asyncio.to_thread(self._plays.starts, self.exercise)
        self._seen = await look(self._session, self.exercise, starts, self._seen)
        await self._read()
        going = await asyncio.to_thread(self._plays.going)
        self._stopped = played_no_more(self.exercise, going, self._to_start)
        return self._seen

    async def _read(self) -> None:
        self._size = self._size_now()
        self.exercise = await asyncio.to_thread(_folded, self.exercise.id, self.journal)

    def _judge(self, found: Look) -> tuple[Seen, ...]:
        phase = self.exercise.phase
        if phase is None:
            return ()
        self.live = tuple(
            unplayed(judge(condition, phase, found, self.exercise), self._stopped)
            if seen.outcome is Outcome.AWAITED
            else seen
            for condition, seen in zip(phase.phase.verify, phase.conditions, strict=True)
        )
        return self.live

    async def _append(self, each: Next, found: Look) -> None:
        data, phase = each.data, self.exercise.phase
        if each.explain is not None and phase is not None:
            condition = phase.phase.verify[each.explain]
            try:
                said = await explain(self._session, condition, phase, found, self.exercise)
            except CockpitError as error:
                said = f"{data['said']} ({error})"
            data = {**data, "said": said or data["said"]}
        await asyncio.to_thread(self.journal.append, each.kind, **data)

    def _act(self) -> None:
        """Let what the phase says play, and nothing else that an earlier phase played. Runs in a thread."""
        exercise = self.exercise
        going = self._plays.going()
        if exercise.current != self._acted_on:
            self._acted_on = exercise.current
            wanted = due(exercise)
            self._plays.stop(going.keys() - wanted)
            self._to_start = {name for name in wanted if going.get(name, True)}
        for name in sorted(self._to_start - going.keys()):
            self._plays.start(name, self._session.context)
            self._to_start.discard(name)

    async def _note_silenced(self, found: Look) -> None:
        """Note silences that the operator was to make, which only the Alertmanagers tell of."""
        phase = self.exercise.phase
        if phase is None or self.exercise.plan.mode is Mode.UNATTENDED:
            return
        for task, done in zip(phase.phase.operator, phase.tasks, strict=True):
            if isinstance(task, Silenced) and done.outcome is Outcome.AWAITED:
                seen = judge(task, phase, found, self.exercise)
                passed = seen.outcome is Outcome.PASSED
                if passed and await silenced_lately(self._session, seen, self.exercise):
                    await asyncio.to_thread(events.done, self.journal, "silenced", alert=task.silenced)
        await self._read()

    async def _tell(self, found: Look) -> None:
        """Take note of what is wrong now, and say what is new of it."""
        before, self.trouble = self.trouble, tuple(await asyncio.to_thread(self._troubles, found))
        for line in self.trouble:
            if line not in before:
                self._say(line)

    def _troubles(self, found: Look) -> dict[str, None]:
        phase = self.exercise.phase
        unseen = [each.said for each in self.live if each.outcome is Outcome.INCONCLUSIVE and phase]
        since = phase.begun_at if phase and phase.begun_at else found.at
        said = [self._plays.said(name, since) for name in due(self.exercise)]
        return dict.fromkeys(filter(None, (*unseen, *said, self._stopped)))

    async def _pause(self, *tasks: "asyncio.Task[Any]") -> None:
        """Wait until the next look is due, something was appended, or one of `tasks` is done."""
        waking = asyncio.create_task(self._woken.wait())
        loop = asyncio.get_running_loop()
        until = loop.time() + self._look_every
        first = asyncio.FIRST_COMPLETED
        try:
            while (left := until - loop.time()) > 0:
                timeout = min(left, _NEWS_EVERY)
                done, _ = await asyncio.wait({waking, *tasks}, timeout=timeout, return_when=first)
                if done or self._size_now() != self._size:
                    break
        finally:
            waking.cancel()
        self._woken.clear()

    def _size_now(self) -> int:
        try:
            return self.journal.path.stat().st_size
        except OSError:
            return -1


async def clean_up(exercise: Exercise, journal: Journal, plays: Plays | None = None) -> None:
    """Stop what `exercise`, which is over, still plays, wait until that has healed, and note what is left.

    Needs no server: who aborts an exercise that nobody runs calls it too.
    """
    plays = plays or Plays(exercise)
    loop = asyncio.get_running_loop()
    until = loop.time() + await asyncio.to_thread(plays.heals_for) + _PATIENCE
    while (going := await asyncio.to_thread(plays.going)) and loop.time() < until:
        await asyncio.to_thread(plays.stop, going)
        await asyncio.sleep(_NEWS_EVERY)
    await asyncio.to_thread(lambda: journal.append(events.CLEANED, left=plays.left()))


def _folded(exercise: str, journal: Journal) -> Exercise:
    found = fold(exercise, journal.entries())
    if found is None:
        raise CockpitError(f"the journal {one_line(str(journal.path), 300)} tells of no exercise")
    return found
