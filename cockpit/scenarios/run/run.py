"""Playing one scenario while its expectations are watched, from the first push to the verdict.

What is pushed becomes healthy again and is then deleted however the run ends: by itself, on a request to
recover, on an exception. Only a request to stop, or a cancellation, deletes at once.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

from msgspec import Struct, to_builtins

from cockpit.errors import CockpitError, UsageError
from cockpit.journal.journal import Journal
from cockpit.scenarios.library import PLAYED
from cockpit.scenarios.model import Fires, Scenario
from cockpit.scenarios.play.player import Player
from cockpit.scenarios.play.plays import Play
from cockpit.scenarios.play.scraped import until_scraped
from cockpit.scenarios.run.checks import Checked
from cockpit.scenarios.run.standing import Due, Standing, next_due
from cockpit.scenarios.run.verdict import Evidence, Hole, Verdict, passed, verdicts
from cockpit.scenarios.run.watching import Watch
from cockpit.session import Session
from cockpit.units import rfc3339

_FASTEST_LOOK = 0.5
_NOTHING = "nothing was pushed"
DELETED = "deleted"
"""What is left of a run that left nothing on the gateway."""


class Progress(Struct, frozen=True, kw_only=True):
    """How a run stands at `at` (Unix seconds). `t` is in the scenario's time since its start.

    `series` were in the last push; `interval` is between two pushes, in the scenario's time.
    """

    at: float
    t: float
    phase: str
    series: int
    interval: float
    standing: tuple[Standing, ...]
    due: Due
    trouble: tuple[str, ...] = ()


class Result(Struct, frozen=True, kw_only=True):
    """What came of a run. Durations are in seconds of the scenario's time, times in Unix seconds.

    `passed` is None for an inconclusive run. `left` is `deleted`, or what remains on the gateway and why.
    """

    run: str
    scenario: str
    context: str
    speed: float
    started_at: float | None
    duration_seconds: float
    passed: bool | None
    verdicts: tuple[Verdict, ...]
    gaps: tuple[Hole, ...]
    left: str

    def document(self) -> dict[str, Any]:
        """Return it as `scenario run -o json` prints it: times in RFC 3339."""
        gaps = [
            {
                "start": rfc3339(gap.start),
                "end": None if gap.end is None else rfc3339(gap.end),
                "reason": gap.reason,
            }
            for gap in self.gaps
        ]
        started = None if self.started_at is None else rfc3339(self.started_at)
        return {**to_builtins(self), "started_at": started, "gaps": gaps}


def changed(scenario: Scenario, *, duration: float | None = None, interval: float | None = None) -> Scenario:
    """Return `scenario` with another unhealthy duration or push interval, in seconds of its own time.

    Raises UsageError for a scenario that has no end, and where nothing unhealthy would be pushed.
    """
    given = {"duration": duration, "interval": interval}
    scenario = scenario.model_copy(update={key: value for key, value in given.items() if value is not None})
    if scenario.duration is None:
        raise UsageError(f"the scenario {scenario.name} has no duration", remedy="pass --duration")
    if scenario.interval > scenario.duration:
        raise UsageError(
            f"--interval {scenario.interval:g}s is longer than the duration, {scenario.duration:g}s",
            remedy="nothing unhealthy would be pushed: give more time, or push more often",
        )
    return scenario


class Run:
    """One playing of `scenario`, at speed 1 as in its file, in the context of `session`.

    `play` is iterated once; then `result` is there. With `until_fired` the series recover as soon as all that
    is to fire has fired. `say` is told of every trouble at once, one line each.
    """

    def __init__(
        self,
        session: Session,
        scenario: Scenario,
        checked: Checked,
        *,
        journal: Journal,
        until_fired: bool = False,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        if session.pushgateway is None:
            raise UsageError("no Pushgateway is configured", remedy="pass --pushgateway URL")
        context = session.context
        self.session = session
        self.scenario = scenario.at_speed(context.speed)
        self.result: Result | None = None
        self._journal = journal
        self._until_fired = until_fired
        self._say = say
        # Without a good push for so long nothing rises any more; a late push is no such time.
        self._patience = max(self.scenario.duration or 0.0, 3 * self.scenario.interval)
        self._look_every = max(_FASTEST_LOOK, context.poll_interval)
        self._watch = Watch(session, self.scenario, checked)
        self._player = Player(
            self.scenario,
            session.pushgateway,
            journal=journal,
            context=context.name,
            speed=context.speed,
            linger=self._linger(),
            seen=self._scraped if session.prometheus.configured else None,
            say=say,
            now=session.now,
        )
        self._interrupted = self._stopped = False
        self._ended_at: float | None = None
        self._said: frozenset[str] = frozenset()
        self._woken = asyncio.Event()

    def _linger(self) -> float:
        """Return for how long after `recover` the last alert may still take to resolve, and to be seen so."""
        limits = (each.resolves_within or 0.0 for each in self.scenario.expect if isinstance(each, Fires))
        margin = 4 * (self.scenario.interval + self._look_every)
        return max((*limits, 0.0)) + margin

    async def _scraped(self) -> None:
        await until_scraped(self.session.prometheus, self._play.grouping)

    @property
    def phase(self) -> str:
        """What is being done: baseline, unhealthy, recovering or ended."""
        return self._player.phase

    def recover(self) -> None:
        """Push healthy values from now on, for the scenario's `recover`, then delete."""
        self._interrupted = True
        self._player.recover()
        self._woken.set()

    def stop(self) -> None:
        """Delete what is pushed, now."""
        self._interrupted = self._stopped = True
        self._end()

    def _end(self) -> None:
        self._ended_at = self._ended_at or self.session.now()
        self._player.stop()
        self._woken.set()

    @property
    def _play(self) -> Play:
        return self._player.play

    async def play(self) -> AsyncGenerator[Progress, None]:
        """Play the scenario and yield how it stands at every look.

        Raises UsageError where it is being played already, and what else keeps it from being played.
        """
        task = asyncio.create_task(self._player.run(), name="player")
        try:
            while not task.done():
                await self._watch.look(self._play)
                self._tell(self._watch.trouble)
                yield self._progress()
                self._decide()
                await self._pause(task)
            await task
            await self._conclude()
        except Exception:
            # What was begun is ended in order before anybody is told.
            self._player.recover()
            await asyncio.wait({task}, timeout=self.scenario.recover)
            raise
        finally:
            self._player.stop()
            await asyncio.wait({task})
            await self._watch.close()

    def _tell(self, trouble: tuple[str, ...]) -> None:
        for line in trouble:
            if line not in self._said:
                self._say(f"{self.scenario.name}: {line}")
        self._said = frozenset(trouble)

    def _progress(self) -> Progress:
        now, play, player = self.session.now(), self._play, self._player
        trouble = (player.trouble,) if player.trouble else ()
        return Progress(
            at=now,
            t=player.t(now) * play.speed,
            phase=player.phase,
            series=player.series,
            interval=play.interval * play.speed,
            standing=self._watch.standing,
            due=next_due(self._watch.standing, play, now),
            trouble=(*trouble, *self._watch.trouble),
        )

    def _decide(self) -> None:
        """Recover once all has fired, where that is wanted; end where nothing is waited for any more."""
        now, play = self.session.now(), self._play
        fires = [each for each in self._watch.standing if each.kind == "fires"]
        if play.recovering_at is not None:
            drained = now >= play.recovering_at + self.scenario.recover
            if drained and (self._interrupted or not any(self._awaited(each, play, now) for each in fires)):
                self._end()
        elif play.started_at is not None:
            if self._until_fired and fires and all(each.has_fired for each in fires):
                self._player.recover()
        elif now - (self._player.pushed_at or play.opened_at) > self._patience:
            self._end()

    def _awaited(self, standing: Standing, play: Play, now: float) -> bool:
        if standing.resolves_within is None or not standing.has_fired:
            return False
        # A moment more than is granted, or has passed: then Prometheus has recorded how it is.
        moment = 2 * max(self.scenario.interval, self._watch.step)
        if standing.state == "resolved":
            return now < (standing.resolved_at or now) + moment
        limit = (play.recovering_at or now) + standing.resolves_within + moment
        return self.session.prometheus.configured and now < limit

    async def _pause(self, task: "asyncio.Task[None]") -> None:
        waking = asyncio.create_task(self._woken.wait())
        await asyncio.wait({task, waking}, timeout=self._look_every, return_when=asyncio.FIRST_COMPLETED)
        waking.cancel()
        self._woken.clear()

    async def _conclude(self) -> None:
        """Judge what Prometheus has recorded, and write it into the journal."""
        play, player = self._play, self._player
        evidence = await self._evidence(play)
        found = verdicts(self.scenario, evidence)
        until = play.recovering_at or evidence.ended_at
        pushed = player.pushed_at is not None
        self.result = Result(
            run=play.run,
            scenario=play.scenario,
            context=play.context,
            speed=play.speed,
            started_at=play.started_at,
            duration_seconds=round((until - play.started_at) * play.speed, 1) if play.started_at else 0.0,
            passed=passed(found),
            verdicts=found,
            gaps=evidence.holes,
            left=player.left or (DELETED if pushed else _NOTHING),
        )
        told = ("run", "scenario", "context", "passed", "verdicts")
        try:
            self._journal.append(PLAYED, **{key: getattr(self.result, key) for key in told})
        except CockpitError as error:
            self._say(str(error))

    async def _evidence(self, play: Play) -> Evidence:
        return await self._watch.evidence(
            play,
            ended_at=self._ended_at or self.session.now(),
            holes=(Hole(gap.start, gap.end, gap.reason) for gap in self._player.gaps),
            interrupted=self._interrupted,
            read=not self._stopped,
        )
