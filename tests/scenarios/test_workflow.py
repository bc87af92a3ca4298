"""The steps of the workflow that plays a scenario, run by hand: what is a result, and what is only text."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

WORKFLOW = Path(__file__).parents[2] / ".github" / "workflows" / "alert-synth.yml"
STARTED = '{"run":"x","started_at":"2026-11-21T14:53:36.080Z"}'
NEVER = '{"run":"x","started_at":null}'


def step(name: str) -> str:
    steps: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(WORKFLOW)["jobs"]["play"]["steps"]
    return str(next(each["run"] for each in steps if each.get("name", "").startswith(name)))


def played(
    folder: Path, *, code: int, verdict: str, scenario: str = "tiny", prometheus: str = ""
) -> tuple[int, str, list[str]]:
    """Return the step's exit code, what it prints, and the arguments that the cockpit got of it."""
    program = folder / ".venv" / "bin" / "cockpit"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$@\" >arguments\nprintf '%s' '{verdict}'\nexit {code}\n")
    program.chmod(0o755)
    env = {**os.environ, "SCENARIO": scenario, "DURATION": "1m", "PROMETHEUS_URL": prometheus}
    done = subprocess.run(
        ["bash", "-e", "-c", step("Play")], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, (folder / "arguments").read_text().split("\0")[:-1]


@pytest.mark.parametrize(
    ("code", "verdict", "prometheus", "ends"),
    [
        (0, STARTED, "http://p", 0),
        (1, STARTED, "http://p", 1),
        (1, STARTED, "", 1),
        (3, STARTED, "http://p", 3),
        (3, STARTED, "", 0),
        (3, NEVER, "", 3),
        (3, "", "", 3),
        (2, "", "", 2),
    ],
)
def test_only_what_was_played_but_nobody_could_watch_is_let_pass(
    tmp_path: Path, code: int, verdict: str, prometheus: str, ends: int
) -> None:
    status, said, _ = played(tmp_path, code=code, verdict=verdict, prometheus=prometheus)
    assert status == ends
    assert ("::warning::" in said) == (code == 3 and ends == 0)


def test_an_input_is_a_name_and_nothing_else(tmp_path: Path) -> None:
    hostile = "--help; $(touch pwned) '\""
    _, _, arguments = played(tmp_path, code=2, verdict="", scenario=hostile)
    # Behind `--` even `--help`, which would end in a false success, is taken for a name.
    assert arguments[-2:] == ["--", hostile]
    assert not (tmp_path / "pwned").exists()


def test_the_servers_are_named_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "ci.toml"
    gateway = 'http://u:a"b\\c@gate:9091/$(id)'
    urls = {"PUSHGATEWAY_URL": gateway, "PROMETHEUS_URL": "", "ALERTMANAGER_URL": ""}
    env = {**os.environ, **urls, "COCKPIT_CONFIG": str(path)}
    subprocess.run([sys.executable, "-c", step("Name")], env=env, check=True)
    text = path.read_text()
    assert "synthetic = true" in text
    assert tomllib.loads(text)["contexts"]["ci"]["pushgateway"] == gateway
    ran = subprocess.run(
        [sys.executable, "-c", step("Name")],
        env={**env, "PUSHGATEWAY_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "PUSHGATEWAY_URL" in ran.stderr
