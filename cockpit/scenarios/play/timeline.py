"""When a play rises, recovers and ends, and when it next has something to do. Pure: a clock's reading in."""

import math

from cockpit.scenarios.model import Scenario
from cockpit.scenarios.play.plays import LEAD

BASELINE, UNHEALTHY, RECOVERING, ENDED = "baseline", "unhealthy", "recovering", "ended"


class Timeline:
    """The course of one play. `at` is in seconds of any clock that never goes back.

    `scenario` is what is played, as it would be in its file: a recovery that began early is its duration.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._zero: float | None = None

    @property
    def begun(self) -> bool:
        """Whether the lead runs."""
        return self._zero is not None

    def begin(self, at: float) -> None:
        """Let the lead begin: the baseline is pushed. Does nothing once it has."""
        if self._zero is None:
            self._zero = at + LEAD * self.scenario.interval

    def begin_again(self) -> None:
        """Wait for the baseline once more: it is not there any longer."""
        self._zero = None

    def t(self, at: float) -> float:
        """Return the seconds since the series began to rise; below 0 before that."""
        return -LEAD * self.scenario.interval if self._zero is None else at - self._zero

    def phase(self, at: float) -> str:
        """Return `baseline`, `unhealthy`, `recovering` or `ended`."""
        t, duration = self.t(at), self.scenario.duration
        if t < 0:
            return BASELINE
        if duration is None or t < duration:
            return UNHEALTHY
        return RECOVERING if t < duration + self.scenario.recover else ENDED

    def recover(self, at: float) -> None:
        """End the unhealthy part now."""
        self.scenario = self.scenario.model_copy(update={"duration": max(0.0, self.t(at))})

    def until_next(self, at: float) -> float:
        """Return the seconds until the next push: at every interval from the start, and when a phase ends."""
        if self._zero is None:
            return self.scenario.interval
        t, interval = self.t(at), self.scenario.interval
        # A timer that fires a little early is not given the same moment twice.
        tick = (math.floor(t / interval + 0.01) + 1) * interval
        duration = math.inf if self.scenario.duration is None else self.scenario.duration
        corners = (0.0, duration, duration + self.scenario.recover)
        return min(tick, *(corner for corner in corners if corner > t), tick) - t
