"""A lab's player: the scenarios that play in it from its start."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cockpit.lab.servers import Child
from cockpit.scenarios import files
from cockpit.scenarios.play import child

BASELINE = "baseline"
"""The scenario of healthy traffic."""


def players(
    names: Sequence[str], *, speed: float, folder: Path, hold: Sequence[str] = ()
) -> Callable[[Mapping[str, str], Path], tuple[Child, ...]]:
    """Return what starts a player of `names`, scenarios under `folder`; those in `hold` play without an end.

    Raises UsageError at once for a scenario that cannot be played.
    """
    for name in names:
        files.find(name, folder)

    def start(urls: Mapping[str, str], data: Path) -> tuple[Child, ...]:
        if not names:
            return ()
        argv = child.command(
            names,
            pushgateway=urls["pushgateway"],
            prometheus=urls["prometheus"],
            speed=speed,
            folder=folder,
            hold=hold,
        )
        return (Child("player", argv, data / "player.log"),)

    return start
