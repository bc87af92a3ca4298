"""A lab that outlives whoever starts it: `cockpit lab up` in a session of its own."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cockpit import config
from cockpit.children import environment
from cockpit.config import LabFile
from cockpit.errors import CockpitError
from cockpit.lab import lab as labs
from cockpit.lab.servers import last_words

UP_WITHIN = 60.0
"""Seconds that the lab gets to be up."""

Owner = subprocess.Popen[bytes]


def up(words: Sequence[str]) -> LabFile:
    """Run `cockpit` with `words`, which bring up a lab and stay, and return that lab once it is up.

    However the waiting ends before, the lab is taken down. Raises CockpitError where it does not come up, or
    one runs already.
    """
    if running := labs.running():
        remedy = "look at it with `cockpit --context lab`, or stop it with `cockpit lab down`"
        raise CockpitError(
            f"a lab runs already at {running.prometheus}, pid {running.owner_pid}", remedy=remedy
        )
    folder = config.lab_file().parent
    log = folder / "lab.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        owner = _started(words, log)
    except OSError as error:
        raise CockpitError(f"lab: {folder}: {error.strerror}") from error
    try:
        return _once_up(owner, log)
    except BaseException:
        _end(owner)
        raise


def _started(words: Sequence[str], log: Path) -> Owner:
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "cockpit", *words],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env=environment(),
        )


def _once_up(owner: Owner, log: Path) -> LabFile:
    deadline = time.monotonic() + UP_WITHIN
    while time.monotonic() < deadline:
        lab = config.running_lab()
        if lab is not None and lab.owner_pid == owner.pid:
            return lab
        if owner.poll() is not None:
            said = last_words(log).removeprefix("cockpit: ")
            raise CockpitError(said or f"the lab ended with status {owner.returncode}")
        time.sleep(0.02)
    raise CockpitError(f"the lab was not up within {UP_WITHIN:g} s")


def _end(owner: Owner) -> None:
    """End a lab that starts, and wait until it has taken its servers down."""
    owner.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        owner.wait(10)
