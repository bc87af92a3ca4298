"""Runs the program as a user does: a process of its own, with nothing of this machine's configuration."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Ran:
    """What came of a run: exit code and both streams, as text."""

    code: int
    out: str
    err: str


PROJECT = Path(__file__).parents[2]
Run = Callable[..., Ran]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("COCKPIT_", "XDG_", "_COCKPIT", "NO_COLOR")) and k not in {"COLUMNS", "LINES"}
    }
    home = tmp_path / "home"
    home.mkdir()
    own = {"HOME": str(home), "COCKPIT_STATE_DIR": str(tmp_path / "state"), "PYTHONPATH": str(PROJECT)}
    return {**kept, **own}


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    def run_cockpit(*args: str, **variables: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "cockpit", *args],
            env={**environment, **variables},
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run_cockpit
