"""What holds for every command: help, exit codes, the two streams, and never a traceback."""

import json
import os
import pty
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup

from cockpit import __version__
from cockpit.cli.main import COMMANDS, available, load

HEAVY = ("textual", "pandas", "numpy", "matplotlib", "httpx", "rich", "pydantic")


def every_command() -> list[list[str]]:
    """All commands and sub-commands, as the arguments that name them."""

    def below(path: list[str], command: Any) -> list[list[str]]:
        children = command.commands.items() if isinstance(command, TyperGroup) else []
        return [path, *(found for name, child in children for found in below([*path, name], child))]

    return [path for name in COMMANDS if available(name) for path in below([name], load(name))]


def assert_one_line(err: str) -> None:
    assert err.startswith("cockpit: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert "Traceback" not in err


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_command_explains_itself_and_takes_the_global_flags(run: Any, command: list[str]) -> None:
    ran = run(*command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: cockpit {' '.join(command)} ")
    assert "--context" in ran.out
    assert "--prometheus" in ran.out
    assert "\x1b" not in ran.out


def test_help_lists_every_command_with_its_line(run: Any) -> None:
    ran = run("--help")
    assert (ran.code, ran.err) == (0, "")
    for name in COMMANDS:
        assert f"\n  {name} " in ran.out


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_a_bad_flag_is_one_line_and_exit_2(run: Any, command: list[str]) -> None:
    ran = run(*command, "--no-such-flag")
    assert (ran.code, ran.out) == (2, "")
    assert_one_line(ran.err)
    assert "--no-such-flag" in ran.err


@pytest.mark.parametrize("args", [["--help"], ["--version"]], ids=" ".join)
def test_start_up_imports_nothing_heavy(environment: dict[str, str], args: list[str]) -> None:
    code = (
        "import sys; from cockpit.__main__ import main; main(sys.argv[1:]); print('IMPORTED', *sys.modules)"
    )
    argv = [sys.executable, "-c", code, *args]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    imported = done.stdout.splitlines()[-1].split()
    assert imported[0] == "IMPORTED"
    assert "cockpit.cli.main" in imported
    assert not set(HEAVY) & set(imported)


@pytest.mark.parametrize("args", [["alerts", "-o", "json"], ["runbook", "list"]], ids=" ".join)
def test_the_command_line_imports_no_screen_and_no_data_frames(
    environment: dict[str, str], args: list[str]
) -> None:
    code = "import sys; from cockpit.__main__ import main; main(sys.argv[1:]); print('\\nGOT', *sys.modules)"
    argv = [sys.executable, "-c", code, *args, "--prometheus", "http://127.0.0.1:1"]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    imported = done.stdout.splitlines()[-1].split()
    assert f"cockpit.cli.{args[0]}" in imported
    assert not {"textual", "pandas", "numpy", "matplotlib"} & set(imported)


def test_version(run: Any) -> None:
    assert run("--version").out == f"cockpit {__version__}\n"


def test_an_unknown_command_suggests_a_known_one(run: Any) -> None:
    ran = run("alrts")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "cockpit: no such command: alrts: did you mean `cockpit alerts`?\n"


def test_what_a_user_typed_never_reaches_the_terminal_raw(run: Any) -> None:
    ran = run("al\x1b]0;owned\x07\u202e")
    assert ran.code == 2
    assert_one_line(ran.err)
    assert not {"\x1b", "\x07", "\u202e"} & set(ran.err)


def test_without_a_terminal_the_screen_says_what_to_use_instead(run: Any) -> None:
    ran = run("--prometheus", "http://127.0.0.1:9")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "cockpit: the screen needs a terminal: without one use `cockpit alerts`\n"


@pytest.mark.parametrize("command", [["alerts"], ["triage", "X"], ["query", "up"]], ids=" ".join)
def test_nothing_to_look_at_is_exit_2_with_the_remedy(run: Any, command: list[str]) -> None:
    ran = run(*command)
    assert (ran.code, ran.out) == (2, "")
    assert_one_line(ran.err)
    assert "cockpit demo" in ran.err


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[contexts.a]\nprometheus = 3\n", b"default = 'x'\n", b"a = [\n", b"\x00" * 100],
    ids=["empty", "not UTF-8", "wrong type", "no such default", "not TOML", "NUL"],
)
@pytest.mark.parametrize("command", [["alerts"], ["config", "show"], ["config", "check"]], ids=" ".join)
def test_a_bad_config_file_is_no_traceback(
    run: Any, tmp_path: Path, command: list[str], content: bytes
) -> None:
    file = tmp_path / "c.toml"
    file.write_bytes(content)
    ran = run(*command, "--config", str(file))
    assert ran.code in ({0, 2} if command == ["config", "check"] else {2})
    assert "Traceback" not in ran.out + ran.err
    assert "internal error" not in ran.err


def test_an_unreachable_server_is_inconclusive_not_a_pass(run: Any) -> None:
    ran = run("query", "up", "--prometheus", "http://127.0.0.1:1")
    assert (ran.code, ran.out) == (3, "")
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("place", ["before", "after", "both"])
def test_global_flags_hold_wherever_they_stand(run: Any, place: str) -> None:
    a, b = ["--prometheus", "http://a.example"], ["--prometheus", "http://b.example"]
    args = {
        "before": [*a, *b, "config", "show"],
        "after": ["config", "show", *a, *b],
        "both": [*a, "config", *b, "show"],
    }[place]
    ran = run(*args, "-o", "json")
    assert json.loads(ran.out)["prometheus"] == ["http://a.example", "http://b.example"]


def test_flag_over_environment_over_file(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(
        '[contexts.p]\nprometheus = ["http://file"]\nalertmanager = ["http://file"]\npushgateway = "http://file"\n'
    )
    ran = run(
        *("config", "show", "--context", "p", "--prometheus", "http://flag"),
        **{
            "COCKPIT_CONFIG": str(file),
            "COCKPIT_PROMETHEUS": "http://env",
            "COCKPIT_ALERTMANAGER": "http://env, http://two",
        },
    )
    shown = tomllib.loads(ran.out)["contexts"]["p"]
    assert shown["prometheus"] == ["http://flag"]
    assert shown["alertmanager"] == ["http://env", "http://two"]
    assert shown["pushgateway"] == "http://file"


def test_completion_knows_commands_and_global_flags(run: Any) -> None:
    def complete(words: str, current: int) -> list[str]:
        ran = run(_COCKPIT_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(current))
        assert ran.code == 0
        return str(ran.out).split()

    assert complete("cockpit al", 1) == ["alerts"]
    assert complete("cockpit config sh", 2) == ["show"]
    assert complete("cockpit config show --alertm", 3) == ["--alertmanager"]


@pytest.mark.parametrize(("closed", "code"), [("2>&-", 2), ("<&- >&- 2>&-", 2), (">&- --version", 0)])
def test_streams_that_are_closed_end_nothing(environment: dict[str, str], closed: str, code: int) -> None:
    words = "alerts" if code else ""
    line = f"{sys.executable} -m cockpit {words} {closed}"
    assert subprocess.run(["sh", "-c", line], env=environment, timeout=60, check=False).returncode == code


def test_a_reader_that_goes_away_ends_it_quietly(environment: dict[str, str]) -> None:
    read, write = os.pipe()
    os.close(read)
    argv = [sys.executable, "-m", "cockpit", "--help"]
    done = subprocess.run(argv, env=environment, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.fixture
def breaking(
    environment: dict[str, str], tmp_path: Path
) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run `cockpit config show` with its loader replaced by code that fails in the given way."""

    def broken(statement: str) -> subprocess.CompletedProcess[str]:
        code = f"""
import sys, cockpit.cli.options as options
from cockpit.errors import *
def fail(ctx):
    password = "hunter" + "2"
    {statement}
options.context_of = fail
from cockpit.__main__ import main
sys.exit(main(["config", "show"]))
"""
        return subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return broken


def test_a_defect_is_one_line_and_a_private_file_without_locals(breaking: Any, tmp_path: Path) -> None:
    done = breaking("raise ValueError('odd \\x1b[31m\\nthing')")
    assert (done.returncode, done.stdout) == (70, "")
    assert_one_line(done.stderr)
    assert done.stderr.startswith("cockpit: internal error: ValueError: odd ␛[31m thing; details in ")
    (log,) = (tmp_path / "state").glob("crash-*.log")
    assert str(log) in done.stderr
    assert "raise ValueError" in log.read_text() or 'File "<string>"' in log.read_text()
    assert "hunter2" not in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("statement", "code", "line"),
    [
        ("raise CockpitError('a contract is broken')", 1, "cockpit: a contract is broken\n"),
        ("raise UsageError('bad', remedy='do this')", 2, "cockpit: bad: do this\n"),
        ("raise InconclusiveError('no data')", 3, "cockpit: no data\n"),
        ("raise ExceptionGroup('g', [InconclusiveError('no data')])", 3, "cockpit: no data\n"),
        ("raise KeyboardInterrupt", 130, ""),
        ("raise SystemExit(5)", 5, ""),
    ],
)
def test_each_failure_has_its_exit_code(breaking: Any, statement: str, code: int, line: str) -> None:
    done = breaking(statement)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", line)


def test_a_state_folder_that_cannot_be_written_is_said(breaking: Any, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    done = breaking("raise ValueError('x')")
    assert done.returncode == 70
    assert_one_line(done.stderr)
    assert "no details" in done.stderr


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {}], ids=["NO_COLOR", "colour allowed"])
def test_errors_and_help_on_a_terminal_carry_no_colour(
    environment: dict[str, str], variables: dict[str, str]
) -> None:
    for args in (["--help"], ["alerts", "--help"], ["alrts"], ["alerts", "--bad"]):
        master, slave = pty.openpty()
        argv = [sys.executable, "-m", "cockpit", *args]
        subprocess.run(
            argv, env={**environment, **variables}, stdin=slave, stdout=slave, stderr=slave, check=False
        )
        os.close(slave)
        assert b"\x1b" not in os.read(master, 65536)
        os.close(master)
