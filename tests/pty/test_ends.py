"""How the program ends, looks and idles in a real terminal."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty.servers import Pair, World, serving
from tests.pty.terminal import ROOT, Terminal, cockpit, launched, terminal

NAME = "GmailSendErrorRateWarning"
CRASH = """
from cockpit.tui.widgets.alert_list import AlertList
def broken(self):
    secret = "hunter2"
    raise RuntimeError("broken on purpose")
AlertList.action_bottom = broken
"""
LEFT = [b"\x1b[" + end for end in (b"?1049l", b"?25h", b"?1000l", b"?1003l", b"?1006l", b"?2004l", b"<u")]
"""Main screen, cursor shown, mouse, paste and keyboard protocol off."""


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    alert = {
        "labels": {"alertname": NAME, "severity": "warning", "provider": "google", "action": "gmail.send"},
        "annotations": {"runbook_url": "https://r.example/gmail-send-high-error-rate.md"},
    }
    with serving(World([alert])) as pair:
        yield pair


def state(folder: Path, **more: str) -> dict[str, str]:
    return {"COCKPIT_STATE_DIR": str(folder), **more}


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_a_signal_restores_the_terminal(
    servers: Pair, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with terminal(cockpit(*servers.flags), env=state(tmp_path)) as shown:
        shown.see(NAME)
        before = len(shown.raw)
        shown.signal(number)
        assert shown.exit_code() == code
        assert [left for left in LEFT if left not in shown.raw[before:]] == []
        assert b"Traceback" not in shown.raw


def test_a_terminal_that_is_closed_ends_the_program(servers: Pair, tmp_path: Path) -> None:
    with terminal(cockpit(*servers.flags), env=state(tmp_path)) as shown:
        shown.see(NAME)
        shown.hang_up()
        # What still writes to a terminal that is gone would be waited for without end.
        assert shown.exit_code(10) == 129
    assert list(tmp_path.glob("crash*")) == []


def test_ctrl_c_never_shows_a_traceback(servers: Pair, tmp_path: Path) -> None:
    with terminal(cockpit(*servers.flags), env=state(tmp_path)) as shown:
        shown.see(NAME)
        shown.type(b"\x03")
        shown.signal(signal.SIGTERM)
        assert shown.exit_code() in {0, 130, 143}
        assert b"Traceback" not in shown.raw
        assert b"internal error" not in shown.raw


def test_a_storm_of_resizes_is_survived(servers: Pair, tmp_path: Path) -> None:
    with terminal(cockpit(*servers.flags), env=state(tmp_path)) as shown:
        shown.see(NAME)
        for n in range(60):
            shown.resize(40 + n * 7 % 100, 10 + n % 40)
        for columns, rows in ((1, 1), (2, 2), (5, 3), (20, 4), (500, 100), (120, 40)):
            shown.resize(columns, rows)
        shown.press("?", "Keys on this screen")
        shown.type("q")
        shown.see(NAME)
        shown.type("q")
        assert shown.exit_code() == 0
        assert not re.search(rb"internal error|Traceback", shown.raw)


def test_a_defect_is_one_line_without_the_values_of_variables(servers: Pair, tmp_path: Path) -> None:
    with terminal(launched(CRASH, *servers.flags), env=state(tmp_path)) as shown:
        shown.see(NAME)
        shown.type("G")
        assert shown.exit_code() not in {0, 2, 3}
        after = shown.raw.rpartition(b"\x1b[?1049l")[2]
        said = re.sub(rb"\x1b\[[?0-9;]*[a-z]", b"", after).strip()
        assert said.startswith(b"cockpit: internal error: RuntimeError: broken on purpose; details in ")
        assert b"\n" not in said
        assert b"hunter2" not in shown.raw
    logs = list(tmp_path.glob("crash*"))
    assert len(logs) == 1
    text = logs[0].read_text()
    assert "broken on purpose" in text
    assert "hunter2" not in text


def tour(shown: Terminal) -> None:
    """Look at list, incident, doubts and library, and leave."""
    shown.see(NAME)
    shown.press("\r", "Gmail send: high error rate", "Errors by code")
    shown.type("q")
    shown.see("ALERTS")
    shown.press("!", "What keeps this")
    shown.type("q")
    shown.gone("What keeps this")
    shown.press("2", "RUNBOOKS", "gmail-send-high")
    shown.type("q")
    assert shown.exit_code() == 0


@pytest.mark.parametrize(
    "locale",
    [{"LANG": "C"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}],
    ids=["LANG", "LC_ALL", "no coercion"],
)
def test_without_utf8_every_byte_is_ascii(servers: Pair, tmp_path: Path, locale: dict[str, str]) -> None:
    with terminal(cockpit(*servers.flags), env=state(tmp_path, **locale)) as shown:
        tour(shown)
        assert shown.raw.isascii(), re.findall(rb".{40}[\x80-\xff]+", shown.raw)[:3]


def test_no_color_shows_shades_of_grey(servers: Pair, tmp_path: Path) -> None:
    with terminal(cockpit(*servers.flags), env=state(tmp_path, NO_COLOR="1")) as shown:
        tour(shown)
        colours = set(re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", shown.raw))
        assert {c for c in colours if len(set(c)) > 1} == set()


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"TERM": "dumb", "LANG": "C"}])
def test_a_dumb_terminal_gets_one_line(servers: Pair, tmp_path: Path, env: dict[str, str]) -> None:
    with terminal(cockpit(*servers.flags), env=state(tmp_path, **env)) as shown:
        assert shown.exit_code() == 2
        assert shown.raw.strip().startswith(b"cockpit: the screen needs a terminal")
        assert len(shown.raw.strip().splitlines()) == 1


def test_without_a_terminal_it_says_so(servers: Pair, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cockpit", *servers.flags],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, **state(tmp_path)},
        timeout=30,
    )
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.decode().count("\n") == 1
    assert "needs a terminal" in done.stderr.decode()


@pytest.mark.parametrize(("where", "bytes_a_second"), [("list", 1500), ("incident", 4000)])
def test_an_idle_screen_costs_little_more_than_its_clock(
    servers: Pair, tmp_path: Path, where: str, bytes_a_second: int
) -> None:
    # A whole screen at 120x40 is some 20 000 bytes. The incident's plots move on with every poll.
    seconds = 3
    with terminal(cockpit(*servers.flags), env=state(tmp_path)) as shown:
        shown.see(NAME)
        if where == "incident":
            shown.press("\r", "Gmail send: high error rate", "0.021")
        clocks: set[str] = set()

        def settled(screen: str) -> bool:
            clocks.update(re.findall(r"\d\d:\d\d:\d\dZ", screen))
            return len(clocks) > 2

        shown.wait(settled, "two seconds")
        before, seen = len(shown.raw), len(clocks)
        shown.wait(lambda screen: settled(screen) and len(clocks) >= seen + seconds, f"{seconds} seconds")
        assert len(shown.raw) - before < bytes_a_second * seconds
