"""A play outlives the screen that started it just long enough to leave nothing behind, on a real lab."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.pty.terminal import ROOT, Terminal, cockpit, terminal
from tests.waiting import wait_until

pytestmark = pytest.mark.servers

NAME = "privacy-violation"
SPEED = 120
"""Its 12 minutes of recovery, and what Prometheus needs, are some seconds then."""


def ran(state: Path, *words: str) -> str:
    """Return what a command of the cockpit prints."""
    done = subprocess.run(
        cockpit(*words),
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COCKPIT_STATE_DIR": str(state)},
        timeout=60,
    )
    return done.stdout


def begin(shown: Terminal) -> None:
    """Start a play with a person's keys, and see it go."""
    shown.see("ALERTS", f"lab x{SPEED}")
    shown.press("3", "SCENARIOS", NAME)
    shown.type("/")
    shown.wait(lambda screen: screen.splitlines()[-2].startswith("/"), "the prompt")
    shown.type(f"{NAME}\r")
    shown.see("1 of ")
    shown.type("p")
    shown.see("SYNTHETIC", f"{NAME} playing", within=30)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL], ids=["HUP", "KILL"])
def test_a_play_whose_screen_is_gone_recovers_and_deletes_its_series(
    tmp_path: Path, number: signal.Signals
) -> None:
    state = tmp_path / "state"
    environment = {"COCKPIT_STATE_DIR": str(state)}
    ran(state, "lab", "up", "--speed", str(SPEED), "--detach")
    try:
        with terminal(cockpit("--context", "lab"), env=environment) as shown:
            begin(shown)
            shown.signal(number)
            assert shown.exit_code() == (-9 if number is signal.SIGKILL else 129)
        journal = state / "journal.jsonl"
        wait_until(lambda: '"group.closed"' in journal.read_text(), "it is deleted", within=40)
        assert '"how":"deleted"' in journal.read_text()
        assert "group.recovering" in journal.read_text()
        assert ran(state, "scenario", "leftovers") == ""
    finally:
        ran(state, "lab", "down")
