"""The real program, shown text that attacks terminals on every screen: no byte of it gets through."""

import re
from contextlib import suppress
from pathlib import Path

import pytest

from tests.pty.escapes import clipboards, violations
from tests.pty.hostile_drill import EXERCISE
from tests.pty.payloads import NEEDLES
from tests.pty.servers import World, serving
from tests.pty.terminal import Terminal, cockpit, launched, terminal
from tests.pty.walk import ask, facilitate, leave, on_hostile_servers, until, walk

UNGUARDED = """
import cockpit.text as text
text.clean = lambda shown, limit=0: shown
text.json_safe = lambda encoded: encoded
"""


@pytest.mark.parametrize(("columns", "rows"), [(120, 40), (80, 24)])
def test_no_screen_lets_a_control_code_through(tmp_path: Path, columns: int, rows: int) -> None:
    def look(shown: Terminal) -> None:
        walk(shown)
        shown.type("q")
        assert shown.exit_code() == 0
        assert violations(shown.raw, NEEDLES) == []
        assert "[@click=app.quit]PWNED30" in shown.raw.decode()

    on_hostile_servers(cockpit, tmp_path, look, columns=columns, rows=rows)


def test_the_facilitators_screen_lets_no_control_code_through(tmp_path: Path) -> None:
    def facilitating(*arguments: str) -> list[str]:
        return cockpit("drill", "facilitate", EXERCISE, *arguments)

    def look(shown: Terminal) -> None:
        facilitate(shown)
        shown.type("q")
        shown.type("q")
        assert shown.exit_code() == 0
        assert violations(shown.raw, NEEDLES) == []

    on_hostile_servers(facilitating, tmp_path, look, columns=120, rows=40)


def test_the_walk_finds_it_when_text_is_not_cleaned(tmp_path: Path) -> None:
    def look(shown: Terminal) -> None:
        shown.patience = 6
        with suppress(AssertionError, OSError):
            walk(shown)
        found = "\n".join(violations(shown.raw, NEEDLES))
        assert "payload as it came" in found
        assert "marker inside a sequence" in found
        assert "U+202E" in found

    def unguarded(*arguments: str) -> list[str]:
        return launched(UNGUARDED, *arguments)

    on_hostile_servers(unguarded, tmp_path, look, columns=120, rows=40)


def test_copying_sets_the_clipboard_and_nothing_else(tmp_path: Path) -> None:
    def look(shown: Terminal) -> None:
        shown.see("Main")
        assert not clipboards(shown.raw)
        shown.type("o")
        shown.see("enter choose", "dashboard")
        until(shown, "\r", "copied")
        found = clipboards(shown.raw)
        assert found
        assert all(text.startswith(b"https://d.example/") for text in found)
        shown.type("q")
        assert shown.exit_code() == 0
        assert violations(shown.raw, NEEDLES, clipboard=True) == []
        assert violations(shown.raw) != []

    on_hostile_servers(cockpit, tmp_path, look, columns=120, rows=40)


@pytest.mark.parametrize("data", [b"\x9c", b"\xff\xfe\xfd", b"\x1b[200~\xff\x1b]0;x\x07\x1b\x1bq\x1b[201~"])
def test_input_that_is_no_text_changes_nothing(tmp_path: Path, data: bytes) -> None:
    with (
        serving(World([])) as servers,
        terminal(cockpit(*servers.flags), env={"COCKPIT_STATE_DIR": str(tmp_path)}) as shown,
    ):
        shown.see("All clear")
        shown.type(data)
        until(shown, "?", "Keys on this screen")
        leave(shown, "Keys on this screen", "ALERTS")
        shown.type("q")
        assert shown.exit_code() == 0
        assert violations(shown.raw) == []


def test_a_paste_never_presses_a_key(tmp_path: Path) -> None:
    with (
        serving(World([])) as servers,
        terminal(cockpit(*servers.flags), env={"COCKPIT_STATE_DIR": str(tmp_path)}) as shown,
    ):
        shown.see("All clear")
        ask(shown, "/", "/")
        shown.paste(b"begin\x1b\x1b\x1bq2?!" + b"\x1bq" * 20)
        shown.see("/begin␛␛␛q2?!")
        shown.type("\x1b")
        shown.gone("/begin")
        shown.type("q")
        assert shown.exit_code() == 0


def test_modes_can_be_switched_faster_than_they_load(tmp_path: Path) -> None:
    with (
        serving(World([])) as servers,
        terminal(cockpit(*servers.flags), env={"COCKPIT_STATE_DIR": str(tmp_path)}) as shown,
    ):
        shown.see("ALERTS")
        for _ in range(10):
            shown.type("2121212")
        until(shown, "2", "RUNBOOKS")
        until(shown, "1", "ALERTS")
        shown.type("q")
        assert shown.exit_code() == 0
        assert not re.search(rb"internal error|Traceback", shown.raw)


@pytest.mark.parametrize("typed", ["/q", ":q2", "/quota"])
def test_keys_that_come_as_one_go_where_they_were_meant(tmp_path: Path, typed: str) -> None:
    with (
        serving(World([])) as servers,
        terminal(cockpit(*servers.flags), env={"COCKPIT_STATE_DIR": str(tmp_path)}) as shown,
    ):
        shown.see("All clear")
        shown.type(typed)
        shown.wait(lambda screen: screen.splitlines()[-2].startswith(typed), typed)
        shown.type("\x1b")
        shown.gone(typed)
        shown.type("q")
        assert shown.exit_code() == 0
