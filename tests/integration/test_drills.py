"""Drills through the real command, each in a lab that it brings: they pass, and nothing is left of them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from cockpit import config
from cockpit.config import LabFile
from tests.integration.exercises import (
    ROOT,
    SHIPPED,
    Ran,
    drill,
    left_of,
    require_passed,
    run_unattended,
)
from tests.pty.terminal import cockpit, terminal

pytestmark = pytest.mark.servers
DRILLS = SHIPPED[:4]


@pytest.fixture(scope="module")
def unattended(binaries: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """Each of them, run with nobody there."""
    return run_unattended(DRILLS, tmp_path_factory)


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_passes_with_nobody_there_and_leaves_nothing(unattended: dict[str, Ran], name: str) -> None:
    require_passed(unattended[name], name)


def test_a_second_drill_is_refused_and_ctrl_c_leaves_nothing(
    binaries: dict[str, str], tmp_path: Path
) -> None:
    words = ("run", "tabletop-01", "--unattended")
    first = Ran(tmp_path, *words, "--speed", "60")
    first.see("pending")
    for more, refusal in (
        ((), "`cockpit drill abort"),
        (("--speed", "90"), "a lab runs already, at speed 60"),
    ):
        second = subprocess.run(
            [sys.executable, "-m", "cockpit", "drill", *words, *more],
            cwd=ROOT,
            env={**os.environ, "COCKPIT_STATE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (second.returncode, second.stdout) == (2, "")
        assert refusal in second.stderr
    first.process.send_signal(signal.SIGINT)
    assert first.end() == 130, first.said
    assert first.out.endswith("aborted (ctrl-C)\n")
    assert left_of(tmp_path) == []


def test_a_blind_drill_whose_screen_hangs_up_is_aborted_from_elsewhere(
    binaries: dict[str, str], tmp_path: Path
) -> None:
    words = ("drill", "run", "--random", "--blind", "--speed", "60")
    with terminal(cockpit(*words), env={"COCKPIT_STATE_DIR": str(tmp_path)}) as shown:
        shown.see("phase 1 of 6")
        shown.hang_up()
        assert shown.exit_code() == 129
    assert left_of(tmp_path) != []
    other = drill(tmp_path, "run", "tabletop-04", "--unattended")
    assert other.end() == 2
    assert "was interrupted" in other.said
    ended = drill(tmp_path, "abort")
    assert ended.end() == 0, ended.said
    assert left_of(tmp_path) == []
    report = json.loads(drill(tmp_path, "report", "-o", "json").out)
    assert (report["state"], report["left_behind"], report["blind"]) == ("aborted", [], True)
    secrets = (report["drill"]["name"], report["drill"]["title"])
    assert not any(secret in shown.raw.decode() + other.said + ended.said for secret in secrets)


def test_a_lab_that_is_gone_is_brought_back(binaries: dict[str, str], tmp_path: Path) -> None:
    killed = Ran(tmp_path, "run", "tabletop-04", "--unattended", "--speed", "60")
    killed.see("phase 2, ")
    killed.process.kill()
    killed.end()
    environment = {**os.environ, "COCKPIT_STATE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "cockpit", "lab", "down"], cwd=ROOT, env=environment, check=True)
    resumed = drill(tmp_path, "run", "--resume")
    assert resumed.end() == 0, resumed.said
    assert left_of(tmp_path) == []


def test_nothing_starts_where_the_journal_cannot_be_written(binaries: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "drills").write_text("")
    ran = drill(tmp_path, "run", "tabletop-01", "--unattended", "--speed", "60")
    assert (ran.end(), ran.out) == (1, "")
    assert "free some space there, or name another folder in COCKPIT_STATE_DIR" in ran.said
    assert "phase 1" not in ran.said
    assert left_of(tmp_path) == []


@pytest.mark.parametrize(
    ("known", "misspelt", "key"),
    [
        ("play: error-rate-warn", "play: error-rate-wran", "phases.0.play"),
        ("firing: GmailSendErrorRateWarning", "firing: GmailSendErorRateWarning", "phases.1.verify.0.firing"),
        ("opened: gmail-send-high-error-rate", "opened: gmail-send-high", "phases.2.operator.0.opened"),
        ("notified: slack", "notified: slak", "phases.1.verify.1.notified"),
    ],
)
def test_a_name_that_nobody_knows_is_refused_with_file_line_and_key(
    lab: LabFile, lab_state: Path, tmp_path: Path, known: str, misspelt: str, key: str
) -> None:
    folder = tmp_path / "scenarios"
    copytree(config.shipped("scenarios"), folder)
    path = folder / "drills" / "tabletop-01.yaml"
    text = path.read_text(encoding="utf-8")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if known in row)
    path.write_text(text.replace(known, misspelt), encoding="utf-8")
    words = ("run", "tabletop-01", "--unattended", "--context", "lab", "--scenarios", str(folder))
    ran = drill(lab_state, *words)
    assert (ran.end(), ran.out) == (2, ""), ran.said
    assert f"drill {path}, line {line}: {key}" in ran.said
    assert not list((lab_state / "drills").glob("*.jsonl"))
