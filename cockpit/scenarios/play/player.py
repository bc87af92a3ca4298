"""Playing a scenario: its series pushed at every interval, and deleted at the end however that comes."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from cockpit.clients.backoff import next_delay
from cockpit.clients.decode import DecodeError
from cockpit.clients.pushgateway import Group, Pushgateway
from cockpit.clients.source import Failure, SourceError
from cockpit.errors import CockpitError, InconclusiveError, UsageError
from cockpit.journal.journal import Journal
from cockpit.scenarios.model import Scenario
from cockpit.scenarios.play import plays
from cockpit.scenarios.play.ending import PASSING, delete_group, to_the_end
from cockpit.scenarios.play.exposition import Base, text
from cockpit.scenarios.play.gaps import Gap, Gaps
from cockpit.scenarios.play.plays import Claim, Play
from cockpit.scenarios.play.restarts import Restarts
from cockpit.scenarios.play.timeline import BASELINE, ENDED, RECOVERING, UNHEALTHY, Timeline
from cockpit.scenarios.signals import series, values_at
from cockpit.units import short_duration

PATIENCE = 5.0
"""Seconds for which a deletion that fails is tried again."""

_ELSEWHERE = 4
"""Intervals without a push after which a group counts as played by nobody on another machine."""

_LATE = 4
"""Intervals between two pushes from which on it is a gap, whatever held the second one up."""


def boot_time() -> float:
    """Return seconds of a clock that never goes back and, where there is such a one, counts sleep too."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Player:
    """Plays `scenario`, in real seconds (`Scenario.at_speed`), on `gateway`; `run` once, and wait for it.

    `context` and `speed` are for the journal; so is `player`, as in Play. After `recover` the series stay
    healthy for up to `linger` seconds more, until `stop`. `say` is told every trouble when it begins. The
    baseline stands until `seen` has returned: until somebody who looks on has it. Times are Unix seconds by
    `now`, the pace is by `clock`.

    To be read while it plays: `phase` (baseline, unhealthy, recovering, ended), `started_at` (when the series
    began to rise), `recovering_at`, `pushed_at` (the last good push), `series` (how many it had), `trouble`
    (what is wrong now), `gaps`, and at the end `left`: why the group is still there.
    """

    def __init__(
        self,
        scenario: Scenario,
        gateway: Pushgateway,
        *,
        journal: Journal,
        context: str,
        speed: float = 1.0,
        player: str = "run",
        linger: float = 0.0,
        patience: float = PATIENCE,
        seen: Callable[[], Awaitable[None]] | None = None,
        say: Callable[[str], None] = lambda line: None,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = boot_time,
    ) -> None:
        self.phase = BASELINE
        self.started_at: float | None = None
        self.recovering_at: float | None = None
        self.pushed_at: float | None = None
        self.series = 0
        self.trouble: str | None = None
        self.left: str | None = None
        self._opened = plays.new_play(
            scenario=scenario.name,
            title=scenario.title,
            context=context,
            gateway=gateway.url,
            interval=scenario.interval,
            duration=scenario.duration,
            recover=scenario.recover,
            speed=speed,
            now=now(),
            player=player,
        )
        self._timeline = Timeline(scenario.model_copy(update={"recover": scenario.recover + linger}))
        self._gateway = gateway
        self._journal = journal
        self._patience = patience
        self._seen = seen
        self._seeing: asyncio.Future[None] | None = None
        self._say, self._now, self._clock = say, now, clock
        self._timeout = min(gateway.timeout, max(1.0, scenario.interval))
        self._gaps = Gaps()
        self._base: Base = {}
        self._stopping = False
        self._woken = asyncio.Event()
        self._pushed_by_clock = 0.0
        self._failures = 0
        self._ours = False
        self._restarts = Restarts(gateway, clock)

    @property
    def play(self) -> Play:
        """The play as others on this machine see it by the journal."""
        return replace(self._opened, started_at=self.started_at, recovering_at=self.recovering_at)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The times, once the series had begun to rise, in which the gateway did not have what is played."""
        return self._gaps.all

    def t(self, now: float) -> float:
        """Return the real seconds at `now` (Unix seconds) since the series began to rise; negative before."""
        if self.started_at is not None:
            return now - self.started_at
        return min(0.0, self._timeline.t(self._clock()) + now - self._now())

    def recover(self) -> None:
        """End the unhealthy part now: healthy values for the scenario's `recover`, then deletion."""
        at = self._clock()
        phase = self._timeline.phase(at)
        if phase == BASELINE:
            self.stop()
        elif phase == UNHEALTHY:
            self._timeline.recover(at)
            self._woken.set()

    def stop(self) -> None:
        """Delete the group now."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Play to the end. However it ends, cancelled too, the group is deleted, or `left` says why not.

        Raises UsageError where the scenario is played there already, SourceError and CockpitError where it
        cannot be played at all, or the journal cannot be written before the first push.
        """
        with plays.claim(self._journal, self._opened) as claim:
            self._opened, self._ours = claim.play, claim.orphaned
            try:
                await self._stand(claim)
                while not self._stopping and self._enter_phase() != ENDED:
                    await self._pause(await self._push())
            finally:
                self.phase = ENDED
                if self._seeing is not None:
                    self._seeing.cancel()
                await to_the_end(self._close())

    async def _stand(self, claim: Claim) -> None:
        """Find out where the group stands, so that its counters go on from there."""
        while not self._stopping:
            try:
                groups = await self._gateway.groups(timeout=self._timeout)
                await self._restarts.noticed(self._timeout, now=True)
            except SourceError as error:
                if error.failure not in PASSING:
                    raise
                await self._pause(self._failed(error))
            else:
                self._base = self._read(groups, claim)
                return

    def _read(self, groups: tuple[Group, ...], claim: Claim) -> Base:
        play = claim.play
        group = next((each for each in groups if each.labels == play.grouping), None)
        if group is None:
            return {}
        age = self._now() - (group.pushed_at or 0.0)
        if not claim.orphaned and age < _ELSEWHERE * play.interval:
            raise UsageError(
                f"{play.scenario} is being played on {play.gateway} from elsewhere: last push"
                f" {short_duration(max(0.0, age))} ago",
                remedy="wait until that has ended",
            )
        try:
            return group.values()
        except DecodeError as error:
            raise InconclusiveError(
                f"{play.gateway}: what stands there of {play.scenario}: {error}"
            ) from error

    def _enter_phase(self) -> str:
        """Move on to the phase that it is time for, and journal it. A machine that slept may skip some."""
        at = self._clock()
        if self.started_at is None and not self._is_seen() and self._timeline.phase(at) != BASELINE:
            self._timeline.begin_again()
        phase = self._timeline.phase(at)
        self._note_late(at)
        if phase != BASELINE and self.started_at is None:
            self.started_at = self._noted(plays.RISING)
        if phase in {RECOVERING, ENDED} and self.recovering_at is None:
            self.recovering_at = self._noted(plays.RECOVERING)
        self.phase = phase
        return phase

    def _noted(self, kind: str) -> float:
        """Return the time, journaled as that of `kind`; a journal that is full ends no play."""
        try:
            return self._journal.append(kind, run=self._opened.run).at
        except CockpitError as error:
            self._say(f"{self._opened.scenario}: {error}")
            return self._now()

    def _is_seen(self) -> bool:
        """Say whether the baseline was seen, and raise what keeps it from ever being."""
        if self._seen is None or self.pushed_at is None:
            return self._seen is None
        if self._seeing is None:
            self._seeing = asyncio.ensure_future(self._seen())
        return self._seeing.done() and self._seeing.result() is None

    async def _push(self) -> float:
        """Push the values of this moment. Return the seconds to wait before the next push."""
        # Thousands of series take longer than a frame of a screen that plays them.
        body, count = await asyncio.to_thread(self._body, self._timeline.t(self._clock()))
        ours, self._ours = self._ours, True
        try:
            await self._gateway.push(self._opened.grouping, body, timeout=self._timeout)
        except SourceError as error:
            if self.pushed_at is None and error.failure not in PASSING:
                # Only what the gateway looked into and refused leaves an empty group there.
                self._ours = ours or error.failure is Failure.BAD_REQUEST
                raise self._refused(error) from error
            delay = self._failed(error)
            return delay if error.retry_after else min(delay, self._timeline.until_next(self._clock()))
        restarted = await self._restarts.noticed(self._timeout, now=self._failures > 0)
        self._pushed(restarted=restarted)
        self.series = count
        return self._timeline.until_next(self._clock())

    def _body(self, t: float) -> tuple[bytes, int]:
        """Return what is pushed at `t` seconds, and how many series that is."""
        samples = values_at(self._timeline.scenario, t)
        return text(samples, self._base), sum(1 for _ in series(samples))

    def _pushed(self, *, restarted: bool) -> None:
        now, before = self._now(), self.pushed_at
        # The machine can have slept between the making of the values and the answer, too.
        self._note_late(self._clock())
        self._gaps.end(now)
        self._failures, self.trouble = 0, None
        if restarted and before is not None:
            if self.started_at is None:
                self._timeline.begin_again()
            else:
                self._gaps.add(before, now, "the gateway restarted")
            self._trouble(f"the gateway restarted, its series were lost until now: {self._opened.gateway}")
        self.pushed_at, self._pushed_by_clock = now, self._clock()
        self._timeline.begin(self._pushed_by_clock)

    def _note_late(self, at: float) -> None:
        late = at - self._pushed_by_clock
        if self.started_at is None or self.pushed_at is None or self._gaps.is_open:
            return
        if late > max(1.0, _LATE * self._opened.interval):
            lasts = short_duration(late * self._opened.speed)
            reason = f"nothing was pushed for {lasts}: this machine slept, or was too busy"
            self._trouble(reason)
            self._gaps.begin(self.pushed_at, reason)

    def _failed(self, error: SourceError) -> float:
        """Note a failure; return the seconds to wait before the next try."""
        self._failures += 1
        self._trouble(str(error))
        if self.started_at is None:
            self._timeline.begin_again()
        else:
            self._gaps.begin(self.pushed_at or self._now(), error.message)
        first = min(1.0, self._opened.interval / 4)
        return next_delay(first, self._failures, error.retry_after, random.random())  # noqa: S311

    def _refused(self, error: SourceError) -> CockpitError:
        if error.failure is not Failure.BAD_REQUEST:
            return error
        refusal = f"{self._opened.scenario}: {self._opened.gateway} refuses the push: {error.message}"
        return CockpitError(refusal, remedy="delete what clashes with it there, or give it other names")

    def _trouble(self, reason: str) -> None:
        if reason != self.trouble:
            self._say(f"{self._opened.scenario}: {reason}")
        self.trouble = reason

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()

    async def _close(self) -> None:
        """Delete the group and close it in the journal; else `left` says why it is still there."""
        if self._ours:
            self.left = await delete_group(
                self._gateway,
                self._opened.grouping,
                patience=self._patience,
                clock=self._clock,
                say=self._trouble,
            )
        if self.left is None:
            try:
                how = "deleted" if self._ours else "nothing was pushed"
                plays.close(self._journal, self._opened.key, how)
            except CockpitError as error:
                # What looks for leftovers finds that it is gone, and closes it then.
                self._say(f"{self._opened.scenario}: {error}")
        else:
            self._trouble(f"not deleted: {self.left}; `cockpit scenario leftovers` lists it")
