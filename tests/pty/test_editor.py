"""The user's editor, opened from mode 5: it has the terminal to itself, and the screen comes back."""

import os
import sys
from pathlib import Path

import pytest

from tests.pty.servers import World, serving
from tests.pty.terminal import Terminal, cockpit, terminal
from tests.pty.walk import until

RULES = """
groups:
  - name: payments
    rules:
      - alert: PaymentsDown
        expr: up{job="payments"} == 0
        for: 2m
        labels: {severity: critical, owner: payments}
        annotations: {summary: Payments are down, description: No instance takes payments}
"""
EDITOR = """
import sys, termios
cooked = termios.tcgetattr(0)[3] & termios.ICANON
print("EDITOR HAS", *sys.argv[1:], "cooked" if cooked else "raw")
try:
    print("TYPED", input())
except KeyboardInterrupt:
    print("INTERRUPTED")
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    rules = tmp_path / "team" / "rules"
    rules.mkdir(parents=True)
    (rules / "payments.yml").write_text(RULES)
    (tmp_path / "vim").write_text(f"#!{sys.executable}\n{EDITOR}")
    (tmp_path / "vim").chmod(0o755)
    return tmp_path


def _in_mode_5(shown: Terminal) -> None:
    shown.see("All clear")
    until(shown, "5", "no-runbook")


@pytest.mark.parametrize(("typed", "said"), [("thanks\r", "TYPED thanks"), ("\x03", "INTERRUPTED")])
def test_the_editor_has_the_terminal_and_the_screen_comes_back(files: Path, typed: str, said: str) -> None:
    surroundings = {"COCKPIT_STATE_DIR": str(files / "state"), "VISUAL": "", "EDITOR": str(files / "vim")}
    with (
        serving(World([])) as servers,
        terminal(cockpit(*servers.flags, "--scenarios", str(files / "team")), env=surroundings) as shown,
    ):
        _in_mode_5(shown)
        before = len(shown.raw)
        shown.type("e")
        shown.see(f"EDITOR HAS +5 {os.fspath(files)}/team/rules/payments.yml cooked")
        assert b"\x1b[?1049l" in shown.raw[before:]
        shown.type(typed)
        shown.wait(lambda _: said.encode() in shown.raw[before:], said)
        after = shown.raw.index(said.encode(), before)
        shown.wait(lambda _: b"\x1b[?1049h" in shown.raw[after:], "the other screen of the terminal")
        until(shown, "1", "All clear")
        shown.type("q")
        assert shown.exit_code() == 0


def test_an_editor_that_is_not_there_is_one_line(files: Path) -> None:
    surroundings = {"COCKPIT_STATE_DIR": str(files / "state"), "VISUAL": "", "EDITOR": "no-such-editor"}
    with (
        serving(World([])) as servers,
        terminal(cockpit(*servers.flags, "--scenarios", str(files / "team")), env=surroundings) as shown,
    ):
        _in_mode_5(shown)
        shown.type("e")
        shown.see("no-such-editor: No such file or directory")
        shown.see("CONTRACT")
        shown.type("q")
        assert shown.exit_code() == 0
