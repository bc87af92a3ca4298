"""The plays of an exercise: processes of their own, which go on without whoever started them.

Each heals and deletes its series when it is told to stop, and by itself when the exercise must long be over.
"""

import subprocess
import threading
from collections.abc import Collection
from contextlib import suppress
from os import SEEK_END, kill
from pathlib import Path
from signal import SIGTERM

from cockpit import config
from cockpit.children import environment
from cockpit.config import Context
from cockpit.drills.model import Drill
from cockpit.drills.running import folder_of
from cockpit.drills.state import Exercise
from cockpit.errors import CockpitError, UsageError
from cockpit.journal.journal import Journal
from cockpit.scenarios.play import child
from cockpit.scenarios.play.groups import left_here
from cockpit.scenarios.play.plays import Play, playing
from cockpit.text import one_line

SPARE = 3600.0
"""Seconds for pauses by which a play may outlast the sum of its exercise's limits."""

_PLAYER = "drill"
_TAIL = 4096


def longest(exercise: Exercise) -> float:
    """Return the real seconds that `exercise` lasts at most."""
    plan, phases = exercise.plan, exercise.drill.phases
    return SPARE + sum(plan.machine_limit(each) + each.limit for each in phases)


def require_unplayed(drill: Drill, gateway: str) -> None:
    """Raise UsageError where a scenario of `drill` plays on the gateway with that URL already."""
    for play in playing(Journal()):
        if play.gateway == gateway and play.scenario in drill.scenarios:
            ends = f"`cockpit scenario stop {play.scenario}` ends it"
            if play.player == "lab":
                # Nothing ends it alone.
                ends = "it ends with the lab that plays it; another drill can be run here"
            raise UsageError(f"{play.scenario} is being played on {gateway}", remedy=ends)


class Plays:
    """The plays of `exercise` on its gateway, whoever of its engines started them.

    Once it is set to be `hurried`, what is stopped deletes its series without healing.
    """

    def __init__(self, exercise: Exercise, journal: Journal | None = None) -> None:
        self._exercise = exercise
        self._journal = journal or Journal()
        self.hurried = False
        self._started: dict[str, subprocess.Popen[bytes]] = {}
        self._told: set[int] = set()
        self._rose: dict[str, float | None] = {}

    def going(self) -> dict[str, bool]:
        """Return the scenarios that play, and whether each was told to stop: it heals then."""
        found = {name: each.pid in self._told for name, each in self._started.items() if each.poll() is None}
        for play in self._playing():
            found[play.scenario] = play.pid in self._told or play.recovering_at is not None
        return found

    def starts(self, exercise: Exercise) -> dict[str, float | None]:
        """Return when the series of each scenario that `exercise` has played began to rise; None: not yet."""
        self._rose |= {play.scenario: play.started_at for play in self._playing()}
        begun = {each.phase.play: each.begun_at for each in exercise.phases if each.begun_at is not None}
        return {
            name: self._rose.get(name, None if name in self._started else at)
            for name, at in begun.items()
            if name
        }

    def start(self, scenario: str, context: Context) -> None:
        """Play `scenario` in `context`. Raises CockpitError where no process can be started."""
        log = self._log(scenario)
        folder = context.scenarios or config.shipped("scenarios")
        argv = child.drill_command(scenario, folder=folder, longest=longest(self._exercise))
        try:
            log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with log.open("wb") as out:
                process = subprocess.Popen(
                    argv,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=out,
                    start_new_session=True,
                    env=environment(),
                )
            assert process.stdin is not None
            with suppress(BrokenPipeError), process.stdin as given:
                given.write(child.context_bytes(context))
        except OSError as error:
            raise CockpitError(f"{scenario} cannot be played: {error.strerror or error}") from error
        self._started[scenario] = process
        # Nobody else waits for a process that may outlive this one.
        threading.Thread(target=process.wait, daemon=True).start()

    def stop(self, scenarios: Collection[str]) -> None:
        """Let `scenarios` heal and delete their series; hurried, those that heal delete them at once."""
        pids = {name: each.pid for name, each in self._started.items() if each.poll() is None}
        pids |= {play.scenario: play.pid for play in self._playing()}
        for name, stopping in self.going().items():
            if name in scenarios and (self.hurried or not stopping):
                self._told.add(pids[name])
                with suppress(OSError):
                    kill(pids[name], SIGTERM)

    def heals_for(self) -> float:
        """Return the seconds for which what plays is healthy before it is deleted."""
        return max((play.recover for play in self._playing()), default=0.0)

    def left(self) -> tuple[str, ...]:
        """Return what is on the gateway still, as far as this machine's journal tells."""
        going = set(self.going())
        killed = {play.scenario for play in left_here(self._journal) if self._is_ours(play)}
        gateway = one_line(self._exercise.plan.gateway, 120)
        return tuple(f"{name} on {gateway}" for name in sorted(going | killed))

    def said(self, scenario: str, since: float) -> str:
        """Return the last that the process playing `scenario` said after `since` (Unix seconds)."""
        try:
            with self._log(scenario).open("rb") as log:
                if self._log(scenario).stat().st_mtime < since:
                    return ""
                log.seek(max(0, log.seek(0, SEEK_END) - _TAIL))
                lines = log.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return ""
        return one_line(next((line for line in reversed(lines) if line.strip()), ""), 400)

    def _playing(self) -> tuple[Play, ...]:
        return tuple(play for play in playing(self._journal) if self._is_ours(play))

    def _is_ours(self, play: Play) -> bool:
        exercise = self._exercise
        ours = play.gateway == exercise.plan.gateway and play.scenario in exercise.drill.scenarios
        return ours and play.player == _PLAYER

    def _log(self, scenario: str) -> Path:
        return folder_of(self._exercise.id) / f"{scenario}.log"
