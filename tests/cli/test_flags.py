"""The flags as the screen reads them, without typer, are what typer would have read."""

import subprocess
import sys
from typing import Any

import pytest
import typer

from cockpit.cli import flags, options
from cockpit.cli.main import app


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["--prometheus", "http://a", "--prometheus=http://b?x=1", "--alertmanager", "http://c"],
        ["--context", "one", "--context=two", "--config", "c.toml"],
        ["--pushgateway", "http://p", "--runbooks", "r", "--runbooks", "s", "--scenarios", "t"],
    ],
)
def test_both_read_the_same(argv: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []

    def show(found: flags.Flags) -> int:
        told.append(found)
        return 0

    monkeypatch.setattr("cockpit.cli.screen.show", show)
    typer.main.get_command(app).main(argv, prog_name="cockpit", standalone_mode=False)
    assert told == [flags.read(argv)]


@pytest.mark.parametrize(
    "argv",
    [
        ["alerts"],
        ["--help"],
        ["-h"],
        ["--version"],
        ["--context"],
        ["--context="],
        ["--context", "--config"],
        ["--contexts", "a"],
        ["--prom", "http://a"],
        ["--prometheus", "http://a", "alerts"],
        ["--", "--context", "a"],
        ["prometheus", "http://a"],
    ],
)
def test_the_rest_is_up_to_typer(argv: list[str]) -> None:
    assert flags.read(argv) is None


def test_completion_is_up_to_typer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_COCKPIT_COMPLETE", "complete_bash")
    assert flags.read([]) is None


def test_the_names_are_those_of_the_command_line() -> None:
    assert flags.NAMES == options.NAMES


def test_the_screen_starts_without_typer(environment: dict[str, str]) -> None:
    code = """
import sys
import cockpit.cli.screen as screen
screen.show = lambda told: 7
from cockpit.__main__ import main
assert main(["--prometheus", "http://a"]) == 7
assert not {"typer", "pydantic", "click"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=60)
