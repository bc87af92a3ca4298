"""`cockpit lab up --detach`: what it has not said to be running does not run."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def starting(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run `lab up --detach` with servers that never become ready, until they are started."""
    server = tmp_path / "server"
    server.write_text("#!/bin/sh\nexec sleep 60\n")
    server.chmod(0o755)
    env = {k: v for k, v in os.environ.items() if not k.startswith("COCKPIT_")}
    for name in ("PROMETHEUS", "ALERTMANAGER", "PUSHGATEWAY"):
        env[f"COCKPIT_{name}_BIN"] = str(server)
    process = subprocess.Popen(
        [sys.executable, "-m", "cockpit", "lab", "up", "--detach", "--no-baseline"],
        cwd=ROOT,
        env={**env, "COCKPIT_STATE_DIR": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: list((tmp_path / "state" / "lab").glob("data-*/sink.log")), "the servers start")
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_lab_whose_start_is_broken_off_is_stopped(
    starting: "subprocess.Popen[str]", tmp_path: Path, number: int, code: int
) -> None:
    starting.send_signal(number)
    out, err = starting.communicate(timeout=40)
    assert (starting.returncode, out, err) == (code, "", "")
    assert not list((tmp_path / "state" / "lab").glob("data-*"))
