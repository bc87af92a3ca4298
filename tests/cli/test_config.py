"""`cockpit config`: secrets stay hidden, and every problem is named with file, line and key."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cockpit.cli.config import public_url

GOOD = """\
default = "prod"
[contexts.prod]
prometheus = ["https://me:s3cret@prom.example"]
alertmanager = ["https://am.example"]
headers = { X-Scope-OrgID = "relay", Authorization = "Bearer t0ken", X-Anything = "k3y" }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.mark.parametrize("output", ["toml", "json"])
def test_show_hides_secrets_and_is_readable_again(run: Any, file: Path, output: str) -> None:
    file.write_text(GOOD)
    ran = run("config", "show", "--config", str(file), "-o", output)
    assert (ran.code, ran.err) == (0, "")
    assert not any(secret in ran.out for secret in ("s3cret", "t0ken", "k3y"))
    shown = json.loads(ran.out) if output == "json" else tomllib.loads(ran.out)["contexts"]["prod"]
    assert shown["prometheus"] == ["https://me:<hidden>@prom.example"]
    assert shown["headers"] == {
        "X-Scope-OrgID": "relay",
        "Authorization": "<hidden>",
        "X-Anything": "<hidden>",
    }
    assert shown["watchdog"] == "Watchdog"


def test_show_writes_no_control_codes_of_a_config(run: Any, file: Path) -> None:
    file.write_text('[contexts.p]\nprometheus = ["http://a"]\nwatchdog = "\\u001b[2J\\u0085\\u202e"\n')
    ran = run("config", "show", "--config", str(file))
    assert tomllib.loads(ran.out)["contexts"]["p"]["watchdog"] == "\x1b[2J\x85\u202e"
    assert not {"\x1b", "\x85", "\u202e"} & set(ran.out)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://a.example/x?y=1", "http://a.example/x?y=1"),
        ("http://user:pa%40ss@a:90/x", "http://user:<hidden>@a:90/x"),
        ("http://a@b:c@host", "http://a@b:<hidden>@host"),
        ("http://:only@host", "http://:<hidden>@host"),
        ("unix:///run/x.sock", "unix:///run/x.sock"),
    ],
)
def test_a_password_in_a_url_is_hidden(url: str, shown: str) -> None:
    assert public_url(url) == shown


def test_check_of_a_good_file_says_what_it_checked(run: Any, file: Path) -> None:
    file.write_text(GOOD)
    ran = run("config", "check", "--config", str(file))
    assert (ran.code, ran.out, ran.err) == (0, f"ok: {file}, context prod\n", "")


def test_check_without_a_config_file_is_no_problem(run: Any) -> None:
    ran = run("config", "check")
    assert ran.code == 0
    assert ran.out.startswith("ok: no config file")


@pytest.mark.parametrize(
    ("text", "line", "key", "word"),
    [
        ("[contexts.p]\nprometheus = ['http://a']\ncolour = 1\n", 3, "contexts.p.colour", "unknown key"),
        ("[contexts.p]\nprometheus = ['ftp://a']\n", 2, "contexts.p.prometheus.0", "http://"),
        ("[contexts.p]\n\npoll_interval = '5 parsecs'\n", 3, "contexts.p.poll_interval", "duration"),
        (
            "[contexts.q]\n[contexts.p]\nprometheus = ['http://a']\nrunbooks = ['gone']\n",
            4,
            "contexts.p.runbooks",
            "gone",
        ),
        ("[contexts.p]\nprometheus = ['http://a']\nscenarios = 'gone'\n", 3, "contexts.p.scenarios", "gone"),
        (
            "[contexts.p]\nprometheus = ['http://a']\nhttp_config = 'gone.yml'\n",
            3,
            "contexts.p.http_config",
            "gone.yml",
        ),
        ("[contexts.p]\nread_only = true\n", 1, "contexts.p", "nothing to look at"),
        ("[contexts.p]\nprometheus = ['http://a'\n", None, None, "array"),
    ],
    ids=[
        "unknown key",
        "bad URL",
        "bad duration",
        "no folder",
        "no scenarios",
        "no http_config",
        "no server",
        "not TOML",
    ],
)
def test_check_names_file_line_and_key(
    run: Any, file: Path, text: str, line: int | None, key: str | None, word: str
) -> None:
    file.write_text(text)
    ran = run("config", "check", "--config", str(file), "-o", "json")
    assert (ran.code, ran.err) == (2, "")
    report = json.loads(ran.out)
    assert report["ok"] is False
    problem = report["problems"][-1]
    assert problem["file"] == str(file)
    assert (problem["line"], problem["key"]) == (line, key) or line is None
    assert word in problem["message"]
    plain = run("config", "check", "--config", str(file))
    assert plain.code == 2
    assert plain.out.splitlines()[-1].startswith(
        str(file) if line is None else f"{file}, line {line}: {key}: "
    )


def test_check_covers_flags_and_environment_too(run: Any) -> None:
    ran = run("config", "check", COCKPIT_PROMETHEUS="nonsense")
    assert ran.code == 2
    assert "COCKPIT_PROMETHEUS" in ran.out
    assert "nonsense" in ran.out


def test_a_config_file_that_is_named_must_exist(run: Any, tmp_path: Path) -> None:
    for ran in (
        run("config", "show", "--config", str(tmp_path / "gone.toml")),
        run("config", "show", COCKPIT_CONFIG=str(tmp_path / "gone.toml")),
    ):
        assert (ran.code, ran.out) == (2, "")
        assert "gone.toml" in ran.err


def test_check_names_themes_and_keys_that_the_screen_would_refuse(run: Any, file: Path) -> None:
    file.write_text('[ui]\ntheme = "nope"\n[ui.keys]\n"alerts.fliter" = "f"\n"alerts.filter" = "ctrl+s"\n')
    ran = run("config", "check", "--config", str(file))
    assert ran.code == 2
    assert "there is no theme 'nope'" in ran.out
    assert "ui.keys.alerts.fliter" in ran.out
    assert "ui.keys.alerts.filter:" not in ran.out
