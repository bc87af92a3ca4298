"""A `cockpit drill` as a process of its own, and every drill of a list run with nobody there."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cockpit import config
from cockpit.drills import files
from cockpit.lab import processes
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
SHIPPED = files.names(config.shipped("scenarios"))
"""The names of all the shipped drills."""

ELSEWHERE = {"COCKPIT_CONTEXT": "prod", "COCKPIT_PROMETHEUS": "http://127.0.0.1:1"}
"""What may stand in somebody's environment, and leads no drill anywhere."""


class Ran:
    """A `cockpit drill` with its state in `state`, where what it says is written too."""

    def __init__(self, state: Path, *words: str, **environment: str) -> None:
        self.state = state
        with (state / "stdout").open("wb") as out, (state / "stderr").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cockpit", "drill", *words],
                cwd=ROOT,
                env={**os.environ, "COCKPIT_STATE_DIR": str(state), **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    @property
    def out(self) -> str:
        """What it has written on stdout so far."""
        return (self.state / "stdout").read_text(encoding="utf-8")

    @property
    def said(self) -> str:
        """What it has said on stderr so far."""
        return (self.state / "stderr").read_text(encoding="utf-8")

    def see(self, text: str) -> None:
        """Wait until it has said `text`."""
        wait_until(lambda: text in self.said or self.process.poll() is not None, text, within=90)
        assert text in self.said, self.said

    def end(self) -> int:
        """Wait for its end and return the exit code."""
        return self.process.wait(180)


def drill(state: Path, *words: str, **environment: str) -> Ran:
    """Run a `cockpit drill` to its end."""
    ran = Ran(state, *words, **environment)
    ran.end()
    return ran


def left_of(state: Path) -> list[str]:
    """Return the command lines of the processes whose state is in `state`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"COCKPIT_STATE_DIR={state}".encode() in variables:
            found.append(processes.command_line(int(folder.name)))
    return [each for each in found if each]


def run_unattended(names: Sequence[str], folders: pytest.TempPathFactory) -> dict[str, Ran]:
    """Run the shipped drills `names` with nobody there, two at a time."""
    elsewhere = folders.mktemp("config") / "config.toml"
    elsewhere.write_text('[contexts.prod]\nprometheus = ["http://127.0.0.1:1"]\nsynthetic = true\n')

    def run(name: str) -> Ran:
        words = ("run", name, "--unattended", "--speed", "60", "-o", "json")
        return drill(folders.mktemp("drill"), *words, COCKPIT_CONFIG=str(elsewhere), **ELSEWHERE)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(run, names), strict=True))


def require_passed(ran: Ran, name: str) -> None:
    """Fail where the unattended drill `name` did not pass, or left anything."""
    assert ran.end() == 0, ran.said
    report = json.loads(ran.out)
    assert (report["drill"]["name"], report["score"]["passed"]) == (name, True)
    outcomes = [phase["outcome"] for phase in report["phases"]]
    assert set(outcomes) == {"passed", "unscored"}
    assert report["score"]["points"] == outcomes.count("passed")
    assert (report["left_behind"], left_of(ran.state)) == ([], [])
