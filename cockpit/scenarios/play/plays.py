"""Plays of scenarios: who plays which group of which gateway, and what was opened and never closed.

A play holds a lock file for as long as its process lives (flock(2): the kernel frees it however the process
ends), and the journal tells what was opened: what is open there and locked by nobody may be left over.
"""

import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from cockpit import config
from cockpit.clients.pushgateway import grouping_path
from cockpit.errors import UsageError
from cockpit.journal.journal import LATEST, Entry, Journal
from cockpit.scenarios.play import locks
from cockpit.scenarios.play.grouping import grouping_of
from cockpit.text import one_line
from cockpit.units import rfc3339

OPENED, RISING, RECOVERING, CLOSED = "group.opened", "group.rising", "group.recovering", "group.closed"

LEAD = 2
"""Intervals for which a scenario stands at its baseline, so that it is scraped before it rises."""

_LONGEST = 1e9
"""Seconds that no play lasts: a note or a journal that says so is not read."""

Key = tuple[str, tuple[tuple[str, str], ...]]


class Play(Struct, frozen=True, kw_only=True):
    """One playing of a scenario. Durations are real seconds as played, times Unix seconds.

    `run` names it in the journal; `player` is what plays it: `run`, `drill` (a process of its own, which TERM
    makes recover and delete) or `lab`. `started_at` is when the series began to rise.
    """

    run: str
    scenario: str
    title: str
    context: str
    gateway: str
    grouping: dict[str, str]
    pid: int
    host: str
    interval: Annotated[float, Meta(gt=0, le=_LONGEST)]
    duration: Annotated[float, Meta(ge=0, le=_LONGEST)] | None
    recover: Annotated[float, Meta(ge=0, le=_LONGEST)]
    speed: Annotated[float, Meta(ge=1e-3, le=1e6)]
    opened_at: Annotated[float, Meta(ge=0, le=LATEST)]
    started_at: Annotated[float, Meta(ge=0, le=LATEST)] | None = None
    recovering_at: Annotated[float, Meta(ge=0, le=LATEST)] | None = None
    player: str = "run"

    @property
    def key(self) -> Key:
        """What no two plays have in common: the gateway and the grouping key."""
        return key_of(self.gateway, self.grouping)

    def t(self, now: float) -> float:
        """Return the seconds since the series began to rise, at `now`; before that what is left, below 0."""
        if self.started_at is None:
            return min(0.0, now - self.opened_at - LEAD * self.interval)
        return now - self.started_at

    def phase(self, now: float) -> str:
        """Return `baseline`, `unhealthy` or `recovering`."""
        if self.started_at is None or now < self.started_at:
            return "baseline"
        return "unhealthy" if self.recovering_at is None or now < self.recovering_at else "recovering"


class Claim(Struct, frozen=True):
    """What a claim holds: the play, and whether a killed play of this machine left its group there."""

    play: Play
    orphaned: bool


def key_of(gateway: str, grouping: Mapping[str, str]) -> Key:
    """Return what tells a group from every other: the gateway's URL and the grouping key."""
    return gateway, tuple(sorted(grouping.items()))


def lock_path(key: Key) -> Path:
    """Return the lock file of a group."""
    return locks.path(config.state_dir() / "playing", key[0] + grouping_path(dict(key[1])))


def new_play(
    *,
    scenario: str,
    title: str,
    context: str,
    gateway: str,
    interval: float,
    duration: float | None,
    recover: float,
    speed: float,
    now: float,
    player: str = "run",
) -> Play:
    """Return a play of this process that begins at `now`."""
    return Play(
        run=f"{scenario}-{secrets.token_hex(6)}",
        scenario=scenario,
        title=one_line(title, 300),
        context=context,
        gateway=gateway,
        grouping=grouping_of(scenario),
        pid=os.getpid(),
        host=socket.gethostname(),
        interval=interval,
        duration=duration,
        recover=recover,
        speed=speed,
        opened_at=now,
        player=player,
    )


@contextmanager
def claim(journal: Journal, play: Play) -> Iterator[Claim]:
    """Hold the group of `play`: journaled as opened before it is yielded, locked until the end.

    What closes it in the journal is `close`. Raises UsageError where the group is played on this machine,
    CockpitError where lock or journal cannot be written.
    """
    with locks.hold(lock_path(play.key), msgspec.json.encode(play)) as held:
        if not held:
            raise UsageError(
                _refusal(play, journal), remedy=f"`cockpit scenario stop {play.scenario}` ends it"
            )
        before = [each for each in unclosed(journal) if each.key == play.key]
        opened = {k: v for k, v in msgspec.structs.asdict(play).items() if not k.endswith("_at")}
        at = journal.append(OPENED, **opened).at
        for each in before:
            journal.append(CLOSED, run=each.run, how="taken over")
        yield Claim(msgspec.structs.replace(play, opened_at=at), orphaned=bool(before))


def close(journal: Journal, key: Key, how: str) -> None:
    """Note that the group of `key` is gone: every play of it that the journal has open is closed."""
    for play in unclosed(journal):
        if play.key == key:
            journal.append(CLOSED, run=play.run, how=how)


def playing(journal: Journal) -> tuple[Play, ...]:
    """Return what is played on this machine now, the oldest first: what holds the lock of its group."""
    held = [play for content in locks.held(config.state_dir() / "playing") if (play := _decoded(content))]
    if not held:
        return ()
    known = {play.run: play for play in unclosed(journal)}
    return tuple(sorted((known.get(play.run, play) for play in held), key=lambda play: play.opened_at))


def unclosed(journal: Journal) -> tuple[Play, ...]:
    """Return every play that was opened and not closed, whether its process lives or not."""
    plays: dict[str, Play] = {}
    for entry in journal.entries(OPENED, RISING, RECOVERING, CLOSED):
        _fold(plays, entry)
    return tuple(plays.values())


def _fold(plays: dict[str, Play], entry: Entry) -> None:
    run = entry.data.get("run")
    if entry.kind == OPENED:
        try:
            play = msgspec.convert({**entry.data, "opened_at": entry.at}, Play)
        except msgspec.ValidationError:
            return
        if play.grouping.get("job"):
            plays[play.run] = play
    elif not isinstance(run, str) or run not in plays:
        return
    elif entry.kind == CLOSED:
        del plays[run]
    else:
        name = "started_at" if entry.kind == RISING else "recovering_at"
        plays[run] = msgspec.structs.replace(plays[run], **{name: entry.at})


def _decoded(content: bytes) -> Play | None:
    try:
        return msgspec.json.decode(content, type=Play)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _refusal(play: Play, journal: Journal) -> str:
    what = f"{play.scenario} is being played on {play.gateway}"
    other = next((each for each in playing(journal) if each.key == play.key), None)
    return f"{what} by pid {other.pid} since {rfc3339(other.opened_at)}" if other else what
